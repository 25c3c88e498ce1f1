"""Copies, compares, exports and imports whole ledgers.

Begin with ``copy_and_compare``.
"""
