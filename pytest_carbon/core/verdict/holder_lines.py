"""The holders of a verdict as lines of text: sorted, cut and rounded here, once, for every reporter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict import wording
from pytest_carbon.core.verdict.verdict import WORST_FIRST, HolderVerdict, State, Verdict

_LEVELS = {"repository": "whole repository", "team": "team ", "feature": ""}


@dataclass(frozen=True, slots=True)
class HolderLine:
    """One holder: its use in this run, its budget and its change against the base. Unknown texts are empty.

    ``word`` is the state in a word. ``value`` is the use in this run. ``share`` is the used share of the budget, for a
    bar.
    """

    label: str
    state: State
    word: str
    value: str
    bounds: str
    share: float | None
    used: str
    budget_state: str
    change: str
    change_bounds: str
    trend: str


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """The status of one budget, for the table of all budgets; ``cause`` is why its use changed."""

    label: str
    state: State
    share: float | None
    used: str
    remaining: str
    budget_state: str
    burn: str
    burn_time: str
    exhausted: str
    forecast: str
    trend: str
    cause: str


def sort_by_relevance(judged: Sequence[HolderVerdict]) -> list[HolderVerdict]:
    """Sort holders: the worst state first, then what was not judged, the fullest budget, the costliest, the name."""
    return sorted(
        judged,
        key=lambda j: (WORST_FIRST.index(j.state), not _why_not_judged(j), -_filled(j), -_cost(j), j.level, j.name),
    )


def _why_not_judged(holder: HolderVerdict) -> str:
    """Return in few words why a rule of a holder was not judged; empty if all were judged."""
    return next((check.not_judged for check in holder.checks if check.not_judged), "")


def _filled(holder: HolderVerdict) -> float:
    return _used(holder)[0] or 0.0


def _used(holder: HolderVerdict) -> tuple[float | None, str, str]:
    """Return the used share of the budget, the share as text, and the budget state.

    A limit per run counts instead of the window if more of it is used; it has no budget state.
    """
    fullest: tuple[float | None, str, str] = (None, "", "")
    if holder.standing:
        fullest = _share(holder.standing), wording.budget_use_text(holder.standing), _state(holder.standing)
    for check in holder.checks:
        if check.used is not None and check.used > (fullest[0] or 0.0):
            fullest = check.used, f"{wording.share_text(check.used)} of {check.limit} per run", ""
    return fullest


def _share(status: BudgetStatus) -> float | None:
    return None if status.unmeasured else status.used


def _state(status: BudgetStatus) -> str:
    return "" if status.unmeasured else status.state


def _cost(holder: HolderVerdict) -> float:
    return holder.reference_j or 0.0


def holder_label(holder: HolderVerdict) -> str:
    """Return the name of a holder: ``checkout``, ``team payments``, ``whole repository``."""
    name = "" if holder.level == "repository" else wording.shorten(holder.name, wording.NAME_CELLS)
    return _LEVELS[holder.level] + name


def holder_lines(verdict: Verdict) -> list[HolderLine]:
    """Return a line for every holder, the most relevant first."""
    return [_holder_line(holder) for holder in sort_by_relevance(verdict.judged)]


def _holder_line(holder: HolderVerdict) -> HolderLine:
    value, bounds = _value(holder)
    share, used, budget_state = _used(holder)
    change, change_bounds = _change(holder)
    return HolderLine(
        holder_label(holder),
        holder.state,
        wording.holder_word(holder),
        value,
        bounds,
        share,
        used,
        budget_state,
        change,
        change_bounds,
        wording.sparkline(holder.trend),
    )


def _value(holder: HolderVerdict) -> tuple[str, str]:
    if holder.emissions_g is not None:
        return wording.amount_with_range(holder.emissions_g, "mass")
    if holder.energy_j is not None:
        return format_amount(holder.energy_j, "energy"), ""
    return ("unknown" if holder.reference_j is None else format_amount(holder.reference_j, "reference")), ""


def _change(holder: HolderVerdict) -> tuple[str, str]:
    growth = holder.growth
    why = next((check.not_judged for check in holder.checks if check.rule == "growth" and check.not_judged), "")
    if growth is None:
        return "", ""
    if why:
        return "not judged", f"({why})"
    if growth.state in ("no base", "could not tell"):
        if not growth.is_limited:
            return "", ""
        return "unknown" if growth.state == "could not tell" else growth.state, ""
    return wording.change_with_bounds(growth)


def rest_text(lines: Sequence[HolderLine]) -> str:
    """Count the states of the holders that are not shown: ``and 12 more: 1 warning, 11 pass``."""
    if not lines:
        return ""
    counts = Counter(line.word for line in sorted(lines, key=lambda line: WORST_FIRST.index(line.state)))
    return f"and {len(lines)} more: " + ", ".join(f"{count} {word}" for word, count in counts.items())


def budget_lines(judged: Sequence[HolderVerdict]) -> list[BudgetLine]:
    """Return a line for every holder with a budget over a window, the most relevant first."""
    return [
        BudgetLine(
            holder_label(holder),
            holder.state,
            _share(status),
            wording.budget_use_text(status),
            wording.remaining_text(status),
            _state(status) or wording.UNKNOWN,
            *wording.burn_rate_text(status.burn),
            wording.exhaustion_text(status),
            wording.forecast_text(status),
            wording.sparkline(holder.trend),
            wording.shorten(status.cause, wording.TEXT_CELLS),
        )
        for holder in sort_by_relevance(judged)
        if (status := holder.standing) is not None
    ]
