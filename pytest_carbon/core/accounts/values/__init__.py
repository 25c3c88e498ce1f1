"""The values that accounts are made of, and the words for them.

Begin with ``account``.
"""
