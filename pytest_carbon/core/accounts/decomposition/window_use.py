"""What a holder's runs of a window used, day by day, in groups of runs that are alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pytest_carbon.core.accounts.findings.feature_steps import PaidByLabel
from pytest_carbon.core.accounts.values.holder_shares import HolderShare
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.spending import operational_on_grid
from pytest_carbon.core.records.ledger_records import Entry

Kind = Literal["default branch", "other branches", "other repositories"]


class Group(NamedTuple):
    """Runs that are alike: of one job, paid by tests or by labels, of known reference energy or not.

    A group without a name (None) holds the jobs that only one of two windows has.
    """

    job: str | None
    by_label: bool
    has_reference: bool


class Amounts(NamedTuple):
    """Sums over runs: their number, the number of those with known grams, and of these the joules and grams.

    A run that labels pay counts as the holder's share of it, any other as one run: if the holder's tests do more, its
    share of a run grows, and not the number of its runs.
    """

    runs: float = 0.0
    told: float = 0.0
    reference_j: float = 0.0
    energy_j: float = 0.0
    operational_g: float = 0.0
    embodied_g: float = 0.0


NOTHING = Amounts()


@dataclass(slots=True)
class GroupUse:
    """The amounts of a group by day of the window, and whether the energy of all its told runs is known."""

    days: dict[int, list[float]] = field(default_factory=dict)
    energy_known: bool = True

    def add(self, day: int, amounts: Sequence[float]) -> None:
        """Add the amounts of a run, or of runs, to a day."""
        own = self.days.get(day)
        if own is None:
            self.days[day] = [*amounts]
            return
        for place, amount in enumerate(amounts):
            own[place] += amount

    def merge(self, other: GroupUse) -> None:
        """Add the runs of another group."""
        for day, amounts in other.days.items():
            self.add(day, amounts)
        self.energy_known = self.energy_known and other.energy_known

    def total(self) -> Amounts:
        """Return the sums over all days."""
        return Amounts(*map(math.fsum, zip(*self.days.values(), strict=True))) if self.days else NOTHING


@dataclass(frozen=True, slots=True)
class GramRule:
    """How grams are counted: located, or at a fixed intensity (g/kWh), as a budget of work counts them."""

    fixed_g_per_kwh: float | None = None

    def operational_g(self, entry: Entry) -> float | None:
        """Return the operational grams of a whole run; None if not known."""
        if self.fixed_g_per_kwh is None:
            return entry.operational_g
        return operational_on_grid(entry, self.fixed_g_per_kwh)


def gram_rule(holder: Budget, g_per_kwh: float | None) -> GramRule:
    """Return how a holder's grams are counted; ``g_per_kwh`` is the intensity of the policy's zone."""
    if holder.limit is None or holder.limit.kind != "mass" or holder.counts == "located":
        return GramRule()
    return GramRule(holder.g_per_kwh or g_per_kwh)


def kind_of_run(entry: Entry, branch: str) -> Kind:
    """Return whether a run is of the default branch, of another branch, or of another repository."""
    if entry.elsewhere:
        return "other repositories"
    return "default branch" if entry.branch == branch else "other branches"


def sum_groups(
    shares: Iterable[HolderShare], start_day: int, rule: GramRule, paid_by_label: PaidByLabel, *, whole: bool
) -> dict[Group, GroupUse]:
    """Return what each group of runs used; days are counted from the ordinal ``start_day``.

    ``whole`` says that the holder is the repository, which pays every run whole, whoever else does.
    """
    groups: dict[Group, GroupUse] = {}
    for at, entry, share, _ in shares:
        by_label = not whole and paid_by_label(entry)
        group = Group(entry.job, by_label, entry.reference_j is not None)
        use = groups.get(group)
        if use is None:
            use = groups[group] = GroupUse()
        runs = share if by_label else 1.0
        operational_g = rule.operational_g(entry)
        day = at.toordinal() - start_day
        if operational_g is None or entry.embodied_g is None:
            use.add(day, (runs, 0.0, 0.0, 0.0, 0.0, 0.0))
            continue
        use.energy_known = use.energy_known and entry.energy_j is not None
        reference_j, energy_j = share * (entry.reference_j or 0.0), share * (entry.energy_j or 0.0)
        use.add(day, (runs, runs, reference_j, energy_j, share * operational_g, share * entry.embodied_g))
    return groups


def pool_unmatched(
    before: Mapping[Group, GroupUse], after: Mapping[Group, GroupUse]
) -> list[tuple[Group, GroupUse, GroupUse]]:
    """Return the groups of two windows in pairs; what only one of them has is one group of both, without a job.

    A job that was renamed is so compared with itself, not taken for many more and many fewer runs.
    """
    pairs = [(group, use, after[group]) for group, use in before.items() if group in after]
    pooled: dict[Group, tuple[GroupUse, GroupUse]] = {}
    alone = [(group, use, 0) for group, use in before.items() if group not in after]
    alone += [(group, use, 1) for group, use in after.items() if group not in before]
    known = all(group.has_reference for group, _, _ in alone)
    for group, use, window in alone:
        key = Group(None, group.by_label, known)
        pooled.setdefault(key, (GroupUse(), GroupUse()))[window].merge(use)
    return [*pairs, *((group, *uses) for group, uses in pooled.items())]
