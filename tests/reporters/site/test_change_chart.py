"""The bridge from one month to the next, and grams per run by day."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.reporters.site.change_chart import bridge_bars, draw_per_run


def test_each_bar_begins_where_the_one_before_ends(lab: Any) -> None:
    """The two months stand on zero; causes are steps between them, small ones together, and nothing is left over."""
    bars = bridge_bars(lab.account())
    assert [(bar.label, bar.grams, bar.kind) for bar in bars] == [
        ("October, the same days", "980 g", "total"),
        ("46 fewer runs", "-190 g", "down"),
        ("Each run costs more since #412", "+110 g", "up"),
        ("The grid was cleaner, within the usual variation", "-30 g", "down"),
        ("All other causes", "-10 g", "down"),
        ("November, so far", "860 g", "total"),
    ]
    assert [(round(bar.x, 1), round(bar.x + bar.width, 1)) for bar in bars] == [
        (0.0, 100.0), (80.6, 100.0), (80.6, 91.8), (88.8, 91.8), (87.8, 88.8), (0.0, 87.8),
    ]  # fmt: skip


def test_a_change_in_another_feature_is_told_as_such(lab: Any) -> None:
    """Others who pay read where the change was caused."""
    labels = [bar.label for bar in bridge_bars(lab.account("payment"))]
    assert "Each run costs more, caused in checkout by #412" in labels
    whole = lab.account("repository", level="repository", features=())
    assert "Each run costs more since #412 in checkout" in [bar.label for bar in bridge_bars(whole)]


def test_without_a_change_there_is_no_picture(lab: Any) -> None:
    """A month that does not compare has no bridge and no course."""
    account = lab.account(change=None)
    assert (bridge_bars(account), draw_per_run(account)) == ([], None)


def test_grams_per_run_have_a_mark_at_the_merge_that_moved_them(lab: Any) -> None:
    """The dot has the pull request's name; the table has the same figures, newest first."""
    chart = draw_per_run(lab.account())
    assert chart is not None
    assert re.findall(r'<text[^>]*class="name"[^>]*>([^<]*)</text>', chart.svg) == ["#412"]
    assert chart.caption == "The mean of the day's runs, in located CO2e. A dot is a merge that moved it: #412."
    assert len(chart.table.rows) == 49
    assert [row[3] for row in chart.table.rows if row[3]] == ["#412"]
    assert chart.table.rows[-1] == ["2026-10-01", "5.17 g", "12", ""]


@pytest.mark.parametrize("named", ["runs", "pull request"])
def test_only_merges_that_the_sentence_names_are_marked(lab: Any, named: str) -> None:
    """A pull request that does not stand out has no mark; if nothing stands out, there is no chart."""
    terms = tuple(replace(term, named=term.cause == named) for term in lab.CHANGE.terms)
    chart = draw_per_run(lab.account(change=replace(lab.CHANGE, terms=terms)))
    assert chart is not None
    assert ("No single merge moved it." in chart.caption) == (named == "runs")
    quiet = tuple(replace(term, named=False) for term in terms)
    assert draw_per_run(lab.account(change=replace(lab.CHANGE, terms=quiet))) is None


def test_few_days_are_no_course(lab: Any) -> None:
    """With fewer than ten known days there is no chart."""
    assert draw_per_run(lab.account(days=lab.days(100.0)[:9])) is None
    unknown = tuple(replace(day, emissions_g=None) for day in lab.days(100.0))
    assert draw_per_run(lab.account(days=unknown)) is None
