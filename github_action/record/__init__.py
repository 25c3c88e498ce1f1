"""Puts what was measured into the ledger.

Begin with ``record_run`` for the default branch, ``record_pull_requests`` for what pull requests measured.
"""
