"""What a product manager reads about a feature: months, trends, costs, forecasts.

Begin with ``make_accounts``, which turns ledger records into accounts.
"""
