"""A ledger in SQLite or PostgreSQL, for one or many repositories.

Begin with ``sql_ledger``.
"""
