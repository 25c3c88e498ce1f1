"""Growth in a few tests, which the mean of many tests does not show."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.compare.concentrated_growth import CONCENTRATED_MARGIN, SameTests, find_concentrated_growth
from pytest_carbon.core.compare.growth_rule import GrowthFinding, GrowthRule
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.core.verdict.verdict import GrowthStage, GrowthState

TESTS = 20
SAME = {f"t{n}": f"t{n}" for n in range(TESTS)}
RULE = GrowthRule(0.05, 2.6)


def _run(joules: Sequence[float], outcome: str = "passed") -> RunMeasurements:
    tests = {f"t{n}": MeasuredTest(j, 1.0, outcome if n == 0 else "passed") for n, j in enumerate(joules)}
    return RunMeasurements("run", None, "main", "2026-06-01T10:00:00Z", {}, 1.0, tests)


def _first(factor: float, noise: float = 1.0) -> RunMeasurements:
    """Return a run whose first test costs so many times as much, and all tests by some noise more."""
    return _run([noise * factor] + [noise] * (TESTS - 1))


def _finding(state: GrowthState, stage: GrowthStage) -> GrowthFinding:
    return GrowthFinding(state, stage, 0.01, -0.05, 0.08, 0.1, 1.0, TESTS, "no change visible", clear=True)


@pytest.mark.parametrize(
    ("stage", "base", "head", "factor", "state", "clear"),
    [
        ("screen", 6, 1, 9.0, "suspicious", False),
        ("screen", 6, 1, 5.0, "no change", True),  # 20 % of the total, and the base's runs differ by 5 %
        ("screen", 4, 1, 9.0, "no change", True),  # four runs show no range
        ("confirm", 5, 5, 9.0, "costlier", True),
        ("confirm", 4, 4, 9.0, "could not tell", False),
        ("confirm", 5, 5, 5.0, "no change", True),
        ("confirm", 7, 7, 1.0, "no change", True),
    ],
)
def test_one_test_of_twenty(stage: GrowthStage, base: int, head: int, factor: float, state: str, clear: bool) -> None:
    """One run with such a total must be confirmed; five pairs confirm it."""
    before = [_first(1.0, 1.05 if n % 2 else 1.0) for n in range(base)]
    after = [_first(factor) for _ in range(head)]
    finding = find_concentrated_growth(
        _finding("no change", stage), SameTests.of_runs(before, after, SAME), RULE, set(SAME)
    )
    assert (finding.state, finding.clear) == (state, clear)
    if state in ("suspicious", "costlier"):
        assert finding.change == pytest.approx(0.4, abs=0.05)
        assert finding.low is not None
        assert finding.low > CONCENTRATED_MARGIN


@pytest.mark.parametrize(
    ("state", "stage", "expected"),
    [
        ("cheaper", "screen", "suspicious"),
        ("could not tell", "screen", "could not tell"),
        ("suspicious", "screen", "suspicious"),
        ("costlier", "confirm", "costlier"),
        ("could not tell", "confirm", "costlier"),  # noise that no pair is free of moves both sides
    ],
)
def test_which_findings_are_held_against_the_total(state: GrowthState, stage: GrowthStage, expected: str) -> None:
    """A finding that names growth stands; an open question of one run is left to the pairs."""
    runs = [_first(1.0)] * 6, [_first(9.0)] * (1 if stage == "screen" else 6)
    assert (
        find_concentrated_growth(_finding(state, stage), SameTests.of_runs(*runs, SAME), RULE, set(SAME)).state
        == expected
    )


def test_only_tests_that_passed_in_every_run_count() -> None:
    """A test that failed in one run, is of one side only or was not asked for is in no total."""
    base, head = [_first(1.0)] * 2, [_run([100.0] + [1.0] * (TESTS - 1), "failed"), _first(100.0)]
    change = SameTests.of_runs(base, head, SAME).total_change(set(SAME))
    assert change is not None
    assert (change.change, change.tests) == (0.0, TESTS - 1)
    assert SameTests.of_runs(base, head, {}).total_change(set(SAME)) is None
    assert SameTests.of_runs(base, [], SAME).total_change(set(SAME)) is None
    assert SameTests.of_runs(base, head, SAME).total_change({"t0"}) is None


@settings(max_examples=50, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 7))
def test_noise_is_no_growth(chance: Random, pairs: int) -> None:
    """Runs of the same code whose tests vary by a quarter, and whose totals vary by less, change no finding."""
    runs = [_run([chance.uniform(0.8, 1.25) for _ in range(TESTS)]) for _ in range(2 * pairs)]
    finding = _finding("no change", "confirm")
    assert find_concentrated_growth(finding, SameTests.of_runs(runs[::2], runs[1::2], SAME), RULE, set(SAME)) == finding


@pytest.mark.parametrize(
    ("stage", "factor", "told"),
    [
        (
            "confirm",
            5.0,
            "no change visible; all together took 20 % more, because of few tests, which the answer draws in",
        ),
        ("confirm", 1.5, "no change visible"),  # within the bounds of the answer
        ("screen", 5.0, "no change visible"),  # one run's total tells little
    ],
)
def test_a_total_beyond_the_bounds_is_told(stage: GrowthStage, factor: float, told: str) -> None:
    """Where the total of the pairs grew by more than the bounds of an answer, the answer says so."""
    same = SameTests.of_runs([_first(1.0)] * 6, [_first(factor)] * (1 if stage == "screen" else 6), SAME)
    finding = find_concentrated_growth(_finding("no change", stage), same, RULE, set(SAME))
    assert (finding.state, finding.why) == ("no change", told)


@pytest.mark.parametrize(("pairs", "clear"), [(3, False), (7, True)])
def test_a_total_that_nearly_tells_is_no_pass(pairs: int, clear: bool) -> None:
    """The median total is a third dearer, the nearest runs are less apart: more pairs, and then no answer."""
    before = [_first(1.0, 1.12 if n == 0 else 1.0) for n in range(pairs)]
    same = SameTests.of_runs(before, [_first(7.8)] * pairs, SAME)
    finding = find_concentrated_growth(_finding("no change", "confirm"), same, RULE, set(SAME))
    assert (finding.state, finding.clear) == ("could not tell", clear)
    assert "all together took 34 % more" in finding.why
