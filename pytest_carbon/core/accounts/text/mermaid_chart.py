"""A Mermaid chart of an account, as GitHub draws it, with a caption that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from pytest_carbon.core.accounts.values.account import Account, Month
from pytest_carbon.core.accounts.values.wording import amount_text, day_text, month_name
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import Kind, format_amount, format_number, parse_quantity

LEAST_MONTHS = 3
"""With fewer known months, the chart shows the days of the window."""
_HEADROOM = 1.1
_COLOURS = '%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#4d8fb8, #c14f00"}}}}%%'
_UNITS: dict[Kind, str] = {"energy": "{}", "mass": "{} CO2e", "reference": "{} of reference energy"}


class MermaidChart(NamedTuple):
    """A caption with the chart's figures, and the lines of its Mermaid source."""

    caption: str
    lines: tuple[str, ...]


def draw_chart(account: Account, made: str) -> MermaidChart | None:
    """Draw the months against their budget, or the window's days if too few months are known.

    Return None if there is nothing to draw.
    """
    known = [month for month in account.months if _value(month, account.standing) is not None]
    if len(known) >= LEAST_MONTHS:
        return _draw_months(known, account.standing)
    if account.standing is not None and account.standing.runs:
        return _draw_days(account, account.standing, made)
    return None


def _value(month: Month, status: BudgetStatus | None) -> float | None:
    if status is not None:
        return month.consumed
    if not month.runs:
        return 0.0
    return month.emissions_g.central if month.emissions_g else None


def _draw_months(months: Sequence[Month], status: BudgetStatus | None) -> MermaidChart:
    kind: Kind = status.kind if status else "mass"
    values = [_value(month, status) or 0.0 for month in months]
    budgets = [month.budget for month in months if month.budget is not None]
    size, unit = _scale(max(values + budgets), kind)
    labels = [_short(month.month) for month in months]
    figures = [f"{label}: {format_number(value / size)}" for label, value in zip(labels, values, strict=True)]
    line = f" The line is the budget: {amount_text(budgets[-1], kind)} in {labels[-1]}." if budgets else ""
    so_far = "" if months[-1].over else " so far"
    axis = ", ".join(f'"{label}"' for label in labels)
    return MermaidChart(
        f"{unit} by month. {', '.join(figures)}{so_far}.{line}",
        _chart(f"[{axis}]", unit, [value / size for value in values], [budget / size for budget in budgets]),
    )


def _draw_days(account: Account, status: BudgetStatus, made: str) -> MermaidChart:
    first, last = account.window_days
    days = [day for day in account.days if first <= day.day <= last]
    used = [min(amount, status.consumed) for amount in accumulate(day.consumed or 0.0 for day in days)]
    used[-1] = status.consumed
    size, unit = _scale(max(status.consumed, status.limit), status.kind)
    caption = (
        f"{unit} used since {day_text(days[0].day, made)}, cumulative: {format_number(used[-1] / size)} by "
        f"{day_text(days[-1].day, made)}. The line is the budget: {amount_text(status.limit, status.kind)}."
    )
    axis = f'"day" 1 --> {max(len(days), 2)}'
    return MermaidChart(
        caption, _chart(axis, unit, [amount / size for amount in used], [status.limit / size] * len(days))
    )


def _scale(top: float, kind: Kind) -> tuple[float, str]:
    """Return the size of the unit that suits the largest value, and the unit's name with its quantity."""
    unit = format_amount(top, kind).removesuffix(" ref").split(" ")[1]
    return parse_quantity(f"1 {unit}").value, _UNITS[kind].format(unit)


def _short(month: str) -> str:
    return f"{month_name(month)[:3]} {month[2:4]}"


def _chart(axis: str, unit: str, values: Sequence[float], limits: Sequence[float]) -> tuple[str, ...]:
    top = max([*values, *limits]) * _HEADROOM
    lines = [_COLOURS, "xychart-beta", f"    x-axis {axis}", f'    y-axis "{unit}" 0 --> {format_number(top or 1.0)}']
    lines.append(f"    bar [{', '.join(map(format_number, values))}]")
    if limits:
        lines.append(f"    line [{', '.join(map(format_number, limits))}]")
    return tuple(lines)
