"""The policy as a value, and what a change of it loosens.

Begin with ``policy``.
"""
