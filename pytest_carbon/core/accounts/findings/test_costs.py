"""Which tests cost most, and which have come to cost more, told from the runs of the default branch that were kept."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pytest_carbon.core.report.ledger_records import parse_time
from pytest_carbon.core.report.run_measurements import RunMeasurements, differing_fingerprint_fields

LEAST_RUNS = 6
LEAST_RISE = 0.05
"""Noise of one run, corrected for speed, is 4 to 6 % (docs/measurement.md)."""


@dataclass(frozen=True, slots=True)
class TestCostTrend:
    """What one test costs a run, in reference joules: the median of the ``runs`` in which it passed.

    ``share`` is that of all tests. ``older_j`` and ``newer_j`` are the medians of the two halves of those runs, None
    with fewer than LEAST_RUNS of them.
    """

    __test__ = False

    nodeid: str
    feature: str | None
    per_run_j: float
    share: float
    runs: int
    older_j: float | None
    newer_j: float | None
    risen: bool

    @property
    def increase_j(self) -> float:
        """Reference joules that a run costs more than before; 0 where that is not known."""
        return 0.0 if self.older_j is None or self.newer_j is None else self.newer_j - self.older_j


@dataclass(frozen=True, slots=True)
class TestCosts:
    """All tests of the runs that can be compared, the costliest first.

    ``runs`` is how many runs that were, ``since`` and ``until`` the first and last of them, and ``left_out`` the runs
    of another environment. ``by_chance`` is how many tests would be ``risen`` if none were.
    """

    __test__ = False

    tests: tuple[TestCostTrend, ...]
    runs: int
    left_out: int
    since: str | None
    until: str | None
    by_chance: float

    @property
    def risen(self) -> tuple[TestCostTrend, ...]:
        """Tests that have come to cost more, those that add most to a run first."""
        return tuple(sorted((t for t in self.tests if t.risen), key=lambda t: (-t.increase_j, t.nodeid)))


def compute_test_costs(runs: Sequence[RunMeasurements]) -> TestCosts:
    """Return what tests cost in the runs that were made in the environment of the newest one.

    A test has risen where every run of the newer half took more than every run of the older half, and the medians
    differ by at least LEAST_RISE. Of tests whose cost is the same in all runs, one in ``C(runs, half)`` does so by
    chance, as each half is as likely to hold the larger ones as any other choice of so many runs.
    """
    ordered = sorted(runs, key=lambda run: (parse_time(run.started), run.run))
    alike = [run for run in ordered if not differing_fingerprint_fields(run, ordered[-1])]
    amounts: dict[str, list[float]] = defaultdict(list)
    features: dict[str, str] = {}
    for run in alike:
        for nodeid, figure in run.tests.items():
            if figure.outcome == "passed":
                amounts[nodeid].append(figure.reference_j)
        features.update(run.features)
    medians = {nodeid: median(some) for nodeid, some in amounts.items()}
    whole_j = math.fsum(medians.values())
    tests = [
        _compute_trend(nodeid, features.get(nodeid), each_j, each_j / whole_j if whole_j else 0.0, amounts[nodeid])
        for nodeid, each_j in medians.items()
    ]
    enough = [test.runs for test in tests if test.runs >= LEAST_RUNS]
    return TestCosts(
        tuple(sorted(tests, key=lambda test: (-test.per_run_j, test.nodeid))),
        len(alike),
        len(ordered) - len(alike),
        alike[0].started if alike else None,
        alike[-1].started if alike else None,
        math.fsum(1 / math.comb(number, number // 2) for number in enough),
    )


def _compute_trend(
    nodeid: str, feature: str | None, each_j: float, share: float, amounts: Sequence[float]
) -> TestCostTrend:
    half = len(amounts) // 2
    older, newer = amounts[:half], amounts[half:]
    if len(amounts) < LEAST_RUNS:
        return TestCostTrend(nodeid, feature, each_j, share, len(amounts), None, None, False)
    before, after = median(older), median(newer)
    risen = min(newer) > max(older) and after >= before * (1 + LEAST_RISE)
    return TestCostTrend(nodeid, feature, each_j, share, len(amounts), before, after, risen)
