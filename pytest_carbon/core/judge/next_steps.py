"""The next steps of a verdict: what the author of the change can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_carbon.core.budget.budget import NEEDS_ZONE
from pytest_carbon.core.budget.change_cost import expected_runs
from pytest_carbon.core.budget.overrides import BORROWED_SHARE_CAP
from pytest_carbon.core.budget.spending import to_grams
from pytest_carbon.core.compare.growth_rule import LARGE_J, LARGE_TESTS, LEAST_BASELINE
from pytest_carbon.core.judge.headline import lost_tests_first, names_text
from pytest_carbon.core.judge.hidden_costs import OUTSIDE, UNCOMPARED
from pytest_carbon.core.judge.holder_growth import BEGINNING_WORDS, MOVED_WORK, TOO_NOISY_WORDS, TOO_SMALL_WORDS
from pytest_carbon.core.judge.ran_tests import UNCLAIMED
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs, choose_baseline
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import format_amount, format_energy, format_value_and_limit
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_entry import fingerprint_digest
from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, Todo, Verdict

MOST_TODOS = 6
COSTLY_TESTS = 2
MOST_NAMED_PATHS = 3
_TIMES_MORE = ("five times", "four times more", "three times more", "twice more", "once more")
_CONFIRM = "pytest-carbon confirm -- pytest (your arguments)"


def next_steps(inputs: VerdictInputs, verdict: Verdict, why_no_base: str, lost: LostRuns | None = None) -> list[Todo]:
    """Return the next steps, at most 6: first the steps that save most grams, then those that make the answer surer.

    For an inconclusive verdict, the steps that decide come first; what brings ``lost`` runs back comes before all. What
    was not judged because of its size or of noise comes last, also if the verdict passes.
    """
    steps = list(dict.fromkeys(_all_todos(inputs, verdict, why_no_base, lost))) if verdict.state != "pass" else []
    if verdict.state != "inconclusive":
        steps.sort(key=lambda step: -(step.saves_g or 0.0))
    return [*steps, *_steps_for_unjudged_growth(inputs, verdict)][:MOST_TODOS]


def _all_todos(inputs: VerdictInputs, verdict: Verdict, why_no_base: str, lost: LostRuns | None) -> Iterator[Todo]:
    open_checks = [
        (holder, check)
        for holder in verdict.judged
        for check in holder.checks
        if check.state not in ("pass", "overridden")
    ]
    open_checks.sort(key=lost_tests_first)
    if inputs.other_commit:
        yield Todo("measure what is checked out: pytest --carbon")
    if inputs.missing_parts:
        several = len(inputs.missing_parts) > 1
        jobs = f"the job{'s' if several else ''} {inputs.missing_part_names}"
        again = "those jobs" if several else "that job"
        yield Todo(f"find out why no report of {jobs} can be read (log, upload, download), and run {again} again")
        open_checks = [(holder, check) for holder, check in open_checks if check.state == "fail"]
    if verdict.state == "not-measured":
        yield Todo("find out why no test ran here, and run the tests with --carbon")
        if inputs.override_by_label:  # the command line judges a run
            yield Todo(
                'if changes like this need no test: add their paths to the policy, as no-measurement = ["docs/**"]'
            )
        return
    if not open_checks:
        return
    if lost is not None and any(check.not_judged for _, check in open_checks):
        yield Todo(lost.remedy)
    if verdict.state == "inconclusive":
        yield from _steps_for_checks(inputs, open_checks)
    of_tests = [
        holder
        for holder, check in open_checks
        if (check.state in ("fail", "warn") or (check.rule == "growth" and not lost))
        and (check.rule != "growth" or not _is_uncompared(holder))
    ]
    if of_tests:
        yield from _costly_tests(inputs, verdict, of_tests)
    yield from _steps_for_checks(inputs, open_checks)
    if inputs.missing_label_text:
        yield Todo(f"add the label of its feature: {inputs.missing_label_text}")
    if why_no_base and lost is None and any(check.rule == "growth" for _, check in open_checks):
        yield Todo(_base_text(inputs))


def _costly_tests(inputs: VerdictInputs, verdict: Verdict, holders: Sequence[HolderVerdict]) -> Iterator[Todo]:
    """Name the tests whose cost rose most; without a base, the costliest test.

    They are tests of the ``holders``, if these have any: a label may let a feature pay for the tests of others.
    """
    features = _features_of(inputs, holders)
    own = {n for n in inputs.head.tests if features is None or inputs.head.features.get(n, UNATTRIBUTED) in features}
    own = own or set(inputs.head.tests)
    more = [
        (test.nodeid, test.difference_j, test.kind == "new")
        for test in verdict.tests
        if test.kind != "gone" and test.nodeid in own
    ]
    a_new = "a new or renamed test" if any(test.kind == "gone" for test in verdict.tests) else "a new test"
    worst = sorted((item for item in more if item[1] > 0), key=lambda item: (-item[1], item[0]))[:COSTLY_TESTS]
    if worst:
        for nodeid, extra_j, new in worst:
            joules = f"{format_energy(extra_j)} of reference energy"
            cost = f"{a_new}, {joules} in each run" if new else f"{joules} more in each run than before"
            yield Todo(f"make {nodeid} cheaper: {cost}", _saved_g(inputs, extra_j))
        return
    tests = sorted(((n, inputs.head.tests[n]) for n in own), key=lambda item: (-item[1].reference_j, item[0]))[:1]
    for nodeid, test in tests:
        joules = f"{format_energy(test.reference_j)} of reference energy"
        text = f"make {nodeid} cheaper: the costliest test, {joules} in each run"
        yield Todo(text, _saved_g(inputs, test.reference_j))


def _features_of(inputs: VerdictInputs, holders: Iterable[HolderVerdict]) -> set[str] | None:
    """Return the features whose tests holders pay for; None for all."""
    teams = {budget.team: budget.children for budget in inputs.policy.budgets if budget.team}
    features: set[str] = set()
    for holder in holders:
        if holder.level == "repository":
            return None
        features |= set(teams.get(holder.name, ())) if holder.level == "team" else {holder.name}
    return features


def _saved_g(inputs: VerdictInputs, per_run_j: float) -> float | None:
    """Return the grams that ``per_run_j`` fewer joules in each run save in a window; None if not known."""
    budget = next((budget for budget in inputs.policy.budgets if budget.limit is not None), None)
    runs = expected_runs(inputs.all_runs, budget, inputs.now) if budget else None
    grams = to_grams(per_run_j, "reference", inputs.own_entry, inputs.g_per_kwh)
    return None if runs is None or grams is None else grams * runs


def _steps_for_checks(inputs: VerdictInputs, checks: Iterable[tuple[HolderVerdict, Check]]) -> Iterator[Todo]:
    for holder, check in checks:
        yield from _steps_for_check(inputs, holder, check)


def _is_uncompared(holder: HolderVerdict) -> bool:
    """Return whether a holder's growth is in what no comparison of the same tests shows."""
    return holder.growth is not None and holder.growth.why.startswith((UNCOMPARED, OUTSIDE, MOVED_WORK))


def _steps_for_check(inputs: VerdictInputs, holder: HolderVerdict, check: Check) -> Iterator[Todo]:
    uncompared = _is_uncompared(holder)
    if check.rule == "growth" and uncompared and check.state in ("fail", "inconclusive"):
        yield Todo(
            "see in the report what wide fixtures, collection (imports) and tests with other code took, and make them "
            "cheaper; to measure again in turns does not help"
        )
    if check.rule == "growth" and check.state == "inconclusive":
        if uncompared or any(other.rule == "tests" for other in holder.checks):
            return  # nothing that can be measured again
        in_turns = holder.growth is not None and holder.growth.stage == "confirm"
        how = "in turns again, on a quieter machine" if in_turns else "in turns, to be sure"
        yield Todo(f"measure base and head {how}: {_CONFIRM}")
    elif check.rule == "tests" and inputs.is_part and not inputs.override_by_label:
        yield Todo("run all tests, as the default branch does: this run chose a part of them")
    elif check.rule == "tests" and check.state == "inconclusive":
        mend = "find out why these tests did not run here to their end, and run them"
        yield Todo(_paths_text(inputs, holder) if UNCLAIMED in check.reason else mend)
        yield Todo(f"if this change deletes them on purpose: {_purpose_text(inputs, holder, check)}")
    elif check.not_judged:
        return
    elif check.state == "inconclusive" and inputs.own_entry.energy_j is None:
        yield Todo("find out why the energy of this run is not known: pytest-carbon doctor")
    elif check.state == "inconclusive" and NEEDS_ZONE in check.reason:
        yield Todo('set the zone of your machines, such as zone = "DE", or give the limit in joules')
    elif check.state == "fail" and check.rule == "budget" and (too_much := _more_than_any_override(holder)):
        yield Todo(too_much)
    elif check.state == "fail" and (check.rule == "budget" or inputs.override_by_label or holder.standing):
        yield Todo(f"{_override_text(inputs, holder, check)}; or {_raise_text(inputs, holder, check)}")
    elif check.state == "fail":
        yield Todo(f"if this cost is wanted, {_raise_text(inputs, holder, check)}")


def _steps_for_unjudged_growth(inputs: VerdictInputs, verdict: Verdict) -> Iterator[Todo]:
    """Say what makes growth visible that was not judged: for want of a base, or of a holder too small or too noisy."""
    unjudged: dict[str, list[HolderVerdict]] = {}
    for holder in verdict.judged:
        for check in holder.checks:
            if check.rule == "growth" and check.state == "pass":
                unjudged.setdefault(check.not_judged, []).append(holder)
    small = [holder for holder in unjudged.get(TOO_SMALL_WORDS, ()) if not _has_limit_per_run(holder)]
    if small:
        tests = f"{LARGE_TESTS} tests and " if any(holder.tests < LARGE_TESTS for holder in small) else ""
        yield Todo(
            f"to have the growth of {names_text(small)} judged, group more paths into one feature: {tests}"
            f"{format_energy(LARGE_J)} of reference energy (0.3 s of CPU time) are needed; or set a per-run limit, or "
            "leave it"
        )
    if unjudged.keys() & set(BEGINNING_WORDS):
        yield Todo(_base_text(inputs))
    if noisy := unjudged.get(TOO_NOISY_WORDS):
        in_turns = any(holder.growth is not None and holder.growth.stage == "confirm" for holder in noisy)
        more = (
            "measure on a quieter machine"
            if in_turns
            else f"measure base and head in turns ({_CONFIRM}), record more runs of {inputs.default_branch}"
        )
        yield Todo(f"to see smaller changes of {names_text(noisy)}: {more}, or group more tests into one feature")


def _has_limit_per_run(holder: HolderVerdict) -> bool:
    """Return whether a limit per run holds where growth cannot be judged: nothing more is to be advised."""
    return any(check.rule == "per-run" for check in holder.checks)


def _base_text(inputs: VerdictInputs) -> str:
    """Return how a base is made, and how many runs it still needs: by the Action, or by hand."""
    branch, there = inputs.default_branch, len(choose_baseline(inputs.baseline, inputs.head))
    times = _TIMES_MORE[min(there, LEAST_BASELINE - 1)]
    others = [run for run in inputs.baseline if run.run != inputs.head.run]
    if 0 < there < LEAST_BASELINE <= len(others):  # the runs of other environments may have pushed out those of this
        environments = len({fingerprint_digest(run.fingerprint) for run in others})
        times += f"; if {branch} goes on to run in {environments} environments, first set runs of [ledger] to "
        times += f"{(LEAST_BASELINE + 1) * environments} or more"
    if inputs.override_by_label:
        return f"make a base: let the Action record {branch} {times}, by pushes to {branch} or every night"
    return f"make a base: on {branch}, run pytest --carbon and then pytest-carbon ledger append, {times}"


def _paths_text(inputs: VerdictInputs, holder: HolderVerdict) -> str:
    """Return which paths of the policy to correct: those of a holder whose tests no feature claims any more."""
    feature = inputs.policy.features.get(holder.name) if holder.level == "feature" else None
    if feature is None:
        return f"correct the paths of the features of {holder.name} in the policy: they claim none of these tests"
    if not feature.paths:
        return f"give feature {holder.name} the paths of its tests in the policy"
    paths = ", ".join(map(repr, feature.paths[:MOST_NAMED_PATHS]))
    more = f" and {len(feature.paths) - MOST_NAMED_PATHS} more" if len(feature.paths) > MOST_NAMED_PATHS else ""
    return f"correct the paths of feature {holder.name} in the policy: {paths}{more} claim none of these tests"


def _purpose_text(inputs: VerdictInputs, holder: HolderVerdict, check: Check) -> str:
    """Return how to ask for an override, or what to do on the command line, where only a budget can be overridden."""
    if inputs.override_by_label or holder.standing is not None:
        return _override_text(inputs, holder, check)
    return f"{LEAST_BASELINE} runs of {inputs.default_branch}, measured and appended after the merge, are the new base"


def _more_than_any_override(holder: HolderVerdict) -> str:
    """Say that a change costs more than an override may be for; empty if one can help."""
    status = holder.standing
    if status is None:
        return ""
    most = BORROWED_SHARE_CAP * (status.limit + status.debt)
    left = most if status.window in ("month", "quarter") else max(most - status.debt, 0.0)
    if status.change_cost <= left:
        return ""
    cost, least = format_value_and_limit(status.change_cost, left, status.kind)
    return (
        f"make the change cheaper, or raise the limit of {holder.name}: it costs {cost}, and {least} is what overrides "
        "may still be for, so none helps"
    )


def _raise_text(inputs: VerdictInputs, holder: HolderVerdict, check: Check) -> str:
    """Return which line of the policy allows for good what a failed check forbids, with what it says now."""
    table = {"repository": "budget", "feature": f"features.{holder.name}.budget", "team": f"teams.{holder.name}.budget"}
    now = check.limit
    if check.rule == "growth" and holder.growth is not None and holder.growth.allowed is not None:
        now = percent_text(holder.growth.allowed)
    elif check.rule == "budget" and holder.standing is not None:
        now = format_amount(holder.standing.limit + holder.standing.debt, holder.standing.kind)
    key = "limit" if check.rule == "budget" else check.rule
    first = ", and merge that first" if inputs.override_by_label else ""  # the policy of the base judges
    return f"raise {key} (now {now}) in [{table[holder.level]}] of the policy{first}"


def _override_text(inputs: VerdictInputs, holder: HolderVerdict, check: Check) -> str:
    """Return how to ask for an override: by the label of the policy where labels count, else by the command.

    Only an override that names the pull request excuses more than a budget over a window.
    """
    owners = f" ({', '.join(holder.owners)})" if holder.owners else ""
    if inputs.override_refusal:
        return f"for an override of {holder.name}{owners}: {inputs.override_refusal}"
    if inputs.override_by_label:
        return (
            f"for an override of {holder.name}{owners}: somebody with write access, but not the author, adds the label "
            f'{inputs.policy.override_label} and writes the comment "carbon override: REASON"'
        )
    command = f"pytest-carbon ledger override {holder.name} --amount ... --reason ... --author ... --approver ..."
    command += "" if check.rule == "budget" else " --pr N (and check with the same --pr N)"
    cost = holder.standing.change_cost if holder.standing is not None else 0.0
    amount = f" of at least {format_amount(cost * 1.005, holder.standing.kind)}" if holder.standing and cost else ""
    return f"ask the owners of {holder.name}{owners} for an override{amount}: {command}"
