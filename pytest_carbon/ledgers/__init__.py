"""Where runs are kept: one layout of small files, in a folder, on a branch or in a database.

Begin with ``file_layout``, which has the Ledger protocol.
"""
