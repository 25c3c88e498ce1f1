"""A verdict in one sentence."""

from __future__ import annotations

from pytest_carbon.core.budget.budget_status import fits
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.percentages import window_text
from pytest_carbon.core.verdict.verdict import HolderVerdict, Verdict
from pytest_carbon.core.verdict.wording import used_share_text

_LEAD = {
    "fail": "This change does not fit its carbon budget: ",
    "inconclusive": "Could not tell whether this change fits its carbon budget: ",
    "overridden": "Passes by an override: ",
    "warn": "Passes, with a warning: ",
}


def verdict_sentence(inputs: VerdictInputs, verdict: Verdict, why_no_base: str) -> str:
    """Return the verdict in one sentence, with the numbers that were compared."""
    lead = _LEAD.get(verdict.state)
    if lead is None:
        return _pass_sentence(inputs, verdict, why_no_base)
    if inputs.missing_parts and verdict.state == "inconclusive":
        return f"{lead}{inputs.missing_parts_text}."
    reasons = [check.reason for holder in verdict.judged for check in holder.checks if check.state == verdict.state]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"{lead}{reasons[0]}{more}" + (f". {inputs.missing_parts_text}." if inputs.missing_parts else ".")


def _pass_sentence(inputs: VerdictInputs, verdict: Verdict, why_no_base: str) -> str:
    checks = [(holder, check) for holder in verdict.judged for check in holder.checks]
    if not checks:
        return "Nothing is judged: no budget of the policy covers what ran here."
    for holder, check in checks:
        if check.rule == "budget" and holder.standing and not fits(holder.standing):
            return f"Passes although it does not fit its budget: {check.reason}."
    compared = [
        check
        for holder, check in checks
        if check.rule != "growth" or (holder.growth and holder.growth.change is not None)
    ]
    hold = {0: "No limit could be judged", 1: "The only limit holds", 2: "Both limits hold"}
    parts = [hold.get(len(compared), f"All {len(compared)} limits hold")]
    closest = max(
        (holder for holder in verdict.judged if holder.standing and not holder.standing.unmeasured),
        key=_used,
        default=None,
    )
    if closest and closest.standing:
        share = used_share_text(closest.standing)
        window = window_text(closest.standing.window)
        parts.append(f"{window[0].upper()}{window[1:]}, {closest.name} has used {share} of its budget")
    if not any(holder.growth and holder.growth.change is not None for holder in verdict.judged):
        why = next((holder.growth.why for holder in verdict.judged if holder.growth), "")
        parts.append(f"Growth was not judged: {why_no_base or why}")
    label = inputs.missing_label_text
    parts += [f"{label[0].upper()}{label[1:]}"] if label else []
    return " ".join(f"{part}." for part in parts)


def _used(holder: HolderVerdict) -> float:
    return holder.standing.used if holder.standing else 0.0
