"""The stories as straight lines, from edge to edge: measure a run, judge a run, open a ledger.

Begin with ``finish_run``.
"""
