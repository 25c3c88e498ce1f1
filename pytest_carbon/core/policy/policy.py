"""A project's policy as a value: its features, and who may use how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pytest_carbon.core.budget.budget import Budget, name_holder
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.percentages import window_text
from pytest_carbon.core.quantities import format_amount

OVERRIDE_LABEL = "carbon/override"
Machines = Literal["own", "hosted"]
Measure = Literal["per month", "per test run", "per merged pull request", "budget used"]


@dataclass(frozen=True, slots=True)
class Feature:
    """A product feature: which pull-request labels and which test paths mean it.

    ``weight`` is what it pays of a pull request that several features' labels name.
    """

    name: str
    labels: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached by a day: at most ``value``, in g, or as a share of the budget where that is measured.

    ``holder`` is the name of a feature, a team, or an owner, who answers for every feature whose budget names him; it
    is empty for the repository.
    """

    name: str
    of: Literal["repository", "team", "feature", "owner"]
    holder: str
    measure: Measure
    value: float
    by: date


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be used, by whom, and what happens then.

    ``override_label`` asks for an override on a pull request. ``forks`` says whether numbers from forks are accepted,
    or only those that the merge queue measures. ``machines`` says whose those machines are that do not say it.
    """

    features: Mapping[str, Feature] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    default_branch: str | None = None
    on_inconclusive: Literal["warn", "fail"] = "warn"
    security_labels: tuple[str, ...] = ("security",)
    override_label: str = OVERRIDE_LABEL
    forks: Literal["accept", "queue"] = "accept"
    objectives: tuple[Target, ...] = ()
    machines: Machines | None = None
    devices: DevicesRule = field(default_factory=DevicesRule)

    def payers(self, labels: Sequence[str]) -> dict[str, float]:
        """Return the shares of the features that a pull request's labels name, by weight; empty if they name none."""
        named = [f for f in self.features.values() if any(label in f.labels for label in labels)]
        whole = math.fsum(feature.weight for feature in named)
        return {feature.name: feature.weight / whole for feature in named}


def overcommitted_budgets(policy: Policy) -> list[str]:
    """Return a sentence for every team, and the repository, whose features may use more in a window than it may.

    Only limits of the same kind and length of window can be added up.
    """
    own = {b.feature: b for b in policy.budgets if b.feature is not None and b.limit is not None}
    teams = [b for b in policy.budgets if b.team is not None and b.limit is not None]
    in_teams = {child for team in teams for child in team.children}
    sentences = [_over(team, [own[c] for c in team.children if c in own]) for team in teams]
    for repository in (b for b in policy.budgets if b.feature is None and b.team is None):
        alone = [budget for name, budget in own.items() if name not in in_teams]
        sentences.append(_over(repository, [*teams, *alone]))
    return [sentence for sentence in sentences if sentence]


def _over(parent: Budget, children: Sequence[Budget]) -> str | None:
    if parent.limit is None:
        return None
    kind, days = parent.window.kind, parent.window.days
    same = [c.limit for c in children if c.limit and (c.window.kind, c.window.days) == (kind, days)]
    alike = [limit for limit in same if limit.kind == parent.limit.kind]
    whole = math.fsum(limit.value for limit in alike)
    if whole <= parent.limit.value * (1 + 1e-9):
        return None
    together, when = format_amount(whole, parent.limit.kind), window_text(parent.window.text)
    holder = name_holder(parent.feature, parent.team)
    return f"the budgets below {holder} come to {together} {when}, more than its own {parent.limit.text}"
