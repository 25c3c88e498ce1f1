"""Adds advice to accounts: what each holder could do, and what came of the advice of a window ago.

Nothing is remembered: what would have been advised a window ago is found again in the ledger's runs of that time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pytest_carbon.core.accounts.text.advice_lines import top_advice
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.accounts.values.advice import LEAST_G, LEAST_SHARE, Advice, SettledAdvice
from pytest_carbon.core.accounts.values.holder_shares import holder_level, list_holders
from pytest_carbon.core.advice.finding import Finding
from pytest_carbon.core.advice.holder_grams import NOTHING, Sums, of_holder, paid_grams, saved_grams
from pytest_carbon.core.advice.registry import ADVICE_KINDS
from pytest_carbon.core.advice.settled_shares import PastAdvice, is_gone
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.window import BudgetWindow
from pytest_carbon.core.model import Range
from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Entry, parse_time

MOST_ADVICE = 20
"""A holder gets so much advice at most: what caused a change first, then the largest savings."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A finding with the grams that it would save the holders."""

    finding: Finding
    saves: Sums


@dataclass(frozen=True, slots=True)
class _Settled:
    """A finding of a window ago that was followed, the grams that this saved, and whether its place is gone instead."""

    found: _Found
    saved: Sums
    removed: bool


@dataclass(frozen=True, slots=True)
class _WindowAdvice:
    """The findings of a window that are not gone, those of the window before that were followed, and what was paid."""

    found: Sequence[_Found]
    paid: Sums
    settled: Sequence[_Settled]
    paid_before: Sums


def add_advice(accounts: Accounts, policy: Policy, entries: Sequence[Entry], now: datetime, branch: str) -> Accounts:
    """Return accounts with advice, from the same corrected entries, sorted by start.

    Each holder's advice is of its last window: the time as long as its budget's window that ends ``now``. Runs of other
    repositories, and sums of days, are left out.
    """
    holders = {(holder_level(holder), holder_name(holder)): holder for holder in list_holders(policy)}
    windows: dict[BudgetWindow, _WindowAdvice] = {}
    for holder in holders.values():
        if holder.window not in windows:
            windows[holder.window] = _advise_window(holder.window, policy, entries, now, branch)
    own = []
    for account in accounts.accounts:
        holder = holders[account.level, account.name]
        own.append(_with_advice(account, holder, windows[holder.window]))
    return replace(accounts, accounts=tuple(own))


def top_of_repository(policy: Policy, entries: Sequence[Entry], since: date | None, now: datetime, branch: str) -> str:
    """Return what would save the repository most, as one sentence; empty if nothing would, or if nobody can tell.

    ``entries`` are corrected, sorted by start, and complete from the day ``since`` on. A sum of a day tells nothing of
    its runs.
    """
    holder = list_holders(policy)[0]
    start = now - timedelta(seconds=holder.window.length_s(now))
    recent = entries[bisect_right(entries, start, key=_start) :]
    if since is None or since > start.date() or any(entry.rolled is not None for entry in recent):
        return ""
    runs = _runs_of_window(policy, recent, start, now, branch)
    still = [own for own in _worth_telling(_find(runs).values()) if not is_gone(own.finding, runs)]
    return top_advice(_ranked(_advise(holder, still, paid_grams(runs))), holder.window.text)


def _advise_window(
    window: BudgetWindow, policy: Policy, entries: Sequence[Entry], now: datetime, branch: str
) -> _WindowAdvice:
    length = timedelta(seconds=window.length_s(now))
    before = _runs_of_window(policy, entries, now - 2 * length, now - length, branch)
    own = _runs_of_window(policy, entries, now - length, now, branch)
    runs = replace(own, earlier=before.runs, labels_pay=own.labels_pay | before.labels_pay)
    found = _find(runs)
    settled = []
    for old in _worth_telling(_find(before).values()) if before.runs else ():
        kind = _KINDS[old.finding.kind]
        latest = found.get(old.finding.id)
        past = PastAdvice(old.finding, before, runs, latest.finding if latest else None)
        shares = kind.followed(past) if kind.followed else None
        if shares is not None:
            savings = {id_: Range(share, share, share) for id_, share in shares.items()}
            settled.append(_Settled(old, saved_grams(savings, old.finding.feature, runs), removed=not shares))
    still = tuple(own for own in _worth_telling(found.values()) if not is_gone(own.finding, runs))
    return _WindowAdvice(still, paid_grams(runs), settled, paid_grams(before))


_KINDS = {kind.name: kind for kind in ADVICE_KINDS}


def _runs_of_window(
    policy: Policy, entries: Sequence[Entry], after: datetime, until: datetime, branch: str
) -> WindowRuns:
    first = bisect_right(entries, after, key=_start)
    last = bisect_right(entries, until, key=_start)
    runs = [
        StartedRun(_start(entry), entry)
        for entry in entries[first:last]
        if entry.rolled is None and not entry.elsewhere
    ]
    paying: dict[tuple[str, ...], bool] = {}
    for run in runs:
        if run.entry.labels not in paying:
            paying[run.entry.labels] = bool(payers_of_labels(run.entry.labels, policy))
    labels_pay = frozenset(run.entry.id for run in runs if paying[run.entry.labels])
    return WindowRuns(runs, branch, labels_pay)


def _start(entry: Entry) -> datetime:
    return parse_time(entry.started)


def _find(runs: WindowRuns) -> Mapping[str, _Found]:
    return {
        finding.id: _Found(finding, saved_grams(finding.savings, finding.feature, runs))
        for kind in ADVICE_KINDS
        for finding in kind.find(runs)
    }


def _worth_telling(found: Iterable[_Found]) -> Iterator[_Found]:
    """Yield the findings that save the repository enough; no holder saves more."""
    return (own for own in found if own.saves.get(None, NOTHING).central >= LEAST_G)


def _with_advice(account: Account, holder: Budget, window: _WindowAdvice) -> Account:
    advice = _ranked(_advise(holder, window.found, window.paid))
    settled = sorted(_settle(holder, window), key=lambda own: (-own.saved_g, own.id))
    return replace(account, advice=tuple(advice[:MOST_ADVICE]), settled=tuple(settled[:MOST_ADVICE]))


def _ranked(advice: Iterable[Advice]) -> list[Advice]:
    return sorted(advice, key=lambda own: (not _KINDS[own.kind].first, -own.saves_g.central, own.id))


def _advise(holder: Budget, found: Sequence[_Found], paid: Sums) -> Iterator[Advice]:
    least_g = max(LEAST_G, LEAST_SHARE * of_holder(holder, paid).central)
    for own in found:
        saves, finding = of_holder(holder, own.saves), own.finding
        if saves.central >= least_g:
            yield Advice(
                id=finding.id,
                kind=finding.kind,
                place=finding.place,
                action=finding.action,
                saves_g=saves.range,
                paid_g=saves.paid,
                evidence=finding.evidence,
                effort=finding.effort,
                lines=finding.lines,
                seen=finding.seen,
            )


def _settle(holder: Budget, window: _WindowAdvice) -> Iterator[SettledAdvice]:
    promised = {
        advice.id: advice for advice in _advise(holder, [own.found for own in window.settled], window.paid_before)
    }
    for settled in window.settled:
        if advice := promised.get(settled.found.finding.id):
            saved_g = of_holder(holder, settled.saved).central
            yield SettledAdvice(
                advice.id,
                advice.kind,
                advice.place,
                advice.action,
                advice.saves_g,
                saved_g,
                advice.seen,
                settled.removed,
            )
