"""Local hooks, installed as ``pytest_carbon_hooks``: they warn before a push and read only local files."""
