"""Make the accounts of the repository, its teams and its features from the records of a ledger."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from pytest_carbon.core.accounts import data_quality
from pytest_carbon.core.accounts.decomposition.explain_change import ChangeInputs, explain_change, holder_features
from pytest_carbon.core.accounts.decomposition.pull_request_parts import borne_out_steps
from pytest_carbon.core.accounts.findings.carbon_intensity import compute_intensities
from pytest_carbon.core.accounts.findings.feature_steps import PaidByLabel
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
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Entry, Override, parse_time

FEATURES_LOOK_BACK = timedelta(days=130)
"""Runs of so many days tell in which features' tests a change is: of a quarter, and enough before it."""
_LEVELS = ("repository", "team", "feature")


@dataclass(frozen=True, slots=True)
class _AccountInputs:
    """What every account needs besides its holder's shares; entries from ``status_start`` on make a budget's status."""

    context: AccountContext
    overrides: Sequence[Override]
    pulls: PullHistory
    wasted: Mapping[str, WasteReason]
    changes: ChangeInputs
    status_start: datetime


def make_accounts(
    policy: Policy,
    entries: Sequence[Entry],
    overrides: Sequence[Override],
    now: datetime,
    g_per_kwh: float | None,
    branch: str,
    notes: Sequence[str] = (),
) -> Accounts:
    """Return all accounts, made from the ledger's corrected entries of the last 14 months, sorted by start.

    ``g_per_kwh`` is the grid intensity of the policy's zone (None without a zone), ``branch`` the default branch.
    Entries that sum up several runs are ignored. Equal inputs give equal accounts.
    """
    runs = [entry for entry in entries if entry.rolled is None and parse_time(entry.started) <= now]
    by_feature = shares_by_feature(runs)
    pairs = [(holder, shares_of(holder, by_feature)) for holder in list_holders(policy)]
    pairs = [(holder, shares) for holder, shares in pairs if shares or holder.limit or holder.feature != UNATTRIBUTED]
    context = AccountContext(by_feature[None][0].at if runs else None, now, g_per_kwh, policy.machines, branch)
    own = [entry for entry in runs if not entry.elsewhere]
    paid_by_label = _paid_by_label(policy)
    merged = find_merged_pulls(own, branch, paid_by_label, now - FEATURES_LOOK_BACK)
    pulls = _pull_history([holder for holder, _ in pairs], own, merged, paid_by_label, now)
    changes = ChangeInputs(borne_out_steps(merged), paid_by_label, by_feature[None])
    wasted = find_wasted_runs(own, branch)
    inputs = _AccountInputs(context, overrides, pulls, wasted, changes, _status_start(policy, now))
    accounts = [_make_account(holder, shares, inputs) for holder, shares in pairs]
    return Accounts(
        made=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        accounts=tuple(sorted(accounts, key=_sort_key)),
        objectives=compute_objectives(policy, ObjectiveInputs(by_feature, merged, context, overrides)),
        method=data_quality.describe_method(policy, by_feature[None], context),
        notes=(*notes, *data_quality.note_removed_features(policy, by_feature)),
    )


def _sort_key(account: Account) -> tuple[int, float, str]:
    used = account.standing.used if account.standing else -1.0
    return _LEVELS.index(account.level), -used, account.name


def _paid_by_label(policy: Policy) -> PaidByLabel:
    """Return whether the labels of a run decide who pays for it; each combination of labels is looked up once."""
    known: dict[tuple[str, ...], bool] = {(): False}

    def decide(entry: Entry) -> bool:
        paid = known.get(entry.labels)
        if paid is None:
            paid = known[entry.labels] = bool(payers_of_labels(entry.labels, policy))
        return paid

    return decide


def _pull_history(
    holders: Sequence[Budget],
    entries: Sequence[Entry],
    merged: Mapping[int, MergedPull],
    paid_by_label: PaidByLabel,
    now: datetime,
) -> PullHistory:
    """Return for every window which pull requests were merged in it, and how to scale recent runs of a job to it."""
    jobs: dict[str, list[Entry]] = {}
    for entry in entries:
        jobs.setdefault(entry.job, []).append(entry)
    with_change = {pr for pr, pull in merged.items() if pull.changed}
    merged_in_window: dict[BudgetWindow, frozenset[int]] = {}
    scale: dict[tuple[BudgetWindow, str], float | None] = {}
    for window, holder in {holder.window: holder for holder in holders}.items():
        merged_in_window[window] = frozenset(pr for pr, pull in merged.items() if window.includes(pull.at, now))
        since = now - timedelta(seconds=window.length_s(now))
        for job, runs in jobs.items():
            expected = expected_runs(runs, holder, now)
            measured = sum(run.reference_j is not None and parse_time(run.started) >= since for run in runs)
            scale[window, job] = None if expected is None else expected / measured
    changed_in_window = {window: tuple(pulls & with_change) for window, pulls in merged_in_window.items()}
    return PullHistory(merged, merged_in_window, changed_in_window, scale, paid_by_label)


def _make_account(holder: Budget, shares: Sequence[HolderShare], inputs: _AccountInputs) -> Account:
    """Return the account of one holder, from its shares of all runs, oldest first."""
    context, now = inputs.context, inputs.context.now
    accepted = accept_overrides(holder, inputs.overrides).overrides
    start, end = holder.window.bounds(now)
    window = shares[(bisect_right if holder.window.kind == "rolling" else bisect_left)(shares, start, key=_started) :]
    recent = shares[bisect_left(shares, now - (end - start), key=_started) :]
    status_entries = [share.entry for share in shares[bisect_left(shares, inputs.status_start, key=_started) :]]
    status = budget_status(holder, status_entries, accepted, now, context.g_per_kwh)
    amounts = consumed_amounts(holder, window, context.g_per_kwh)
    costs = compute_pull_costs(holder, window, recent, inputs.pulls)
    since = month_bounds(holder.window.zone, now, 2)[0]
    account = Account(
        name=holder_name(holder),
        level=holder_level(holder),
        owners=holder.owners,
        sentence="",
        standing=status,
        exhausted_on=_exhaustion_day(holder, status, window, amounts, now) if status else None,
        months=compute_months(holder, shares, accepted, context),
        intensities=compute_intensities(window, shares, inputs.pulls.merged_in_window[holder.window], context.branch),
        cost_most=pick_costliest(costs),
        saved_most=pick_largest_savings(costs),
        wasted=sum_wasted(window, inputs.wasted),
        causes=find_top_consumers(window, amounts, status.limit) if status else (),
        overrides=tuple(o for o in accepted if parse_time(o.granted) <= now < parse_time(o.expires)),
        days=compute_days(holder, shares, min(start, since), context),
        coverage=data_quality.describe_data_quality(holder, window, context),
        window_days=(_local_day(holder, start), _local_day(holder, end - INSTANT)),
        zone=holder.window.zone,
        other_limits=_other_limits(holder),
        change=explain_change(holder, shares, context, inputs.changes),
        features=tuple(sorted(holder_features(holder) or ())),
    )
    return replace(account, sentence=write_headline(account, _local_day(holder, now)))


def _other_limits(holder: Budget) -> str:
    """Return the limits of a holder that count no window, as words."""
    per_run = [f"{holder.per_run.shown} per run"] if holder.per_run is not None else []
    growth = [f"{percent_text(holder.growth)} of growth"] if holder.growth is not None else []
    return " and ".join(per_run + growth)


def _started(share: HolderShare) -> datetime:
    return share.at


def _local_day(holder: Budget, at: datetime) -> str:
    return at.astimezone(time_zone(holder.window.zone)).date().isoformat()


def _status_start(policy: Policy, now: datetime) -> datetime:
    """Return the midnight from which runs count for a budget status: the history that a verdict reads as well."""
    start = now - history_needed(policy.budgets, now)
    return start.replace(hour=0, minute=0, second=0, microsecond=0)


def _exhaustion_day(
    holder: Budget,
    status: BudgetStatus,
    window: Sequence[HolderShare],
    amounts: Sequence[float | None],
    now: datetime,
) -> str | None:
    """Return the day on which a budget was or will likely be exhausted; None if it will last."""
    if status.exhausted_in_s is None:
        return None
    if status.exhausted_in_s > 0:
        return _local_day(holder, now + timedelta(seconds=status.exhausted_in_s))
    used = accumulate(amount or 0.0 for amount in amounts)
    exhausting = (share for share, so_far in zip(window, used, strict=True) if so_far >= status.limit)
    last = window[-1] if window else None  # the running sum may round to just below the limit
    share = next(exhausting, last)
    return _local_day(holder, share.at) if share else None
