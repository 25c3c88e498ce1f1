"""Shares, relative changes and budget windows as short texts."""

from __future__ import annotations

from pytest_carbon.core.quantities import format_number


def percent_text(ratio: float, digits: int = 2) -> str:
    """Format a ratio as per cent. Only a ratio of exactly 1 is written as 100 %."""
    value = ratio * 100
    text = format_number(value, max(digits, 3) if value >= 100 else digits)
    if value < 100 <= float(text):
        return ">99 %"
    if value > 100 >= float(text):
        return "over 100 %"
    return f"{text} %"


def change_text(ratio: float) -> str:
    """Format a relative change, to be followed by "than ...": ``8.2 % more``, ``3 % less``, ``no more``."""
    if abs(ratio) < 0.0005:
        return "no more"
    return f"{percent_text(abs(ratio))} {'more' if ratio > 0 else 'less'}"


def signed_percent(ratio: float) -> str:
    """Format a relative change with its sign, to a tenth of a per cent: ``+8.2 %``, and never ``-0.0 %``."""
    return f"{ratio * 100:+z.1f} %"


def window_text(window: str) -> str:
    """Format a budget window as the end of a sentence: ``in 28 days``, ``this month``."""
    if window in ("month", "quarter"):
        return f"this {window}"
    number, unit = int(window[:-1]), {"d": "day", "w": "week"}[window[-1]]
    return f"in {number} {unit}" + ("" if number == 1 else "s")


def debt_time_text(window: str) -> str:
    """Say when an override is debt, by the window that it borrows from: a rolling one has no next to wait for."""
    if window in ("month", "quarter"):
        return f"in the next {window}"
    return f"at once, for {window_text(window).removeprefix('in ')}"
