"""The accounts of the repository, its teams and its features, from what the ledger holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from pytest_carbon.core.accounts import data_quality
from pytest_carbon.core.accounts.findings.carbon_intensity import intensities_of
from pytest_carbon.core.accounts.findings.pull_request_costs import Pulls, cost_most, pull_costs, saved_most
from pytest_carbon.core.accounts.findings.pull_request_effects import Merged, merged_pulls
from pytest_carbon.core.accounts.findings.top_consumers import causes_of
from pytest_carbon.core.accounts.findings.wasted_runs import Why, wasted_of, wasted_runs
from pytest_carbon.core.accounts.monthly_use import Books, amounts_of, days_of, month_bounds, months_of
from pytest_carbon.core.accounts.objective_progress import Ledgers, objectives_of
from pytest_carbon.core.accounts.text.headline import sentence
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.accounts.values.holder_shares import Part, holders_of, level_of, parts_by_feature, parts_of
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import (
    INSTANT,
    accept_overrides,
    budget_status,
    expected_runs,
    history_needed,
    name_of,
)
from pytest_carbon.core.budget.window import BudgetWindow, time_zone
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.report.ledger_records import Entry, Override, moment
from pytest_carbon.core.verdict.verdict import BudgetStatus

_LEVELS = ("repository", "team", "feature")


@dataclass(frozen=True, slots=True)
class _Office:
    """What every account is made from beside its own runs."""

    books: Books
    overrides: Sequence[Override]
    pulls: Pulls
    wasted: Mapping[str, Why]
    judged_since: datetime


def accounts_of(
    policy: Policy,
    entries: Sequence[Entry],
    overrides: Sequence[Override],
    now: datetime,
    g_per_kwh: float | None,
    branch: str,
    notes: Sequence[str] = (),
) -> Accounts:
    """Return everybody's account, from the ledger's corrected entries of the last 14 months, run by run.

    ``g_per_kwh`` is the intensity of the policy's zone, None where none is set; ``branch`` the default branch. The
    same input gives the same output.
    """
    known = [entry for entry in entries if entry.rolled is None and moment(entry.started) <= now]
    by_feature = parts_by_feature(known)
    held = [(holder, parts_of(holder, by_feature)) for holder in holders_of(policy)]
    held = [(holder, parts) for holder, parts in held if parts or holder.limit or holder.feature != UNATTRIBUTED]
    books = Books(by_feature[None][0].at if known else None, now, g_per_kwh, policy.machines, branch)
    own = [entry for entry in known if not entry.elsewhere]
    merged = merged_pulls(own, branch)
    pulls = _pulls([holder for holder, _ in held], own, merged, now)
    office = _Office(books, overrides, pulls, wasted_runs(own, branch), _judged_since(policy, now))
    accounts = [account_of(holder, parts, office) for holder, parts in held]
    return Accounts(
        made=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        accounts=tuple(sorted(accounts, key=_order)),
        objectives=objectives_of(policy, Ledgers(by_feature, merged, books, overrides)),
        method=data_quality.method(policy, by_feature[None], books),
        notes=(*notes, *data_quality.gone(policy, by_feature)),
    )


def _order(account: Account) -> tuple[int, float, str]:
    used = account.standing.used if account.standing else -1.0
    return _LEVELS.index(account.level), -used, account.name


def _pulls(holders: Sequence[Budget], entries: Sequence[Entry], merged: Mapping[int, Merged], now: datetime) -> Pulls:
    """Say for every window which pull requests were merged in it, and how its runs of each job go on."""
    jobs: dict[str, list[Entry]] = {}
    for entry in entries:
        jobs.setdefault(entry.job, []).append(entry)
    changing = {pull for pull, one in merged.items() if one.changed}
    recent: dict[BudgetWindow, frozenset[int]] = {}
    stretch: dict[tuple[BudgetWindow, str], float | None] = {}
    for window, holder in {holder.window: holder for holder in holders}.items():
        recent[window] = frozenset(pull for pull, one in merged.items() if window.includes(one.at, now))
        since = now - timedelta(seconds=window.length_s(now))
        for job, runs in jobs.items():
            expected = expected_runs(runs, holder, now)
            seen = sum(run.reference_j is not None and moment(run.started) >= since for run in runs)
            stretch[window, job] = None if expected is None else expected / seen
    changed = {window: tuple(pulls & changing) for window, pulls in recent.items()}
    return Pulls(merged, recent, changed, stretch)


def account_of(holder: Budget, parts: Sequence[Part], office: _Office) -> Account:
    """Return the account of one holder, from its parts of all runs, the oldest first."""
    books, now = office.books, office.books.now
    good = accept_overrides(holder, office.overrides).overrides
    start, end = holder.window.bounds(now)
    window = parts[(bisect_right if holder.window.kind == "rolling" else bisect_left)(parts, start, key=_at) :]
    lately = parts[bisect_left(parts, now - (end - start), key=_at) :]
    judged = [part.entry for part in parts[bisect_left(parts, office.judged_since, key=_at) :]]
    standing = budget_status(holder, judged, good, now, books.g_per_kwh, None, None)
    amounts = amounts_of(holder, window, books.g_per_kwh)
    costs = pull_costs(holder, window, lately, office.pulls)
    month = month_bounds(holder.window.zone, now, 1)[0]
    account = Account(
        name=name_of(holder),
        level=level_of(holder),
        owners=holder.owners,
        sentence="",
        standing=standing,
        exhausted_on=_exhausted_on(holder, standing, window, amounts, now) if standing else None,
        months=months_of(holder, parts, good, books),
        intensities=intensities_of(window, parts, office.pulls.recent[holder.window], books.branch),
        cost_most=cost_most(costs),
        saved_most=saved_most(costs),
        wasted=wasted_of(window, office.wasted),
        causes=causes_of(window, amounts, standing.limit) if standing else (),
        overrides=tuple(one for one in good if moment(one.granted) <= now < moment(one.expires)),
        days=days_of(holder, parts, min(start, month), books),
        coverage=data_quality.sentences(holder, window, books),
        window_days=(_day(holder, start), _day(holder, end - INSTANT)),
        zone=holder.window.zone,
    )
    return replace(account, sentence=sentence(account, _day(holder, now)))


def _at(part: Part) -> datetime:
    return part.at


def _day(holder: Budget, at: datetime) -> str:
    return at.astimezone(time_zone(holder.window.zone)).date().isoformat()


def _judged_since(policy: Policy, now: datetime) -> datetime:
    """Return the day from which on runs count for standings: two windows back, as a verdict looks at them."""
    first = now - history_needed(policy.budgets, now)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _exhausted_on(
    holder: Budget,
    standing: BudgetStatus,
    window: Sequence[Part],
    amounts: Sequence[float | None],
    now: datetime,
) -> str | None:
    """Return the likely day on which a budget will be exhausted, or the one on which it was."""
    if standing.exhausted_in_s is None:
        return None
    if standing.exhausted_in_s > 0:
        return _day(holder, now + timedelta(seconds=standing.exhausted_in_s))
    used = accumulate(amount or 0.0 for amount in amounts)
    reached = (part for part, so_far in zip(window, used, strict=True) if so_far >= standing.limit)
    last = window[-1] if window else None  # a sum in this order may round to just below what all of it comes to
    part = next(reached, last)
    return _day(holder, part.at) if part else None
