"""A run's report, the measurements of its tests, and the ledger records made from it.

Begin with ``report``, then ``ledger_records``.
"""
