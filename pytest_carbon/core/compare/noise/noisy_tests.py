"""Tests that vary too much by themselves to be judged, on any machine: threads that spin, sockets, chance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from pytest_carbon.core.compare.estimate import LEAST_TESTS
from pytest_carbon.core.percentages import percent_text

LEAST_FOR_SPREAD, MOST_SPREAD = 5, 0.2
"""A test whose cost with the same code at full speed varies by more than a fifth, in five runs at least, is noisy. The
spread is the median distance from the median, as a standard deviation: outliers in fewer than half of the runs do not
make it wide. They do not move the median of the base either, which the head is compared with."""
MOST_NOISY = 0.2
"""The largest share of the cost that is set aside."""
_MOST_DISTANCE = MOST_SPREAD / 1.4826


class NoisyTests(NamedTuple):
    """The nodeids of the noisy ones of some tests, and their share of the cost (0..1)."""

    names: Sequence[str] = ()
    share: float = 0.0

    def __str__(self) -> str:
        """Return a clause on how many they are."""
        if len(self.names) == 1:
            return f"1 test, {percent_text(self.share)} of the cost, varies too much by itself to be judged"
        return (
            f"{len(self.names)} tests, {percent_text(self.share)} of the cost, vary too much by themselves to be judged"
        )


def is_noisy(logs: Sequence[float]) -> bool:
    """Return whether a test is noisy; ``logs`` are of its costs with the same code at full speed, at most one a run."""
    if len(logs) < LEAST_FOR_SPREAD:
        return False
    if max(logs) - min(logs) <= _MOST_DISTANCE:  # quick: most tests
        return False
    middle = sorted(logs)[len(logs) // 2]
    low, high = middle - _MOST_DISTANCE, middle + _MOST_DISTANCE
    return 2 * len([log for log in logs if low <= log <= high]) < len(logs)


def set_aside(
    noisy: Collection[str], nodeids: Collection[str], cost_j: Mapping[str, float]
) -> tuple[Collection[str], NoisyTests]:
    """Return the tests without the noisy ones, and what these are; ``cost_j`` are the tests' usual joules.

    Where noisy tests have a larger share of the cost than ``MOST_NOISY``, or too few others are left, the others do not
    speak for the whole, and none is set aside.
    """
    own = [nodeid for nodeid in nodeids if nodeid in noisy]
    whole_j = fsum(cost_j.values())
    share = fsum(cost_j.get(nodeid, 0.0) for nodeid in own) / whole_j if whole_j else 0.0
    steady = [nodeid for nodeid in nodeids if nodeid not in noisy]
    if not own or share > MOST_NOISY or len(steady) < LEAST_TESTS:
        return nodeids, NoisyTests()
    return steady, NoisyTests(own, share)
