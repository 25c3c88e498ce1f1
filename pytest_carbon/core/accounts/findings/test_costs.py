"""The costliest tests, and the tests that became costlier, from the baselines of the default branch."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.records.run_measurements import RunMeasurements, differing_fingerprint_fields

LEAST_RUNS = 6
LEAST_RISE = 0.05
"""The noise of one run, corrected for speed, is 4 to 6 % (docs/measurement.md)."""


@dataclass(frozen=True, slots=True)
class TestCostTrend:
    """The cost of one test in reference joules per run: the median of the ``runs`` in which it passed.

    ``share`` is its share of all tests' cost. ``older_j`` and ``newer_j`` are the medians of the older and the newer
    half of these runs, None for fewer than LEAST_RUNS runs.
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
        """The increase in reference joules per run; 0 if not known."""
        return 0.0 if self.older_j is None or self.newer_j is None else self.newer_j - self.older_j


@dataclass(frozen=True, slots=True)
class TestCosts:
    """All tests of the comparable runs, costliest first.

    ``runs`` is the number of comparable runs, ``since`` and ``until`` the starts of the first and the last of them,
    ``left_out`` the number of runs in another environment. ``by_chance`` is how many tests are expected in ``risen`` if
    no test became costlier.
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
        """The tests that became costlier, largest increase first."""
        return tuple(sorted((t for t in self.tests if t.risen), key=lambda t: (-t.increase_j, t.nodeid)))


def compute_test_costs(runs: Sequence[RunMeasurements]) -> TestCosts:
    """Return the cost of each test in the runs made in the same environment as the newest run.

    A test has risen if every run of the newer half cost more than every run of the older half, and the medians differ
    by at least LEAST_RISE. By chance, one in ``C(runs, half)`` unchanged tests does: each choice of ``half`` runs is
    equally likely to be the costliest.
    """
    ordered = sorted(runs, key=lambda run: (parse_time(run.started), run.run))
    comparable = [run for run in ordered if not differing_fingerprint_fields(run, ordered[-1])]
    amounts: dict[str, list[float]] = defaultdict(list)
    features: dict[str, str] = {}
    for run in comparable:
        for nodeid, figure in run.tests.items():
            if figure.outcome == "passed":
                amounts[nodeid].append(figure.reference_j)
        features.update(run.features)
    medians = {nodeid: median(test_amounts) for nodeid, test_amounts in amounts.items()}
    total_j = math.fsum(medians.values())
    tests = [
        _compute_trend(
            nodeid, features.get(nodeid), per_run_j, per_run_j / total_j if total_j else 0.0, amounts[nodeid]
        )
        for nodeid, per_run_j in medians.items()
    ]
    enough = [test.runs for test in tests if test.runs >= LEAST_RUNS]
    return TestCosts(
        tuple(sorted(tests, key=lambda test: (-test.per_run_j, test.nodeid))),
        len(comparable),
        len(ordered) - len(comparable),
        comparable[0].started if comparable else None,
        comparable[-1].started if comparable else None,
        math.fsum(1 / math.comb(number, number // 2) for number in enough),
    )


def _compute_trend(
    nodeid: str, feature: str | None, per_run_j: float, share: float, amounts: Sequence[float]
) -> TestCostTrend:
    half = len(amounts) // 2
    older, newer = amounts[:half], amounts[half:]
    if len(amounts) < LEAST_RUNS:
        return TestCostTrend(nodeid, feature, per_run_j, share, len(amounts), None, None, False)
    before, after = median(older), median(newer)
    risen = min(newer) > max(older) and after >= before * (1 + LEAST_RISE)
    return TestCostTrend(nodeid, feature, per_run_j, share, len(amounts), before, after, risen)
