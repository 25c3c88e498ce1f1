"""A ledger on a git branch without the project's history, read and written without a checkout.

Begin with ``branch_ledger``; ``offline_copy`` reads a copy that is already on this machine.
"""
