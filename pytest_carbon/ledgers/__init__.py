"""Ledgers: they store records of runs, in a folder, on a git branch or in a database.

Begin with ``ledger``, the protocol of all kinds; ``file_layout`` is the tree of files that folder and branch share.
"""
