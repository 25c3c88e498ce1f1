"""The status of a budget: what is used of its window, how fast, when the rest will be gone, and why the use changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.burn_rate import BurnRate, burn_rates, exhausted_in_s, pace_basis, projected_use
from pytest_carbon.core.budget.change_drivers import main_driver_text
from pytest_carbon.core.budget.forecast import Forecast, forecast
from pytest_carbon.core.budget.overrides import debt
from pytest_carbon.core.budget.spend_history import LEAST_RUNS, ProjectionBasis, Spend, SpendHistory
from pytest_carbon.core.budget.spending import spending_of
from pytest_carbon.core.budget.window import DAY_S, BudgetWindow
from pytest_carbon.core.quantities import Kind, Quantity
from pytest_carbon.core.records.ledger_records import Entry, Override, parse_time

StatusState = Literal["ok", "watch", "at risk", "critical", "exhausted", "unknown"]
WATCHED_SHARE = 0.9
"""A budget is watched if its window will have used so much of it at the present pace."""
CRITICAL_S, CRITICAL_SHARE = 7 * DAY_S, 0.25
"""A budget is critical if it is exhausted within so many seconds, and within this share of its window."""
TELLING_SHARE = 0.5
"""From this share on, a pace of few runs or of a few days counts in full: little is left to wait for more."""


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """Where a budget is now, in the unit of ``kind`` (J, g of CO2e, reference J).

    ``limit`` is the policy's limit less ``debt``, and at least 0. ``remaining`` is ``limit`` less ``consumed``, and may
    be negative. ``used`` is the share of ``limit``; 1 if the debt took the whole limit. ``runs`` are the runs of known
    use, ``unknown_runs`` the others; if the window has only the others, ``state`` is ``unknown``. ``exhausted_in_s`` is
    at the present pace: 0 if the budget is exhausted, None if the pace never exhausts it. ``p10`` to ``p90`` are the
    forecast for the window's end, None with too little history. ``sunk`` is what the runs of the change under
    judgement have used, a part of ``consumed``. ``recurring`` is what the change will add in every window, None if not
    known; ``recurring_basis`` is what that is told from, and ``pace_basis`` what the present pace is told from.
    ``cause`` says why the use changed from the last window, empty if not known.
    """

    kind: Kind
    window: str
    limit: float
    debt: float
    consumed: float
    remaining: float
    used: float
    state: StatusState
    runs: int
    unknown_runs: int
    burn: tuple[BurnRate, ...]
    exhausted_in_s: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    sunk: float
    recurring: float | None
    cause: str
    recurring_basis: ProjectionBasis | None = None
    pace_basis: ProjectionBasis | None = None

    @property
    def adds(self) -> float:
        """What the change will add in every window; 0 if it adds nothing, and if that is not known."""
        return max(self.recurring or 0.0, 0.0)

    @property
    def adds_are_sure(self) -> bool:
        """Whether ``adds`` is told from enough runs to fail a change."""
        return self.recurring_basis is None or self.recurring_basis.is_enough

    @property
    def change_cost(self) -> float:
        """What an override must cover: what the change has used, and what it will surely add."""
        return self.sunk + (self.adds if self.adds_are_sure else 0.0)

    @property
    def unmeasured(self) -> bool:
        """Return whether the window has runs, but none of known use: the use is then unknown, not 0."""
        return self.state == "unknown"


def budget_status(
    budget: Budget, runs: Sequence[Entry], overrides: Sequence[Override], now: datetime, g_per_kwh: float | None
) -> BudgetStatus | None:
    """Return the status of a budget's window; None if the budget has no limit for a window.

    ``overrides`` are the accepted ones; ``g_per_kwh`` is the intensity of the policy's zone. The cost of a change is
    left open: ``sunk`` is 0 and ``recurring`` is None.
    """
    if budget.limit is None:
        return None
    name, window = holder_name(budget), budget.window
    spending = spending_of(budget, runs, budget.g_per_kwh or g_per_kwh)
    window_end = forecast(spending.spends, window, now, seed=f"{name} {now:%Y-%m-%d}")
    owed = debt(overrides, name, window, now)
    status = status_of_spends(spending.spends, budget.limit, window, now, owed, window_end)
    unknown_runs = sum(run.runs for run in spending.unknown_entries if window.includes(parse_time(run.started), now))
    unmeasured = unknown_runs > 0 and not status.runs and status.limit > 0  # without a limit, exhausted all the same
    return replace(
        status,
        state="unknown" if unmeasured else status.state,
        unknown_runs=unknown_runs,
        cause=main_driver_text(budget, runs, now),
    )


def status_of_spends(
    spends: Iterable[Spend],
    limit: Quantity,
    window: BudgetWindow,
    now: datetime,
    owed: float = 0.0,
    window_end: Forecast | None = None,
) -> BudgetStatus:
    """Return the status of a budget from its spends alone, all of them known.

    The spends should reach back over the window and 14 days. ``owed`` is the debt, in the unit of the limit. Below the
    limit, the state follows the pace, not the share used: watch if the window will use 90 % at this pace, at risk if it
    will use all, critical if that is soon. The state is at least at risk if a burn rate fires or the P50 of
    ``window_end`` reaches the limit less the debt. Raises ValueError for a limit that is not above 0, a debt below 0,
    or either not finite.
    """
    if not 0 < limit.value < math.inf or not 0 <= owed < math.inf:
        raise ValueError(f"the limit {limit.value!r} must be above 0, the debt {owed!r} at least 0, and both finite")
    history = SpendHistory(spends, now)
    amounts = history.amounts_in(window)
    consumed = math.fsum(amounts)
    left = max(limit.value - owed, 0.0)
    burn = burn_rates(history, left, window) if left else ()
    used = consumed / left if left else 1.0
    over_at_end = (window_end is not None and window_end.p50 >= left) or any(rate.firing for rate in burn)
    basis = pace_basis(history)
    in_s = exhausted_in_s(history, left, window)
    share_at_end = projected_use(history, window) / left if left else 1.0
    soon_s = min(CRITICAL_S, CRITICAL_SHARE * window.length_s(now))
    return BudgetStatus(
        kind=limit.kind,
        window=window.text,
        limit=left,
        debt=owed,
        consumed=consumed,
        remaining=left - consumed,
        used=used,
        state=_state(used, share_at_end, in_s is not None and in_s <= soon_s, over_at_end, basis),
        runs=history.count_runs(amounts),
        unknown_runs=0,
        burn=burn,
        exhausted_in_s=in_s,
        p10=window_end.p10 if window_end else None,
        p50=window_end.p50 if window_end else None,
        p90=window_end.p90 if window_end else None,
        sunk=0.0,
        recurring=None,
        cause="",
        pace_basis=basis,
    )


def _state(
    used: float, share_at_end: float, soon: bool, over_at_end: bool, basis: ProjectionBasis | None
) -> StatusState:
    """Return the state of a budget.

    Below half of it, a pace of few runs or of less than a week makes it watch at most: such a pace says little.
    """
    if used >= 1:
        return "exhausted"
    is_told = used >= TELLING_SHARE or (basis is not None and basis.is_enough and basis.runs >= LEAST_RUNS)
    if share_at_end >= 1 and is_told and soon:
        return "critical"
    if over_at_end or (share_at_end >= 1 and is_told):
        return "at risk"
    return "watch" if share_at_end >= WATCHED_SHARE else "ok"


def fits(status: BudgetStatus) -> bool:
    """Return whether a window has something left, and room for what this change will add to it."""
    return status.consumed < status.limit and status.consumed + status.adds <= status.limit


def surely_fits_not(status: BudgetStatus) -> bool:
    """Return whether a window is exhausted, or has no room for what this change will surely add to it."""
    return status.consumed >= status.limit or (status.adds_are_sure and not fits(status))
