"""Where a budget stands: how much of its window is used, how fast, and when it will be gone.

Amounts are in the unit of the limit: J, g of CO2e or reference J.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Literal, NamedTuple

from pytest_carbon.core.budget.window import BudgetWindow, to_utc

State = Literal["ok", "watch", "at risk", "critical", "exhausted"]
HOUR_S, DAY_S = 3600.0, 86400.0
PACE_D = 14
LEAST_RUNS = 5
WINDOW_PAIRS = ((DAY_S, 2 * HOUR_S, 0.10), (3 * DAY_S, 6 * HOUR_S, 0.25), (7 * DAY_S, DAY_S, 0.50))
"""Long window, short window, and the fraction of the budget that the long one may use. A test suite runs some
times a day, so these are longer than the 1 h and 5 min that the SRE workbook sets for a service."""
_STATES: tuple[tuple[float, State], ...] = ((1.0, "exhausted"), (0.9, "critical"), (0.75, "at risk"), (0.5, "watch"))


class Spend(NamedTuple):
    """What one run took of a budget (at least 0), and when; or so many runs of a day that were summed up."""

    at: datetime
    amount: float
    runs: int = 1


@dataclass(frozen=True, slots=True)
class BurnRate:
    """How fast the budget goes in a long and a short window: at a rate of 1 it lasts exactly its whole window."""

    long_s: float
    short_s: float
    fraction: float
    threshold: float
    long_rate: float
    short_rate: float
    runs: int
    firing: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a budget stands. ``limit`` is what is left of it after ``debt``, and ``remaining`` may be negative.

    ``used`` is None where debt took the whole limit. ``exhausted_in_s`` is at the pace of ``per_day``: None is
    never, and 0 that it is exhausted.
    """

    limit: float
    debt: float
    consumed: float
    remaining: float
    used: float | None
    runs: int
    burn: tuple[BurnRate, ...]
    exhausted_in_s: float | None
    per_day: float
    state: State


class SpendHistory:
    """The spends up to ``now`` in the order of time; ``at_s`` is in seconds from now, so at most 0.

    Later spends are left out. Raises ValueError for an amount below 0 or not finite, and for a time without a zone.
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
        """Seconds since the first spend; 0 without any."""
        return -self.at_s[0] if self.at_s else 0.0

    def latest_amounts(self, length_s: float) -> list[float]:
        """Return the amounts of the last so many seconds: (now - length, now]."""
        return self.amounts[bisect_right(self.at_s, -length_s) :]

    def count_runs(self, amounts: list[float]) -> int:
        """Return how many runs the last amounts, as ``last`` or ``within`` returned them, are of."""
        return sum(self._runs[len(self._runs) - len(amounts) :])

    def amounts_in(self, window: BudgetWindow) -> list[float]:
        """Return the amounts that count in the window of now: (now - days, now] or, by calendar, [start, now]."""
        start_s = (window.bounds(self.now)[0] - self.now).total_seconds()
        find = bisect_right if window.kind == "rolling" else bisect_left
        return self.amounts[find(self.at_s, start_s) :]


def burn_threshold(fraction: float, period_s: float, long_s: float) -> float:
    """Return the burn rate at which a window of ``long_s`` uses a fraction of the budget of ``period_s``.

    Source: The Site Reliability Workbook (Google, 2018), chapter 5, "Alerting on Burn Rate".
    """
    return fraction * period_s / long_s


def standing(
    spends: Iterable[Spend],
    limit: float,
    window: BudgetWindow,
    now: datetime,
    debt: float = 0.0,
    projected: float | None = None,
) -> Standing:
    """Judge a budget on exact numbers. ``debt`` is taken off the limit; ``projected`` is the P50 of ``project``.

    The spends should reach back over the window and 14 days. The state goes by the share used: watch from 50 %,
    at risk from 75 %, critical from 90 %, exhausted from 100 %; it is at risk at least where a burn rate fires or
    the projection reaches the limit. Raises ValueError for a limit that is not above 0 or a debt below 0.
    """
    if not 0 < limit < math.inf or not 0 <= debt < math.inf:
        raise ValueError(f"the limit {limit!r} must be above 0, the debt {debt!r} at least 0, and both finite")
    history = SpendHistory(spends, now)
    amounts = history.amounts_in(window)
    consumed = math.fsum(amounts)
    left = max(limit - debt, 0.0)
    burn = burn_rates(history, left, window) if left else ()
    per_day = pace_per_day(history)
    used = consumed / left if left else None
    projected_over = projected is not None and projected >= left
    return Standing(
        limit=left,
        debt=debt,
        consumed=consumed,
        remaining=left - consumed,
        used=used,
        runs=history.count_runs(amounts),
        burn=burn,
        exhausted_in_s=exhausted_in_s(history, left, window, per_day / DAY_S),
        per_day=per_day,
        state=_state(used, projected_over or any(rate.firing for rate in burn)),
    )


def _state(used: float | None, warned: bool) -> State:
    if used is None:
        return "exhausted"
    if warned:
        used = max(used, 0.75)
    return next((state for share, state in _STATES if used >= share), "ok")


def burn_rates(history: SpendHistory, limit: float, window: BudgetWindow) -> tuple[BurnRate, ...]:
    """Return the rate of each pair of windows that suits the budget's: S(w) x T / (B x w), over (now - w, now].

    It fires when both rates are above the threshold and the long window has 5 runs, since a rate of fewer says
    little. Pairs whose threshold is not above 1 are left out: at a rate of 1 a budget lasts, so an alarm there
    is always false. Windows of up to 10 days have no pair; those of more than 14 have all three.
    """
    period_s = window.length_s(history.now)
    rates = []
    for long_s, short_s, fraction in WINDOW_PAIRS:
        threshold = burn_threshold(fraction, period_s, long_s)
        if threshold <= 1:
            continue
        amounts = history.latest_amounts(long_s)
        long_rate = math.fsum(amounts) * period_s / (limit * long_s)
        short_rate = math.fsum(history.latest_amounts(short_s)) * period_s / (limit * short_s)
        runs = history.count_runs(amounts)
        firing = min(long_rate, short_rate) > threshold and runs >= LEAST_RUNS
        rates.append(BurnRate(long_s, short_s, fraction, threshold, long_rate, short_rate, runs, firing))
    return tuple(rates)


def pace_per_day(history: SpendHistory) -> float:
    """Return the mean spend per day of the last 14 days, or since the first spend, but of one day at least."""
    days = min(max(history.age_s / DAY_S, 1.0), PACE_D)
    return math.fsum(history.latest_amounts(PACE_D * DAY_S)) / days


def exhausted_in_s(history: SpendHistory, limit: float, window: BudgetWindow, per_s: float) -> float | None:
    """Return when a budget will be exhausted at this pace; None is never, or not in this calendar window.

    What is used of a rolling window grows with the pace and drops where a spend expires: between two drops it is
    a line. After a whole window new spend expires as fast as it comes.
    """
    amounts = history.amounts_in(window)
    consumed = math.fsum(amounts)
    if consumed >= limit:
        return 0.0
    if per_s == 0:
        return None
    if window.kind != "rolling":
        left_s = (window.bounds(history.now)[1] - history.now).total_seconds()
        in_s = (limit - consumed) / per_s
        return in_s if in_s < left_s else None
    period_s = window.length_s(history.now)
    newest_first = zip(reversed(history.at_s), accumulate(reversed(amounts)), strict=False)
    for at_s, unexpired in reversed(list(newest_first)):
        in_s = (limit - unexpired) / per_s
        if in_s < at_s + period_s:
            return max(in_s, 0.0)
    return limit / per_s if limit / per_s <= period_s else None
