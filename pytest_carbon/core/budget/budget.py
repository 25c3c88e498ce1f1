"""Budgets as the policy defines them, and the check of one run against its limit per run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pytest_carbon.core.budget.window import BudgetWindow
from pytest_carbon.core.model import UNATTRIBUTED, BudgetResult, BudgetState, FeatureUse, GridFactor
from pytest_carbon.core.quantities import Kind, Quantity, format_amount, format_energy, format_value_and_limit
from pytest_carbon.core.report import Report

Bounds = tuple[float, float]
INCLUDES_LIMIT = "includes the limit"
NO_ZONE_SET = "no grid zone is set: grams are for the world average"
"""How a report begins its gap about grams of the world average."""
NEEDS_ZONE = "needs a grid zone"
"""What is said of a limit in grams that no grid zone lets judge."""
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
    """What a run, or one holder in the run, used; None where not known.

    ``background_j`` is what other processes of the machine used meanwhile, which does not count. ``energy_bounds`` and
    ``mass_bounds`` are the low and high bound of the whole run as multiples of its figure, which hold for every part.
    """

    energy_j: float | None
    emissions_g: float | None
    reference_j: float | None
    background_j: float = 0.0
    energy_bounds: Bounds | None = None
    mass_bounds: Bounds | None = None

    def amount(self, kind: Kind) -> float | None:
        """Return the figure that a limit of this kind compares."""
        return {"energy": self.energy_j, "mass": self.emissions_g, "reference": self.reference_j}[kind]

    def range_text(self, limit: Quantity) -> str:
        """Say that the range of the figure includes the limit; empty if it does not, or if no range is known."""
        bounds = {"energy": self.energy_bounds, "mass": self.mass_bounds, "reference": None}[limit.kind]
        amount = self.amount(limit.kind)
        return "" if bounds is None or amount is None else range_text(amount, bounds, limit.value, limit.kind)


def range_text(amount: float, bounds: Bounds, limit: float, kind: Kind) -> str:
    """Say that the range of an amount includes a limit: nobody knows on which side of it the amount is."""
    low, high = amount * bounds[0], amount * bounds[1]
    if not low <= limit < high:
        return ""
    return f"; the range from {format_amount(low, kind, 2)} to {format_amount(high, kind, 2)} {INCLUDES_LIMIT}"


def bounds_of(central: float | None, low: float | None, high: float | None) -> Bounds | None:
    """Return the bounds of a figure as multiples of it; None if they are not known, or beyond all numbers."""
    if not central or low is None or high is None:
        return None
    bounds = low / central, high / central
    return bounds if math.isfinite(bounds[0] + bounds[1]) else None


def run_use(report: Report) -> RunUse:
    """Return what a run used itself, without other processes of the machine."""
    totals = report.totals
    return RunUse(
        report.own_energy_j,
        report.own_emissions_g,
        totals.reference_j,
        report.background_j,
        bounds_of(totals.energy_j, totals.low_j, totals.high_j),
        bounds_of(totals.emissions_g, totals.emissions_low_g, totals.emissions_high_g),
    )


def own_feature_uses(report: Report) -> dict[str, FeatureUse]:
    """Return the uses of a report's features as shares of the run's own joules, and so of its own grams.

    What is unattributed has no background. The ledger splits a run in the same way.
    """
    background_j, own_j, own_g = report.background_j, report.own_energy_j, report.own_emissions_g or 0.0
    uses = dict(report.features)
    if not background_j or not own_j or UNATTRIBUTED not in uses:
        return uses
    rest = uses[UNATTRIBUTED]
    uses[UNATTRIBUTED] = replace(rest, energy_j=max(0.0, rest.energy_j - background_j))
    shares = {name: use.energy_j / own_j for name, use in uses.items()}
    return {name: replace(use, share=shares[name], emissions_g=shares[name] * own_g) for name, use in uses.items()}


def judge_per_run_limits(
    budgets: Sequence[Budget],
    features: Mapping[str, FeatureUse],
    totals: RunUse,
    grid: GridFactor,
    *,
    tests_ran: bool = True,
) -> list[BudgetResult]:
    """Judge the limit per run of every budget on exact numbers, without other processes of the machine.

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
            background_j = totals.background_j if feature == UNATTRIBUTED else 0.0
            used = RunUse(0.0, 0.0, 0.0)
            bounds = totals.energy_bounds, totals.mass_bounds
            used = RunUse(use.energy_j, use.emissions_g, use.reference_j, background_j, *bounds) if use else used
        elif feature is not None:
            used = RunUse(None, None, None)
        holder = holder_phrase(feature) if feature else "this run"
        state, reason = judge_per_run_limit(holder, used, limit, on_exceeded, assumed=grid.assumed)
        if state == "pass" and not tests_ran:
            state, reason = "inconclusive", f"{holder}: no test ran, so its limit of {limit.shown} was not judged"
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
    others = used.range_text(limit) + _background_text(used, limit.kind)
    if amount <= limit.value:
        return "pass", f"{holder} used {used_text} of {limit_text} per run{others}"
    over = over_text(amount, limit.value)
    return on_exceeded, f"{holder} used {used_text}, over its limit of {limit_text} per run by {over}{others}"


def _background_text(used: RunUse, kind: Kind) -> str:
    """Say what other processes used, if that is at least 1 % of the run's own use and not left out anyway."""
    if kind == "reference" or used.background_j < 0.01 * (used.energy_j or 0.0) or not used.background_j:
        return ""
    return f"; other processes of the machine used {format_energy(used.background_j)} more, which does not count"


def not_judged_reason(holder: str, limit: Quantity, *, energy_known: bool) -> str:
    """Say why a limit was not judged: the energy or else the grid is not known."""
    if not energy_known:
        return f"{holder}: its energy is not known, so its limit of {limit.shown} was not judged"
    return (
        f"{holder}: a limit in grams ({limit.shown}) {NEEDS_ZONE}, and the policy sets no zone; "
        'set the zone of your machines, such as zone = "DE", or give the limit in joules'
    )


def over_text(used: float, limit: float) -> str:
    """Say by how much a use is over its limit: ``25 %``."""
    percent = (used / limit - 1) * 100
    return f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
