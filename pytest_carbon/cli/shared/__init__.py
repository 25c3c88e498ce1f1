"""What several verbs share: options, printing, progress.

Begin with ``options``.
"""
