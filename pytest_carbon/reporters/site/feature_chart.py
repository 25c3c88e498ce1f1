"""The grams of each month by feature, stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import month_text
from pytest_carbon.core.quantities import format_mass
from pytest_carbon.core.verdict.wording import UNKNOWN, shorten
from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.month_chart import short_month
from pytest_carbon.reporters.site.page_tables import MOST_CELLS, Cell, PageTable

MOST_FEATURES = 4
OTHERS = "all others"
_ROUNDING = 1e-6


class _Part(NamedTuple):
    """A part of each bar: its class of carbon.css, the feature's name and its grams by month."""

    kind: str
    name: str
    grams: Sequence[float]


@dataclass(frozen=True, slots=True)
class FeatureChart:
    """A chart as SVG, its legend as pairs of a class of carbon.css and a text, and its figures as a table."""

    svg: str
    legend: Sequence[tuple[str, str]]
    table: PageTable


def draw_feature_chart(repository: Account, features: Sequence[Account]) -> FeatureChart | None:
    """Draw the grams of the largest features and of all others by month; None without two features that have any."""
    months = repository.months
    by_feature = {account.name: _grams_by_month(account) for account in features}
    sizes = {name: sum(grams.values()) for name, grams in by_feature.items()}
    largest = sorted((name for name in sizes if sizes[name] > 0), key=lambda name: (-sizes[name], name))
    if len(largest) < 2 or not months:
        return None
    parts = [
        _Part(f"feature-{n}", name, [by_feature[name].get(month.month, 0.0) for month in months])
        for n, name in enumerate(largest[:MOST_FEATURES])
    ]
    totals = [month.emissions_g.central if month.emissions_g else 0.0 for month in months]
    own = (sum(grams) for grams in zip(*(part.grams for part in parts), strict=True))
    others = [max(total - grams, 0.0) for total, grams in zip(totals, own, strict=True)]
    if max(others) > _ROUNDING * max(totals):
        parts.append(_Part("unscoped", OTHERS, others))
    most = shorten(parts[0].name, MOST_CELLS)
    title = f"{format_mass(totals[-1], 2)} in {month_text(months[-1].month)}; the largest feature is {most}"
    labels = [short_month(month.month, first=n == 0) for n, month in enumerate(months)]
    description = "One bar per month, in located CO2e, split by feature. The table below has the figures."
    grams = {part.kind: part.grams for part in parts}
    svg = svg_charts.draw_months("features-by-month", (title, description), labels, grams, letters=True)
    legend = [
        (part.kind, f"{letter}: {shorten(part.name, MOST_CELLS)}") for letter, part in zip("ABCDE", parts, strict=False)
    ]
    return FeatureChart(svg, legend, _table(repository, parts))


def _grams_by_month(account: Account) -> dict[str, float]:
    return {month.month: month.emissions_g.central for month in account.months if month.emissions_g}


def _table(repository: Account, parts: Sequence[_Part]) -> PageTable:
    titles = [(shorten(part.name, MOST_CELLS), "n") for part in parts]
    rows: list[list[str | Cell]] = []
    for n, month in reversed([*enumerate(repository.months)]):
        whole = format_mass(month.emissions_g.central) if month.emissions_g else UNKNOWN if month.runs else "no runs"
        rows.append([month_text(month.month), *(format_mass(part.grams[n]) for part in parts), whole])
    columns = (("Month", "tight"), *titles, ("Whole repository", "n"))
    return PageTable("Located emissions by feature.", columns, rows)
