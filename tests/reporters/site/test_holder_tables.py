"""The tables and lines of one holder's page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.reporters.site.holder_tables import (
    consumer_lines,
    months_table,
    override_lines,
    pulls_table,
    waste_table,
)


def test_recurring_cost_of_a_pull_request(lab: Any) -> None:
    """A pull request that is open, or whose effect is not known, is not shown as "no change"."""
    open_, unclear = lab.PULLS[2], replace(lab.PULLS[2], merged="2026-11-12")
    sure = replace(unclear, sureness="sure")
    rows = pulls_table([*lab.PULLS, *lab.SAVED, unclear, sure], "", "").rows
    assert open_.merged is None
    assert [row[2] for row in rows] == ["checkout", "not known", "", "not known", "", ""]
    assert [row[3] for row in rows] == ["+540 g", "+120 g, not sure", "not merged", "-310 g", "not known", "no change"]


@pytest.mark.parametrize(
    ("address", "href"), [("https://example.org/shop", "https://example.org/shop/pull/412"), ("", "")]
)
def test_pull_requests_link_to_a_known_repository(lab: Any, address: str, href: str) -> None:
    """Without the repository's address a pull request is a number only."""
    number = pulls_table(lab.PULLS[:1], address, "").rows[0][0]
    assert (number.text, number.href) == ("#412", href)


def test_months_of_unknown_emissions(lab: Any) -> None:
    """A month of runs with unknown emissions is not known, a month without runs says so; neither is zero."""
    month = lab.months(1000.0)[-1]
    unknown = replace(month, emissions_g=None, consumed=None, runs=3, unknown_runs=3)
    empty = replace(month, emissions_g=None, consumed=0.0, runs=0, unknown_runs=0, budget=None)
    newest, older = months_table(lab.account(months=(unknown, empty))).rows
    assert newest[1:5] == ["no runs", "", "", ""]
    assert (newest[5].text, newest[7].small) == ("", "")
    assert older[1:5] == ["not known", "", "", ""]
    assert (older[5].text, older[7].small) == ("not known", "3 not known")


def test_the_newest_month_comes_first(lab: Any) -> None:
    """The current month is marked, and the use of the budget has its amounts below it."""
    newest = months_table(lab.account()).rows[0]
    assert (newest[0].text, newest[0].small) == ("November 2026", "so far")
    assert newest[5].small.endswith(" of 2 kg CO2e")


def test_wasted_runs_of_unknown_emissions_are_counted(lab: Any) -> None:
    """The caption says how many runs are missing from the grams; without such runs it says nothing of them."""
    table = waste_table(lab.account())
    assert table.caption == "Runs of the window; each run is counted once. The emissions of 1 run are not known."
    assert [row[0] for row in table.rows] == ["Cancelled", "Superseded by a newer commit", "Run again"]
    known = lab.account(wasted=replace(lab.account().wasted, unknown_runs=0))
    assert waste_table(known).caption == "Runs of the window; each run is counted once."


def test_top_consumers_are_sentences(lab: Any) -> None:
    """A pull request and a job have their share, their runs and their grams, if known."""
    job = lab.TopConsumer("job", "nightly", 0.3, None, 1)
    assert consumer_lines(lab.account(used=0.8, causes=(*lab.account(used=0.8).causes, job))) == [
        "Pull request #412 alone used 24 % of the budget, in 31 runs (480 g).",
        "The job nightly alone used 30 % of the budget, in 1 run.",
    ]


def test_overrides_name_both_people(lab: Any) -> None:
    """An override has its amount, its end, its pull request if any, who asked and who approved, and the reason."""
    assert override_lines([lab.OVERRIDE, replace(lab.OVERRIDE, pr=None)]) == [
        "90 g until 2026-11-20, for #412, requested by ann, approved by bob: the provider moves",
        "90 g until 2026-11-20, requested by ann, approved by bob: the provider moves",
    ]
