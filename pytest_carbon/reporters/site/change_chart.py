"""The bridge from one month to the next, and grams per run by day with the merges that moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pytest_carbon.core.accounts.text.bridge import BridgeStep, bridge_steps
from pytest_carbon.core.accounts.text.change_sentence import signed_grams
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import month_name
from pytest_carbon.core.quantities import format_mass
from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.page_tables import PageTable

LEAST_DAYS = 10
"""Fewer days with runs are no course of grams per run."""


@dataclass(frozen=True, slots=True)
class BridgeBar:
    """A step of the bridge: its words, its grams, and its bar from ``x`` on, in per cent of the whole width."""

    label: str
    grams: str
    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class PerRunChart:
    """A chart as SVG, a sentence on it, and its figures as a table."""

    svg: str
    caption: str
    table: PageTable


def bridge_bars(account: Account) -> list[BridgeBar]:
    """Return the bars of the bridge, each where the one before ends; nothing without a change."""
    steps = bridge_steps(account)
    ends = [(step.start_g, step.start_g + step.emissions_g) for step in steps]
    low = min((min(end) for end in ends), default=0.0)
    whole = (max((max(end) for end in ends), default=0.0) - low) or 1.0
    return [
        BridgeBar(
            step.label, *_grams_and_kind(step), 100 * (min(end) - low) / whole, 100 * abs(step.emissions_g) / whole
        )
        for step, end in zip(steps, ends, strict=True)
    ]


def _grams_and_kind(step: BridgeStep) -> tuple[str, str]:
    if step.is_total:
        return format_mass(step.emissions_g), "total"
    return signed_grams(step.emissions_g), "up" if step.emissions_g > 0 else "down"


def draw_per_run(account: Account) -> PerRunChart | None:
    """Draw grams per run by day since the month before, with a mark at each merge that moved them.

    Return None if no cause of a change stands out, so that a course would show noise, or if too few days are known.
    """
    change = account.change
    if change is None or not any(term.named for term in change.terms):
        return None
    days = [day for day in account.days if day.runs and day.emissions_g is not None and day.day >= change.month_before]
    if len(days) < LEAST_DAYS:
        return None
    first = date.fromisoformat(days[0].day)
    grams = [(_days_since(first, day.day), (day.emissions_g or 0.0) / day.runs) for day in days]
    moved = [term for term in change.terms if term.pr is not None and term.merged and term.named]
    marks = {_days_since(first, term.merged or ""): f"#{term.pr}" for term in moved}
    marks = {day: name for day, name in sorted(marks.items()) if 0 <= day <= grams[-1][0]}
    last = int(grams[-1][0])
    labels = {float(n): _label(first + timedelta(days=n)) for n in range(last + 1)}
    title = f"{format_mass(grams[-1][1], 2)} per run on {_label(date.fromisoformat(days[-1].day))}"
    caption = "The mean of the day's runs, in located CO2e." + _marks_text(list(marks.values()))
    svg = svg_charts.draw_per_run("per-run", (title, caption), grams, marks, labels)
    names = {term.merged: f"#{term.pr}" for term in moved}
    rows = [
        [day.day, format_mass(gram, 3), str(day.runs), names.get(day.day, "")]
        for day, (_, gram) in zip(reversed(days), reversed(grams), strict=True)
    ]
    columns = (("Day", "tight"), ("CO2e per run", "n"), ("Runs", "n"), ("Merged", "tight"))
    return PerRunChart(svg, caption, PageTable("The mean of the day's runs; a merge that moved it.", columns, rows))


def _days_since(first: date, day: str) -> float:
    return float((date.fromisoformat(day) - first).days)


def _label(day: date) -> str:
    return f"{day.day} {month_name(day.isoformat())[:3]}"


def _marks_text(names: Sequence[str]) -> str:
    if not names:
        return " No single merge moved it."
    return f" A dot is a merge that moved it: {', '.join(names)}."
