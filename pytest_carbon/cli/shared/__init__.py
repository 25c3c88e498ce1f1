"""What several verbs share: adding a verb, its options, what it prints, its progress, measuring in turns.

Begin with ``verb``, then ``options``.
"""
