"""A verdict explained in paragraphs: the answer, the comparison, why a rule counts, and the next steps."""

from __future__ import annotations

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import format_about, format_amount
from pytest_carbon.core.report_lines import whole_percent
from pytest_carbon.core.verdict import evidence_lines, holder_lines, wording
from pytest_carbon.core.verdict.growth_place import growth_lines
from pytest_carbon.core.verdict.verdict import Growth, HolderVerdict, Verdict

MOST_NOT_JUDGED = 10


def explain(verdict: Verdict) -> list[str]:
    """Return the verdict as paragraphs: the answer, what was not judged, the comparison, each holder that did not pass.

    The next steps are last.
    """
    not_fine = [holder for holder in holder_lines.sort_by_relevance(verdict.judged) if holder.state != "pass"]
    not_judged = [f"Not judged: {_with_full_stop(reason)}" for reason in evidence_lines.not_judged(verdict)]
    return [
        f"Verdict: {wording.verdict_word(verdict)}. {verdict.sentence} {verdict.advisory}".rstrip(),
        *not_judged[:MOST_NOT_JUDGED],
        _comparison(verdict),
        *(_holder_paragraph(holder, verdict.sentence) for holder in not_fine),
        *(_with_full_stop(f"{label.capitalize()}: {text}") for label, text in growth_lines(verdict)),
        *_next_steps(verdict),
    ]


def _comparison(verdict: Verdict) -> str:
    base = verdict.base
    if base is None:
        why = f" ({verdict.no_base})" if verdict.no_base else ""
        limited = any(holder.growth is not None and holder.growth.is_limited for holder in verdict.judged)
        parts = [f"There is no base to compare with{why}{', so growth is not known yet' if limited else ''}."]
    else:
        parts = [f"This run was compared with {evidence_lines.base_text(verdict).rstrip('.')}."]
    parts.append(f"The machine: {verdict.machine}.")
    slowed = verdict.clean_share is not None and verdict.clean_share < 1
    if verdict.clean_share is not None:
        reached = f"This run's machine was at full speed in {whole_percent(verdict.clean_share)} of its probes"
        parts.append(
            f"{reached}; what ran while other work slowed it tells no small change." if slowed else f"{reached}."
        )
    if verdict.sensitivity:
        parts.append(_with_full_stop(verdict.sensitivity[:1].upper() + verdict.sensitivity[1:]))
    elif base is not None and slowed:
        parts.append("How much these tests slow with the machine is not known from these runs; the usual is assumed.")
    return " ".join(parts)


def _holder_paragraph(holder: HolderVerdict, said: str) -> str:
    """Return why a holder did not pass; the reason that the verdict's sentence gives already is not repeated."""
    told = [check.reason for check in holder.checks if check.state != "pass" and check.reason not in said]
    reasons = [_with_full_stop(reason) for reason in told]
    rules = {check.rule for check in holder.checks if check.state != "pass"}
    why = []
    if "per-run" in rules:
        why.append("A limit per run counts this run alone.")
    if "budget" in rules and holder.standing:
        why.append(_budget_reason(holder.standing))
    if "growth" in rules and holder.growth:
        why.append(_growth_reason(holder.growth))
    return f"{holder_lines.holder_label(holder)}: " + " ".join(reasons + why)


def _with_full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _budget_reason(status: BudgetStatus) -> str:
    parts = [f"A budget counts all runs of its window, {status.runs} so far: {wording.budget_use_text(status)}."]
    if status.sunk > 0:
        parts.append(f"This pull request's own runs used {format_amount(status.sunk, status.kind, 2)} of that.")
    if status.recurring is not None and status.recurring > 0:
        told = f" ({status.recurring_basis.text})" if status.recurring_basis is not None else ""
        added = format_about(status.recurring, status.kind)
        parts.append(f"Once merged, the change is likely to add {added} to every window{told}.")
    if status.unknown_runs:
        parts.append(f"The use of {wording.count_text(status.unknown_runs, 'more run')} is unknown.")
    return " ".join(parts)


def _growth_reason(growth: Growth) -> str:
    parts = ["Growth compares only the tests that both sides have; new tests count towards the budget, not here."]
    if growth.allowed is not None:
        parts.append(f"Up to {growth.allowed * 100:.3g} % is allowed.")
    if growth.stage == "confirm":
        parts.append("A first run looked costlier, so base and head were measured in turns on one machine.")
    elif growth.stage == "screen":
        parts.append("This is the answer of one run; it was not confirmed by measuring base and head in turns.")
    if growth.smallest is not None:
        parts.append(f"Here, {wording.smallest_change_text(growth)}.")
    return " ".join(parts)


def _next_steps(verdict: Verdict) -> list[str]:
    todo = evidence_lines.next_steps(verdict)
    return ["What to do next:", *(f"{n}. {text}" for n, text in enumerate(todo, 1))] if todo else []
