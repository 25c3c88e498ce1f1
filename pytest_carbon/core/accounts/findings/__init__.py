"""What the accounts found out: costs of pull requests and tests, change points, waste.

Begin with ``pull_request_costs``; each module answers one question.
"""
