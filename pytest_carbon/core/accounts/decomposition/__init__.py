"""Why the grams of a holder changed from one window to the next: terms that leave nothing over.

Begin with ``explain_change``; ``log_mean`` has the arithmetic.
"""
