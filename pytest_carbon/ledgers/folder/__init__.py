"""A ledger in a folder: one file for each record.

Begin with ``folder_ledger``.
"""
