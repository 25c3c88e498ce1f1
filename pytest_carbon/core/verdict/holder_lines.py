"""A verdict -> rows of text: sorting, cutting and rounding happen here, once, for every reporter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict import wording
from pytest_carbon.core.verdict.verdict import WORST_FIRST, Growth, HolderVerdict, State, Verdict

_LEVELS = {"repository": "whole repository", "team": "team ", "feature": ""}


@dataclass(frozen=True, slots=True)
class HolderLine:
    """One holder of a budget: what it used in this run, of its budget, and against the base; empty where not known.

    ``share`` is the used share of the budget, for a bar.
    """

    label: str
    state: State
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
    """Where one budget stands, for the table of all budgets; ``cause`` is why its use changed."""

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
    """Sort holders: the worst state first, then the fullest budget, then the costliest, then by name."""
    return sorted(judged, key=lambda j: (WORST_FIRST.index(j.state), -_filled(j), -_cost(j), j.level, j.name))


def _filled(judged: HolderVerdict) -> float:
    return _used(judged)[0] or 0.0


def _used(judged: HolderVerdict) -> tuple[float | None, str, str]:
    """Return which share of its budget is used, in words too, and where that stands: window or run, the fuller."""
    found: tuple[float | None, str, str] = (None, "", "")
    if judged.standing:
        found = _share(judged.standing), wording.budget_use_text(judged.standing), _state(judged.standing)
    for check in judged.checks:
        if check.used is not None and check.used > (found[0] or 0.0):
            found = check.used, f"{wording.share_text(check.used)} of {check.limit} per run", ""
    return found


def _share(standing: BudgetStatus) -> float | None:
    return None if standing.unmeasured else standing.used


def _state(standing: BudgetStatus) -> str:
    return "" if standing.unmeasured else standing.state


def _cost(judged: HolderVerdict) -> float:
    return judged.reference_j or 0.0


def holder_label(judged: HolderVerdict) -> str:
    """Name a holder; the repository has no name of its own."""
    name = "" if judged.level == "repository" else wording.shorten(judged.name, wording.NAME_CELLS)
    return _LEVELS[judged.level] + name


def holder_lines(verdict: Verdict) -> list[HolderLine]:
    """Return all holders, the most relevant first."""
    return [_holder_line(judged) for judged in sort_by_relevance(verdict.judged)]


def _holder_line(judged: HolderVerdict) -> HolderLine:
    value, bounds = _value(judged)
    share, used, standing = _used(judged)
    changed, change_bounds = _change(judged.growth)
    return HolderLine(
        holder_label(judged),
        judged.state,
        value,
        bounds,
        share,
        used,
        standing,
        changed,
        change_bounds,
        wording.sparkline(judged.trend),
    )


def _value(judged: HolderVerdict) -> tuple[str, str]:
    if judged.emissions_g is not None:
        return wording.amount_with_range(judged.emissions_g, "mass")
    if judged.energy_j is not None:
        return format_amount(judged.energy_j, "energy", 2), ""
    return ("unknown" if judged.reference_j is None else format_amount(judged.reference_j, "reference", 2)), ""


def _change(growth: Growth | None) -> tuple[str, str]:
    if growth is None:
        return "", ""
    if growth.state in ("no base", "could not tell"):
        return "unknown" if growth.state == "could not tell" else growth.state, ""
    return wording.change_with_bounds(growth)


def rest_text(lines: Sequence[HolderLine]) -> str:
    """Say in what state the holders are that are not shown: ``and 12 more: 1 warning, 11 fine``."""
    if not lines:
        return ""
    found = Counter(line.state for line in lines)
    return f"and {len(lines)} more: " + ", ".join(
        f"{found[s]} {wording.STATE_WORDS[s]}" for s in WORST_FIRST if found[s]
    )


def budget_lines(judged: Sequence[HolderVerdict]) -> list[BudgetLine]:
    """Return where every budget stands, the fullest first of each state; a holder without a budget has no line."""
    return [
        BudgetLine(
            holder_label(one),
            one.state,
            _share(standing),
            wording.budget_use_text(standing),
            wording.remaining_text(standing),
            _state(standing) or wording.UNKNOWN,
            *wording.burn_rate_text(standing.burn),
            wording.exhaustion_text(standing),
            wording.forecast_text(standing),
            wording.sparkline(one.trend),
            wording.shorten(standing.cause, wording.TEXT_CELLS),
        )
        for one in sort_by_relevance(judged)
        if (standing := one.standing) is not None
    ]
