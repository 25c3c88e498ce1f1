"""A ledger in a folder.

Begin with ``folder_ledger``.
"""
