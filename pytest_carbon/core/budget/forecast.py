"""What a window's spend may come to, told from the days before it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pytest_carbon.core.budget.burn_rate import DAY_S, LEAST_RUNS, Spend, SpendHistory
from pytest_carbon.core.budget.window import BudgetWindow

LEAST_HISTORY_D, MOST_HISTORY_D = 7, 56
WEEK_D = 7


@dataclass(frozen=True, slots=True)
class Forecast:
    """The spend at the window's end: one in ten outcomes is below ``p10``, half below ``p50``, nine below ``p90``.

    ``exhaustion_probability`` is the share of outcomes at or over the limit, ``days_of_history`` what it rests on.
    """

    p10: float
    p50: float
    p90: float
    exhaustion_probability: float
    days_of_history: int


def forecast(
    spends: Iterable[Spend], limit: float, window: BudgetWindow, now: datetime, seed: str, replicates: int = 1000
) -> Forecast | None:
    """Project the spend of a calendar window at its end, or of the whole next window of a rolling one.

    The limit is that after debt, and amounts are in its unit. None with less than 7 days of history or fewer than
    5 runs in them. The same input gives the same output. The method is the circular block bootstrap of daily totals
    (Politis and Romano, 1992), of the last 56 days at most, each of 24 hours and counted back from now.
    """
    history = SpendHistory(spends, now)
    days = min(int(history.age_s // DAY_S), MOST_HISTORY_D)
    if days < LEAST_HISTORY_D or history.count_runs(history.latest_amounts(days * DAY_S)) < LEAST_RUNS:
        return None
    block_d = WEEK_D if days >= 4 * WEEK_D else 1  # fewer than four weeks do not tell how weeks differ
    days -= days % block_d
    daily = _daily_totals(history, days)
    if window.kind == "rolling":
        spent, ahead_s = 0.0, window.length_s(now)
    else:
        spent = math.fsum(history.amounts_in(window))
        ahead_s = (window.bounds(now)[1] - history.now).total_seconds()
    totals = sorted(spent + new for new in _outcomes(daily, block_d, ahead_s / DAY_S, seed, replicates))
    p10, p50, p90 = (totals[(percent * replicates - 1) // 100] for percent in (10, 50, 90))
    return Forecast(p10, p50, p90, sum(total >= limit for total in totals) / replicates, days)


def _daily_totals(history: SpendHistory, days: int) -> list[float]:
    """Return the spend of each of the last so many days, the oldest first; a day with nothing has 0."""
    amounts: list[list[float]] = [[] for _ in range(days)]
    last = history.latest_amounts(days * DAY_S)
    for at_s, amount in zip(reversed(history.at_s), reversed(last), strict=False):
        amounts[days - 1 - int(-at_s // DAY_S)].append(amount)
    return [math.fsum(day) for day in amounts]


def _outcomes(daily: list[float], block_d: int, ahead_d: float, seed: str, replicates: int) -> list[float]:
    """Draw what the days ahead may take, from blocks of days that follow each other.

    A block of a week may start on any day, as it holds each weekday once, also where it runs over the end into the
    beginning: the history is whole weeks. The odd days at the end are those of the weekdays that they will be.
    Each outcome draws a history first and then its future from that, since the past could have been another too:
    a range of the future alone is too narrow.
    """
    whole, odd_d = divmod(ahead_d, block_d)
    ring = daily + daily[:block_d]
    blocks = [math.fsum(ring[start : start + block_d]) for start in range(len(daily))]
    odds = [_first_days(ring[start : start + block_d], odd_d) for start in range(0, len(daily), block_d)]
    draw = random.Random(seed)  # noqa: S311 (a draw that can be repeated is the point)
    outcomes = []
    for _ in range(replicates):
        past = draw.choices(blocks, k=len(odds))
        outcomes.append(math.fsum(draw.choices(past, k=int(whole)) + draw.choices(odds)))
    return outcomes


def _first_days(days: list[float], length_d: float) -> float:
    """Return the spend of the first so many days; of a part of a day, its part of the day's."""
    whole = int(length_d)
    return math.fsum([*days[:whole], days[whole] * (length_d - whole)])
