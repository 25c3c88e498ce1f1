"""Reports that do not add up: each contradiction is found and told with both figures; what the plugin writes passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.evidence.report_sums import contradictions
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import BudgetResult, GridFactor, Range, Row
from pytest_carbon.core.report import Report
from tests.samples import make_pairs, make_report

REPORT = make_report()
PAIRS = make_pairs(REPORT, make_report(2))
OF_COMMITS = {**make_pairs(make_report(commit="b" * 40), REPORT), "head": "a" * 40}


def _totals(**changes: Any) -> Report:
    return replace(REPORT, totals=replace(REPORT.totals, **changes))


def _first_row(**changes: Any) -> Report:
    return replace(REPORT, rows=(replace(REPORT.rows[0], **changes), *REPORT.rows[1:]))


def _budget(state: Any, used: float | None, limit: float, feature: str | None = "checkout") -> Report:
    return replace(REPORT, budgets=(BudgetResult(feature, f"{limit} J", limit, "energy", used, state, "-"),))


UNKNOWN = dict.fromkeys(("energy_j", "low_j", "high_j", "operational_g", "embodied_g", "emissions_g",
                         "emissions_low_g", "emissions_high_g"))  # fmt: skip
HONEST = {
    "by hand": REPORT,
    "costlier": make_report(cost={"checkout": 3.0}),
    "one feature": make_report(tests={"checkout": ["t.py::test_1"]}),
    "two parts": merge_reports([("a", make_report(1)), ("b", make_report(2, cost={"search": 2.0}))]),
    "unknown energy": replace(
        _totals(**UNKNOWN), features={}, rows=tuple(replace(row, energy_j=None) for row in REPORT.rows)
    ),
    "a part of unknown energy": merge_reports(
        [("a", REPORT), ("b", replace(_totals(**UNKNOWN), run=replace(REPORT.run, id="run-2"), features={}))]
    ),
    "pairs": replace(REPORT, pairs=PAIRS),
    "pairs of two commits": replace(REPORT, pairs=OF_COMMITS),
    "a limit that holds": _budget("pass", 2000.0, 2000.0),
    "a limit that does not hold": _budget("fail", 2000.0, 1999.0),
    "a limit of the run": _budget("warn", 4000.0, 10.0, None),
    "a limit of no test": _budget("pass", 0.0, 10.0, "basket"),
    "a limit that is not judged": _budget("inconclusive", None, 10.0),
}


@pytest.mark.parametrize("report", HONEST.values(), ids=HONEST)
def test_what_adds_up_passes(report: Report) -> None:
    """Reports as the plugin and its merging write them have no contradiction."""
    assert contradictions(report) == []


FORGED = {
    "total below the rows": (
        _totals(energy_j=8.6, low_j=6.0, high_j=12.0), "the rows sum to 4000 J, but the total is 8.6 J",
    ),
    "range": (_totals(high_j=3000.0), "the energy is 4000 J, outside of its own range of 3200 to 3000 J"),
    "range of grams": (_totals(emissions_low_g=2.0), "the emissions are 0.523333 g, outside of its own range of 2 to"),
    "range of the grid": (
        replace(REPORT, grid=GridFactor("DE", Range(9.0, 171.5, 628.7), "", 2024, False)), "the grid factor is 9 g/kWh",
    ),
    "grams": (_totals(emissions_g=0.45), "operational and embodied emissions sum to 0.523333 g, but the emissions are"),
    "grid": (
        _totals(operational_g=0.01, emissions_g=0.11, emissions_low_g=0.1, emissions_high_g=0.2),
        "4000 J on a grid of 381 g/kWh emit 0.423333 g, but 0.01 g are stated",
    ),
    "half unknown": (_totals(energy_j=None), "low_j is known and energy_j is not"),
    "grams unknown": (_totals(operational_g=None), "energy_j is known and operational_g is not"),
    "reference energy": (
        _totals(reference_j=20.0), "the rows of the run's own work sum to 2000 J ref, but the total is 20 J ref",
    ),
    "row taken out": (replace(REPORT, rows=REPORT.rows[1:]), "the rows sum to 3900 J, but the total is 4000 J"),
    "phase": (_first_row(phase="lunch"), "the phase 'lunch'"),
    "no name": (_first_row(nodeid=""), "a test's row names the test ''"),
    "duration": (_first_row(wall_s=500.0), "test_0 took 500 s, longer than the whole run of 60 s"),
    "amortised": (_first_row(amortised_j=1.0), "test_0 took 100 J, but with its fixtures 1 J"),
    "shares of fixtures": (_first_row(amortised_j=900.0), "the tests' shares of fixtures sum to 800 J, but the"),
    "background with a feature": (
        replace(REPORT, rows=(*REPORT.rows, Row("background", 0.0, 0.0, 0.0, 0.0, feature="checkout"))),
        "a row of background belongs to a feature",
    ),
    "limit": (_budget("pass", 2000.0, 10.0), "the limit of checkout is pass, but 2000 of 10 were used"),
    "limit the other way": (_budget("fail", 2000.0, 9999.0), "the limit of checkout is fail, but 2000 of 9999"),
    "use of a limit": (_budget("pass", 1.0, 10.0), "the limit of checkout was judged by 1, but checkout used 2000"),
    "pair twice": (
        replace(REPORT, pairs={**PAIRS, "runs": [*PAIRS["runs"], *PAIRS["runs"][:2]]}),
        "the paired runs count the run run-1-base-1 2 times",
    ),
    "pair of this run": (
        replace(REPORT, pairs=PAIRS, run=replace(REPORT.run, id="run-1-base-1")),
        "the paired runs count the run run-1-base-1 itself",
    ),
    "pairs of another head": (
        replace(REPORT, pairs={**PAIRS, "head": "8" * 40}),
        "the pairs measured the head 888888888888, but the run is of aaaaaaaaaaaa",
    ),
    "pairs of no head": (
        replace(REPORT, pairs=OF_COMMITS, run=replace(REPORT.run, commit=None)), "but the run is of no commit",
    ),
    "pairs of another base": (
        replace(REPORT, pairs={**PAIRS, "base": "9" * 40}),
        "a paired run of the base 999999999999 is of commit aaaaaaaaaaaa",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("report", "complaint"), FORGED.values(), ids=FORGED)
def test_a_contradiction_is_told_with_both_figures(report: Report, complaint: str) -> None:
    """One figure is changed, and the others tell."""
    assert any(complaint in sentence for sentence in contradictions(report)), contradictions(report)
