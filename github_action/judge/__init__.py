"""Judges a pull request, merge group or commit: by the policy of its base, with the approvals of its labels.

Begin with ``gate``, then ``judge_subject``.
"""
