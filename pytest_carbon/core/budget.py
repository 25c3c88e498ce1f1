"""Per-run budgets: what a run used against what it may use, decided once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_carbon.core.model import BudgetResult, FeatureUse, GridFactor, Range
from pytest_carbon.core.units import Quantity, format_against


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit for one run, and what to do when it is exceeded. ``feature`` None means the whole session."""

    feature: str | None
    per_run: Quantity
    on_exceeded: Literal["fail", "warn"]


def judge(
    budgets: Sequence[Budget],
    features: Mapping[str, FeatureUse],
    energy_j: Range | None,
    emissions_g: Range | None,
    grid: GridFactor,
) -> list[BudgetResult]:
    """Judge every budget on exact numbers; text is made from the result, never the other way round.

    A feature without a test in the run used nothing of its budget. A limit in grams on an assumed grid is
    inconclusive, and so is any limit on a run whose energy is unknown.
    """
    return [_judge_one(budget, features, energy_j, emissions_g, grid) for budget in budgets]


def _judge_one(
    budget: Budget,
    features: Mapping[str, FeatureUse],
    energy_j: Range | None,
    emissions_g: Range | None,
    grid: GridFactor,
) -> BudgetResult:
    limit = budget.per_run
    who = f"feature {budget.feature}" if budget.feature else "this run"

    def result(state: Literal["pass", "warn", "fail", "inconclusive"], used: float | None, reason: str) -> BudgetResult:
        return BudgetResult(budget.feature, limit.text, limit.value, limit.kind, used, state, reason)

    whole = energy_j if limit.kind == "energy" else emissions_g
    if whole is None:
        return result(
            "inconclusive",
            None,
            f"{who}: its energy is not known, so its limit of {limit.text} was not judged",
        )
    if budget.feature is None:
        used = whole.central
    else:
        use = features.get(budget.feature)
        used = 0.0 if use is None else use.energy_j if limit.kind == "energy" else use.emissions_g
    if limit.kind == "mass" and grid.assumed:
        return result(
            "inconclusive",
            used,
            f"{who}: a limit in grams ({limit.text}) needs a grid zone, and none is set; "
            'set zone = "DE" (your own) or give the limit in joules',
        )
    used_text, limit_text = format_against(used, limit.value, limit.kind)
    if used <= limit.value:
        return result("pass", used, f"{who} used {used_text} of {limit_text} per run")
    return result(
        "fail" if budget.on_exceeded == "fail" else "warn",
        used,
        f"{who} used {used_text}, over its limit of {limit_text} per run by {_over(used, limit.value)}",
    )


def _over(used: float, limit: float) -> str:
    percent = (used / limit - 1) * 100
    return f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
