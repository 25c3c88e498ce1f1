"""From readings of the machine to joules and grams per test and feature.

Begin with ``power_windows``, then ``attribution`` and ``report_rows``.
"""
