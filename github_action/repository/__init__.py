"""What the Action reads of a repository without a checkout: the policy, files of commits, the ledger.

Begin with ``policy_at_commit``.
"""
