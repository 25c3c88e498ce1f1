"""The words of an account: days, months, windows, holders, and amounts beside their limit."""

from __future__ import annotations

from datetime import date

from pytest_carbon.core.budget.budget import holder_phrase
from pytest_carbon.core.model import UNATTRIBUTED, Range
from pytest_carbon.core.quantities import Kind, format_amount, format_value_and_limit
from pytest_carbon.core.verdict.verdict import Level
from pytest_carbon.core.verdict.wording import NAME_CELLS, amount_with_range, shorten

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_OF: dict[Kind, str] = {"energy": "", "mass": " CO2e", "reference": " of reference energy"}


def month_name(text: str) -> str:
    """Return the month name of a month (``2026-11``) or a day (``2026-11-24``)."""
    return _MONTHS[int(text[5:7]) - 1]


def month_text(text: str) -> str:
    """Return a month with its year: ``November 2026``."""
    return f"{month_name(text)} {text[:4]}"


def day_text(day: str, made: str) -> str:
    """Return a day (``2026-11-24``) as ``24 November``, with its year unless that is the year of ``made``."""
    year = "" if day[:4] == made[:4] else f" {day[:4]}"
    return f"{int(day[8:10])} {month_name(day)}{year}"


def day_with_year(day: date) -> str:
    """Return a day with its year: ``24 November 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def budget_name(window: str, first_day: str) -> str:
    """Return a budget's name by its window: ``November carbon budget``, ``28-day carbon budget``."""
    if window == "month":
        return f"{month_name(first_day)} carbon budget"
    if window == "quarter":
        return f"{month_name(first_day)} to {_MONTHS[int(first_day[5:7]) + 1]} carbon budget"
    return f"{'-'.join(split_rolling_window(window))} carbon budget"


def split_rolling_window(window: str) -> tuple[str, str]:
    """Split a rolling window into its number and its unit: ``28d`` into ``28`` and ``day``."""
    number, unit = window.strip()[:-1].strip(), window.strip()[-1]
    return number, "week" if unit == "w" else "day"


def holder_in_sentence(name: str, level: Level) -> str:
    """Return a holder's name as it stands inside a sentence."""
    if level == "repository":
        return holder_phrase(None)
    if name == UNATTRIBUTED:
        return "unattributed work"
    short = shorten(name, NAME_CELLS)
    return holder_phrase(None, short) if level == "team" else short


def capitalised(text: str) -> str:
    """Return a text with its first letter as a capital, the rest unchanged."""
    return text[:1].upper() + text[1:]


def amount_text(value: float, kind: Kind) -> str:
    """Return an amount with its quantity: ``1.24 kg CO2e``, ``3 kJ of reference energy``."""
    return format_amount(value, kind).removesuffix(" ref") + _OF[kind]


def amount_of_limit(value: float, limit: float, kind: Kind) -> str:
    """Return an amount and its limit: ``1.24 of 2 kg CO2e``; the unit stands once if both share it."""
    texts = [text.removesuffix(" ref") for text in format_value_and_limit(value, limit, kind)]
    (number, unit), (whole, limit_unit) = (text.split(" ") for text in texts)
    amount = number if value == 0 or unit == limit_unit else f"{number} {unit}"
    return f"{amount} of {whole} {limit_unit}{_OF[kind]}"


def range_text(grams: Range) -> str:
    """Return grams with the digits that their range supports, and the range: ``1.2 kg (0.98 kg … 1.9 kg)``."""
    return " ".join(amount_with_range(grams, "mass"))
