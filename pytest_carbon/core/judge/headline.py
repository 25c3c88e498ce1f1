"""A verdict in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_carbon.core.budget.budget_status import fits
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.percentages import window_text
from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, Verdict
from pytest_carbon.core.verdict.wording import NAME_CELLS, count_text, shorten, unseen_text, used_share_text

MOST_NAMED_HOLDERS = 3
LEAST_USED_SHARE = 0.01
"""A pass tells of the fullest budget if so much of it is used."""
BEGINNING = "This is the beginning"
"""What the verdict of a young ledger says first. Without a base, such a verdict may pass."""
NOT_JUDGED, NOTHING_JUDGED = "Not judged", "Nothing was judged"
_LEAD = {
    "fail": "This change does not fit its carbon budget: ",
    "inconclusive": "Could not tell whether this change fits its carbon budget: ",
    "overridden": "Passes by an override: ",
    "warn": "Passes, with a warning: ",
}


def verdict_sentence(
    inputs: VerdictInputs,
    verdict: Verdict,
    why_no_base: str,
    *,
    is_beginning: bool = False,
    why_nothing_ran: str = "",
) -> str:
    """Return the verdict in a few words, with the numbers that were compared; what was not judged comes first.

    ``is_beginning`` says that there is no base because the ledger is young, not because it has lost something.
    ``why_nothing_ran`` is empty if a test ran.
    """
    unpaid = [] if verdict.state == "fail" else _unpaid_budgets(verdict)
    first = "".join(f"{sentence}. " for sentence in [*_of_other_commit(inputs, verdict), *unpaid])
    if verdict.state == "not-measured":
        return f"{first}Not measured: {why_nothing_ran}."
    lead = _LEAD.get(verdict.state)
    if lead is None:
        return first + _pass_sentence(inputs, verdict, why_no_base, is_beginning)
    if inputs.missing_parts and verdict.state == "inconclusive":
        return f"{first}{lead}{inputs.missing_parts_text}."
    if inputs.other_commit and verdict.state == "inconclusive":
        return f"{first}{lead}{inputs.other_commit}."
    checks = [(holder, check) for holder in verdict.judged for check in holder.checks if check.state == verdict.state]
    reasons = [check.reason for _, check in sorted(checks, key=lost_tests_first)]
    more = f" (and {count_text(len(reasons) - 1, 'more reason')})" if len(reasons) > 1 else ""
    parts = [f"{lead}{reasons[0]}{more}"]
    parts += [inputs.missing_parts_text] if inputs.missing_parts else []
    parts += [f"{why_nothing_ran[0].upper()}{why_nothing_ran[1:]}"] if why_nothing_ran else []
    if verdict.state in ("warn", "overridden"):
        parts += _unjudged_growth(verdict, why_no_base, is_beginning)
    return first + " ".join(f"{part}." for part in parts)


def _pass_sentence(inputs: VerdictInputs, verdict: Verdict, why_no_base: str, is_beginning: bool) -> str:
    checks = [(holder, check) for holder in verdict.judged for check in holder.checks]
    if not checks:
        return "Nothing is judged: no budget of the policy covers what ran here."
    for holder, check in checks:
        if check.rule == "budget" and not check.not_judged and holder.standing and not fits(holder.standing):
            return f"Passes although it does not fit its budget: {check.reason}."
    no_growth_rule = not any(check.rule == "growth" for _, check in checks)
    parts = [f"{BEGINNING}: {why_no_base}"] if is_beginning and no_growth_rule else []
    count = sum(not check.not_judged for _, check in checks)
    unjudged = _unjudged_growth(verdict, why_no_base, is_beginning, nothing=not count)
    parts += unjudged
    if not count and not unjudged:
        parts.append("No limit could be judged")
    elif 0 < count < len(checks):
        hold = {1: "The other limit holds", 2: "Both other limits hold"}
        parts.append(hold.get(count, f"The other {count} limits hold"))
    elif count:
        hold = {1: "The only limit holds", 2: "Both limits hold"}
        parts.append(hold.get(count, f"All {count} limits hold"))
    closest = max(
        (holder for holder in verdict.judged if holder.standing and not holder.standing.unmeasured),
        key=_used,
        default=None,
    )
    if closest and closest.standing and closest.standing.used >= LEAST_USED_SHARE:
        share = used_share_text(closest.standing)
        window = window_text(closest.standing.window)
        parts.append(f"{window[0].upper()}{window[1:]}, {closest.name} has used {share} of its budget")
    label = inputs.missing_label_text
    parts += [f"{label[0].upper()}{label[1:]}"] if label else []
    return " ".join(f"{part}." for part in parts)


def lost_tests_first(pair: tuple[HolderVerdict, Check]) -> int:
    """Return by what checks are sorted: a holder of which no test ran, then one that lost tests, then all others."""
    holder, check = pair
    return 2 if check.rule != "tests" else int(holder.tests > 0)


def _of_other_commit(inputs: VerdictInputs, verdict: Verdict) -> list[str]:
    """Return the sentence that another commit was measured, unless the verdict gives it as its reason."""
    text = inputs.other_commit
    return [f"{text[0].upper()}{text[1:]}"] if text and verdict.state != "inconclusive" else []


def _unpaid_budgets(verdict: Verdict) -> list[str]:
    """Return a sentence for each reason for which budgets were not judged, with the names of their holders."""
    holders_by_reason: dict[str, list[HolderVerdict]] = {}
    for holder in verdict.judged:
        for check in holder.checks:
            if check.rule == "budget" and check.not_judged and check.state == "pass":
                holders_by_reason.setdefault(check.not_judged, []).append(holder)
    return [f"{NOT_JUDGED}: the budget of {names_text(holders)} ({why})" for why, holders in holders_by_reason.items()]


def _unjudged_growth(verdict: Verdict, why_no_base: str, is_beginning: bool, *, nothing: bool = False) -> list[str]:
    """Return a sentence for each reason for which growth that passes was not judged, with the names of the holders.

    If ``nothing`` at all was judged, that comes first.
    """
    holders_by_reason: dict[str, list[HolderVerdict]] = {}
    for holder in verdict.judged:
        for check in holder.checks:
            if check.rule == "growth" and check.not_judged and check.state == "pass":
                young = is_beginning and holder.growth is not None and holder.growth.why == why_no_base
                holders_by_reason.setdefault("" if young else check.not_judged, []).append(holder)
    sentences: list[str] = []
    for why, holders in holders_by_reason.items():
        growth = f"the growth of {names_text(holders)}"
        blind = [holder.growth for holder in holders if holder.growth is not None and holder.growth.is_blind]
        unseen = f": {unseen_text(blind)}" if blind else ""
        lead = NOT_JUDGED if sentences or not nothing else NOTHING_JUDGED
        beginning = f"{BEGINNING}: {why_no_base}"
        if why:
            sentences.append(f"{lead}: {growth} ({why}{unseen})")
        else:
            sentences.append(f"{lead}: {growth}. {beginning}" if nothing else f"{beginning}. {lead}: {growth}")
    return sentences


def names_text(holders: Sequence[HolderVerdict]) -> str:
    """Return the names of a few holders, and how many more there are."""
    names = [shorten(holder.name, NAME_CELLS) for holder in holders[:MOST_NAMED_HOLDERS]]
    more = len(holders) - MOST_NAMED_HOLDERS
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _used(holder: HolderVerdict) -> float:
    return holder.standing.used if holder.standing else 0.0
