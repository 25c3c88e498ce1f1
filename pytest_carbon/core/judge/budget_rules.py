"""The three rules: the limit per run, the budget of a window, the growth against the base. Each makes one check."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pytest_carbon.core.budget.budget import (
    Budget,
    RunUse,
    holder_name,
    holder_phrase,
    judge_per_run_limit,
    not_judged_reason,
    over_text,
    own_feature_uses,
    range_text,
    run_use,
)
from pytest_carbon.core.budget.budget_status import BudgetStatus, fits, surely_fits_not
from pytest_carbon.core.budget.overrides import override_in_force, why_no_override
from pytest_carbon.core.budget.spend_history import LEAST_HISTORY_D
from pytest_carbon.core.budget.spending import bounds_of_use, run_amount, run_grams, share_of
from pytest_carbon.core.compare.growth_rule import TOO_SMALL
from pytest_carbon.core.judge.hidden_costs import TotalFinding
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import change_text, debt_time_text, percent_text, signed_percent
from pytest_carbon.core.policy.label_names import find_label
from pytest_carbon.core.quantities import format_about, format_amount, format_value_and_limit
from pytest_carbon.core.records.ledger_records import Override, parse_time
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.verdict.budget_text import pace_text, window_use_text
from pytest_carbon.core.verdict.verdict import ChangeTotals, Check, Growth, State
from pytest_carbon.core.verdict.wording import growth_range_text, unseen_text


@dataclass(frozen=True, slots=True)
class HolderUse:
    """What the tests of a holder used in this run, without other processes of the machine; None where not known."""

    tests: int
    energy_j: float | None
    reference_j: float | None
    emissions_g: float | None
    background_j: float = 0.0


def holder_use(inputs: VerdictInputs, budget: Budget, features: Collection[str] | None) -> HolderUse:
    """Return what a holder used in this run: the use of its ``features``, or for None its share of the whole run."""
    report = inputs.report
    totals = report.totals
    if features is None or not report.features:
        share, own = share_of(budget, inputs.own_entry), run_use(report)
        mass_g = None if own.emissions_g is None else share * own.emissions_g
        joules = None if own.energy_j is None else share * own.energy_j
        if features is None:
            return HolderUse(
                len(inputs.head.tests), joules, share * totals.reference_j, mass_g, share * own.background_j
            )
        tests = [inputs.head.tests[nodeid] for name in features for nodeid in inputs.tests_by_feature.get(name, ())]
        return HolderUse(len(tests), joules, math.fsum(test.reference_j for test in tests), mass_g)
    uses = [use for name, use in own_feature_uses(report).items() if name in features]
    return HolderUse(
        sum(use.tests for use in uses),
        math.fsum(use.energy_j for use in uses),
        math.fsum(use.reference_j for use in uses),
        math.fsum(use.emissions_g for use in uses),
        report.background_j if UNATTRIBUTED in features else 0.0,
    )


def check_per_run(
    inputs: VerdictInputs,
    budget: Budget,
    use: HolderUse,
    growth: Growth,
    *,
    may_excuse: bool = True,
    like_base: ChangeTotals | None = None,
) -> Check:
    """Check the limit per run.

    A run over its limit is only a warning if the base is over the limit as well and the change adds nothing. Without
    ``may_excuse``, the growth does not tell what the change adds. ``like_base`` are the totals of a run that costs no
    more than the base does, where the growth is not known; else None.
    """
    assert budget.per_run is not None
    whole_run = budget.feature is None and budget.team is None
    holder = "this run" if whole_run else holder_phrase(budget.feature, budget.team)
    g_per_kwh = budget.g_per_kwh or inputs.g_per_kwh
    assumed = inputs.report.grid.assumed if budget.counts == "located" else g_per_kwh is None
    whole, grams = run_use(inputs.report), _counted_grams(inputs, budget, use, g_per_kwh)
    bounds = whole.energy_bounds, whole.mass_bounds
    used = RunUse(use.energy_j, grams, use.reference_j, use.background_j, *bounds)
    limit = budget.per_run
    state, reason = judge_per_run_limit(holder, used, limit, budget.on_exceeded, assumed=assumed)
    amount = used.amount(limit.kind)
    share = amount / limit.value if amount and state != "inconclusive" else None
    check = Check("per-run", state, reason, share, limit.shown)
    totals = growth.totals if may_excuse and _adds_nothing(growth) else like_base
    if state not in ("fail", "warn") or amount is None or totals is None or totals.head_j <= 0:
        return check
    on_base = amount * totals.base_j / totals.head_j
    if on_base <= limit.value:
        return check
    base, over = format_value_and_limit(on_base, limit.value, limit.kind)[0], over_text(on_base, limit.value)
    also = f"{inputs.default_branch} is over this limit as well, by {over} ({base})"
    return replace(check, state="warn", reason=f"{reason}; {also}, and this change adds no measurable use")


def _counted_grams(inputs: VerdictInputs, budget: Budget, use: HolderUse, g_per_kwh: float | None) -> float | None:
    """Return a holder's grams of this run, counted as its budget says: as work or as located."""
    counted, located = run_grams(budget, inputs.own_entry, g_per_kwh), inputs.own_entry.emissions_g
    if counted is None or not located or use.emissions_g is None:
        return counted
    return use.emissions_g * (counted / located)


def _adds_nothing(growth: Growth) -> bool:
    """Return whether the change adds no measurable use.

    New tests may add no more than the gone tests took; other tests no more than the smallest change that can be seen.
    """
    totals = growth.totals
    visible_j = (growth.smallest or 0.0) * totals.base_j
    within = totals.new_j <= totals.gone_j and totals.changed_j <= visible_j
    not_costlier = growth.state in ("no change", "cheaper")
    return not_costlier and within and totals.base_j > 0 and totals.head_j <= totals.base_j + visible_j


def _surely_lowers(growth: Growth) -> bool:
    """Return whether the change surely lowers the energy of its tests."""
    if growth.per_run_j is None or growth.smallest is None:
        return False
    visible_j = 0.0 if growth.state == "cheaper" else growth.smallest * growth.totals.base_j
    return growth.state in ("no change", "cheaper") and growth.per_run_j < -visible_j


def check_window(
    inputs: VerdictInputs,
    budget: Budget,
    status: BudgetStatus,
    overrides: Sequence[Override],
    growth: Growth,
    *,
    may_excuse: bool = True,
) -> Check:
    """Check the budget of a window: what is used, and what this change will add, must fit into the limit.

    If it does not fit, the check passes only for a change that lowers the use, a security fix or an override in force.
    Without ``may_excuse``, it is not known whether the change lowers the use. What it will add only warns if less than
    a week of runs tells it.
    """
    assert budget.limit is not None
    known = run_amount(budget, inputs.own_entry, budget.g_per_kwh or inputs.g_per_kwh) is not None
    if not known and status.consumed < status.limit:  # an exhausted budget is exhausted whatever this run used
        holder = holder_phrase(budget.feature, budget.team)
        why = not_judged_reason(holder, budget.limit, energy_known=inputs.own_entry.energy_j is not None)
        return Check("budget", "inconclusive", why)
    bounds = bounds_of_use(budget, inputs.all_runs, inputs.now, budget.g_per_kwh or inputs.g_per_kwh)
    reason = window_use_text(budget, status)
    reason += range_text(status.consumed, bounds, status.limit, status.kind) if bounds else ""
    if fits(status):
        state: State = "warn" if status.state in ("at risk", "critical") else "pass"
        return Check("budget", state, reason + pace_text(status))
    if status.consumed < status.limit:
        more, left = format_about(status.adds, status.kind), format_amount(status.remaining, status.kind, 2)
        told = f", {status.recurring_basis.text}" if status.recurring_basis is not None else ""
        reason += f"; this change is likely to add {more} in each window{told}, and {left} is left"
    if not surely_fits_not(status) and status.recurring_basis is not None:
        return Check("budget", "warn", f"{reason}; it fails nothing below {LEAST_HISTORY_D} days of runs")
    lowers = may_excuse and _surely_lowers(growth)
    passing, why = _exemption(inputs, budget, status, overrides, lowers)
    if passing is None and budget.on_exceeded == "warn":
        return Check("budget", "warn", reason)
    return Check("budget", passing or "fail", f"{reason}; {why}")


def _exemption(
    inputs: VerdictInputs,
    budget: Budget,
    status: BudgetStatus,
    overrides: Sequence[Override],
    lowers: bool,
) -> tuple[State | None, str]:
    """Return the state and reason by which a budget that does not fit may pass; state None if it may not pass."""
    if lowers:
        return "pass", "this change lowers the energy of its tests, so it may pass"
    if any(find_label(label, inputs.source.labels) for label in inputs.policy.security_labels):
        return "pass", "it is a security fix, so it may pass"
    cost = status.change_cost
    for_this = [override for override in overrides if override.pr in (None, inputs.source.pr)]
    large_enough = [override for override in for_this if override.amount >= cost]
    now_and_here = (holder_name(budget), inputs.now, inputs.report.run.commit)
    granted = override_in_force(large_enough, *now_and_here) or override_in_force(for_this, *now_and_here)
    if granted is None:
        return None, "only a change that lowers the use, a security fix or an approved override may pass"
    if cost > granted.amount:
        costs, allowed = format_value_and_limit(cost, granted.amount, status.kind)
        return None, f"the override of {granted.approver} is for {allowed}, and this change costs {costs}"
    allowed = format_amount(granted.amount, status.kind)
    return (
        "overridden",
        f"{granted.approver} has approved {allowed} more {_until(granted)}; "
        f"these {allowed} are debt {debt_time_text(status.window)}",
    )


def _until(granted: Override) -> str:
    return f"until {parse_time(granted.expires):%Y-%m-%d %H:%M} UTC (reason: {granted.reason.strip()})"


def apply_override(inputs: VerdictInputs, budget: Budget, check: Check, overrides: Sequence[Override]) -> Check:
    """Turn a failed check per run or of growth into ``overridden``, if an override in force names this pull request.

    The same for a check of lost tests, because a change may delete them on purpose.
    """
    open_state = "inconclusive" if check.rule == "tests" else "fail"
    if check.state != open_state or check.rule == "budget":
        return check
    for_this = [override for override in overrides if override.pr is not None and override.pr == inputs.source.pr]
    now_and_here = (holder_name(budget), inputs.now, inputs.report.run.commit)
    granted = override_in_force(for_this, *now_and_here)
    if granted is None:
        by_label = inputs.override_by_label  # the next steps say how
        unfit = "" if by_label else why_no_override(overrides, *now_and_here, pr=inputs.source.pr)
        return replace(check, reason=f"{check.reason}; {unfit}") if unfit else check
    return replace(
        check, state="overridden", reason=f"{check.reason}; {granted.approver} has approved it {_until(granted)}"
    )


def check_growth(budget: Budget, growth: Growth, advisory: str, total: TotalFinding | None = None) -> Check:
    """Check the growth. Confirmed growth fails; if ``advisory`` gives a reason, it only warns.

    Where growth is not known or not confirmed, a ``total`` that is surely above the range of the base fails, too.
    """
    holder = holder_phrase(budget.feature, budget.team)
    change, allowed = _distinct_percents(growth.change or 0.0, budget.growth or 0.0)
    if growth.state == "costlier" and growth.change is not None and growth.low is not None and growth.high is not None:
        reason = (
            f"the same {growth.tests} tests of {holder} cost {change} more than on the base "
            f"(between {signed_percent(growth.low)} and {signed_percent(growth.high)}), {growth.why}; "
            f"{allowed} is allowed{growth_range_text(growth)}"
        )
        if advisory and budget.on_exceeded == "fail":
            return Check("growth", "warn", f"{reason}; {advisory}")
        return Check("growth", budget.on_exceeded, reason)
    if growth.state in ("no change", "cheaper") and growth.change is not None and growth.smallest is not None:
        if growth.is_blind:
            noisy = f"the growth of {holder} was not judged: {unseen_text([growth])}, because of noise"
            return Check("growth", "pass", f"{noisy}; {allowed} is allowed")
        seen = f"the smallest change that would have been seen is {percent_text(growth.smallest)}"
        seen += growth_range_text(growth)
        return Check(
            "growth", "pass", f"{holder} costs {change_text(growth.change)} than on the base; {growth.why}; {seen}"
        )
    if growth.state == "no base":
        alone = "; it is judged on its budget alone" if budget.limit or budget.per_run else ""
        return Check("growth", "pass", f"{holder} was not compared: {growth.why}{alone}")
    reason = f"the growth of {holder} is not known: {growth.why}"
    if growth.why.startswith(TOO_SMALL) and total is None:
        return Check("growth", "pass", reason)
    if growth.state == "suspicious" and growth.change is not None:
        reason = (
            f"the same {growth.tests} tests of {holder} cost {change} more than on the base in this one run, "
            f"more than the {allowed} allowed; to be sure, base and head must be measured in turns"
        )
        total = total if total and total.surely else None
    fails = total is not None and total.surely and budget.on_exceeded == "fail"
    return Check("growth", "fail" if fails else "inconclusive", f"{reason}; {total.text}" if total else reason)


def inconclusive_if_runs_lost(check: Check, status: BudgetStatus, lost: LostRuns | None) -> Check:
    """Make the check of a window inconclusive if the ledger has lost runs, and what it still has fits the budget."""
    if lost is None or lost.only_base or check.state not in ("pass", "warn") or surely_fits_not(status):
        return check
    reason = f"{check.reason}; more may have been used: {lost.seen}"
    return replace(check, state="inconclusive", reason=reason, not_judged="runs are lost")


def inconclusive_because(why: str, check: Check) -> Check:
    """Make a check inconclusive if ``why`` names figures that are missing; a check that fails already stays failed."""
    if not why or check.state in ("fail", "inconclusive"):
        return check
    return replace(check, state="inconclusive", reason=f"{check.reason}; the figures are incomplete, because {why}")


def _distinct_percents(change: float, allowed: float) -> tuple[str, str]:
    """Format two ratios in per cent with as many digits as they need to differ."""
    for digits in range(2, 18):
        texts = percent_text(change, digits), percent_text(allowed, digits)
        if texts[0] != texts[1]:
            break
    return texts
