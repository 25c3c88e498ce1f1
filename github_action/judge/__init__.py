"""Parts of a run in, a ruling out: which pull request is judged, by which policy, with whose approval.

Begin with ``gate``, then ``judge_subject``.
"""
