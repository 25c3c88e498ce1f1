"""The verbs below ``grid``: what the grid is like now, was, and will be.

Begin with ``commands``.
"""
