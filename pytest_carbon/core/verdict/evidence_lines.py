"""The evidence of a verdict as lines of text: reasons, next steps, the base, the machine and the method."""

from __future__ import annotations

from pytest_carbon.core.quantities import KWH_TEXT, format_about, format_energy
from pytest_carbon.core.report_lines import OTHER_PROCESSES, whole_percent
from pytest_carbon.core.verdict import wording
from pytest_carbon.core.verdict.holder_lines import sort_by_relevance
from pytest_carbon.core.verdict.verdict import WORST_FIRST, State, Verdict

MOST_STEPS = 3


def reasons(verdict: Verdict) -> list[tuple[State, str]]:
    """Return the state and reason of every check that did not pass, the most relevant holder first."""
    return [
        (check.state, wording.shorten(check.reason, wording.TEXT_CELLS))
        for holder in sort_by_relevance(verdict.judged)
        for check in sorted(holder.checks, key=lambda check: WORST_FIRST.index(check.state))
        if check.state != "pass"
    ]


def not_judged(verdict: Verdict) -> list[str]:
    """Return the reason of every rule that passes without an answer, the most relevant holder first."""
    return [
        wording.shorten(check.reason, wording.TEXT_CELLS)
        for holder in sort_by_relevance(verdict.judged)
        for check in holder.checks
        if check.not_judged and check.state == "pass"
    ]


def next_steps(verdict: Verdict) -> list[str]:
    """Return at most three next steps: those that save most grams come first.

    For an inconclusive verdict, those that decide come first.
    """
    steps = list(verdict.todo)
    if verdict.state != "inconclusive":
        steps.sort(key=lambda item: -(item.saves_g or 0.0))
    return [
        wording.shorten(item.text, wording.TEXT_CELLS)
        + ("" if item.saves_g is None else f" (costs {format_about(item.saves_g, 'mass')} of CO2e in a window)")
        for item in steps[:MOST_STEPS]
    ]


def base_text(verdict: Verdict) -> str:
    """Return which runs this run was compared with, how old they are, and why they were chosen."""
    base = verdict.base
    if base is None:
        why = wording.shorten(verdict.no_base, wording.TEXT_CELLS)
        return f"none ({why})" if why else "none yet; nothing was compared"
    parts = [
        wording.shorten(base.branch, wording.NAME_CELLS) + (f" at {short_commit(base.commit)}" if base.commit else "")
    ]
    parts.append(wording.count_text(base.runs, "run"))
    parts += [f"{wording.duration_text(base.age_s)} old"] if base.age_s is not None else []
    return ", ".join(parts) + (f": {wording.shorten(base.why, wording.TEXT_CELLS)}" if base.why else "")


def short_commit(text: str | None) -> str:
    """Return the first 10 digits of a commit, or ``unknown``."""
    return text[:10] if text else "unknown"


def evidence(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the evidence of the verdict as pairs of a label and a text; unknown parts are left out."""
    speed = (
        "" if verdict.clean_share is None else f", at full speed in {whole_percent(verdict.clean_share)} of the probes"
    )
    pairs = [
        ("run", run_use_text(verdict)),
        ("base", base_text(verdict)),
        ("policy", verdict.policy),
        ("machine", verdict.machine + speed),
        ("speed", verdict.sensitivity),
        ("grid", verdict.grid + (f"; {KWH_TEXT}" if "kWh" in verdict.grid else "")),
        ("method", verdict.method),
        ("figures", verdict.provenance),
    ]
    return [(word, wording.shorten(text, wording.TEXT_CELLS)) for word, text in pairs if text]


def run_use_text(verdict: Verdict) -> str:
    """Return the run's own use with its ranges, and apart what other processes used; empty if nothing was measured."""
    own_j, own_g = verdict.own_energy_j or verdict.energy_j, verdict.own_emissions_g or verdict.emissions_g
    parts = []
    if own_j is not None:
        parts.append(" ".join(wording.amount_with_range(own_j, "energy")))
    if own_g is not None:
        parts.append("{} CO2e {}".format(*wording.amount_with_range(own_g, "mass")))
    if verdict.reference_j > 0:
        parts.append(f"{format_energy(verdict.reference_j)} of reference energy")
    others_j = verdict.energy_j.central - own_j.central if verdict.energy_j is not None and own_j is not None else 0.0
    others = f"; {OTHER_PROCESSES} used {format_energy(others_j)} more, which no budget counts" if others_j > 0 else ""
    return ", ".join(parts) + others


def policy_changes(verdict: Verdict) -> list[str]:
    """Return what the change does to the policy, a line a point."""
    return [wording.shorten(text, wording.TEXT_CELLS) for text in verdict.proposal]


def notes(verdict: Verdict) -> list[str]:
    """Return what is unknown and what was skipped, a line a point."""
    return [wording.shorten(note, wording.TEXT_CELLS) for note in verdict.notes]
