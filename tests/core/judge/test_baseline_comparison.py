"""Which runs a run is compared with, and what the comparison says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.core.verdict.growth_place import growth_place
from tests.attack import Attack

GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'


def test_pairs_of_two_environments_are_not_compared(bench: Any) -> None:
    """Pairs whose sides were measured in different environments are no base."""
    pairs = bench.pairs(6, costs={"checkout": 1.5}, fingerprint={"cpu": "another"})
    verdict = bench.judge(GROWTH, report=bench.report(costs={"checkout": 1.5}), pairs=pairs)
    assert verdict.base is None
    assert bench.judged(verdict).growth.state == "no base"


@pytest.mark.parametrize(
    ("count", "facts", "parts", "why", "fields"),
    [
        (5, {}, {}, "", []),
        (0, {}, {}, "no run of main is in the ledger yet", []),
        (1, {}, {}, "the ledger has 1 run of main in this environment; a comparison needs 5", []),
        (5, {"fingerprint": {"cpu": "CPU", "vcpus": "8"}}, {},
         "the runs of main are from another environment, different in number of CPUs", ["number of CPUs"]),
        (4, {"fingerprint": {"cpu": "CPU", "vcpus": "8"}}, {},
         "the ledger has 0 runs of main in this environment; a comparison needs 5", []),
        (5, {}, {"reported_parts": 1, "missing_parts": ("b",)}, "1 of 2 parts is missing: b", []),
    ],
)  # fmt: skip
def test_missing_base_has_a_reason(
    bench: Any, count: int, facts: dict[str, Any], parts: dict[str, Any], why: str, fields: list[str]
) -> None:
    """The reason is empty with 5 comparable runs; only enough runs of another environment name its fields."""
    comparison = BaselineComparison(bench.inputs(GROWTH, baseline=bench.baseline(count, **facts), **parts))
    assert (comparison.why_no_base, comparison.environment_differences) == (why, fields)
    assert (comparison.base is None) == (comparison.matching is None) == bool(why)


def test_a_run_that_was_added_first_is_no_base_of_itself(bench: Any) -> None:
    """After ledger append on main, check does not say that no run of main is there."""
    inputs = bench.inputs(GROWTH, baseline=())
    comparison = BaselineComparison(replace(inputs, baseline=(inputs.head,)))
    assert comparison.why_no_base == "no other run of main is in the ledger yet"
    four = BaselineComparison(replace(inputs, baseline=(inputs.head, *bench.baseline(4))))
    why = "the ledger has 4 runs of main in this environment, this one not counted; a comparison needs 5"
    assert four.why_no_base == why


@pytest.mark.attack("head-touches-base")
@pytest.mark.parametrize("with_baseline", [True, False])
def test_spoiled_pairs_are_inconclusive(bench: Any, attack: Attack, with_baseline: bool) -> None:
    """If a side misbehaved, nothing follows, also not that there is no base; other tests are judged."""
    why = "head changed what is not its own while it was measured (base/shop.py), so the pairs are no evidence"
    spoiled = replace(bench.pairs(6), runs=(), spoiled=why)
    baseline = bench.baseline() if with_baseline else ()
    verdict = bench.judge(GROWTH, report=bench.report(costs={"checkout": 3.0}), pairs=spoiled, baseline=baseline)
    holder = bench.judged(verdict)
    assert (holder.growth.state, holder.growth.why) == ("could not tell", why)
    assert holder.state == ("fail" if with_baseline else "inconclusive")  # its total is far above the base's
    other = replace(spoiled, selected_tests=("tests/other.py::test_other",))
    assert bench.judged(bench.judge(GROWTH, pairs=other, baseline=baseline)).growth.why != why
    attack.ended(verdict.state, verdict.sentence)


def test_pairs_without_an_answer_do_not_ask_for_pairs(bench: Any) -> None:
    """One run looked costlier, base and head were measured in turns on a slow machine: the next step is another one."""
    slow = bench.pairs(7)
    runs = tuple(
        replace(run, measurements=replace(run.measurements, tests={
            name: test._replace(slowdown=1.0 if number % 25 < 5 else 3.0)
            for number, (name, test) in enumerate(run.measurements.tests.items())
        }))
        for run in slow.runs
    )  # fmt: skip
    report = bench.report(costs={"checkout": 1.5})
    verdict = bench.judge(GROWTH, report=report, pairs=replace(slow, runs=runs), baseline=bench.baseline())
    growth = bench.judged(verdict).growth
    assert (growth.state, growth.stage) == ("could not tell", "confirm")
    assert growth.why.startswith("base and head were measured in turns, and ")
    assert bench.judged(verdict).state != "pass"
    steps = [step.text for step in verdict.todo if "in turns" in step.text]
    assert all("in turns again, on a quieter machine" in step for step in steps)


@pytest.mark.attack("contradicting-report")
@pytest.mark.parametrize("sides", [1.0, 3.0])
def test_pairs_that_do_not_fit_the_run_or_the_ledger_clear_nothing(bench: Any, sides: float, attack: Attack) -> None:
    """The tests cost three times as much as on main; the pairs say that both sides cost the same."""
    costs, pairs = {"checkout": sides}, bench.pairs(6)
    pairs = replace(
        pairs,
        runs=tuple(
            replace(run, measurements=replace(measurements_of(bench.report(costs=costs)), run=run.measurements.run))
            for run in pairs.runs
        ),
    )
    report = bench.report(costs={"checkout": 3.0})
    verdict = bench.judge(GROWTH, report=report, pairs=pairs, baseline=bench.baseline())
    growth = bench.judged(verdict).growth
    assert (growth.state, growth.stage) == ("could not tell", "confirm")
    assert "in the last runs of the base, which contradicts the pairs" in growth.why
    attack.ended(verdict.state, verdict.sentence)


def test_base_is_the_baseline_or_the_pairs(bench: Any) -> None:
    """Pairs that were measured alike are the base before the baseline; they have no age."""
    baseline = bench.baseline(6)
    base = BaselineComparison(bench.inputs(GROWTH, baseline=baseline)).base
    assert base is not None
    assert (base.runs, base.age_s, base.branch) == (6, timedelta(days=1).total_seconds(), "main")
    assert base.why == "the last 6 runs of main in the same environment"
    pairs = BaselineComparison(bench.inputs(GROWTH, baseline=baseline, pairs=bench.pairs(3))).base
    assert pairs is not None
    assert (pairs.runs, pairs.age_s, pairs.commit) == (3, None, "b" * 40)
    assert pairs.why == "measured in turns with this change on one machine, 3 times each"


@pytest.mark.parametrize(
    ("features", "named"), [(set(), {"new"}), ({"search"}, {"new", "search"}), ({"checkout"}, {"new"})]
)
def test_notable_tests_are_new_or_of_changed_features(bench: Any, features: set[str], named: set[str]) -> None:
    """A new test is always named; another test only in a changed feature and with a change of at least 5 %."""
    report = bench.report(tests={"checkout": 25, "search": 25, "new": 1}, costs={"checkout": 1.02, "search": 1.5})
    notable = BaselineComparison(bench.inputs(GROWTH, report=report, baseline=bench.baseline())).notable_tests(features)
    assert {test.feature for test in notable} == named
    differences = [abs(test.difference_j) for test in notable]
    assert differences == sorted(differences, reverse=True)


def test_the_repository_is_told_which_feature_grew(bench: Any) -> None:
    """Where only the rule of the repository fails, the pairs tell the feature, and not what one noisy run showed."""
    policy = '[budget]\ngrowth = "10 %"\non-exceeded = "fail"\n[features.search.budget]\nper-run = "9 kJ"\n'
    report = bench.report(costs={"checkout": 1.6, "search": 1.5})
    pairs = bench.pairs(6, costs={"checkout": 1.0, "search": 1.5})
    verdict = bench.judge(policy, report=report, baseline=bench.baseline(), pairs=pairs)
    assert [holder.name for holder in verdict.judged if holder.state == "fail"] == ["repository"]
    assert growth_place(verdict) == "search +12.5 J of reference energy a run, in 25 tests of tests/search/t.py"
    alone = bench.judge(policy, report=report, baseline=bench.baseline())
    assert growth_place(alone).startswith(
        "checkout +15 J of reference energy a run, in 25 tests of tests/checkout/t.py;"
    )


@pytest.mark.parametrize(
    ("tests", "before", "clear"), [(3, 3, True), (19, 19, True), (19, 20, False), (25, 25, False), (25, 3, False)]
)
def test_too_small_features_are_clear(bench: Any, tests: int, before: int, clear: bool) -> None:
    """More runs would not help a feature that is too small here and on the base, so no pairs are needed for it."""
    report = bench.report(tests={"checkout": tests, "search": 25}, costs={"checkout": 1.5})
    base = bench.baseline(tests={"checkout": before, "search": 25})
    comparison = BaselineComparison(bench.inputs(GROWTH, report=report, baseline=base))
    assert comparison.growth_is_clear({"checkout"}, 0.05, 3.0) == clear
