"""The forecast of a grid's intensity from its own past, its range, the advice that follows, and how good that was.

Begin with ``make_forecast``.
"""
