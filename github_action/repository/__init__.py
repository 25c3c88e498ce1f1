"""What the Action reads of a repository without a checkout: policy, files, ledger.

Begin with ``policy_at_commit``.
"""
