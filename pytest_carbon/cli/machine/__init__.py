"""The verbs about the power of this machine.

Begin with ``calibrate``.
"""
