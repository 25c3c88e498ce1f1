"""Records in the ledger what runs measured and what was granted to pull requests.

Begin with ``record_run`` for the default branch; ``record_pull_requests`` records the runs of pull requests.
"""
