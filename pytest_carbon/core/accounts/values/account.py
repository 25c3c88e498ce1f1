"""What a product manager is told of a feature, a team or the repository, as values; ``accounting`` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.model import Range
from pytest_carbon.core.report.ledger_records import Override
from pytest_carbon.core.to_plain_json import to_plain_json
from pytest_carbon.core.verdict.verdict import Level

SCHEMA = "pytest-carbon/summary/1"
MOST_PULLS = 5
TOP_CONSUMER_SHARE = 0.20
"""A single cause above this share of a budget asks for a post-mortem (The Site Reliability Workbook, appendix B)."""

Sureness = Literal["sure", "not sure", "unknown"]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of a holder. Grams are located; the parts by scope are those whose runner's owner is known.

    ``month`` is as ``2026-11``; ``over`` says that it has ended. ``emissions_g`` is None where no run's grams are
    known, also where there was no run; ``unknown_runs`` counts those that are not in it, and ``uncounted_runs`` those
    that are not in ``consumed``.
    ``scope_1_g`` is what the runner's own generators burn: None, as nothing here can tell; ``unscoped_g`` is of runs
    that do not say whose machine they were on. ``consumed`` and ``budget`` are in the limit's unit, and ``budget`` of
    a rolling window is its part by days. ``change`` is relative to the whole month before, None where that is not fair.
    """

    month: str
    over: bool
    emissions_g: Range | None
    scope_1_g: float | None
    scope_2_g: float | None
    scope_3_g: float | None
    unscoped_g: float
    energy_j: float | None
    consumed: float | None
    budget: float | None
    change: float | None
    runs: int
    unknown_runs: int
    pulls: int
    uncounted_runs: int = 0


@dataclass(frozen=True, slots=True)
class PullCost:
    """What a pull request cost a holder: ``sunk_g`` its runs of the window, ``recurring_g`` what its change will add.

    Both are located grams, the second those of a whole window. ``sunk_g`` is None where no run's grams are known.
    ``recurring_g`` is below 0 for one that saves, and None where no change was seen; ``sureness`` says whether the
    runs after it bear that out, and is "unknown" where it has no run to compare, or where nobody can tell what the
    change comes to in grams. ``merged`` is the day on which the default branch first ran with it.
    """

    pr: int
    sunk_g: float | None
    runs: int
    recurring_g: float | None
    sureness: Sureness
    merged: str | None


@dataclass(frozen=True, slots=True)
class Wasted:
    """Grams and runs of the window that came to nothing: each run is counted under the first that fits.

    The grams are those that are known, and None where no run's are; ``unknown_runs`` are the runs among these whose
    grams are not.
    """

    cancelled_g: float | None
    cancelled_runs: int
    superseded_g: float | None
    superseded_runs: int
    rerun_g: float | None
    rerun_runs: int
    unknown_runs: int = 0


@dataclass(frozen=True, slots=True)
class Intensity:
    """A software carbon intensity (SCI 1.1): grams for one of ``per``, and how many of it that rests on."""

    per: Literal["test run", "merged pull request"]
    emissions_g: Range
    count: int


@dataclass(frozen=True, slots=True)
class TopConsumer:
    """A single cause of a large part of a window's budget: a pull request (``#12``), or a job outside of any."""

    kind: Literal["pull request", "job"]
    name: str
    share: float
    emissions_g: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day (``2026-11-03``, in the budget's time zone) of a holder: what it used, in the limit's unit, else in J.

    ``emissions_g`` are located grams. Both are None where no run's are known and 0 where there was no run.
    """

    day: str
    consumed: float | None
    emissions_g: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Objective:
    """What a holder or an owner wants to reach by a day: at most ``target``, in ``g`` or as a ``share`` of a budget.

    ``now`` and ``projected``, at that day, are None where they are not known, and so is ``start``, of the first whole
    month.
    """

    holder: str
    name: str
    measure: str
    unit: str
    target: float
    by: str
    start: float | None
    now: float | None
    projected: float | None
    state: Literal["reached", "on track", "off track", "not known"]


@dataclass(frozen=True, slots=True)
class Account:
    """All that is told of one holder. ``sentence`` comes first everywhere; ``coverage`` are whole sentences.

    ``days`` reach back over the window and the month, the oldest first. ``exhausted_on`` is the likely day, None if the
    budget will last; of a budget that is exhausted, the day on which it was. ``overrides`` are those in force.
    ``window_days`` are the first and the last day of the budget's window, or of the last 28 days without one, and
    ``zone`` is the time zone of all days and months.
    """

    name: str
    level: Level
    owners: tuple[str, ...]
    sentence: str
    standing: BudgetStatus | None
    exhausted_on: str | None
    months: tuple[Month, ...]
    intensities: tuple[Intensity, ...]
    cost_most: tuple[PullCost, ...]
    saved_most: tuple[PullCost, ...]
    wasted: Wasted
    causes: tuple[TopConsumer, ...]
    overrides: tuple[Override, ...]
    days: tuple[Day, ...]
    coverage: tuple[str, ...]
    window_days: tuple[str, str] = ("", "")
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everybody's, as of ``made`` (ISO 8601 in UTC): the repository, then teams, then features, the fullest first.

    ``method`` are the sentences on how it is measured, ``notes`` what was skipped.
    """

    made: str
    accounts: tuple[Account, ...]
    objectives: tuple[Objective, ...]
    method: tuple[str, ...]
    notes: tuple[str, ...]


def to_json(accounts: Accounts) -> dict[str, Any]:
    """Return the accounts as JSON values; the same accounts give the same bytes."""
    values: Mapping[str, Any] = to_plain_json(accounts)
    return {"schema": SCHEMA, **values}
