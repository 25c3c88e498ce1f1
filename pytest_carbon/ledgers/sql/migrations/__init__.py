"""The changes of the schema of a ledger in a database, which Alembic runs in their order.

Begin with ``versions``; Alembic runs ``env`` first.
"""
