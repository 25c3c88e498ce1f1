"""How much of a ledger the budgets need: how far back, and which days run by run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.burn_rate import PACE_D, WINDOW_PAIRS
from pytest_carbon.core.budget.forecast import MOST_HISTORY_D
from pytest_carbon.core.budget.window import to_utc

RECENT_D = 8
"""The last days are always read run by run: as many as the longest window of a burn rate, and one day more."""


def history_needed(budgets: Iterable[Budget], now: datetime) -> timedelta:
    """Return how far back the status of these budgets looks: two windows, but at least 56 days, and 2 days more.

    A forecast looks at 56 days. The 2 days make up for time zones and cut days.
    """
    longest_s = max((budget.window.length_s(now) for budget in budgets), default=0.0)
    return max(timedelta(seconds=2 * longest_s), timedelta(days=MOST_HISTORY_D)) + timedelta(days=2)


def exact_days(budgets: Iterable[Budget], now: datetime) -> set[date]:
    """Return the days in UTC that must be read run by run for the status of these budgets to be exact.

    These are the last days, and the days in which a window, the window before, a window of a burn rate or the days of
    the pace begin or end. Summed entries of the other days give the same figures, except for figures that look at
    single days or moments: the forecast, the time of exhaustion (exact to half a day) with the state that follows it,
    and, in a ledger younger than their windows, the pace and the usual number of runs.
    """
    moments = [
        now - timedelta(seconds=length_s) for long_s, short_s, _ in WINDOW_PAIRS for length_s in (long_s, short_s)
    ]
    moments += [now - timedelta(days=PACE_D)] + [now - timedelta(days=ago) for ago in range(-1, RECENT_D + 1)]
    for budget in budgets:
        start, _ = budget.window.bounds(now)
        earlier, earlier_end = budget.window.previous(now)
        length = timedelta(seconds=budget.window.length_s(now))
        moments += [start, earlier, min(earlier_end, earlier + (now - start)), now - length]
    return {to_utc(at).date() for at in moments}
