"""Runs made by hand and by chance, and the two estimates of all their tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from pytest_carbon.core.compare.estimate import Estimate, TooFewClean
from pytest_carbon.core.compare.pair_estimate import estimate_pairs
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

LAW = settings(max_examples=100, deadline=None)
EXACT = 1e-9
SLOW = 1.01 * CLEAN_RATIO


def run_of(figures: Sequence[MeasuredTest | float], full: float | None = 1.0) -> RunMeasurements:
    """Return a run of tests t0, t1, ..., given as joules or as measured tests; ``full`` is its full speed."""
    tests = {f"t{n}": f if isinstance(f, MeasuredTest) else MeasuredTest(f, 1.0) for n, f in enumerate(figures)}
    return RunMeasurements("run", None, "main", "2026-06-01T10:00:00Z", {}, full, tests)


def scaled(run: RunMeasurements, ratio: float) -> RunMeasurements:
    """Return the run with every test ``ratio`` times as costly."""
    return replace(run, tests={n: f._replace(reference_j=f.reference_j * ratio) for n, f in run.tests.items()})


def same_tests(run: RunMeasurements) -> dict[str, str]:
    """Match every test to itself."""
    return {nodeid: nodeid for nodeid in run.tests}


def screen_estimate(head: RunMeasurements, baseline: Sequence[RunMeasurements]) -> Estimate | TooFewClean:
    """Return the screen's estimate of all tests of the head."""
    return Screen(head, baseline, same_tests(head)).estimate(set(head.tests))


def estimate_of_pairs(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements]) -> Estimate | TooFewClean:
    """Return the pairs' estimate of all tests of the base."""
    return estimate_pairs(base, head, same_tests(base[0]), set(base[0].tests))


JOULES = st.integers(-96, 96).map(lambda log: math.exp(log / 16))
FIGURES = st.builds(
    MeasuredTest, JOULES, st.sampled_from([1.0, 1.0, 1.0, 1.1, SLOW, 2.0, None]),
    st.sampled_from(["passed", "passed", "passed", "passed", "failed", "skipped"]),
)  # fmt: skip


@st.composite
def runs_of_same_tests(draw: st.DrawFn, least: int = 1, clean: bool = False) -> list[RunMeasurements]:
    """Draw some runs of the same 5 to 13 tests; all observations are clean if ``clean``."""
    tests = draw(st.integers(5, 13))
    figures = JOULES.map(lambda joules: MeasuredTest(joules, 1.0)) if clean else FIGURES
    runs = st.lists(figures, min_size=tests, max_size=tests).map(run_of)
    return draw(st.lists(runs, min_size=least, max_size=7))
