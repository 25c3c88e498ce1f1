"""A project's policy as a value: features, budgets, objectives and rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pytest_carbon.core.budget.budget import Budget, holder_phrase
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.percentages import window_text
from pytest_carbon.core.quantities import format_amount

OVERRIDE_LABEL = "carbon/override"
POLICY_FILES = ("carbon.toml", "pyproject.toml")
"""The files that may hold a policy. A change of one always needs a measurement."""
Machines = Literal["own", "hosted"]
Measure = Literal["per month", "per test run", "per merged pull request", "budget used"]


@dataclass(frozen=True, slots=True)
class Feature:
    """A product feature, and the pull-request labels and the path globs of tests that belong to it.

    If the labels of a pull request name several features, each pays in proportion to its ``weight``.
    """

    name: str
    labels: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PolicyObjective:
    """One objective of the policy: at most ``value`` by a day.

    ``value`` is in g, or a ratio if ``measure`` is ``budget used`` (0.8 is 80 %). ``holder`` names a feature, a team or
    an owner; an owner answers for every feature whose budget lists the owner. ``holder`` is empty for the repository.
    """

    name: str
    of: Literal["repository", "team", "feature", "owner"]
    holder: str
    measure: Measure
    value: float
    by: date


@dataclass(frozen=True, slots=True)
class Policy:
    """A project's features, budgets, objectives and rules.

    A pull request with the ``override_label`` asks for an override. ``forks`` says whether measurements from forks
    are accepted, or only those of the merge queue. ``machines`` says who owns the machines of runs that do not name
    their runner. ``on_inconclusive`` says whether an inconclusive check warns or fails. A change of nothing but the
    paths of ``no_measurement`` (globs) needs no measurement.
    """

    features: Mapping[str, Feature] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    default_branch: str | None = None
    on_inconclusive: Literal["warn", "fail"] = "warn"
    security_labels: tuple[str, ...] = ("security",)
    override_label: str = OVERRIDE_LABEL
    forks: Literal["accept", "queue"] = "accept"
    objectives: tuple[PolicyObjective, ...] = ()
    machines: Machines | None = None
    devices: DevicesRule = field(default_factory=DevicesRule)
    no_measurement: tuple[str, ...] = ()


def overcommitted_budgets(policy: Policy) -> list[str]:
    """Return a sentence for each team, and for the repository, if the limits of its features exceed its own limit.

    Only limits of the same kind (J, g, reference J) and the same window are added up.
    """
    own = {b.feature: b for b in policy.budgets if b.feature is not None and b.limit is not None}
    teams = [b for b in policy.budgets if b.team is not None and b.limit is not None]
    in_teams = {child for team in teams for child in team.children}
    sentences = [_overcommitted(team, [own[c] for c in team.children if c in own]) for team in teams]
    for repository in (b for b in policy.budgets if b.feature is None and b.team is None):
        alone = [budget for name, budget in own.items() if name not in in_teams]
        sentences.append(_overcommitted(repository, [*teams, *alone]))
    return [sentence for sentence in sentences if sentence]


def _overcommitted(parent: Budget, children: Sequence[Budget]) -> str | None:
    if parent.limit is None:
        return None
    kind, days = parent.window.kind, parent.window.days
    same = [c.limit for c in children if c.limit and (c.window.kind, c.window.days) == (kind, days)]
    alike = [limit for limit in same if limit.kind == parent.limit.kind]
    whole = math.fsum(limit.value for limit in alike)
    if whole <= parent.limit.value * (1 + 1e-9):
        return None
    together, when = format_amount(whole, parent.limit.kind), window_text(parent.window.text)
    holder = holder_phrase(parent.feature, parent.team)
    return f"the budgets below {holder} add up to {together} {when}, more than its own limit of {parent.limit.shown}"
