"""The same code compared with itself: false alarms, spread and the suggested limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from pytest_carbon.core.compare.estimate import sigmas_needed, smallest_visible_change
from pytest_carbon.core.compare.self_comparison import SPLITS, SelfComparison, compare_with_itself
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

LARGE, SMALL = [f"large{n}" for n in range(30)], [f"small{n}" for n in range(10)]


def _run(chance: Random, spread: float, slowdown: float | None = 1.0) -> RunMeasurements:
    """Return a run of one large and one small feature, the whole of it off by some factor."""
    off = chance.lognormvariate(0, spread)
    tests = {nodeid: MeasuredTest(off * chance.lognormvariate(0, spread / 2), slowdown) for nodeid in [*LARGE, *SMALL]}
    features = {**dict.fromkeys(LARGE, "large"), **dict.fromkeys(SMALL, "small")}
    return RunMeasurements("run", None, None, "2026-06-01T10:00:00Z", {}, slowdown and 1.0, tests, {}, features)


def _runs(count: int, spread: float, slowdown: float | None = 1.0) -> list[RunMeasurements]:
    chance = Random(count)  # noqa: S311 (the same draw every time)
    return [_run(chance, spread, slowdown) for _ in range(count)]


def _groups(
    runs: Sequence[RunMeasurements], features: Sequence[str] = ("large", "small", "none")
) -> dict[str, SelfComparison]:
    return {group.name: group for group in compare_with_itself(runs, features)}


def test_suite_and_large_features_are_compared() -> None:
    """The whole suite comes first, then every large feature; small and unknown features are left out."""
    groups = _groups(_runs(12, 0.01))
    assert {name: group.tests for name, group in groups.items()} == {"": 40, "large": 30}
    assert list(_groups(_runs(12, 0.01), [])) == [""]


def test_calm_machine_sees_small_changes_and_never_alarms() -> None:
    """Runs that are all alike leave the prior error, and suggest the default limit."""
    group = _groups(_runs(12, 0.0))[""]
    assert (group.comparisons, group.false_alarms, group.suggested) == (SPLITS, 0, 0.05)
    assert group.sigma == pytest.approx(0.02 * (2 / 4) ** 0.5)
    screened = 0.03 * (4 / 15) ** 0.5  # of one run against the other 11
    assert group.smallest == pytest.approx(smallest_visible_change(0.05, screened, sigmas_needed()))


def test_noisier_machine_sees_less_and_suggests_more() -> None:
    """The wider the runs are apart, the larger the smallest visible change and the suggested limit."""
    calm, noisy = _groups(_runs(12, 0.01))[""], _groups(_runs(12, 0.15))[""]
    assert calm.sigma is not None
    assert calm.smallest is not None
    assert calm.suggested is not None
    assert noisy.sigma is not None
    assert noisy.smallest is not None
    assert noisy.suggested is not None
    assert calm.sigma < noisy.sigma
    assert calm.smallest < noisy.smallest
    assert calm.suggested < noisy.suggested
    assert calm.false_alarms == 0


@pytest.mark.parametrize(("count", "lucky", "least"), [(4, 2, 0.3), (10, 5, 0.1)])
def test_code_that_differs_alarms(count: int, lucky: int, least: float) -> None:
    """If half of the runs took much less, some splits alarm, also with too few pairs to block."""
    runs = _runs(count, 0.0)
    less = [
        replace(r, tests={n: MeasuredTest(f.reference_j / 1.5, 1.0) for n, f in r.tests.items()}) for r in runs[:lucky]
    ]
    group = _groups([*less, *runs[lucky:]])[""]
    assert group.comparisons == SPLITS
    assert 0 < group.false_alarms < SPLITS
    assert group.sigma is not None
    assert group.sigma > least, "a split whose halves are far apart is off by that difference"


def test_same_runs_give_the_same_answer() -> None:
    """The splits depend on the group's name only."""
    assert compare_with_itself(_runs(9, 0.05), ["large"]) == compare_with_itself(_runs(9, 0.05), ["large"])


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param(_runs(12, 0.01, None), id="no probes"),
        pytest.param([*_runs(1, 0.01), *_runs(11, 0.01, 1.01 * CLEAN_RATIO)], id="slowed in all runs but one"),
        pytest.param(_runs(2, 0.01), id="one pair"),
        pytest.param(_runs(1, 0.01), id="one run"),
        pytest.param([replace(run, tests={}) for run in _runs(12, 0.01)], id="no tests"),
    ],
)
def test_group_that_was_not_seen_has_no_figures(runs: list[RunMeasurements]) -> None:
    """Without a comparison there are no figures, not zeros, but the reason."""
    why = "none of these tests ran with the same code at full speed on both sides"
    for group in _groups(runs).values():
        assert group == SelfComparison(group.name, group.tests, 0, 0, None, None, None, why)
