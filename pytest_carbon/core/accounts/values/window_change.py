"""The change of a holder's grams between two windows, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal["coverage", "runs", "pull request", "work", "machines", "grid", "embodied", "undivided"]


@dataclass(frozen=True, slots=True)
class ChangeTerm:
    """A part of a change in grams, and its cause.

    ``coverage``: runs of a kind that the ledger had none of before, or no longer has. ``runs``: more or fewer runs.
    ``pull request``: work per run since the pull request ``pr``, merged on the day ``merged``, caused in the tests of
    ``features`` (empty if not known), which may be others than the holder's. ``work``: other work per run, in reference
    joules. ``machines``: joules per reference joule. ``grid``: grams per joule. ``embodied``: the machines' manufacture
    per reference joule. ``undivided``: factors of which one is not known, so that they cannot be told apart.

    ``noise_g`` is one standard deviation, from how days or weeks differ; ``named`` says that the sentence names it.
    """

    cause: Cause
    emissions_g: float
    noise_g: float
    named: bool
    pr: int | None = None
    merged: str | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowChange:
    """Why a month took more or less than the month before, largest term first; the terms sum to the change.

    ``month`` and ``month_before`` are written as ``2026-11``. While the month runs, ``so_far`` is true and both are
    counted up to the same day. Grams are those that the holder's budget counts, located without such a budget.
    ``before_runs`` and ``after_runs`` are the runs that the holder pays for; a part of a run counts as that part.
    ``sentence`` says all in words.
    """

    month: str
    month_before: str
    so_far: bool
    before_g: float
    after_g: float
    before_runs: float
    after_runs: float
    terms: tuple[ChangeTerm, ...]
    sentence: str
