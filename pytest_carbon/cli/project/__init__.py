"""The verb that sets a project up.

Begin with ``init``.
"""
