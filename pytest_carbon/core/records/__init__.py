"""What is kept of a run: entries and other records of the ledger, measurements of tests, day sums.

Begin with ``ledger_records``, then ``run_entry``, which makes an entry from a report.
"""
