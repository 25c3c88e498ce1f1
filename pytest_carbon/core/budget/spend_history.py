"""The spends of one budget up to now, in the order of time.

Amounts are in the unit of the budget's limit: J, g of CO2e or reference J.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pytest_carbon.core.budget.window import HOUR_S, BudgetWindow, to_utc

LEAST_RUNS = 5
"""A rate, a forecast and a usual number of runs are computed from at least so many runs: fewer runs say little."""
LEAST_HISTORY_D = 7
"""A forecast needs so many days, and a projection from fewer days only warns: a week has each weekday."""


@dataclass(frozen=True, slots=True)
class ProjectionBasis:
    """What a projection is told from: so many runs in so many seconds.

    ``is_enough`` says that the ledger reaches back over a week, so that the projection may fail a change.
    """

    runs: int
    seconds: float
    is_enough: bool

    @property
    def text(self) -> str:
        """The basis as the end of a sentence: ``told from 8 runs in 26 hours``."""
        hours = int(self.seconds // HOUR_S)
        length = f"{hours // 24} days" if hours >= 48 else f"{max(hours, 1)} hour{'s' if hours > 1 else ''}"
        return f"told from {self.runs} run{'' if self.runs == 1 else 's'} in {length}"


class Spend(NamedTuple):
    """What one run took of a budget, and when; or what the ``runs`` of a summed day took together.

    ``amount`` is at least 0.
    """

    at: datetime
    amount: float
    runs: int = 1


class SpendHistory:
    """The spends up to ``now``, the oldest first. ``at_s`` is in seconds from now, so at most 0.

    Spends after ``now`` are left out. Raises ValueError for an amount that is negative or not finite, and for a time
    without a time zone.
    """

    def __init__(self, spends: Iterable[Spend], now: datetime) -> None:
        self.now = to_utc(now)
        past: list[tuple[float, float, int]] = []
        for at, amount, runs in spends:
            if not 0 <= amount < math.inf:
                raise ValueError(f"a spend is {amount!r}; it must be at least 0 and finite")
            at_s = (to_utc(at) - self.now).total_seconds()
            if at_s <= 0:
                past.append((at_s, amount, runs))
        past.sort()
        self.at_s = [at_s for at_s, _, _ in past]
        self.amounts = [amount for _, amount, _ in past]
        self._runs = [runs for _, _, runs in past]

    @property
    def age_s(self) -> float:
        """Return the seconds since the first spend; 0 without spends."""
        return -self.at_s[0] if self.at_s else 0.0

    def latest_amounts(self, length_s: float) -> list[float]:
        """Return the amounts of the last ``length_s`` seconds: of (now - length, now]."""
        return self.amounts[bisect_right(self.at_s, -length_s) :]

    def amounts_in(self, window: BudgetWindow) -> list[float]:
        """Return the amounts in the current window: of (now - days, now] or, by calendar, of [start, now]."""
        start_s = (window.bounds(self.now)[0] - self.now).total_seconds()
        find = bisect_right if window.kind == "rolling" else bisect_left
        return self.amounts[find(self.at_s, start_s) :]

    def count_runs(self, amounts: list[float]) -> int:
        """Count the runs behind ``amounts``, which ``latest_amounts`` or ``amounts_in`` returned."""
        return sum(self._runs[len(self._runs) - len(amounts) :])
