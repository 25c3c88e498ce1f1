"""A ledger on an orphan branch of the repository, written without a checkout.

Begin with ``branch_ledger``.
"""
