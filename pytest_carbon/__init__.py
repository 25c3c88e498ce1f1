"""Energy and emissions of test runs: measured, attributed to tests and features, held to budgets."""

__version__ = "0.1.0"
