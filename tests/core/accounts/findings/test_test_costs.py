"""The cost of tests, and which of them became costlier."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.findings.test_costs import LEAST_RUNS, TestCosts, compute_test_costs
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

LAW = settings(max_examples=60, deadline=None)
JOULES = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=12)


def _runs(bench: Any, *amounts: float, **changes: Any) -> list[RunMeasurements]:
    """Return runs, oldest first, in which one test of checkout used these amounts."""
    return [_run(bench, n, {"t.py::slow": amount, "t.py::quick": 1.0}, **changes) for n, amount in enumerate(amounts)]


def _run(bench: Any, day: int, tests: dict[str, float], **changes: Any) -> RunMeasurements:
    values: dict[str, Any] = {
        "run": f"run-{day}", "commit": "a" * 40, "branch": "main", "full_speed": 1.0, "fingerprint": {"cpu": "CPU"},
        "started": (bench.now + timedelta(days=day)).isoformat(),
        "tests": {nodeid: MeasuredTest(joules, 1.0) for nodeid, joules in tests.items()},
        "features": {"t.py::slow": "checkout"},
    }  # fmt: skip
    return RunMeasurements(**{**values, **changes})


def _slow(costs: TestCosts) -> Any:
    return next(test for test in costs.tests if test.nodeid == "t.py::slow")


def test_the_costliest_come_first(bench: Any) -> None:
    """The cost of a test is the median of its runs; it has its share of all tests and its feature."""
    costs = compute_test_costs(_runs(bench, 9.0, 3.0, 4.0))
    assert [(test.nodeid, test.per_run_j, test.feature) for test in costs.tests] == [
        ("t.py::slow", 4.0, "checkout"),
        ("t.py::quick", 1.0, None),
    ]
    assert [test.share for test in costs.tests] == [0.8, 0.2]
    assert (costs.runs, costs.left_out, costs.since, costs.until) == (
        3, 0, "2026-03-20T12:00:00+00:00", "2026-03-22T12:00:00+00:00",
    )  # fmt: skip


def test_no_run_has_no_costs() -> None:
    """Without a run there is no test and no period."""
    costs = compute_test_costs([])
    assert (costs.tests, costs.risen, costs.runs, costs.since) == ((), (), 0, None)


@pytest.mark.parametrize(
    ("amounts", "risen"),
    [
        ((2, 2.1, 2, 3, 3.1, 3.2), True),
        ((2, 2.1, 2, 2.08, 3.1, 3.2), False),
        ((2, 2, 2, 2.08, 2.08, 2.08), False),
        ((2, 2, 2, 2.1, 2.1, 2.1), True),
        ((3, 3, 3, 2, 2, 2), False),
        ((2, 2, 3, 3, 3), False),
        ((2, 2, 2, 3, 3, 3, 3), True),
        ((0, 0, 0, 1, 1, 1), True),
    ],
    ids=["apart", "one between", "under 5 %", "5 %", "fallen", "five runs", "seven runs", "from nothing"],
)
def test_a_rise_is_seen_in_every_run(bench: Any, amounts: tuple[float, ...], risen: bool) -> None:
    """A test has risen if every newer run cost more, by 5 % in the median, with at least six runs."""
    assert _slow(compute_test_costs(_runs(bench, *amounts))).risen is risen


def test_runs_are_sorted_by_start(bench: Any) -> None:
    """The order of the input does not matter; the start of the runs does."""
    runs = _runs(bench, 2, 2, 2, 3, 3, 3)
    assert compute_test_costs(runs[::-1]) == compute_test_costs(runs)
    (test,) = compute_test_costs(runs).risen
    assert (test.older_j, test.newer_j, test.increase_j) == (2, 3, 1)


def test_other_environments_are_left_out(bench: Any) -> None:
    """Runs with another fingerprint than the newest run are only counted."""
    older = _runs(bench, 9, 9, fingerprint={"cpu": "other"})
    costs = compute_test_costs([*older, *_runs(bench, 1, 1, 1)])
    assert (costs.runs, costs.left_out) == (3, 2)
    assert _slow(costs).per_run_j == 1


def test_only_passed_tests_count(bench: Any) -> None:
    """A failed test may have ended early, so its amount does not count."""
    failed = replace(_run(bench, 9, {}), tests={"t.py::slow": MeasuredTest(0.01, 1.0, "failed")})
    assert _slow(compute_test_costs([*_runs(bench, 4, 4), failed])).runs == 2


def test_the_largest_increase_comes_first(bench: Any) -> None:
    """Risen tests are sorted by joules added per run, not by ratio."""
    small, large = (1, 1, 1, 2, 2, 2), (100, 100, 100, 120, 120, 120)
    runs = [_run(bench, n, {"small": a, "large": b}) for n, (a, b) in enumerate(zip(small, large, strict=True))]
    assert [test.nodeid for test in compute_test_costs(runs).risen] == ["large", "small"]


def test_expected_number_of_risen_tests_by_chance(bench: Any) -> None:
    """Of tests with only noise, about as many rise as ``by_chance`` says, and they are few."""
    draw = random.Random(11)  # noqa: S311 (the same noise every time)
    names = [f"t{n}" for n in range(3000)]
    runs = [_run(bench, day, {name: draw.lognormvariate(0, 0.3) for name in names}) for day in range(10)]
    costs = compute_test_costs(runs)
    assert costs.by_chance == pytest.approx(3000 / 252)
    assert 0 < len(costs.risen) < 2.5 * costs.by_chance


@LAW
@given(JOULES)
def test_scaling_all_costs_changes_nothing(bench: Any, amounts: list[float]) -> None:
    """The same factor everywhere is no rise: only the order of runs and the ratios count."""
    costs = compute_test_costs(_runs(bench, *amounts))
    scaled = compute_test_costs(
        [_run(bench, n, {"t.py::slow": a * 2.0**6, "t.py::quick": 2.0**6}) for n, a in enumerate(amounts)]
    )
    assert [test.risen for test in costs.tests] == [test.risen for test in scaled.tests]
    assert math.isclose(math.fsum(test.share for test in costs.tests), 1)
    assert len(amounts) >= LEAST_RUNS or not costs.risen
