"""A verdict in plain words: what was compared, why it counts, and what to do next."""

from __future__ import annotations

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.report.report_lines import whole_percent
from pytest_carbon.core.verdict import evidence_lines, holder_lines, wording
from pytest_carbon.core.verdict.verdict import Growth, HolderVerdict, Verdict


def explain(verdict: Verdict) -> list[str]:
    """Return the paragraphs: the answer, what was compared, each holder that is not fine, and the next steps."""
    not_fine = [judged for judged in holder_lines.sort_by_relevance(verdict.judged) if judged.state != "pass"]
    return [
        f"The answer is: {wording.STATE_WORDS[verdict.state]}. {verdict.sentence} {verdict.advisory}".rstrip(),
        _compared(verdict),
        *(_holder(judged) for judged in not_fine),
        *_next(verdict),
    ]


def _compared(verdict: Verdict) -> str:
    base = verdict.base
    if base is None:
        why = f" ({verdict.no_base})" if verdict.no_base else ""
        parts = [
            f"There is no earlier run to compare with{why}, so nobody can tell yet whether the tests got costlier."
        ]
    else:
        parts = [f"This run was compared with {evidence_lines.base_text(verdict).rstrip('.')}."]
    parts.append(f"It ran on {verdict.machine}.")
    if verdict.clean_share is not None:
        parts.append(
            f"The machine was near its full speed {whole_percent(verdict.clean_share)} of the time; "
            "while other work slows it, small changes cannot be seen."
        )
    return " ".join(parts)


def _holder(judged: HolderVerdict) -> str:
    reasons = [_sentence(check.reason) for check in judged.checks if check.state != "pass"]
    rules = {check.rule for check in judged.checks if check.state != "pass"}
    why = []
    if "per-run" in rules:
        why.append("A limit per run counts this run alone.")
    if "budget" in rules and judged.standing:
        why.append(_budget(judged.standing))
    if "growth" in rules and judged.growth:
        why.append(_growth(judged.growth))
    return f"{holder_lines.holder_label(judged)}: " + " ".join(reasons + why)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _budget(standing: BudgetStatus) -> str:
    parts = [
        f"A budget counts all runs of its window together, {standing.runs} so far: {wording.budget_use_text(standing)}."
    ]
    if standing.sunk > 0:
        parts.append(f"This pull request's own runs took {format_amount(standing.sunk, standing.kind, 2)} of that.")
    if standing.recurring is not None and standing.recurring > 0:
        added = format_amount(standing.recurring, standing.kind, 2)
        parts.append(f"Once merged, its change would add about {added} in every window.")
    if standing.unknown_runs:
        parts.append(f"What {wording.count_text(standing.unknown_runs, 'more run')} used is not known.")
    return " ".join(parts)


def _growth(growth: Growth) -> str:
    parts = ["Growth compares only tests that are on both sides; new tests count towards the budget, not here."]
    if growth.allowed is not None:
        parts.append(f"Up to {growth.allowed * 100:.3g} % is allowed.")
    if growth.stage == "confirm":
        parts.append("As a first look was suspicious, the tests were run again, base and head in turn, on one machine.")
    elif growth.stage == "screen":
        parts.append("This is a first look at one run; it was not checked by running base and head in turn.")
    if growth.smallest is not None:
        parts.append(f"Here, {wording.smallest_change_text(growth)}.")
    return " ".join(parts)


def _next(verdict: Verdict) -> list[str]:
    todo = evidence_lines.next_steps(verdict)
    return ["What to do next:", *(f"{n}. {text}" for n, text in enumerate(todo, 1))] if todo else []
