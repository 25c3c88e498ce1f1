"""Budgets as the policy defines them, and the check of one run against its limit per run."""

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
    """What a feature, a team or the repository may use, and what happens when it uses more.

    ``feature`` None without a ``team`` means the repository; the ``children`` of a team are its features. ``per_run``
    limits one run, ``limit`` all runs of a ``window``, ``growth`` (0.05 is 5 %) the increase over the base. ``counts``
    says how grams are counted: ``work`` at the fixed ``g_per_kwh`` (None: the intensity of the policy's zone), or
    ``located`` on the grid of each run. ``owners`` are notified; ``approvers`` may override.
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


WHOLE_REPOSITORY = Budget(None, None, "warn")
"""A budget without limits: the repository as a holder, where the policy gives it no budget."""


def holder_name(budget: Budget) -> str:
    """Return the name of a budget's holder, as overrides and the ledger name the holder."""
    return budget.team or budget.feature or REPOSITORY


def holder_phrase(feature: str | None, team: str | None = None) -> str:
    """Name a budget's holder inside a sentence: ``team shop``, ``feature checkout`` or ``the repository``."""
    if team:
        return f"team {team}"
    return f"feature {feature}" if feature else "the repository"


@dataclass(frozen=True, slots=True)
class RunUse:
    """What a run, or one holder in the run, used; None where not known."""

    energy_j: float | None
    emissions_g: float | None
    reference_j: float | None

    def amount(self, kind: Kind) -> float | None:
        """Return the figure that a limit of this kind compares."""
        return {"energy": self.energy_j, "mass": self.emissions_g, "reference": self.reference_j}[kind]


def judge_per_run_limits(
    budgets: Sequence[Budget],
    features: Mapping[str, FeatureUse],
    totals: RunUse,
    grid: GridFactor,
    *,
    tests_ran: bool = True,
) -> list[BudgetResult]:
    """Judge the limit per run of every budget on exact numbers.

    A feature without tests in the run used nothing, unless no test ran at all: then a limit that is not exceeded is not
    judged. The result is also inconclusive for a limit in grams on an assumed grid, and for a run of unknown energy.
    Budgets of teams are left out: only the verdict judges them.
    """
    limits = [(b.feature, b.per_run, b.on_exceeded) for b in budgets if b.per_run is not None and b.team is None]
    out = []
    for feature, limit, on_exceeded in limits:
        used = totals
        if feature is not None and totals.energy_j is not None:
            use = features.get(feature)
            used = RunUse(use.energy_j, use.emissions_g, use.reference_j) if use else RunUse(0.0, 0.0, 0.0)
        elif feature is not None:
            used = RunUse(None, None, None)
        holder = holder_phrase(feature) if feature else "this run"
        state, reason = judge_per_run_limit(holder, used, limit, on_exceeded, assumed=grid.assumed)
        if state == "pass" and not tests_ran:
            state, reason = "inconclusive", f"{holder}: no test ran, so its limit of {limit.text} was not judged"
        amount = used.amount(limit.kind)
        out.append(BudgetResult(feature, limit.text, limit.value, limit.kind, amount, state, reason))
    return out


def judge_per_run_limit(
    holder: str, used: RunUse, limit: Quantity, on_exceeded: Literal["fail", "warn"], *, assumed: bool
) -> tuple[BudgetState, str]:
    """Judge what one holder used in one run; return the state and the reason as a sentence.

    ``assumed`` says that no grid zone is set, so that grams are not known.
    """
    amount = used.amount(limit.kind)
    known = used.energy_j is not None
    if amount is None or (limit.kind == "mass" and assumed):
        return "inconclusive", not_judged_reason(holder, limit, energy_known=known)
    used_text, limit_text = format_value_and_limit(amount, limit.value, limit.kind)
    if amount <= limit.value:
        return "pass", f"{holder} used {used_text} of {limit_text} per run"
    over = over_text(amount, limit.value)
    return on_exceeded, f"{holder} used {used_text}, over its limit of {limit_text} per run by {over}"


def not_judged_reason(holder: str, limit: Quantity, *, energy_known: bool) -> str:
    """Say why a limit was not judged: the energy or else the grid is not known."""
    if not energy_known:
        return f"{holder}: its energy is not known, so its limit of {limit.text} was not judged"
    return (
        f"{holder}: a limit in grams ({limit.text}) needs a grid zone, and the policy sets no zone; "
        'set the zone of your machines, such as zone = "DE", or give the limit in joules'
    )


def over_text(used: float, limit: float) -> str:
    """Say by how much a use is over its limit: ``25 %``."""
    percent = (used / limit - 1) * 100
    return f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
