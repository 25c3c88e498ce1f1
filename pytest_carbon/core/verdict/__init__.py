"""The verdict as a value, and its lines of text.

Begin with ``verdict``.
"""
