"""The bar chart of emissions by month and scope."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import month_name, month_text
from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.page_tables import emissions_text

_NAMES = {
    "scope-2": "scope 2: electricity of own machines",
    "scope-3": "scope 3: hosted machines, and the manufacture of own machines",
    "unscoped": "unknown scope: the machine's owner is not known",
}
_BUDGET = "line: the budget"
_BUDGET_OF_WORK = "line: the budget, which counts other grams than the bars: see the data quality"


@dataclass(frozen=True, slots=True)
class MonthChart:
    """A chart as SVG, and its legend: a class of carbon.css and a text for each colour."""

    svg: str
    legend: Sequence[tuple[str, str]]


def draw_month_chart(account: Account) -> MonthChart | None:
    """Draw the months' emissions by scope; return None if no month's are known. An empty scope has no bar."""
    known = [month for month in account.months if month.emissions_g is not None]
    if not known:
        return None
    by_scope = {
        "scope-2": [month.scope_2_g or 0.0 for month in account.months],
        "scope-3": [month.scope_3_g or 0.0 for month in account.months],
        "unscoped": [month.unscoped_g for month in account.months],
    }
    by_scope = {scope: grams for scope, grams in by_scope.items() if any(grams)} or {"unscoped": by_scope["unscoped"]}
    labels = [short_month(month.month, first=n == 0) for n, month in enumerate(account.months)]
    latest = known[-1]
    title = f"{emissions_text(latest.emissions_g)[0]} in {month_text(latest.month)}"
    description = "One bar per month, in CO2e, split by scope. The table of months has the figures."
    budgets = _budgets(account)
    svg = svg_charts.draw_months("months", (title, description), labels, by_scope, budgets)
    line = [("budget", _BUDGET if _is_located(account) else _BUDGET_OF_WORK)] if any(budgets) else []
    return MonthChart(svg, [*((scope, _NAMES[scope]) for scope in by_scope), *line])


def _budgets(account: Account) -> list[float | None]:
    """Return the budget of each month in grams; nothing for a budget in joules."""
    if account.standing is None or account.standing.kind != "mass":
        return []
    return [month.budget for month in account.months]


def _is_located(account: Account) -> bool:
    """Return whether the budget counts the grams that the bars show, but for rounding."""
    pairs = [(month.consumed, month.emissions_g.central) for month in account.months if month.emissions_g]
    return all(used is not None and math.isclose(used, grams, rel_tol=0.02) for used, grams in pairs)


def short_month(month: str, *, first: bool) -> str:
    """Return the label of a month, with the year if the month is the first or a January."""
    year = f" {month[2:4]}" if first or month.endswith("-01") else ""
    return month_name(month)[:3] + year
