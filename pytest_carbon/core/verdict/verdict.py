"""The verdict as a value: what was judged, the numbers that were compared, and the reason.

``core.judge`` makes it once; every reporter reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.model import Range
from pytest_carbon.core.to_plain_json import to_plain_json

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

SCHEMA = "pytest-carbon/verdict/1"
State = Literal["pass", "warn", "fail", "overridden", "inconclusive", "not-measured", "error"]
WORST_FIRST: tuple[State, ...] = ("error", "fail", "not-measured", "inconclusive", "overridden", "warn", "pass")
"""The state of a whole is the first of these that one of its parts has."""
MOST_TESTS = 200
"""The most tests that a verdict names as different, and as costliest."""

RuleName = Literal["per-run", "budget", "growth", "tests"]
Level = Literal["repository", "team", "feature"]
ChangeKind = Literal["same", "changed", "renamed", "new", "gone"]
GrowthStage = Literal["none", "screen", "confirm"]
GrowthState = Literal["no change", "costlier", "cheaper", "suspicious", "could not tell", "no base"]


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one rule of one budget. ``reason`` is a sentence with the numbers that were compared.

    ``used`` is the used share of ``limit``, a limit per run; None for other rules and if it is unknown.
    ``not_judged`` says in few words why the rule could not be judged, such as ``too small``; empty if it was judged.
    """

    rule: RuleName
    state: State
    reason: str
    used: float | None = None
    limit: str = ""
    not_judged: str = ""


@dataclass(frozen=True, slots=True)
class ChangeTotals:
    """The tests of two sides summed up, in reference joules a run.

    ``base_j`` and ``head_j`` are all tests of each side. ``changed_j`` is what tests with other code take more; a
    changed test without a figure on one side adds 0.
    """

    base_j: float
    head_j: float
    new_tests: int
    gone_tests: int
    changed_tests: int
    new_j: float
    gone_j: float
    changed_j: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How much costlier the same tests are than on the base. Ratios are relative: 0.08 is 8 % more.

    ``low`` and ``high`` are the 95 % bounds of ``change``. ``smallest`` is the smallest change that would have been
    seen. These four are None where nothing could be estimated. ``allowed`` is the policy's limit, None without one.
    ``coverage`` is the share of the tests' cost that was compared, in ``tests`` tests. ``totals`` are of all tests,
    and ``per_run_j`` is what the change adds to a run in reference joules, None without a base.
    """

    state: GrowthState
    stage: GrowthStage
    change: float | None
    low: float | None
    high: float | None
    smallest: float | None
    allowed: float | None
    coverage: float
    tests: int
    totals: ChangeTotals
    per_run_j: float | None
    why: str

    @property
    def is_limited(self) -> bool:
        """Whether the policy limits this growth. Of another growth only figures are shown."""
        return self.allowed is not None

    @property
    def is_blind(self) -> bool:
        """Whether no change was seen, but more than ``allowed`` may be there, and twice as much would not be seen."""
        if self.state != "no change" or self.allowed is None or self.high is None or self.smallest is None:
            return False
        return self.high > self.allowed and self.smallest > 2 * self.allowed


@dataclass(frozen=True, slots=True)
class HolderVerdict:
    """The verdict on one holder of a budget: a feature, a team or the repository.

    ``tests`` is the number of its tests in this run; ``energy_j``, ``reference_j`` and ``emissions_g`` are its share of
    this run, None if unknown. ``standing`` is the status of its budget over a window. ``trend`` is the reference
    joules of its tests in the last runs of the default branch and in this run, the oldest first; in the status of a
    budget, what it paid for in the last runs.
    """

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
    """The change of one test from base to head, in reference joules; None on a side where it has no figure.

    ``change`` is a ratio (0.08 is 8 % more). ``was`` is the old nodeid of a renamed test.
    """

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
        """Reference joules that the test adds to a run; negative for a cheaper or gone test."""
        return (self.head_j or 0.0) - (self.base_j or 0.0)


@dataclass(frozen=True, slots=True)
class CostliestTest:
    """One of the costliest tests of this run."""

    __test__ = False

    nodeid: str
    reference_j: float
    feature: str | None


@dataclass(frozen=True, slots=True)
class Base:
    """The runs that this run was compared with, their commit and age, and why they were chosen."""

    branch: str
    commit: str | None
    runs: int
    age_s: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Todo:
    """One next step; ``saves_g`` is the grams of CO2e that it saves in a window, None if unknown."""

    text: str
    saves_g: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one run. ``sentence`` is the whole answer; ``notes`` say what is unknown and what was skipped.

    ``no_base`` says why there is no base, ``provenance`` who measured, ``sensitivity`` how the tests slow with the
    machine, ``advisory`` why the verdict decides nothing yet; each is empty if it does not apply.
    ``energy_j`` and ``emissions_g`` are the whole session's; ``own_energy_j`` and ``own_emissions_g`` are the run's,
    without other processes of the machine, which no budget counts.
    ``proposal`` says what the change does to the policy that judged it. ``tests`` differ from the base; ``costliest``
    took most in this run. ``devices`` is the verdict on dropped devices, None if nobody looked for drops. ``advice`` is
    what would save the repository most, empty if nobody looked.
    """

    state: State
    sentence: str
    todo: tuple[Todo, ...]
    judged: tuple[HolderVerdict, ...]
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
    sensitivity: str = ""
    advisory: str = ""
    proposal: tuple[str, ...] = ()
    costliest: tuple[CostliestTest, ...] = ()
    devices: DevicesVerdict | None = None
    own_energy_j: Range | None = None
    own_emissions_g: Range | None = None
    advice: str = ""

    @property
    def judges_nothing(self) -> bool:
        """Whether nothing failed because nothing was judged: no limit covers what ran, or none could be judged."""
        checks = [check for holder in self.judged for check in holder.checks]
        nothing = self.state == "pass" and self.devices is None and bool(self.judged)
        return nothing and all(check.not_judged for check in checks)

    @property
    def exit_code(self) -> int:
        """Return 1 for fail and error, 3 for "could not tell" if the policy fails on it, and 0 otherwise.

        An advisory verdict always returns 0.
        """
        if self.advisory:
            return 0
        if self.state in ("fail", "error"):
            return 1
        unsure = self.state in ("inconclusive", "not-measured")
        return 3 if unsure and self.on_inconclusive == "fail" else 0


def worst_state(states: list[State]) -> State:
    """Return the state of a whole from the states of its parts; ``pass`` without parts."""
    return min(states, key=WORST_FIRST.index, default="pass")


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as JSON values; equal verdicts give equal values in the same order."""
    values = {"schema": SCHEMA, **to_plain_json(replace(verdict, devices=None)), "exit_code": verdict.exit_code}
    if not verdict.advice:
        del values["advice"]
    for holder in values["judged"]:
        holder["growth"] = holder["growth"] and _with_flat_totals(holder["growth"])
    if verdict.devices is None:
        return values
    from pytest_carbon.core.devices.verdict_json import to_data

    return {**values, "devices": to_data(verdict.devices)}


def _with_flat_totals(growth: dict[str, Any]) -> dict[str, Any]:
    """Put the totals of a growth among its own keys, as the JSON format has them."""
    return {
        key: value
        for name, part in growth.items()
        for key, value in (part.items() if name == "totals" else [(name, part)])
    }
