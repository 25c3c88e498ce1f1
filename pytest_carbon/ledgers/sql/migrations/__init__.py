"""Changes of the schema of a ledger in a database, in order; Alembic runs them."""
