"""A run's report, the doctor's advice and a ledger's runs for the terminal; a report's JSON file, too.

Begin with ``terminal``.
"""
