"""A ledger in SQLite or PostgreSQL, for one or for many repositories.

Begin with ``sql_ledger``.
"""
