"""Accounts as values: what a product manager reads about the repository, a team or a feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pytest_carbon.core.accounts.values.advice import Advice, SettledAdvice
from pytest_carbon.core.accounts.values.window_change import WindowChange
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.ledger_records import Override
from pytest_carbon.core.to_plain_json import to_plain_json
from pytest_carbon.core.verdict.verdict import Level

SCHEMA = "pytest-carbon/summary/1"
MOST_PULLS = 5
TOP_CONSUMER_SHARE = 0.20
"""A consumer above this share of a budget calls for a post-mortem (The Site Reliability Workbook, appendix B)."""

Sureness = Literal["sure", "not sure", "unknown"]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of a holder, in located grams.

    ``month`` is written as ``2026-11``; ``over`` means that the month has ended. ``emissions_g`` is None if the month
    has no run or if no run's grams are known. ``unknown_runs`` counts the runs missing from ``emissions_g``,
    ``uncounted_runs`` the runs missing from ``consumed``. ``scope_1_g`` (fuel of the owner's generators) is always
    None: nothing here measures it. ``unscoped_g`` are the grams of runs on machines of an unknown owner. ``consumed``
    and ``budget`` are in the limit's unit; the budget of a window other than a month is prorated by time. ``change``
    is relative to the previous month (to the same stretch of it while the month runs), None if they do not compare.
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
    """What a pull request costs a holder, in located grams.

    ``sunk_g`` is the cost of the pull request's own runs in the window; None if no run's grams are known.
    ``recurring_g`` is what its change adds to a whole window; negative if the change saves, None if no change was
    detected. ``sureness`` is "sure" if later runs support the result, "unknown" if no run can be compared or the change
    cannot be converted to grams. ``merged`` is the day of the default branch's first run with the pull request.
    ``caused_in`` are the features in whose tests the change is, whoever pays for it: empty without a change, None if
    that is not known. ``per_run`` is the relative change of what the holder's tests take in a run, in reference joules.
    """

    pr: int
    sunk_g: float | None
    runs: int
    recurring_g: float | None
    sureness: Sureness
    merged: str | None
    caused_in: tuple[str, ...] | None = None
    per_run: float | None = None


@dataclass(frozen=True, slots=True)
class Wasted:
    """Wasted runs of the window and their grams; each run is counted once, under the first reason that applies.

    Grams sum the runs whose grams are known; they are None if no run's are. ``unknown_runs`` counts the wasted runs
    whose grams are not known.
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
    """A software carbon intensity (SCI 1.1): the mean grams per functional unit ``per``, over ``count`` of them."""

    per: Literal["test run", "merged pull request"]
    emissions_g: Range
    count: int


@dataclass(frozen=True, slots=True)
class TopConsumer:
    """A pull request (``#12``), or a job outside pull requests, that used a large share of a window's budget alone."""

    kind: Literal["pull request", "job"]
    name: str
    share: float
    emissions_g: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a holder, written as ``2026-11-03``, in the budget's time zone.

    ``consumed`` is in the limit's unit, in joules without a limit; ``emissions_g`` are located grams. Both are 0 if the
    day has no run, and None if it has runs but no known amount.
    """

    day: str
    consumed: float | None
    emissions_g: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Objective:
    """The progress of an objective: at most ``target`` by the day ``by``.

    ``unit`` is ``g`` or ``share`` (of a budget). ``start`` is the value of the first complete month, ``projected`` the
    extrapolation to ``by``. ``start``, ``now`` and ``projected`` are None if not known.
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
    """The account of one holder. Every text begins with ``sentence``; ``coverage`` is a list of whole sentences.

    ``days`` cover the window, the current month and the one before, oldest first. ``exhausted_on`` is the day on which
    the budget was or will likely be exhausted, None if the budget will last. ``causes`` are the top consumers of the
    budget. ``overrides`` are the overrides in force. ``window_days`` are the first and last day of the budget's window,
    or of the last 28 days without a budget. ``zone`` is the time zone of all days and months. ``change`` says why the
    newest month differs from the one before, None if they do not compare. ``features`` are those of the holder, empty
    for the repository, which has all. ``other_limits`` are the limits on a run and on growth, as words; empty without
    any. ``advice`` is ranked by what it saves, the cause of a rise before it; ``settled`` is what came of advice of a
    window ago.
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
    other_limits: str = ""
    change: WindowChange | None = None
    features: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    settled: tuple[SettledAdvice, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts as of ``made`` (ISO 8601, UTC): repository, teams, features, each level by budget used, most first.

    ``method`` are sentences on how the figures are made, ``notes`` say what was skipped.
    """

    made: str
    accounts: tuple[Account, ...]
    objectives: tuple[Objective, ...]
    method: tuple[str, ...]
    notes: tuple[str, ...]


def to_json(accounts: Accounts) -> dict[str, Any]:
    """Return the accounts as JSON values; equal accounts give equal values.

    An account without advice has no key for it.
    """
    values: dict[str, Any] = {"schema": SCHEMA, **to_plain_json(accounts)}
    for account in values["accounts"]:
        for name in ("advice", "settled"):
            if not account[name]:
                del account[name]
    return values
