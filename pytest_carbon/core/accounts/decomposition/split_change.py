"""The change of grams between two windows, split by cause, with the noise of each part."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pytest_carbon.core.accounts.decomposition.log_mean import Level, Part, logarithmic_mean, split_product
from pytest_carbon.core.accounts.decomposition.window_use import NOTHING, Amounts, Group, GroupUse, pool_unmatched
from pytest_carbon.core.accounts.values.window_change import Cause

_WEEK_D = 7
_FACTORS: Mapping[str, Cause] = {
    "runs": "runs", "told": "coverage", "reference_j": "work", "energy_j": "machines", "operational_g": "grid",
    "embodied_g": "embodied",
}  # fmt: skip
_CHAINS = (("runs", "told", "reference_j", "energy_j", "operational_g"), ("runs", "told", "reference_j", "embodied_g"))
"""Operational and embodied grams are two products that share their first factors."""


@dataclass(slots=True)
class Split:
    """The parts of a change by cause, their variances, and what one reference joule more in each run adds in grams.

    ``work_g_per_j`` is by group: the part of work is that, times the change in reference joules per run. ``before`` and
    ``after`` are the whole amounts, ``least_days`` the days with runs of the window that has fewer.
    """

    parts: dict[Cause, float] = field(default_factory=lambda: defaultdict(float))
    variances: dict[Cause, float] = field(default_factory=lambda: defaultdict(float))
    work_g_per_j: dict[Group, float] = field(default_factory=dict)
    before: Amounts = NOTHING
    after: Amounts = NOTHING
    least_days: int = 0


def split_change(
    before: Mapping[Group, GroupUse], after: Mapping[Group, GroupUse], days: tuple[int, int], *, fixed_grid: bool
) -> Split:
    """Split the change in grams from one window to another; ``days`` are their lengths.

    With a ``fixed_grid``, grams follow joules, so no part is the grid's. Swapped windows give the same parts with the
    other sign.
    """
    split = Split()
    influences = (_Influences(), _Influences())
    split.least_days = min(len({day for use in uses.values() for day in use.days}) for uses in (before, after))
    for group, *uses in pool_unmatched(before, after):
        totals = [use.total() for use in uses]
        split.before, split.after = _add(split.before, totals[0]), _add(split.after, totals[1])
        energy_known = all(use.energy_known for use in uses)
        for chain in _CHAINS:
            levels = [
                level for level in _levels(chain, totals)
                if not (fixed_grid and level.factor == "energy_j")
            ]  # fmt: skip
            unknown = {"reference_j"} if not group.has_reference else set()
            unknown |= set() if energy_known else {"energy_j"}
            levels = [Level(level.factor, None, None) if level.factor in unknown else level for level in levels]
            parts = split_product(levels)
            mean = logarithmic_mean(levels[-1].before or 0.0, levels[-1].after or 0.0)
            for numerator, denominator, part in _ratios(parts):
                cause = _cause(part, fixed_grid=fixed_grid)
                split.parts[cause] += part.amount
                for influence, use, total in zip(influences, uses, totals, strict=True):
                    influence.add(cause, use, total, mean, numerator, denominator)
                if cause == "work":
                    per_run = [total.reference_j / total.told for total in totals if total.told]
                    if len(per_run) == 2 and min(per_run) > 0:
                        g_per_j = mean / logarithmic_mean(*per_run)
                        split.work_g_per_j[group] = split.work_g_per_j.get(group, 0.0) + g_per_j
    for influence, length in zip(influences, days, strict=True):
        influence.add_variances(split.variances, length)
    return split


def _add(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(*(first + second for first, second in zip(one, other, strict=True)))


def _levels(chain: Sequence[str], totals: Sequence[Amounts]) -> Iterable[Level]:
    for name in chain:
        yield Level(name, *(getattr(total, name) for total in totals))


def _cause(part: Part, *, fixed_grid: bool) -> Cause:
    if len(part.factors) > 1:
        return "undivided"
    cause = _FACTORS[part.factors[0]]
    return "machines" if fixed_grid and cause == "grid" else cause


def _ratios(parts: Sequence[Part]) -> Iterable[tuple[str, str | None, Part]]:
    """Yield each part with the two amounts of whose ratio it is; the number of runs stands alone."""
    yield parts[0].factors[-1], None, parts[0]
    for before, part in pairwise(parts):
        yield part.factors[-1], before.factors[-1], part


class _Influences:
    """How much each day, or each week, moves the parts: the linear term of the parts in its amounts.

    Runs are alike within a day, so days stand for themselves; and a week has its working days, so the number of runs
    is compared by weeks. Source: the linearised variance of a ratio (Cochran, 1977), here of logarithms of ratios.
    """

    def __init__(self) -> None:
        self._by_day: dict[Cause, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._by_week: dict[int, float] = defaultdict(float)

    def add(
        self, cause: Cause, use: GroupUse, total: Amounts, mean_g: float, numerator: str, denominator: str | None
    ) -> None:
        top = getattr(total, numerator)
        if mean_g == 0 or top == 0:
            return
        place = Amounts._fields.index(numerator)
        if denominator is None:
            for day, amounts in use.days.items():
                self._by_week[day // _WEEK_D] += mean_g * amounts[place] / top
            return
        bottom, below = getattr(total, denominator), Amounts._fields.index(denominator)
        own = self._by_day[cause]
        for day, amounts in use.days.items():
            own[day] += mean_g * (amounts[place] / top - amounts[below] / bottom)

    def add_variances(self, variances: dict[Cause, float], length_d: int) -> None:
        """Add the variance of this window to that of each part; ``length_d`` is the window's length in days."""
        for cause, by_day in self._by_day.items():
            correction = len(by_day) / (len(by_day) - 1) if len(by_day) > 1 else 1.0
            variances[cause] += correction * math.fsum(influence**2 for influence in by_day.values())
        weeks = length_d // _WEEK_D
        if weeks > 1:
            grams = [self._by_week.get(week, 0.0) for week in range(weeks)]
            mean = math.fsum(grams) / weeks
            of_a_week = math.fsum((gram - mean) ** 2 for gram in grams) / (weeks - 1)
            variances["runs"] += length_d / _WEEK_D * of_a_week
