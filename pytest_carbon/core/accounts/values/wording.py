"""The words of an account: days, months, windows, and amounts beside their limit, as a product manager reads them."""

from __future__ import annotations

from datetime import date

from pytest_carbon.core.budget.budget import name_holder
from pytest_carbon.core.model import UNATTRIBUTED, Range
from pytest_carbon.core.quantities import Kind, format_amount, format_value_and_limit
from pytest_carbon.core.verdict.verdict import Level
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten, spread

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_OF: dict[Kind, str] = {"energy": "", "mass": " CO2e", "reference": " of reference energy"}


def month_name(text: str) -> str:
    """Name the month that a day or a month such as ``2026-11`` is in."""
    return _MONTHS[int(text[5:7]) - 1]


def month_text(text: str) -> str:
    """Write a month with its year: ``November 2026``."""
    return f"{month_name(text)} {text[:4]}"


def day_text(day: str, made: str) -> str:
    """Write a day such as ``2026-11-24``: ``24 November``, and its year where that is not the year of ``made``."""
    year = "" if day[:4] == made[:4] else f" {day[:4]}"
    return f"{int(day[8:10])} {month_name(day)}{year}"


def day_with_year(day: date) -> str:
    """Write a day with its year."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def budget_name(window: str, first_day: str) -> str:
    """Name a budget by its window: ``November carbon budget``, ``28-day carbon budget``."""
    if window == "month":
        return f"{month_name(first_day)} carbon budget"
    if window == "quarter":
        return f"{month_name(first_day)} to {_MONTHS[int(first_day[5:7]) + 1]} carbon budget"
    return f"{'-'.join(split_rolling_window(window))} carbon budget"


def split_rolling_window(window: str) -> tuple[str, str]:
    """Part a rolling window such as ``28d`` into its number and its unit, ``28`` and ``day``."""
    number, unit = window.strip()[:-1].strip(), window.strip()[-1]
    return number, "week" if unit == "w" else "day"


def holder_in_sentence(name: str, level: Level) -> str:
    """Name a holder inside a sentence."""
    if level == "repository":
        return name_holder(None)
    if name == UNATTRIBUTED:
        return "what no feature claims"
    short = shorten(name, NAME_CELLS)
    return name_holder(None, short) if level == "team" else short


def capitalised(text: str) -> str:
    """Return a text as it stands at a sentence's beginning."""
    return text[:1].upper() + text[1:]


def amount_text(value: float, kind: Kind) -> str:
    """Write an amount with what it is of: ``1.24 kg CO2e``."""
    return format_amount(value, kind).removesuffix(" ref") + _OF[kind]


def amount_of_limit(value: float, limit: float, kind: Kind) -> str:
    """Write an amount of a limit: ``1.24 of 2.00 kg CO2e``, with the unit once where it is the same."""
    texts = [text.removesuffix(" ref") for text in format_value_and_limit(value, limit, kind)]
    (number, unit), (whole, limit_unit) = (text.split(" ") for text in texts)
    if value == 0 or unit == limit_unit:
        decimals = max(len(text.partition(".")[2]) for text in (number, whole))
        return f"{_padded(number, decimals)} of {_padded(whole, decimals)} {limit_unit}{_OF[kind]}"
    return f"{number} {unit} of {whole} {limit_unit}{_OF[kind]}"


def _padded(number: str, decimals: int) -> str:
    whole, _, fraction = number.partition(".")
    return f"{whole}.{fraction:0<{decimals}}" if decimals else whole


def range_text(grams: Range) -> str:
    """Write grams with the digits that their range supports, and the range: ``1.2 kg (0.98 kg … 1.9 kg)``."""
    return " ".join(spread(grams, "mass"))
