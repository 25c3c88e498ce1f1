"""Whole ledgers copied, compared, exported and imported.

Begin with ``copy_and_compare``.
"""
