"""What a verdict says is so, in every text that is made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.verdict.explain import explain
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.reporters.verdict import junit, markdown, sarif, terminal

FAILS = 'on-exceeded = "fail"\n'
BUDGET = f'[features.checkout.budget]\nlimit = "120 g"\n{FAILS}'
WHOLE = BUDGET.replace("features.checkout.budget", "budget").replace("120 g", "1 g")
SOURCE = RunSource(branch="topic", pr=7)


def _texts(verdict: Verdict) -> Iterator[str]:
    yield markdown.render(verdict)
    yield terminal.render(verdict, width=100, colour=False)
    yield "\n".join(explain(verdict))
    yield junit.render(verdict)
    yield str(json.loads(sarif.render(verdict))["runs"][0]["results"])


@pytest.mark.parametrize("grams", [29.5, 100.0, 131.0])
@pytest.mark.parametrize("environment", [{"cpu": "CPU", "vcpus": "2"}, {"cpu": "another"}])
@pytest.mark.parametrize("runs", [0, 3, 6])
@pytest.mark.parametrize("cost", [0.7, 1.0, 1.3])
def test_nothing_is_said_about_growth_where_no_growth_limit_is_set(
    bench: Any, grams: float, environment: dict[str, str], runs: int, cost: float
) -> None:
    """Not that it was not judged, not that it is not known, and not that it is within a limit."""
    report = bench.report(costs={"checkout": cost}, fingerprint=environment)
    verdict = bench.judge(BUDGET, report=report, entries=bench.spent(grams), baseline=bench.baseline(runs))
    for text in _texts(verdict):
        assert "growth" not in text.lower()


def _joules(bench: Any, limit: str) -> Verdict:
    verdict: Verdict = bench.judge(f'[features.checkout.budget]\nper-run = "{limit}"\n{FAILS}')
    return verdict


@pytest.mark.parametrize(
    ("limit", "explained"), [("0.01 Wh", r"0\.01 Wh \(36 J\)"), ("0.0001 kWh", r"0\.0001 kWh \(360 J\)"), ("40 J", "")]
)
def test_a_second_unit_of_energy_is_explained(bench: Any, limit: str, explained: str) -> None:
    """All figures are in joules; a limit in watt-hours is in both, and the unit of the grid is explained."""
    for text in (
        markdown.render(_joules(bench, limit)),
        terminal.render(_joules(bench, limit), width=200, colour=False),
    ):
        plain = text.replace("&nbsp;", " ")
        assert "1 kWh is 3.6 MJ" in plain
        rest = re.sub(explained or "$^", "", plain).replace("1 kWh is 3.6 MJ", "")
        assert not re.search(r"\d [mk]?Wh", rest)


@pytest.mark.parametrize(
    ("limit", "state", "said"),
    [
        ("30 J", "fail", ""),  # of 40 J to 75 J
        ("45 J", "fail", "over its limit of 45 J per run by 11 %; the range from 40 J to 75 J includes the limit"),
        ("60 J", "pass", "used 50 J of 60 J per run; the range from 40 J to 75 J includes the limit"),
        ("80 J", "pass", ""),
        ("26 J ref", "pass", ""),  # reference energy has no range
    ],
)
def test_a_range_that_includes_the_limit_per_run_is_said(bench: Any, limit: str, state: str, said: str) -> None:
    """Nobody knows on which side of the limit such a figure is; the central figure decides, and the text says so."""
    verdict = _joules(bench, limit)
    assert verdict.state == state
    _told(verdict, said)


@pytest.mark.parametrize("unit", ["J", "g"])
@pytest.mark.parametrize(("used", "state", "included"), [(60, "pass", False), (90, "pass", True),
                                                         (130, "fail", True), (200, "fail", False)])  # fmt: skip
def test_a_range_that_includes_the_limit_of_a_window_is_said(
    bench: Any, unit: str, used: int, state: str, included: bool
) -> None:
    """The ranges of all runs of a window add up."""
    limit = "120 g" if unit == "g" else "12 kJ"
    each = used / 120 * 119.0 / 9
    entry = bench.entry()
    facts = {
        "energy_j": each * 100, "energy_low_j": each * 80, "energy_high_j": each * 150, "operational_g": each,
        "emissions_low_g": each * 0.8, "emissions_high_g": each * 1.5, "tests": 0,
    }  # fmt: skip
    entries = [replace(entry, id=f"run-{n}", run=f"run-{n}", **facts) for n in range(9)]
    policy = BUDGET.replace("120 g", limit)
    verdict = bench.judge(policy, report=bench.report(tests={"checkout": 1}), source=SOURCE, entries=entries)
    check = bench.check(verdict)
    assert (check.state == "fail") == (state == "fail")
    assert ("includes the limit" in check.reason) == included
    if check.state != "warn":
        _told(verdict, check.reason if included else "")


@pytest.mark.parametrize(("noise", "included"), [(0.01, False), (0.05, True)])
def test_a_range_that_includes_the_limit_on_growth_is_said(bench: Any, noise: float, included: bool) -> None:
    """A growth that was not seen, and may be above its limit all the same, is no growth within the limit."""
    policy = BUDGET + 'growth = "15 %"\n'
    report = bench.report(costs={"checkout": 1.1})
    verdict = bench.judge(policy, report=report, baseline=bench.baseline(noise=noise), entries=bench.spent(1))
    growth, reason = bench.judged(verdict).growth, bench.check(verdict, "growth").reason
    assert (growth.low <= growth.allowed < growth.high) == included
    assert ("includes the limit of 15 %" in reason) == included
    assert "within the limit" not in reason or not included


def _told(verdict: Verdict, said: str) -> None:
    for text in (markdown.render(verdict), " ".join(terminal.render(verdict, width=4000, colour=False).split())):
        assert (said or "includes the limit") in text if said else "includes the limit" not in text


def test_a_feature_without_its_tests_leads(bench: Any) -> None:
    """The plain truth comes first, its use is unknown and not 0, and the feature has its own step."""
    report = bench.report(tests={"checkout": 25})
    policy = '[budget]\ngrowth = "5 %"\n[features.search.budget]\nlimit = "120 g"\ngrowth = "5 %"\n'
    verdict = bench.judge(policy, report=report, baseline=bench.baseline(), entries=bench.spent(1))
    gone = "no test of feature search ran here, and 25 tests ran on main"
    assert verdict.sentence.startswith(f"Could not tell whether this change fits its carbon budget: {gone}")
    search = bench.judged(verdict, "search")
    assert (search.energy_j, search.reference_j, search.emissions_g) == (None, None, None)
    assert bench.check(verdict, "growth", "search").not_judged == "no test ran"
    steps = [todo.text for todo in verdict.todo[:3]]
    assert any("an override" in step and "search" in step for step in steps)
    assert "| search | ❔&nbsp;inconclusive | unknown |" in markdown.render(verdict)


def test_a_renamed_test_is_not_called_new(bench: Any) -> None:
    """Where tests are gone, a test without a match may be one of them under a new name."""
    report = bench.report(tests={"checkout": 24, "": 1, "search": 25}, costs={"": 3.0})
    steps = [todo.text for todo in bench.judge(WHOLE, report=report, entries=bench.spent(3),
                                                baseline=bench.baseline()).todo]  # fmt: skip
    assert any("tests//t.py::test_0 cheaper: a new or renamed test, 3 J" in step for step in steps)


def test_an_explanation_gives_each_reason_once(bench: Any) -> None:
    """The sentence of the first holder is not said again in its paragraph."""
    text = "\n".join(explain(bench.judge(BUDGET, entries=bench.spent(131))))
    assert text.count("feature checkout has used 132 g of 120 g") == 1
