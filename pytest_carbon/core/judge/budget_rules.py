"""The three rules: a run's limit, a window's budget, growth against the base. Each makes one check."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pytest_carbon.core.budget import overrides as override
from pytest_carbon.core.budget.budget import Budget, RunUse, judge_per_run_limit, name_holder, not_judged_reason
from pytest_carbon.core.budget.budget_status import fits, name_of
from pytest_carbon.core.budget.spending import run_amount, run_grams, share_of
from pytest_carbon.core.compare.growth_rule import TOO_SMALL
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.percentages import change_text, percent_text, signed_percent, window_text
from pytest_carbon.core.quantities import format_amount, format_number, format_value_and_limit
from pytest_carbon.core.report.ledger_records import Override, moment
from pytest_carbon.core.verdict.verdict import BudgetStatus, Check, Growth, State
from pytest_carbon.core.verdict.wording import count


@dataclass(frozen=True, slots=True)
class Use:
    """What a holder's tests used in this run; None where that is not known."""

    tests: int
    energy_j: float | None
    reference_j: float | None
    emissions_g: float | None

    @property
    def used(self) -> RunUse:
        """Return it as a limit looks at it."""
        return RunUse(self.energy_j, self.emissions_g, self.reference_j)


def use_of(case: VerdictInputs, budget: Budget, features: Collection[str] | None) -> Use:
    """Return a holder's use: of the features whose tests these are; for None, its share of the whole run."""
    report = case.report
    totals = report.totals
    if features is None or not report.features:
        share = share_of(budget, case.own)
        mass_g = None if totals.emissions_g is None else share * totals.emissions_g
        joules = None if totals.energy_j is None else share * totals.energy_j
        if features is None:
            return Use(len(case.head.tests), joules, share * totals.reference_j, mass_g)
        tests = [case.head.tests[nodeid] for name in features for nodeid in case.features.get(name, ())]
        return Use(len(tests), joules, math.fsum(test.reference_j for test in tests), mass_g)
    uses = [use for name, use in report.features.items() if name in features]
    return Use(
        sum(use.tests for use in uses),
        math.fsum(use.energy_j for use in uses),
        math.fsum(use.reference_j for use in uses),
        math.fsum(use.emissions_g for use in uses),
    )


def per_run(case: VerdictInputs, budget: Budget, use: Use, growth: Growth) -> Check:
    """Judge a run against its limit. A run that was over it on the base already is a warning, if not made worse."""
    assert budget.per_run is not None
    whole_run = budget.feature is None and budget.team is None
    who = "this run" if whole_run else name_holder(budget.feature, budget.team)
    g_per_kwh = budget.g_per_kwh or case.g_per_kwh
    assumed = case.report.grid.assumed if budget.counts == "located" else g_per_kwh is None
    used = replace(use.used, emissions_g=_grams(case, budget, use, g_per_kwh))
    limit = budget.per_run
    state, reason = judge_per_run_limit(who, used, limit, budget.on_exceeded, assumed=assumed)
    taken = used.amount(limit.kind)
    check = Check(
        "per-run", state, reason, taken / limit.value if taken and state != "inconclusive" else None, limit.text
    )
    on_base = None if taken is None or growth.head_j <= 0 else taken * growth.base_j / growth.head_j
    if state == "fail" and on_base is not None and on_base > budget.per_run.value and _no_worse(growth):
        also = f"{case.branch} is over it as well, and this change adds nothing that can be seen"
        return replace(check, state="warn", reason=f"{reason}; {also}")
    return check


def _grams(case: VerdictInputs, budget: Budget, use: Use, g_per_kwh: float | None) -> float | None:
    """Return a holder's grams as its budget counts them."""
    counted, located = run_grams(budget, case.own, g_per_kwh), case.own.emissions_g
    if counted is None or not located or use.emissions_g is None:
        return counted
    return use.emissions_g * (counted / located)


def _no_worse(growth: Growth) -> bool:
    """Say whether there is nothing that this change surely adds: new tests are sure, changed ones where it is seen."""
    seen_j = (growth.smallest or 0.0) * growth.base_j
    told = growth.state in ("no change", "cheaper")
    sure = growth.new_j <= growth.gone_j and growth.changed_j <= seen_j
    return told and sure and growth.base_j > 0 and growth.head_j <= growth.base_j + seen_j


def _lowers(growth: Growth) -> bool:
    """Say whether this change surely lowers the energy of its tests."""
    if growth.per_run_j is None or growth.smallest is None:
        return False
    seen_j = 0.0 if growth.state == "cheaper" else growth.smallest * growth.base_j
    return growth.state in ("no change", "cheaper") and growth.per_run_j < -seen_j


def window(
    case: VerdictInputs, budget: Budget, standing: BudgetStatus, overrides: Sequence[Override], growth: Growth
) -> Check:
    """Judge a window's budget: what is used, and what this change will add to it, must fit.

    Where it does not, only what lowers the use, a security fix or an override in force passes.
    """
    assert budget.limit is not None
    if run_amount(budget, case.own, budget.g_per_kwh or case.g_per_kwh) is None:
        holder = name_holder(budget.feature, budget.team)
        why = not_judged_reason(holder, budget.limit, energy_known=case.own.energy_j is not None)
        return Check("budget", "inconclusive", why)
    reason = _standing_text(budget, standing)
    adds = max(standing.recurring or 0.0, 0.0)
    if fits(standing):
        state: State = "warn" if standing.state in ("at risk", "critical") else "pass"
        return Check("budget", state, reason + _pace_text(standing))
    if standing.consumed < standing.limit:
        more, left = format_value_and_limit(adds, standing.remaining, standing.kind)
        reason += f"; this change would add {more} in each window, and {left} is left"
    passing, why = _exemption(case, budget, standing, overrides, growth, adds)
    if passing is None and budget.on_exceeded == "warn":
        return Check("budget", "warn", reason)
    return Check("budget", passing or "fail", f"{reason}; {why}")


def _standing_text(budget: Budget, standing: BudgetStatus) -> str:
    used, limit = format_value_and_limit(standing.consumed, standing.limit, standing.kind)
    share = percent_text(standing.used)
    holder = name_holder(budget.feature, budget.team)
    text = f"{holder} has used {used} of {limit} {window_text(standing.window)} ({share})"
    if standing.debt:
        text += f", after {format_amount(standing.debt, standing.kind)} that overrides have taken off its limit"
    if standing.unknown_runs:
        text += f", not counting {count(standing.unknown_runs, 'run')} whose use is not known"
    return text


def _pace_text(standing: BudgetStatus) -> str:
    """Say why a budget is at risk of which enough is left."""
    firing = [rate.long_rate for rate in standing.burn if rate.firing]
    if firing:
        return f"; it is being used {format_number(max(firing), 2)} times as fast as it can last"
    if standing.p50 is not None and standing.p50 >= standing.limit:
        outcome, _ = format_value_and_limit(standing.p50, standing.limit, standing.kind)
        return f"; at this pace {outcome} will be used in a window"
    return ""


def _exemption(
    case: VerdictInputs,
    budget: Budget,
    standing: BudgetStatus,
    overrides: Sequence[Override],
    growth: Growth,
    adds: float,
) -> tuple[State | None, str]:
    if _lowers(growth):
        return "pass", "this change lowers the energy of its tests, so it may pass"
    if any(label in case.policy.security_labels for label in case.source.labels):
        return "pass", "it is a security fix, so it may pass"
    cost = standing.sunk + adds
    for_this = [one for one in overrides if one.pr in (None, case.source.pr)]
    large = [one for one in for_this if one.amount >= cost]
    held = (name_of(budget), case.now, case.report.run.commit)
    granted = override.override_in_force(large, *held) or override.override_in_force(for_this, *held)
    if granted is None:
        return None, "only a change that lowers it, a security fix or an approved override may pass"
    if cost > granted.amount:
        costs, allowed = format_value_and_limit(cost, granted.amount, standing.kind)
        return None, f"the override of {granted.approver} is for {allowed}, and this change costs {costs}"
    allowed = format_amount(granted.amount, standing.kind)
    return "overridden", f"{granted.approver} has approved {allowed} {_until(granted)}; it is debt on the next window"


def _until(granted: Override) -> str:
    return f"until {moment(granted.expires):%Y-%m-%d %H:%M} UTC ({granted.reason.strip()})"


def apply_override(case: VerdictInputs, budget: Budget, check: Check, overrides: Sequence[Override]) -> Check:
    """Let a limit per run or growth that fails pass by an override that names this very pull request."""
    if check.state != "fail" or check.rule == "budget":
        return check
    ours = [one for one in overrides if one.pr is not None and one.pr == case.source.pr]
    granted = override.override_in_force(ours, name_of(budget), case.now, case.report.run.commit)
    if granted is None:
        return check
    return replace(
        check, state="overridden", reason=f"{check.reason}; {granted.approver} has approved it {_until(granted)}"
    )


def growth(budget: Budget, found: Growth, advisory: str) -> Check:
    """Judge growth. Only a confirmed one fails; ``advisory`` says why not even that yet, if so."""
    who = name_holder(budget.feature, budget.team)
    change, allowed = _against(found.change or 0.0, budget.growth or 0.0)
    if found.state == "costlier" and found.change is not None and found.low is not None and found.high is not None:
        reason = (
            f"{who}: the same {found.tests} tests cost {change} more than on the base "
            f"(between {signed_percent(found.low)} and {signed_percent(found.high)}), {found.why}; {allowed} is allowed"
        )
        if advisory and budget.on_exceeded == "fail":
            return Check("growth", "warn", f"{reason}; {advisory}")
        return Check("growth", budget.on_exceeded, reason)
    if found.state in ("no change", "cheaper") and found.change is not None and found.smallest is not None:
        seen = f"; the smallest change that would have been seen is {percent_text(found.smallest)}"
        return Check("growth", "pass", f"{who} costs {change_text(found.change)} than on the base, {found.why}{seen}")
    if found.state == "suspicious" and found.change is not None:
        return Check(
            "growth",
            "inconclusive",
            f"{who}: the same {found.tests} tests cost {change} more than on the base in this one run, "
            f"more than the {allowed} allowed; to be sure, base and head must be measured in turns",
        )
    if found.state == "no base":
        return Check("growth", "pass", f"{who} was not compared: {found.why}; it is judged on its budget alone")
    small = found.why.startswith(TOO_SMALL)
    return Check("growth", "pass" if small else "inconclusive", f"whether {who} grew is not known: {found.why}")


def inconclusive_if_parts_missing(case: VerdictInputs, check: Check) -> Check:
    """Judge with parts of the run missing: what fails already fails, and nothing else is known."""
    if not case.missing or check.state in ("fail", "inconclusive"):
        return check
    return replace(check, state="inconclusive", reason=f"{check.reason}; this is not all, because {case.incomplete}")


def _against(change: float, allowed: float) -> tuple[str, str]:
    """Write both with as many digits as tell them apart."""
    for digits in range(2, 18):
        texts = percent_text(change, digits), percent_text(allowed, digits)
        if texts[0] != texts[1]:
            break
    return texts
