"""The verdict: what was judged, with the numbers compared and the reason. Made once; every output reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import Kind
from pytest_carbon.core.to_plain_json import to_plain_json

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

SCHEMA = "pytest-carbon/verdict/1"
State = Literal["pass", "warn", "fail", "overridden", "inconclusive", "not-measured", "error"]
ORDER: tuple[State, ...] = ("error", "fail", "not-measured", "inconclusive", "overridden", "warn", "pass")
"""Of several states the first of these is that of the whole."""
MOST_TESTS = 200
"""A verdict names no more tests of a sort than these."""

Rule = Literal["per-run", "budget", "growth"]
Level = Literal["repository", "team", "feature"]
ChangeKind = Literal["same", "changed", "renamed", "new", "gone"]
Stage = Literal["none", "screen", "confirm"]
GrowthState = Literal["no change", "costlier", "cheaper", "suspicious", "could not tell", "no base"]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of one budget, judged. ``reason`` is a whole sentence with the numbers compared.

    ``used`` is the share of a ``limit`` per run that is used; None for other rules, and where it is not known.
    """

    rule: Rule
    state: State
    reason: str
    used: float | None = None
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Burn:
    """The burn rate over a pair of windows (1 is a budget spent exactly at the window's end), and where it alarms."""

    long_s: float
    short_s: float
    long_rate: float
    short_rate: float
    threshold: float
    firing: bool


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """Where a budget stands, in the unit of ``kind`` (J, g of CO2e, reference J).

    ``limit`` is what the policy gives less ``debt``; ``sunk`` is what this pull request's own runs have used,
    and is part of ``consumed``; ``recurring`` what its change will add in a window, None where that is not known.
    ``unknown_runs`` are runs of the window whose use is not known; where no other run is, ``state`` is ``unknown``.
    ``p10`` to ``p90`` are where the window ends.
    """

    kind: Kind
    window: str
    limit: float
    debt: float
    consumed: float
    remaining: float
    used: float
    state: str
    runs: int
    unknown_runs: int
    burn: tuple[Burn, ...]
    exhausted_in_s: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    sunk: float
    recurring: float | None
    cause: str

    @property
    def untold(self) -> bool:
        """Whether there were runs in the window and nothing is known of any, which is not to have used nothing."""
        return self.state == "unknown"


@dataclass(frozen=True, slots=True)
class Growth:
    """The same tests against the base: ratios are relative (0.08 is 8 % more), None where nothing was estimated.

    ``low`` and ``high`` bound ``change`` at 95 %; ``smallest`` is the smallest change that would have been seen.
    ``allowed`` is the policy's limit. ``base_j`` and ``head_j`` are reference joules a run of all tests, ``new_j``,
    ``gone_j`` and ``changed_j`` those of some.
    """

    state: GrowthState
    stage: Stage
    change: float | None
    low: float | None
    high: float | None
    smallest: float | None
    allowed: float | None
    coverage: float
    tests: int
    base_j: float
    head_j: float
    new_tests: int
    gone_tests: int
    changed_tests: int
    new_j: float
    gone_j: float
    changed_j: float
    per_run_j: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything about one holder of a budget (a feature, a team, the repository)."""

    name: str
    level: Level
    state: State
    checks: tuple[Check, ...]
    tests: int
    energy_j: float | None
    reference_j: float | None
    emissions_g: Range | None
    standing: BudgetStatus | None
    growth: Growth | None
    trend: tuple[float, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestChange:
    """One test against the base, in reference joules; None on the side where it is not."""

    __test__ = False

    nodeid: str
    kind: ChangeKind
    base_j: float | None
    head_j: float | None
    change: float | None
    feature: str | None
    was: str = ""

    @property
    def difference_j(self) -> float:
        """Reference joules a run that it takes more; all of a new test's, and less than 0 for one that is gone."""
        return (self.head_j or 0.0) - (self.base_j or 0.0)


@dataclass(frozen=True, slots=True)
class TestCost:
    """What one test took in this run, in reference joules."""

    __test__ = False

    nodeid: str
    reference_j: float
    feature: str | None


@dataclass(frozen=True, slots=True)
class Base:
    """What the run was compared with: which runs, of which commit and how old, and why these."""

    branch: str
    commit: str | None
    runs: int
    age_s: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do next; ``saves_g`` is grams a window, where they can be told."""

    text: str
    saves_g: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole answer. ``sentence`` says it in one; ``notes`` are what is not known and what was skipped.

    ``no_base`` says why there is no base. ``provenance`` says who measured. ``advisory``, where there is one, says why
    the verdict decides nothing yet. ``proposal`` says what the change does to the policy that it was judged by.
    ``tests`` are those that differ from the base, ``costliest`` those that took most in this run. ``devices`` is what
    the change drops of what the project runs on, None where that was not looked at.
    """

    state: State
    sentence: str
    todo: tuple[Todo, ...]
    judged: tuple[Judged, ...]
    tests: tuple[TestChange, ...]
    run: str
    commit: str | None
    base: Base | None
    energy_j: Range | None
    emissions_g: Range | None
    reference_j: float
    method: str
    machine: str
    clean_share: float | None
    grid: str
    policy: str
    notes: tuple[str, ...]
    fingerprint: Mapping[str, str]
    on_inconclusive: Literal["warn", "fail"] = "warn"
    no_base: str = ""
    provenance: str = ""
    advisory: str = ""
    proposal: tuple[str, ...] = ()
    costliest: tuple[TestCost, ...] = ()
    devices: DevicesVerdict | None = None

    @property
    def exit_code(self) -> int:
        """Return 0 for pass and warn, 1 for fail, 3 for "could not tell" where the policy asks for that.

        What is only advisory is 0.
        """
        if self.advisory:
            return 0
        if self.state in ("fail", "error"):
            return 1
        unsure = self.state in ("inconclusive", "not-measured")
        return 3 if unsure and self.on_inconclusive == "fail" else 0


def worst(states: list[State]) -> State:
    """Return the state of a whole whose parts have these."""
    return min(states, key=ORDER.index, default="pass")


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as JSON values; the same verdict gives the same bytes."""
    values = {"schema": SCHEMA, **to_plain_json(replace(verdict, devices=None)), "exit_code": verdict.exit_code}
    if verdict.devices is None:
        return values
    from pytest_carbon.core.devices.verdict_json import to_data

    return {**values, "devices": to_data(verdict.devices)}
