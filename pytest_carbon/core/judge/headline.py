"""A verdict in one sentence, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.core.budget.budget_status import expected_runs, fits
from pytest_carbon.core.budget.spending import to_grams
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.percentages import window_text
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict.verdict import Check, Judged, Todo, Verdict
from pytest_carbon.core.verdict.wording import used_text

MOST_TODOS = 6
COSTLY_TESTS = 2
_LEAD = {
    "fail": "This change does not fit its carbon budget: ",
    "inconclusive": "It could not be told whether this change fits its carbon budget: ",
    "overridden": "Passes by an override: ",
    "warn": "Passes, with a warning: ",
}


def sentence(case: VerdictInputs, verdict: Verdict, why_no_base: str) -> str:
    """Say the verdict in one sentence, with the numbers it compared."""
    lead = _LEAD.get(verdict.state)
    if lead is None:
        return _fine(case, verdict, why_no_base)
    if case.missing and verdict.state == "inconclusive":
        return f"{lead}{case.incomplete}."
    reasons = [check.reason for one in verdict.judged for check in one.checks if check.state == verdict.state]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"{lead}{reasons[0]}{more}" + (f"; {case.incomplete}." if case.missing else ".")


def _fine(case: VerdictInputs, verdict: Verdict, why_no_base: str) -> str:
    checks = [(one, check) for one in verdict.judged for check in one.checks]
    if not checks:
        return "Nothing is judged: no budget of the policy is for what ran here."
    for one, check in checks:
        if check.rule == "budget" and one.standing and not fits(one.standing):
            return f"Passes in spite of its budget: {check.reason}."
    compared = [
        check for one, check in checks if check.rule != "growth" or (one.growth and one.growth.change is not None)
    ]
    hold = {0: "No limit could be judged", 1: "The one limit holds", 2: "Both limits hold"}
    parts = [hold.get(len(compared), f"All {len(compared)} limits hold")]
    closest = max((one for one in verdict.judged if one.standing and not one.standing.untold), key=_used, default=None)
    if closest and closest.standing:
        share = used_text(closest.standing)
        parts.append(f"{closest.name} has used {share} of its budget {window_text(closest.standing.window)}")
    if not any(one.growth and one.growth.change is not None for one in verdict.judged):
        why = next((one.growth.why for one in verdict.judged if one.growth), "")
        parts.append(f"growth was not judged: {why_no_base or why}")
    parts += [case.unlabelled] if case.unlabelled else []
    return "; ".join(parts) + "."


def _used(one: Judged) -> float:
    return one.standing.used if one.standing else 0.0


def todos(case: VerdictInputs, verdict: Verdict, why_no_base: str) -> list[Todo]:
    """Return what to do next: what saves most grams first, then what makes the answer surer."""
    steps = list(dict.fromkeys(_all_todos(case, verdict, why_no_base))) if verdict.state != "pass" else []
    steps.sort(key=lambda step: -(step.saves_g or 0.0))
    return steps[:MOST_TODOS]


def _all_todos(case: VerdictInputs, verdict: Verdict, why_no_base: str) -> Iterator[Todo]:
    bad = [(one, check) for one in verdict.judged for check in one.checks if check.state not in ("pass", "overridden")]
    if case.missing:
        yield Todo(f"see why no report came from all parts, and run those again: {case.incomplete}")
        bad = [(one, check) for one, check in bad if check.state == "fail"]
    if not bad:
        return
    if any(check.state in ("fail", "warn") or check.rule == "growth" for _, check in bad):
        yield from _costly(case, verdict)
    for one, check in bad:
        yield from _for(case, one, check)
    if case.unlabelled:
        yield Todo(f"put on the label of its feature: {case.unlabelled}")
    if why_no_base and any(check.rule == "growth" for _, check in bad):
        yield Todo(
            f"make a base: on {case.branch}, run pytest --carbon and then pytest-carbon ledger append, five times"
        )


def _costly(case: VerdictInputs, verdict: Verdict) -> Iterator[Todo]:
    """Name the tests that cost most more than before; without a base, those that cost most."""
    more = [(t.nodeid, t.difference_j, t.kind == "new") for t in verdict.tests if t.kind != "gone"]
    worst = sorted((item for item in more if item[1] > 0), key=lambda item: (-item[1], item[0]))[:COSTLY_TESTS]
    if worst:
        for nodeid, extra_j, new in worst:
            joules = format_amount(extra_j, "reference")
            what = f", a new test: {joules} each run" if new else f": {joules} more each run than before"
            yield Todo(f"look at {nodeid}{what}", _saved_g(case, extra_j))
        return
    tests = sorted(case.head.tests.items(), key=lambda item: (-item[1].reference_j, item[0]))[:1]
    for nodeid, figure in tests:
        text = f"look at {nodeid}, the costliest test: {format_amount(figure.reference_j, 'reference')} each run"
        yield Todo(text, _saved_g(case, figure.reference_j))


def _saved_g(case: VerdictInputs, per_run_j: float) -> float | None:
    budget = next((budget for budget in case.policy.budgets if budget.limit is not None), None)
    runs = expected_runs(case.runs, budget, case.now) if budget else None
    grams = to_grams(per_run_j, "reference", case.own, case.g_per_kwh)
    return None if runs is None or grams is None else grams * runs


def _for(case: VerdictInputs, one: Judged, check: Check) -> Iterator[Todo]:
    if check.rule == "growth" and check.state == "inconclusive":
        yield Todo("be sure, by measuring base and head in turns: pytest-carbon confirm -- pytest (your arguments)")
    elif check.state == "inconclusive" and case.own.energy_j is None:
        yield Todo("see why the energy of this run is not known: pytest-carbon doctor")
    elif check.state == "inconclusive":
        yield Todo(
            'say which electricity grid the machines are on, zone = "DE" (your own), or give the limit in joules'
        )
    elif check.state == "fail" and (check.rule == "budget" or case.by_label):
        who = f" ({', '.join(one.owners)})" if one.owners else ""
        command = f"pytest-carbon ledger override {one.name} --amount ... --reason ... --author ... --approver ..."
        label = f'the label {case.policy.override_label}, and a comment "carbon override: why it cannot wait"'
        yield Todo(f"ask the owners of {one.name}{who} for an override: {label if case.by_label else command}")
