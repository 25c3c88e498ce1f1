"""Grams by month and scope: the bars of the chart and what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import month_name, month_text
from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.page_tables import spread

_NAMES = {
    "scope-2": "scope 2: electricity of own machines",
    "scope-3": "scope 3: hosted machines, and the making of own ones",
    "unscoped": "not known whose machine",
}


@dataclass(frozen=True, slots=True)
class MonthChart:
    """A chart, and what its colours mean: a class of carbon.css and words for each."""

    svg: str
    legend: Sequence[tuple[str, str]]


def draw_month_chart(account: Account) -> MonthChart | None:
    """Draw the months' grams by scope; None where no month's are known. A scope without any has no bar."""
    known = [month for month in account.months if month.emissions_g is not None]
    if not known:
        return None
    parts = {
        "scope-2": [month.scope_2_g or 0.0 for month in account.months],
        "scope-3": [month.scope_3_g or 0.0 for month in account.months],
        "unscoped": [month.unscoped_g for month in account.months],
    }
    parts = {scope: grams for scope, grams in parts.items() if any(grams)} or {"unscoped": parts["unscoped"]}
    labels = [_short(month.month, first=n == 0) for n, month in enumerate(account.months)]
    last = known[-1]
    finding = f"{spread(last.emissions_g)[0]} in {month_text(last.month)}"
    about = "A bar for each month, of grams of CO2e, split by scope. The table of months has the figures."
    svg = svg_charts.draw_months("months", (finding, about), labels, parts)
    return MonthChart(svg, [(scope, _NAMES[scope]) for scope in parts])


def _short(month: str, *, first: bool) -> str:
    """Name a month below its bar, with the year where one begins."""
    year = f" {month[2:4]}" if first or month.endswith("-01") else ""
    return month_name(month)[:3] + year
