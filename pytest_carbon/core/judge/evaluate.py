"""The one function that makes a verdict, from a case; every output reads what it returns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from heapq import nsmallest

from pytest_carbon.core.budget.budget import REPOSITORY, Budget
from pytest_carbon.core.budget.budget_status import (
    accept_overrides,
    budget_status,
    expected_runs,
    name_of,
    recurring_cost,
)
from pytest_carbon.core.budget.spending import share_of
from pytest_carbon.core.compare.cost_change import strictness
from pytest_carbon.core.compare.growth_rule import large_enough
from pytest_carbon.core.judge import budget_rules
from pytest_carbon.core.judge.baseline_comparison import AgainstBase
from pytest_carbon.core.judge.headline import sentence, todos
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.model import UNATTRIBUTED, Range
from pytest_carbon.core.policy.policy import Policy, overcommitted
from pytest_carbon.core.report.ledger_records import Entry, Override
from pytest_carbon.core.verdict.verdict import (
    MOST_TESTS,
    BudgetStatus,
    Check,
    Growth,
    Judged,
    Level,
    State,
    TestCost,
    Verdict,
    worst,
)

TREND_RUNS = 14
_QUEUE = "This decides nothing yet: it was measured in a fork, and the merge queue will measure it again."


def evaluate(case: VerdictInputs) -> Verdict:
    """Judge a run, and what its change drops of devices. The same case gives the same verdict."""
    verdict = _of_the_run(case)
    if case.devices is None:
        return verdict
    from pytest_carbon.core.judge.add_devices import joined

    return joined(verdict, case.devices, case.by_label)


def _of_the_run(case: VerdictInputs) -> Verdict:
    against = AgainstBase(case)
    z_features = _strictness(case, against)
    judged = []
    notes = [*case.notes, *case.report.gaps, *overcommitted(case.policy)]
    if case.missing:
        notes.insert(0, f"{case.incomplete}; the figures here are of the others")
    for budget in _holders(case):
        one, refusals = _judge(case, against, budget, z_features)
        judged.append(one)
        notes += refusals
    if case.pairs is not None:
        notes += case.pairs.gaps
    state = worst([one.state for one in judged] + (["inconclusive"] if case.missing else []))
    moved = {one.name for one in judged if one.growth and one.growth.state in ("costlier", "cheaper", "suspicious")}
    named = set(case.features) if REPOSITORY in moved else _with_children(case, moved)
    totals, machine, grid = case.report.totals, case.report.machine, case.report.grid
    verdict = Verdict(
        state=state,
        sentence="",
        todo=(),
        judged=tuple(judged),
        tests=against.listed(named),
        run=case.report.run.id,
        commit=case.report.run.commit,
        base=against.base,
        energy_j=_range(totals.energy_j, totals.low_j, totals.high_j),
        emissions_g=_range(totals.emissions_g, totals.emissions_low_g, totals.emissions_high_g),
        reference_j=totals.reference_j,
        method=machine.method,
        machine=machine.name,
        clean_share=machine.clean_share,
        grid=f"{grid.zone}, {grid.g_per_kwh.central:.0f} g/kWh" + (" (assumed)" if grid.assumed else ""),
        policy=case.policy_from,
        notes=tuple(dict.fromkeys(notes)),
        fingerprint=machine.fingerprint,
        on_inconclusive=case.policy.on_inconclusive,
        no_base="" if against.base else against.why_not,
        provenance=case.provenance,
        advisory=_QUEUE if case.self_reported and case.policy.forks == "queue" else "",
        proposal=case.proposal,
        costliest=_costliest(case),
    )
    if not (case.missing or any(row.kind in ("test", "command") for row in case.report.rows)):
        return replace(verdict, state="pass", sentence="No test ran, so there is nothing to judge.", judged=())
    verdict = replace(verdict, todo=tuple(todos(case, verdict, against.why_not)))
    return replace(verdict, sentence=sentence(case, verdict, against.why_not))


def standings(
    policy: Policy,
    entries: Sequence[Entry],
    overrides: Sequence[Override],
    now: datetime,
    g_per_kwh: float | None,
    branch: str,
) -> list[Judged]:
    """Return where every budget of the policy with a window stands, from the ledger's corrected entries."""
    out = []
    for budget in policy.budgets:
        if budget.limit is not None:
            good = accept_overrides(budget, overrides)
            found = budget_status(budget, entries, good.overrides, now, g_per_kwh, None, None)
            state: State = "pass" if found and found.state in ("ok", "watch") else "warn"
            out.append(replace(_unjudged(budget, entries, branch, ""), standing=found, state=state))
    return out


def to_confirm(case: VerdictInputs) -> dict[str, set[str]]:
    """Return the tests of every holder with a limit on growth that this run alone could not clear, by its name."""
    against = AgainstBase(replace(case, pairs=None))
    z_features = _strictness(case, against)
    out = {}
    for budget in case.policy.budgets:
        tests = _tests_of(case, budget)
        if budget.growth is not None and not against.cleared(tests, budget.growth, _z(budget, z_features)):
            out[name_of(budget)] = against.tests_of(tests)
    return {name: tests for name, tests in out.items() if tests}


def confirmed_all(case: VerdictInputs) -> bool:
    """Return whether the case's pairs make every growth rule clear, so that no more are needed."""
    against = AgainstBase(case)
    z_features = _strictness(case, against)
    return all(
        against.cleared(_tests_of(case, budget), budget.growth, _z(budget, z_features))
        for budget in case.policy.budgets
        if budget.growth is not None
    )


def _costliest(case: VerdictInputs) -> tuple[TestCost, ...]:
    most = nsmallest(MOST_TESTS, case.head.tests.items(), key=lambda item: (-item[1].reference_j, item[0]))
    return tuple(TestCost(nodeid, test.reference_j, case.head.features.get(nodeid)) for nodeid, test in most)


def _range(central: float | None, low: float | None, high: float | None) -> Range | None:
    return None if central is None or low is None or high is None else Range(central, low, high)


def _holders(case: VerdictInputs) -> list[Budget]:
    """Return every budget, and one without limits for each feature that has tests or pays and has no budget."""
    with_budget = {budget.feature for budget in case.policy.budgets if budget.team is None}
    there = sorted((set(case.features) | set(case.own.shares)) - with_budget)
    return [*case.policy.budgets, *(Budget(feature, None, "warn") for feature in there)]


def _is_repository(budget: Budget) -> bool:
    return budget.feature is None and budget.team is None


def _strictness(case: VerdictInputs, against: AgainstBase) -> float:
    """Return how many sigmas the growth of a feature or team must reach: the more of them are judged, the more."""
    judged = [b for b in case.policy.budgets if b.growth is not None and not _is_repository(b)]
    tests = [[case.head.tests[n] for n in against.tests_of(_tests_of(case, budget))] for budget in judged]
    return strictness(sum(large_enough(len(own), math.fsum(t.reference_j for t in own)) for own in tests))


def _z(budget: Budget, z_features: float) -> float:
    return strictness() if _is_repository(budget) else z_features


def _with_children(case: VerdictInputs, names: set[str]) -> set[str]:
    teams = {budget.team: budget.children for budget in case.policy.budgets if budget.team}
    return names | {child for name in names for child in teams.get(name, ())}


def _tests_of(case: VerdictInputs, budget: Budget) -> set[str] | None:
    """Return the features whose tests are a holder's; None for all tests.

    A feature that has no tests of its own here, and pays because a label names it, answers for the whole suite.
    """
    if budget.team is not None:
        return set(budget.children)
    if budget.feature is None:
        return None
    labelled = budget.feature in case.policy.payers(case.source.labels)
    return None if labelled and budget.feature not in case.features else {budget.feature}


def _unjudged(budget: Budget, runs: Sequence[Entry], branch: str, own: str) -> Judged:
    level: Level = "team" if budget.team else "feature" if budget.feature else "repository"
    single = [run for run in runs if run.rolled is None and not run.elsewhere]
    counted = [run for run in single if run.branch in (branch, None) or run.id == own]
    trend = [share_of(budget, run) * run.reference_j for run in counted if run.reference_j is not None]
    return Judged(
        name_of(budget), level, "pass", (), 0, None, None, None, None, None, tuple(trend[-TREND_RUNS:]), budget.owners
    )


def _judge(
    case: VerdictInputs, against: AgainstBase, budget: Budget, z_features: float
) -> tuple[Judged, Sequence[str]]:
    tests = _tests_of(case, budget)
    growth = against.growth(tests, budget.growth, _z(budget, z_features))
    use = budget_rules.use_of(case, budget, tests)
    good = accept_overrides(budget, case.overrides)
    standing = _standing(case, budget, good.overrides, growth)
    checks: list[Check] = []
    if budget.per_run is not None:
        checks.append(budget_rules.per_run(case, budget, use, growth))
    if budget.limit is not None and standing is not None and _pays(case, budget, use):
        checks.append(budget_rules.window(case, budget, standing, good.overrides, growth))
    if budget.growth is not None:
        checks.append(budget_rules.growth(budget, growth, against.trusted))
    checks = [budget_rules.apply_override(case, budget, check, good.overrides) for check in checks]
    checks = [budget_rules.inconclusive_if_parts_missing(case, check) for check in checks]
    states = [check.state for check in checks]
    if case.missing and budget in case.policy.budgets:
        states.append("inconclusive")  # also who has no test in what reported
    emissions = case.report.totals
    factor = use.emissions_g / emissions.emissions_g if use.emissions_g is not None and emissions.emissions_g else None
    judged = replace(
        _unjudged(budget, case.runs, case.branch, case.own.id),
        state=worst(states),
        checks=tuple(checks),
        tests=use.tests,
        energy_j=use.energy_j,
        reference_j=use.reference_j,
        emissions_g=_range(use.emissions_g, _times(emissions.emissions_low_g, factor),
                           _times(emissions.emissions_high_g, factor)),
        standing=standing,
        growth=growth,
    )  # fmt: skip
    return judged, good.refusals


def _pays(case: VerdictInputs, budget: Budget, use: budget_rules.Use) -> bool:
    """Say whether a holder pays for this run: without its energy and a label nobody can tell, and all who ran may."""
    nobody_knows = case.own.energy_j is None and set(case.own.shares) == {UNATTRIBUTED}
    return share_of(budget, case.own) > 0 or (nobody_knows and use.tests > 0)


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor


def _standing(
    case: VerdictInputs, budget: Budget, overrides: Sequence[Override], growth: Growth
) -> BudgetStatus | None:
    found = budget_status(
        budget,
        case.runs,
        overrides,
        case.now,
        case.g_per_kwh,
        case.source.pr,
        case.own.id,
    )
    if found is None or growth.per_run_j is None:
        return found
    runs = expected_runs(case.runs, budget, case.now)
    if runs is None:
        return found
    return replace(found, recurring=recurring_cost(budget, growth.per_run_j, case.own, case.g_per_kwh, runs))
