"""One holder of a budget, judged: its use in this run, its budget's status, its growth, and a check for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.budget_status import BudgetStatus, budget_status, fits
from pytest_carbon.core.budget.change_cost import (
    expected_runs,
    expected_runs_basis,
    recurring_cost,
    runs_of_change,
    sunk_cost,
)
from pytest_carbon.core.budget.overrides import accept_overrides
from pytest_carbon.core.budget.spending import share_of
from pytest_carbon.core.judge import budget_rules
from pytest_carbon.core.judge.holder_growth import TREND_RUNS, HolderGrowth
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.model import UNATTRIBUTED, Range
from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Entry, Override
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.verdict.budget_text import window_use_text
from pytest_carbon.core.verdict.verdict import Check, Growth, HolderVerdict, Level, State, worst_state


def holders_of_run(inputs: VerdictInputs) -> list[Budget]:
    """Return the policy's budgets, and a budget without limits for each other feature that has tests or pays."""
    with_budget = {budget.feature for budget in inputs.policy.budgets if budget.team is None}
    without_budget = sorted((set(inputs.tests_by_feature) | set(inputs.own_entry.shares)) - with_budget)
    return [*inputs.policy.budgets, *(Budget(feature, None, "warn") for feature in without_budget)]


def judge_holder(
    inputs: VerdictInputs, holder_growth: HolderGrowth, budget: Budget, lost: Check | None = None
) -> tuple[HolderVerdict, Sequence[str]]:
    """Judge one holder by all rules of its budget; return the result and why overrides were refused.

    ``lost`` is the check that says that the holder lost its tests, or most of them.
    """
    comparison, growth = holder_growth.comparison, holder_growth.growth_of(budget)
    use = budget_rules.holder_use(inputs, budget, holder_growth.features_of(budget))
    accepted = accept_overrides(budget, inputs.overrides)
    status = _status_with_change(inputs, budget, accepted.overrides, growth)
    checks: list[Check] = [lost] if lost else []
    may_excuse = holder_growth.may_excuse(budget, growth)
    if budget.per_run is not None:
        like_base = holder_growth.totals_like_base(budget, growth)
        checks.append(
            budget_rules.check_per_run(inputs, budget, use, growth, may_excuse=may_excuse, like_base=like_base)
        )
    unpaid = None
    if budget.limit is not None and status is not None:
        concerned = use.tests > 0 or lost is not None
        if not _pays_for_run(inputs, budget, use, lost):
            unpaid = _check_unpaid(inputs, budget, status, comparison.lost_runs, concerned=concerned)
        if unpaid is None:
            given = accepted.overrides
            window = budget_rules.check_window(inputs, budget, status, given, growth, may_excuse=may_excuse)
            checks.append(budget_rules.inconclusive_if_runs_lost(window, status, comparison.lost_runs))
    if budget.growth is not None:
        total = holder_growth.total_of(budget, growth)
        judged_growth = budget_rules.check_growth(budget, growth, holder_growth.why_advisory, total)
        failed = judged_growth.state == "fail"
        checks.append(replace(judged_growth, not_judged="" if failed else holder_growth.why_not_judged(growth)))
    checks = [budget_rules.apply_override(inputs, budget, check, accepted.overrides) for check in checks]
    nothing_ran = lost is not None and not use.tests and lost in checks
    missing = inputs.missing_parts_text or ("no test of it ran here" if nothing_ran else "")
    checks = [budget_rules.inconclusive_because(missing, check) for check in checks]
    if nothing_ran:
        checks = [replace(one, not_judged="no test ran") if one.rule == "growth" else one for one in checks]
        use = replace(use, energy_j=None, reference_j=None, emissions_g=None)  # unknown, and not 0
    checks += [unpaid] if unpaid else []
    states = [check.state for check in checks]
    if inputs.missing_parts and budget in inputs.policy.budgets:
        states.append("inconclusive")  # also a holder without tests in the parts that reported
    emissions = inputs.report.totals
    factor = use.emissions_g / emissions.emissions_g if use.emissions_g is not None and emissions.emissions_g else None
    judged = replace(
        _without_checks(budget),
        state=worst_state(states),
        checks=tuple(checks),
        tests=use.tests,
        energy_j=use.energy_j,
        reference_j=use.reference_j,
        emissions_g=range_or_none(use.emissions_g, _times(emissions.emissions_low_g, factor),
                                  _times(emissions.emissions_high_g, factor)),
        standing=status,
        growth=growth,
        trend=holder_growth.trend_of(budget)[: -1 if nothing_ran else None],
    )  # fmt: skip
    return judged, accepted.refusals


def _pays_for_run(inputs: VerdictInputs, budget: Budget, use: budget_rules.HolderUse, lost: Check | None) -> bool:
    """Return whether a holder pays for this run.

    Without the run's energy and without a label nobody can say who pays: then every holder with tests in the run pays.
    Without a label, a holder pays as well that lost its tests.
    """
    if lost and not payers_of_labels(inputs.source.labels, inputs.policy):
        return True
    payer_unknown = inputs.own_entry.energy_j is None and set(inputs.own_entry.shares) == {UNATTRIBUTED}
    return share_of(budget, inputs.own_entry) > 0 or (payer_unknown and use.tests > 0)


def _check_unpaid(
    inputs: VerdictInputs, budget: Budget, status: BudgetStatus, lost_runs: LostRuns | None, *, concerned: bool
) -> Check | None:
    """Check the budget of a holder that pays nothing for this run. None if it must be judged as if it paid.

    What fits holds. Else nobody is blocked for it, but the check says that it was not judged, and who pays instead.
    ``concerned`` says that tests of the holder ran here, or were lost: then a label may have let others pay.
    """
    used = window_use_text(budget, status)
    held = budget_rules.inconclusive_if_runs_lost(Check("budget", "pass", used), status, lost_runs)
    if held.state == "pass" and fits(status):
        return held
    if concerned and inputs.judge_unpaid:
        return None
    why = inputs.payers_text if concerned else "it pays nothing for this run"
    return Check("budget", "pass", f"{held.reason}; its budget is not judged, because {why}", not_judged=why)


def _status_with_change(
    inputs: VerdictInputs, budget: Budget, overrides: Sequence[Override], growth: Growth
) -> BudgetStatus | None:
    """Return the status of a holder's budget, with what the change under judgement costs it."""
    status = budget_status(budget, inputs.all_runs, overrides, inputs.now, inputs.g_per_kwh)
    if status is None:
        return None
    change_runs = runs_of_change(inputs.all_runs, inputs.source.pr, inputs.own_entry.id)
    runs = expected_runs(inputs.all_runs, budget, inputs.now)
    recurring = None
    if growth.per_run_j is not None and runs is not None:
        recurring = recurring_cost(budget, growth.per_run_j, inputs.own_entry, inputs.g_per_kwh, runs)
    return replace(
        status,
        sunk=sunk_cost(budget, change_runs, inputs.now, inputs.g_per_kwh),
        recurring=recurring,
        recurring_basis=None if recurring is None else expected_runs_basis(inputs.all_runs, budget, inputs.now),
    )


def holder_statuses(
    policy: Policy,
    entries: Sequence[Entry],
    overrides: Sequence[Override],
    now: datetime,
    g_per_kwh: float | None,
    branch: str,
) -> list[HolderVerdict]:
    """Return the status of every budget of the policy that has a window, from the ledger's corrected entries."""
    out = []
    for budget in policy.budgets:
        if budget.limit is not None:
            accepted = accept_overrides(budget, overrides).overrides
            status = budget_status(budget, entries, accepted, now, g_per_kwh)
            state: State = "pass" if status and status.state in ("ok", "watch") else "warn"
            trend = _payments_on_branch(budget, entries, branch)
            out.append(replace(_without_checks(budget), standing=status, state=state, trend=trend))
    return out


def _payments_on_branch(budget: Budget, runs: Sequence[Entry], branch: str) -> tuple[float, ...]:
    """Return the reference joules that a holder paid for in the last runs of ``branch``, as its window counts them."""
    counted = [run for run in runs if run.rolled is None and not run.elsewhere and run.branch in (branch, None)]
    trend = [share_of(budget, run) * run.reference_j for run in counted if run.reference_j is not None]
    return tuple(trend[-TREND_RUNS:])


def _without_checks(budget: Budget) -> HolderVerdict:
    """Return a holder before any check."""
    level: Level = "team" if budget.team else "feature" if budget.feature else "repository"
    return HolderVerdict(
        name=holder_name(budget),
        level=level,
        state="pass",
        checks=(),
        tests=0,
        energy_j=None,
        reference_j=None,
        emissions_g=None,
        standing=None,
        growth=None,
        trend=(),
        owners=budget.owners,
    )


def range_or_none(central: float | None, low: float | None, high: float | None) -> Range | None:
    """Return a range; None if one of its three figures is not known."""
    return None if central is None or low is None or high is None else Range(central, low, high)


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor
