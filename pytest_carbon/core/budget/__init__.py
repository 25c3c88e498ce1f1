"""Carbon budgets over a window: spent, remaining, burn rate, forecast, overrides.

Begin with ``budget_status``, which puts the others together.
"""
