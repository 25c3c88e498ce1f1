"""What of a difference between runs of the same code is noise: of the machine, and of the tests themselves.

Begin with ``learnt_sensitivity``.
"""
