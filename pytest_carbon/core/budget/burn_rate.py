"""How fast a budget is used: burn rates over pairs of windows, the daily pace, and when the budget will be exhausted.

Amounts are in the unit of the budget's limit: J, g of CO2e or reference J.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate

from pytest_carbon.core.budget.spend_history import LEAST_HISTORY_D, LEAST_RUNS, ProjectionBasis, SpendHistory
from pytest_carbon.core.budget.window import DAY_S, HOUR_S, BudgetWindow

PACE_D = 14
"""The daily pace is the mean of so many days."""
WINDOW_PAIRS = ((DAY_S, 2 * HOUR_S, 0.10), (3 * DAY_S, 6 * HOUR_S, 0.25), (7 * DAY_S, DAY_S, 0.50))
"""Long window, short window, and the fraction of the budget that the long window may use. A test suite runs a few
times a day, so these windows are longer than the 1 h and 5 min that the SRE workbook sets for a service."""


@dataclass(frozen=True, slots=True)
class BurnRate:
    """The burn rates over a long and a short window: at a rate of 1 the budget lasts exactly its whole window.

    ``firing`` says that both rates are above ``threshold`` and the long window has at least 5 runs.
    """

    long_s: float
    short_s: float
    long_rate: float
    short_rate: float
    threshold: float
    firing: bool


def burn_threshold(fraction: float, period_s: float, long_s: float) -> float:
    """Return the burn rate at which a window of ``long_s`` uses a fraction of the budget of ``period_s``.

    Source: The Site Reliability Workbook (Google, 2018), chapter 5, "Alerting on Burn Rate".
    """
    return fraction * period_s / long_s


def burn_rates(history: SpendHistory, limit: float, window: BudgetWindow) -> tuple[BurnRate, ...]:
    """Return the burn rates of the pairs that suit the budget's window.

    The rate over (now - w, now] is S(w) x T / (B x w), with S the spend, T the length of the budget's window and B the
    limit. Pairs whose threshold is not above 1 are left out: at a rate of 1 a budget lasts, so an alarm would always be
    false. Budget windows of up to 10 days have no pair; those of more than 14 days have all three.
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
        firing = min(long_rate, short_rate) > threshold and history.count_runs(amounts) >= LEAST_RUNS
        rates.append(BurnRate(long_s, short_s, long_rate, short_rate, threshold, firing))
    return tuple(rates)


def pace_per_day(history: SpendHistory) -> float:
    """Return the mean spend per day of the last 14 days, or since the first spend, over at least one day."""
    days = min(max(history.age_s / DAY_S, 1.0), PACE_D)
    return math.fsum(history.latest_amounts(PACE_D * DAY_S)) / days


def pace_basis(history: SpendHistory) -> ProjectionBasis | None:
    """Return the runs that the daily pace is told from; None without runs in the last 14 days."""
    runs = history.count_runs(history.latest_amounts(PACE_D * DAY_S))
    enough = history.age_s >= LEAST_HISTORY_D * DAY_S
    return ProjectionBasis(runs, min(history.age_s, PACE_D * DAY_S), enough) if runs else None


def projected_use(history: SpendHistory, window: BudgetWindow) -> float:
    """Return the most that a budget will have consumed, from now on for one window, at the present pace.

    A calendar window ends, and a rolling window loses each spend when the spend expires.
    """
    per_s = pace_per_day(history) / DAY_S
    amounts = history.amounts_in(window)
    if window.kind != "rolling":
        left_s = (window.bounds(history.now)[1] - history.now).total_seconds()
        return math.fsum(amounts) + per_s * left_s
    period_s = window.length_s(history.now)
    unexpired = zip(reversed(history.at_s), accumulate(reversed(amounts)), strict=False)
    at_expiry = (amount + per_s * (at_s + period_s) for at_s, amount in unexpired)
    return max([per_s * period_s, *at_expiry])


def exhausted_in_s(history: SpendHistory, limit: float, window: BudgetWindow) -> float | None:
    """Return in how many seconds a budget will be exhausted at the present pace.

    The result is 0 if the budget is exhausted already, and None if the pace never exhausts it, or not within this
    calendar window. The consumption of a rolling window grows linearly with the pace and drops where a spend expires.
    After one whole window, new spends expire as fast as they come.
    """
    per_s = pace_per_day(history) / DAY_S
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
