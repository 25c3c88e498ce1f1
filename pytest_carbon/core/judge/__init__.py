"""From a run, a policy and a ledger to one Verdict.

Begin with ``evaluate``, the only function that makes a Verdict.
"""
