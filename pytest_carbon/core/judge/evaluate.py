"""``evaluate`` is the only function that makes a Verdict; every output reads the Verdict that it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from heapq import nsmallest

from pytest_carbon.core.budget.budget import INCLUDES_LIMIT, NO_ZONE_SET, REPOSITORY, WHOLE_REPOSITORY, holder_name
from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.judge.headline import verdict_sentence
from pytest_carbon.core.judge.holder_growth import HolderGrowth
from pytest_carbon.core.judge.judge_holder import holders_of_run, judge_holder, range_or_none
from pytest_carbon.core.judge.next_steps import next_steps
from pytest_carbon.core.judge.ran_tests import RanTests
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.policy.policy import overcommitted_budgets
from pytest_carbon.core.report_lines import own_ranges
from pytest_carbon.core.verdict.verdict import MOST_TESTS, CostliestTest, HolderVerdict, State, Verdict, worst_state

NOTHING_TO_MEASURE = "Nothing to measure"
MOST_NOISY_NAMED = 5
_FORK_ADVISORY = (
    "This verdict decides nothing yet: the run was measured in a fork, and the merge queue will measure it again."
)
_ZONE_CAME_LATER = (
    "this run was measured without the grid zone that the policy has now: its grams are for the world average; for "
    "those of the zone, measure again"
)


def evaluate(inputs: VerdictInputs) -> Verdict:
    """Judge a run, and the devices that its change drops support for. The same inputs give the same verdict."""
    verdict = _judge_run(inputs)
    if inputs.devices is None:
        return verdict
    from pytest_carbon.core.judge.add_devices import add_devices

    return add_devices(verdict, inputs.devices, inputs.override_by_label)


def _judge_run(inputs: VerdictInputs) -> Verdict:
    comparison = BaselineComparison(inputs)
    growth = HolderGrowth(comparison)
    ran = RanTests(comparison)
    holders = holders_of_run(inputs)
    lost = {holder_name(budget): ran.check(budget) for budget in inputs.policy.budgets}
    if REPOSITORY not in lost and (suite := ran.check(WHOLE_REPOSITORY)):
        holders, lost[REPOSITORY] = [WHOLE_REPOSITORY, *holders], suite
    results = [judge_holder(inputs, growth, budget, lost.get(holder_name(budget))) for budget in holders]
    judged = [holder for holder, _ in results]
    refusals = [refusal for _, refused in results for refusal in refused]
    is_unsure = inputs.missing_parts or inputs.other_commit
    unsure: list[State] = ["inconclusive"] if is_unsure else []
    unsure += ["not-measured"] if ran.why_nothing_ran else []
    state = worst_state([*(holder.state for holder in judged), *unsure])
    totals, machine, grid = inputs.report.totals, inputs.report.machine, inputs.report.grid
    own_energy_j, own_emissions_g = own_ranges(inputs.report)
    verdict = Verdict(
        state=state,
        sentence="",
        todo=(),
        judged=tuple(judged),
        tests=comparison.notable_tests(_features_that_changed(inputs, judged)),
        run=inputs.report.run.id,
        commit=inputs.report.run.commit,
        base=comparison.base,
        energy_j=range_or_none(totals.energy_j, totals.low_j, totals.high_j),
        emissions_g=range_or_none(totals.emissions_g, totals.emissions_low_g, totals.emissions_high_g),
        reference_j=totals.reference_j,
        method=machine.method,
        machine=machine.name,
        clean_share=machine.clean_share,
        grid=f"{grid.zone}, {grid.g_per_kwh.central:.0f} g/kWh" + (" (assumed)" if grid.assumed else ""),
        policy=inputs.policy_source,
        notes=_notes(inputs, judged, [*refusals, *_noisy_notes(comparison)]),
        fingerprint=machine.fingerprint,
        on_inconclusive=inputs.policy.on_inconclusive,
        no_base="" if comparison.base else comparison.why_no_base,
        provenance=inputs.provenance,
        sensitivity=_sensitivity_text(comparison),
        advisory=_FORK_ADVISORY if inputs.self_reported and inputs.policy.forks == "queue" else "",
        proposal=inputs.policy_changes,
        costliest=_costliest(inputs),
        own_energy_j=own_energy_j,
        own_emissions_g=own_emissions_g,
        advice=inputs.advice,
    )
    if ran.why_nothing_ran and inputs.nothing_to_measure:
        sentence = f"{NOTHING_TO_MEASURE}: {inputs.nothing_to_measure}."
        return replace(verdict, state="pass", sentence=sentence, judged=())
    steps = next_steps(inputs, verdict, comparison.why_no_base, comparison.lost_runs)
    verdict = replace(verdict, todo=tuple(steps))
    why, young = comparison.why_no_base, comparison.is_beginning
    sentence = verdict_sentence(inputs, verdict, why, is_beginning=young, why_nothing_ran=ran.why_nothing_ran)
    return replace(verdict, sentence=sentence)


def _notes(inputs: VerdictInputs, judged: Sequence[HolderVerdict], refusals: Sequence[str]) -> tuple[str, ...]:
    """Return what is not known and what was skipped, each note once.

    The order: missing parts, skipped files, limits that hold although the range of the use includes them, the report's
    gaps (such as CPU time that the hypervisor took away), overcommitted budgets, refused overrides, the gaps of the
    pairs.
    """
    checks = [check for holder in judged for check in holder.checks]
    judged_pass = [check for check in checks if check.state == "pass" and not check.not_judged]
    unsure = [check.reason for check in judged_pass if INCLUDES_LIMIT in check.reason]
    missing = [f"{inputs.missing_parts_text}; these figures cover only the other parts"] if inputs.missing_parts else []
    pair_gaps = inputs.pairs.gaps if inputs.pairs is not None else ()
    notes = [
        *missing,
        *inputs.notes,
        *unsure,
        *(_ZONE_CAME_LATER if gap.startswith(NO_ZONE_SET) and inputs.g_per_kwh else gap for gap in inputs.report.gaps),
        *overcommitted_budgets(inputs.policy),
        *refusals,
        *pair_gaps,
    ]
    return tuple(dict.fromkeys(notes))


def _noisy_notes(comparison: BaselineComparison) -> list[str]:
    """Return a note that names the tests which vary too much by themselves; nothing without such a test."""
    names = sorted(comparison.noisy.names)
    more = f" and {len(names) - MOST_NOISY_NAMED} more" if len(names) > MOST_NOISY_NAMED else ""
    return [f"{comparison.noisy}: {', '.join(names[:MOST_NOISY_NAMED])}{more}"] if names else []


def _sensitivity_text(comparison: BaselineComparison) -> str:
    """Return a clause on how the tests slow with the machine, learnt from the comparable runs; empty without these."""
    screen, branch = comparison.screen, comparison.inputs.default_branch
    if screen is None:
        return ""
    learnt = str(screen.sensitivity(comparison.inputs.head.tests))
    return learnt and f"{learnt}, as {len(comparison.comparable_runs)} runs of {branch} tell"


def _features_that_changed(inputs: VerdictInputs, judged: Sequence[HolderVerdict]) -> set[str]:
    """Return the features whose tests have become costlier or cheaper, or may have; a team stands for its features."""
    states = ("costlier", "cheaper", "suspicious")
    changed = {holder.name for holder in judged if holder.growth and holder.growth.state in states}
    if REPOSITORY in changed:
        return set(inputs.tests_by_feature)
    teams = {budget.team: budget.children for budget in inputs.policy.budgets if budget.team}
    return changed | {child for name in changed for child in teams.get(name, ())}


def _costliest(inputs: VerdictInputs) -> tuple[CostliestTest, ...]:
    most = nsmallest(MOST_TESTS, inputs.head.tests.items(), key=lambda item: (-item[1].reference_j, item[0]))
    return tuple(CostliestTest(nodeid, test.reference_j, inputs.head.features.get(nodeid)) for nodeid, test in most)
