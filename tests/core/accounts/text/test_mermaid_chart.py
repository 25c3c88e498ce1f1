"""The Mermaid chart of an account, and the caption that says the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.accounts.text.mermaid_chart import MermaidChart, draw_chart
from tests.core.accounts.sample_accounts import MONTHLY, daily_ledger, make, named

MADE = "2026-03-20"


def _chart(bench: Any, policy: str, runs: Any) -> MermaidChart | None:
    return draw_chart(named(make(bench, policy, runs)), MADE)


def _numbers(chart: MermaidChart, kind: str) -> list[float]:
    """Return the values of the bars or of the line."""
    (line,) = (line for line in chart.lines if line.startswith(f"    {kind} ["))
    return [float(text) for text in line[line.index("[") + 1 : -1].split(", ")]


@pytest.mark.parametrize(
    ("days", "axis", "caption"),
    [
        (150, '["Oct 25", "Nov 25", "Dec 25", "Jan 26", "Feb 26", "Mar 26"]', "g CO2e by month. Oct 25: 22"),
        (40, '"day" 1 --> 20', "g CO2e used since 1 March, cumulative: 41.1 by 20 March."),
    ],
    ids=["months", "days"],
)
def test_few_months_are_drawn_by_day(bench: Any, days: int, axis: str, caption: str) -> None:
    """From three known months on, the chart shows months, before that the days of the window."""
    chart = _chart(bench, MONTHLY.format("80 g"), daily_ledger(bench, days))
    assert chart is not None
    assert chart.caption.startswith(caption)
    assert f"    x-axis {axis}" in chart.lines


def test_the_budget_is_a_line(bench: Any) -> None:
    """The line has a value for each bar; without a budget there is no line."""
    chart = _chart(bench, MONTHLY.format("80 g"), daily_ledger(bench))
    assert chart is not None
    assert _numbers(chart, "line") == [80.0] * len(_numbers(chart, "bar"))
    assert chart.caption.endswith("The line is the budget: 80 g CO2e in Mar 26.")
    without = _chart(bench, "", daily_ledger(bench))
    assert without is not None
    assert not [line for line in without.lines if line.startswith("    line")]
    assert without.caption.endswith("Mar 26: 41.1 so far.")


def test_the_last_bar_of_days_is_what_the_budget_counts(bench: Any) -> None:
    """Bars are cumulative and end at the consumed amount."""
    account = named(make(bench, MONTHLY.format("80 g"), daily_ledger(bench, 40)))
    chart = draw_chart(account, MADE)
    assert chart is not None
    assert account.standing is not None
    bars = _numbers(chart, "bar")
    assert bars == sorted(bars)
    assert bars[-1] == pytest.approx(account.standing.consumed, abs=0.05)


def test_nothing_known_is_not_drawn(bench: Any) -> None:
    """Without runs, and with runs of unknown use only, there is no chart."""
    assert _chart(bench, MONTHLY.format("80 g"), []) is None
    unknown = [replace(run, energy_j=None, operational_g=None, embodied_g=None) for run in daily_ledger(bench, 10)]
    assert _chart(bench, "", unknown) is None


def test_a_budget_in_energy_has_its_unit(bench: Any) -> None:
    """The unit suits the largest value: of kilojoules, not of joules."""
    chart = _chart(bench, '[features.checkout.budget]\nlimit = "9 kJ"\nwindow = "month"\n', daily_ledger(bench))
    assert chart is not None
    assert chart.caption.startswith("kJ by month.")
    assert any(line.startswith('    y-axis "kJ" 0 --> ') for line in chart.lines)
