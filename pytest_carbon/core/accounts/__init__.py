"""What a product manager is told about a feature: months, trends, costs, forecasts.

Begin with ``make_accounts``, which turns ledger records into accounts.
"""
