"""The accounts of the repository, its teams and its features, from what the ledger holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from pytest_carbon.core.accounts import data_quality
from pytest_carbon.core.accounts.findings.carbon_intensity import compute_intensities
from pytest_carbon.core.accounts.findings.pull_request_costs import (
    PullHistory,
    compute_pull_costs,
    pick_costliest,
    pick_largest_savings,
)
from pytest_carbon.core.accounts.findings.pull_request_effects import MergedPull, find_merged_pulls
from pytest_carbon.core.accounts.findings.top_consumers import find_top_consumers
from pytest_carbon.core.accounts.findings.wasted_runs import WasteReason, find_wasted_runs, sum_wasted
from pytest_carbon.core.accounts.monthly_use import (
    AccountContext,
    compute_days,
    compute_months,
    consumed_amounts,
    month_bounds,
)
from pytest_carbon.core.accounts.objective_progress import ObjectiveInputs, compute_objectives
from pytest_carbon.core.accounts.text.headline import write_headline
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.accounts.values.holder_shares import (
    HolderShare,
    holder_level,
    list_holders,
    shares_by_feature,
    shares_of,
)
from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.budget_status import BudgetStatus, budget_status
from pytest_carbon.core.budget.change_cost import expected_runs
from pytest_carbon.core.budget.needed_history import history_needed
from pytest_carbon.core.budget.overrides import accept_overrides
from pytest_carbon.core.budget.window import INSTANT, BudgetWindow, time_zone
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.report.ledger_records import Entry, Override, parse_time

_LEVELS = ("repository", "team", "feature")


@dataclass(frozen=True, slots=True)
class _AccountInputs:
    """What every account is made from beside its own runs."""

    context: AccountContext
    overrides: Sequence[Override]
    pulls: PullHistory
    wasted: Mapping[str, WasteReason]
    judged_since: datetime


def make_accounts(
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
    known = [entry for entry in entries if entry.rolled is None and parse_time(entry.started) <= now]
    by_feature = shares_by_feature(known)
    held = [(holder, shares_of(holder, by_feature)) for holder in list_holders(policy)]
    held = [(holder, parts) for holder, parts in held if parts or holder.limit or holder.feature != UNATTRIBUTED]
    books = AccountContext(by_feature[None][0].at if known else None, now, g_per_kwh, policy.machines, branch)
    own = [entry for entry in known if not entry.elsewhere]
    merged = find_merged_pulls(own, branch)
    pulls = _pull_history([holder for holder, _ in held], own, merged, now)
    office = _AccountInputs(books, overrides, pulls, find_wasted_runs(own, branch), _status_start(policy, now))
    accounts = [_make_account(holder, parts, office) for holder, parts in held]
    return Accounts(
        made=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        accounts=tuple(sorted(accounts, key=_sort_key)),
        objectives=compute_objectives(policy, ObjectiveInputs(by_feature, merged, books, overrides)),
        method=data_quality.describe_method(policy, by_feature[None], books),
        notes=(*notes, *data_quality.note_removed_features(policy, by_feature)),
    )


def _sort_key(account: Account) -> tuple[int, float, str]:
    used = account.standing.used if account.standing else -1.0
    return _LEVELS.index(account.level), -used, account.name


def _pull_history(
    holders: Sequence[Budget], entries: Sequence[Entry], merged: Mapping[int, MergedPull], now: datetime
) -> PullHistory:
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
            seen = sum(run.reference_j is not None and parse_time(run.started) >= since for run in runs)
            stretch[window, job] = None if expected is None else expected / seen
    changed = {window: tuple(pulls & changing) for window, pulls in recent.items()}
    return PullHistory(merged, recent, changed, stretch)


def _make_account(holder: Budget, parts: Sequence[HolderShare], office: _AccountInputs) -> Account:
    """Return the account of one holder, from its parts of all runs, the oldest first."""
    books, now = office.context, office.context.now
    good = accept_overrides(holder, office.overrides).overrides
    start, end = holder.window.bounds(now)
    window = parts[(bisect_right if holder.window.kind == "rolling" else bisect_left)(parts, start, key=_started) :]
    lately = parts[bisect_left(parts, now - (end - start), key=_started) :]
    judged = [part.entry for part in parts[bisect_left(parts, office.judged_since, key=_started) :]]
    standing = budget_status(holder, judged, good, now, books.g_per_kwh)
    amounts = consumed_amounts(holder, window, books.g_per_kwh)
    costs = compute_pull_costs(holder, window, lately, office.pulls)
    month = month_bounds(holder.window.zone, now, 1)[0]
    account = Account(
        name=holder_name(holder),
        level=holder_level(holder),
        owners=holder.owners,
        sentence="",
        standing=standing,
        exhausted_on=_exhaustion_day(holder, standing, window, amounts, now) if standing else None,
        months=compute_months(holder, parts, good, books),
        intensities=compute_intensities(window, parts, office.pulls.merged_in_window[holder.window], books.branch),
        cost_most=pick_costliest(costs),
        saved_most=pick_largest_savings(costs),
        wasted=sum_wasted(window, office.wasted),
        causes=find_top_consumers(window, amounts, standing.limit) if standing else (),
        overrides=tuple(one for one in good if parse_time(one.granted) <= now < parse_time(one.expires)),
        days=compute_days(holder, parts, min(start, month), books),
        coverage=data_quality.describe_data_quality(holder, window, books),
        window_days=(_local_day(holder, start), _local_day(holder, end - INSTANT)),
        zone=holder.window.zone,
    )
    return replace(account, sentence=write_headline(account, _local_day(holder, now)))


def _started(part: HolderShare) -> datetime:
    return part.at


def _local_day(holder: Budget, at: datetime) -> str:
    return at.astimezone(time_zone(holder.window.zone)).date().isoformat()


def _status_start(policy: Policy, now: datetime) -> datetime:
    """Return the day from which on runs count for standings: two windows back, as a verdict looks at them."""
    first = now - history_needed(policy.budgets, now)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _exhaustion_day(
    holder: Budget,
    standing: BudgetStatus,
    window: Sequence[HolderShare],
    amounts: Sequence[float | None],
    now: datetime,
) -> str | None:
    """Return the likely day on which a budget will be exhausted, or the one on which it was."""
    if standing.exhausted_in_s is None:
        return None
    if standing.exhausted_in_s > 0:
        return _local_day(holder, now + timedelta(seconds=standing.exhausted_in_s))
    used = accumulate(amount or 0.0 for amount in amounts)
    reached = (part for part, so_far in zip(window, used, strict=True) if so_far >= standing.limit)
    last = window[-1] if window else None  # a sum in this order may round to just below what all of it comes to
    part = next(reached, last)
    return _local_day(holder, part.at) if part else None
