"""The forecast of a window's spend at its end, from the spends of the days before."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pytest_carbon.core.budget.spend_history import LEAST_HISTORY_D, LEAST_RUNS, Spend, SpendHistory
from pytest_carbon.core.budget.window import DAY_S, BudgetWindow

MOST_HISTORY_D = 56
WEEK_D = 7


@dataclass(frozen=True, slots=True)
class Forecast:
    """The spend at the window's end: 10 % of the outcomes are below ``p10``, 50 % below ``p50``, 90 % below ``p90``."""

    p10: float
    p50: float
    p90: float


def forecast(
    spends: Iterable[Spend], window: BudgetWindow, now: datetime, seed: str, replicates: int = 1000
) -> Forecast | None:
    """Forecast the spend of a calendar window at its end, or of the whole next window of a rolling budget.

    Amounts are in the unit of the spends. Returns None with less than 7 days of history or fewer than 5 runs in them.
    The same input gives the same output. The method is the circular block bootstrap of daily totals (Politis and
    Romano, 1992), over at most the last 56 days; a day is 24 hours, counted back from now.
    """
    history = SpendHistory(spends, now)
    days = min(int(history.age_s // DAY_S), MOST_HISTORY_D)
    if days < LEAST_HISTORY_D or history.count_runs(history.latest_amounts(days * DAY_S)) < LEAST_RUNS:
        return None
    block_d = WEEK_D if days >= 4 * WEEK_D else 1  # fewer than four weeks do not show how weeks differ
    days -= days % block_d
    daily = _daily_totals(history, days)
    if window.kind == "rolling":
        spent, ahead_s = 0.0, window.length_s(now)
    else:
        spent = math.fsum(history.amounts_in(window))
        ahead_s = (window.bounds(now)[1] - history.now).total_seconds()
    outcomes = _outcomes(daily, block_d, ahead_s / DAY_S, seed, replicates)
    return quantiles([spent + outcome for outcome in outcomes])


def quantiles(outcomes: Sequence[float]) -> Forecast:
    """Return the P10, P50 and P90 of the outcomes; each is one of the outcomes."""
    ordered = sorted(outcomes)
    p10, p50, p90 = (ordered[(percent * len(ordered) - 1) // 100] for percent in (10, 50, 90))
    return Forecast(p10, p50, p90)


def _daily_totals(history: SpendHistory, days: int) -> list[float]:
    """Return the spend of each of the last ``days`` days, the oldest first; a day without spends has 0."""
    amounts: list[list[float]] = [[] for _ in range(days)]
    last = history.latest_amounts(days * DAY_S)
    for at_s, amount in zip(reversed(history.at_s), reversed(last), strict=False):
        amounts[days - 1 - int(-at_s // DAY_S)].append(amount)
    return [math.fsum(day) for day in amounts]


def _outcomes(daily: list[float], block_d: int, ahead_d: float, seed: str, replicates: int) -> list[float]:
    """Draw possible spends of the next ``ahead_d`` days from blocks of consecutive days.

    A block of a week may start on any day: it holds each weekday once, even where it wraps from the end of the history
    to its start, as the history is whole weeks. The days that remain after the whole weeks take the same weekdays.
    Each outcome first draws a history and then its future from that history, as the past could have been different
    too: drawing only the future gives too narrow a range.
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
    """Return the spend of the first ``length_d`` days; a fraction of a day takes that fraction of its spend."""
    whole = int(length_d)
    return math.fsum([*days[:whole], days[whole] * (length_d - whole)])
