"""Overrides: which are accepted, which is in force, and the debt that they put on the next window."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.window import INSTANT, BudgetWindow, to_utc
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import Kind, Quantity, format_amount, format_value_and_limit
from pytest_carbon.core.records.ledger_records import Override, parse_time

LONGEST_OVERRIDE = timedelta(days=7)
MOST_OVERRIDES = 1000
"""The overrides of one holder that count; a person approves each of them."""
BORROWED_SHARE_CAP = 0.10
"""The share of a limit that overrides may borrow from the next window."""
_ROUNDING = 1e-9  # a ledger keeps nine digits of an amount
_UNITS: dict[Kind, str] = {"energy": "joules", "mass": "grams of CO2e", "reference": "joules of reference energy"}


@dataclass(frozen=True, slots=True)
class AcceptedOverrides:
    """The overrides of a holder that the policy accepts, and the reasons why others were refused."""

    overrides: tuple[Override, ...]
    refusals: tuple[str, ...]


def accept_overrides(budget: Budget, overrides: Sequence[Override]) -> AcceptedOverrides:
    """Return the overrides of a budget's holder that the policy accepts, in the order of their grant.

    The policy of another repository decides who approves there, so an override given there needs none of this budget's
    approvers, and its refusal is not reported here. Raises LedgerError for a grant that is not a time.
    """
    accepted: list[Override] = []
    times: list[datetime] = []
    amounts: list[float] = []
    refusals = []
    of_holder = [override for override in overrides if override.feature == holder_name(budget)]
    for override in sorted(of_holder, key=lambda override: (parse_time(override.granted), override.id)):
        granted = parse_time(override.granted)
        rolling = budget.window.kind == "rolling"
        at = granted + INSTANT if rolling else budget.window.bounds(granted)[1]
        start, end = _debt_bounds(budget.window, at)
        debts = math.fsum(amounts[bisect_left(times, start) : bisect_left(times, end)])
        reason = refusal_reason(override, budget.limit, () if override.elsewhere else budget.approvers, debts)
        if reason is None and len(accepted) == MOST_OVERRIDES:
            reason = (
                f"override {override.id} of {override.feature} comes after {MOST_OVERRIDES:,} others, as many as count"
            )
        if reason is None:
            accepted.append(override)
            times.append(granted)
            amounts.append(override.amount)
        refusals += [reason] if reason and not override.elsewhere else []
    return AcceptedOverrides(tuple(accepted), tuple(refusals))


def refusal_reason(override: Override, limit: Quantity | None, approvers: Sequence[str], debts: float) -> str | None:
    """Return why an override is refused, as a sentence, or None if the override is accepted.

    Without a ``limit`` for a window nothing is borrowed. ``debts`` is what accepted overrides have put on the same next
    window, in the unit of the limit: ``debt`` at the time of the grant for a rolling window, at the window's end for a
    calendar window. If ``approvers`` is empty, anyone but the author may approve. Names are compared without case and
    leading @.
    """
    borrowed = _amount(override, limit.value, debts, limit.kind) if limit else ()
    faults = chain(_people(override, approvers), _times(override), borrowed)
    why = next(faults, None)
    return None if why is None else f"override {override.id} of {override.feature} {why}"


def _people(override: Override, approvers: Sequence[str]) -> Iterator[str]:
    author, approver = normalise_person(override.author), normalise_person(override.approver)
    if not override.reason.strip():
        yield "gives no reason; say why it cannot wait"
    if not author:
        yield "names no author; say who asks for it"
    if not approver:
        yield "names no approver; ask somebody to approve it"
    if approver == author:
        yield f"was approved by {override.approver}, who asked for it; ask somebody else to approve it"
    if approvers and approver not in map(normalise_person, approvers):
        yield f"was approved by {override.approver}, who is not an approver; ask one of {', '.join(approvers)}"


def normalise_person(text: str) -> str:
    """Return a person's name in the form for comparison: lower case, without spaces around it and leading @."""
    return text.strip().lstrip("@").casefold()


def _times(override: Override) -> Iterator[str]:
    try:
        length = parse_time(override.expires) - parse_time(override.granted)
    except LedgerError as error:
        yield f"has a time that cannot be read: {error}"
        return
    if length <= timedelta(0):
        yield f"expires at {override.expires}, not after its grant at {override.granted}; give it a later expiry"
    if length > LONGEST_OVERRIDE:
        yield (
            f"expires at {override.expires}, more than {LONGEST_OVERRIDE.days} days after its grant at "
            f"{override.granted}; give it an earlier expiry, and grant another if the time was not enough"
        )


def _amount(override: Override, limit: float, debts: float, kind: Kind) -> Iterator[str]:
    amount = override.amount
    if not 0 < amount < math.inf:
        yield f"is for an amount of {amount!r}; it must be more than zero and finite"
    if override.kind != kind:
        yield f"is in {_UNITS[override.kind]} and the limit in {_UNITS[kind]}; give its amount in the limit's unit"
    cap = limit * BORROWED_SHARE_CAP
    if amount + debts > cap * (1 + _ROUNDING):
        asked, left = format_value_and_limit(amount, max(cap - debts, 0.0), kind)
        yield (
            f"is for {asked}, and {left} is left of the {format_amount(cap, kind)} that overrides may take "
            f"({BORROWED_SHARE_CAP * 100:.0f} % of the limit); ask for less, or raise the limit"
        )


def override_in_force(
    overrides: Iterable[Override], feature: str, now: datetime, commit: str | None = None
) -> Override | None:
    """Return the accepted override of a holder that is in force at ``now``; of several, the one that expires last.

    An override is in force from its grant up to its expiry, only for its commit if it names one, and only in the
    repository that it was given to. Raises LedgerError for a time that cannot be read; ``refusal_reason`` refuses such
    an override.
    """
    now = to_utc(now)
    active = [
        override
        for override in overrides
        if override.feature == feature
        and override.commit in (None, commit)
        and not override.elsewhere
        and parse_time(override.granted) <= now < parse_time(override.expires)
    ]
    return max(active, key=lambda override: (parse_time(override.expires), override.id), default=None)


def why_no_override(
    overrides: Iterable[Override], feature: str, now: datetime, commit: str | None, *, pr: int | None
) -> str:
    """Say why a holder's override in force excuses no limit but that of a window; empty if none is in force.

    Only an override that names the pull request ``pr`` excuses other limits. Those of other pull requests are not
    told, unless the run that is judged names none.
    """
    near = [override for override in overrides if override.pr is None or pr is None]
    override = override_in_force(near, feature, now, commit)
    if override is None:
        return ""
    if override.pr is None:
        return (
            f"the override of {override.approver} names no pull request, so it excuses only a limit over a window: "
            "grant one with --pr N, and give check the same --pr N"
        )
    return (
        f"the override of {override.approver} is for pull request {override.pr}: give check --pr {override.pr} for it"
    )


def debt(overrides: Iterable[Override], feature: str, window: BudgetWindow, now: datetime) -> float:
    """Return what the accepted overrides of a holder take off its limit in the window of ``now``, in the limit's unit.

    An override is debt in the calendar window after the window of its grant; or, for rolling windows, from its grant on
    for the length of one window. Raises LedgerError for a time that cannot be read.
    """
    start, end = _debt_bounds(window, now)
    return math.fsum(
        override.amount
        for override in overrides
        if override.feature == feature and start <= parse_time(override.granted) < end
    )


def _debt_bounds(window: BudgetWindow, now: datetime) -> tuple[datetime, datetime]:
    """Return from when and until when overrides were granted that are debt in the window of ``now``."""
    return window.bounds(now) if window.kind == "rolling" else window.previous(now)
