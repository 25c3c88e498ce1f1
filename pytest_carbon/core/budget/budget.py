"""Budgets as the policy gives them, and what one run used against what it may use, decided once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_carbon.core.budget.window import BudgetWindow
from pytest_carbon.core.model import BudgetResult, BudgetState, FeatureUse, GridFactor
from pytest_carbon.core.quantities import Kind, Quantity, format_value_and_limit

ROLLING_28_D = BudgetWindow("28d", "rolling", 28)
REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a feature, a team or the whole session may use, and what to do when it uses more.

    ``feature`` None means the whole session; a ``team`` has ``children``, its features. ``per_run`` is for one
    run, ``limit`` for a ``window``, ``growth`` (0.05 is 5 %) against the base. ``counts`` says what grams are
    counted: of the work at the fixed ``g_per_kwh`` (None: that of the policy's zone), or as located. Owners are
    told; approvers may override.
    """

    feature: str | None
    per_run: Quantity | None
    on_exceeded: Literal["fail", "warn"]
    limit: Quantity | None = None
    window: BudgetWindow = ROLLING_28_D
    growth: float | None = None
    counts: Literal["work", "located"] = "work"
    g_per_kwh: float | None = None
    owners: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    team: str | None = None
    children: tuple[str, ...] = ()


def holder_name(budget: Budget) -> str:
    """Return the name of a budget's holder, as overrides and the ledger name the holder."""
    return budget.team or budget.feature or REPOSITORY


def name_holder(feature: str | None, team: str | None = None) -> str:
    """Name a budget's holder inside a sentence: ``team shop``, ``feature checkout`` or ``the repository``."""
    if team:
        return f"team {team}"
    return f"feature {feature}" if feature else "the repository"


@dataclass(frozen=True, slots=True)
class RunUse:
    """What one run used; None where it is not known."""

    energy_j: float | None
    emissions_g: float | None
    reference_j: float | None

    def amount(self, kind: Kind) -> float | None:
        """Return the figure that a limit of a kind looks at."""
        return {"energy": self.energy_j, "mass": self.emissions_g, "reference": self.reference_j}[kind]


def judge_per_run_limits(
    budgets: Sequence[Budget],
    features: Mapping[str, FeatureUse],
    totals: RunUse,
    grid: GridFactor,
) -> list[BudgetResult]:
    """Judge every budget's limit per run on exact numbers; text is made from the result, never the other way round.

    A feature without a test in the run used nothing of its budget. A limit in grams on an assumed grid is
    inconclusive, and so is any limit on a run whose energy is unknown. A team is judged by the verdict.
    """
    judged = [(b.feature, b.per_run, b.on_exceeded) for b in budgets if b.per_run is not None and b.team is None]
    out = []
    for feature, limit, on_exceeded in judged:
        used = totals
        if feature is not None and totals.energy_j is not None:
            use = features.get(feature)
            used = RunUse(use.energy_j, use.emissions_g, use.reference_j) if use else RunUse(0.0, 0.0, 0.0)
        elif feature is not None:
            used = RunUse(None, None, None)
        who = name_holder(feature) if feature else "this run"
        state, reason = judge_per_run_limit(who, used, limit, on_exceeded, assumed=grid.assumed)
        amount = used.amount(limit.kind)
        out.append(BudgetResult(feature, limit.text, limit.value, limit.kind, amount, state, reason))
    return out


def judge_per_run_limit(
    who: str, used: RunUse, limit: Quantity, on_exceeded: Literal["fail", "warn"], *, assumed: bool
) -> tuple[BudgetState, str]:
    """Judge what one holder used in one run; return the state and the reason as a sentence.

    ``assumed`` says that nobody told the grid of its grams.
    """
    amount = used.amount(limit.kind)
    known = used.energy_j is not None
    if amount is None or (limit.kind == "mass" and assumed):
        return "inconclusive", not_judged_reason(who, limit, energy_known=known)
    used_text, limit_text = format_value_and_limit(amount, limit.value, limit.kind)
    if amount <= limit.value:
        return "pass", f"{who} used {used_text} of {limit_text} per run"
    over = _over(amount, limit.value)
    return on_exceeded, f"{who} used {used_text}, over its limit of {limit_text} per run by {over}"


def not_judged_reason(who: str, limit: Quantity, *, energy_known: bool) -> str:
    """Say why a limit was not judged: the energy is not known, or else the grid is not."""
    if not energy_known:
        return f"{who}: its energy is not known, so its limit of {limit.text} was not judged"
    return (
        f"{who}: a limit in grams ({limit.text}) needs a grid zone, and none is set; "
        'set zone = "DE" (your own) or give the limit in joules'
    )


def _over(used: float, limit: float) -> str:
    percent = (used / limit - 1) * 100
    return f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
