"""What is kept of a run: the report, its measurements, the ledger's records.

Begin with ``report``, then ``ledger_records``.
"""
