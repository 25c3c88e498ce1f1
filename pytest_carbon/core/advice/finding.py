"""What a kind of advice finds: a place, and which share of each run could be saved there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_carbon.core.accounts.values.advice import Effort
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten

ALL_OF_IT = Range(1.0, 1.0, 1.0)
HALF_OF_IT = Range(0.5, 0.0, 1.0)
"""Where the saving depends on what people do, it is told for half of the cost, with a range from nothing to all."""
ID_CHARS = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """One place at which grams could be saved. No share says more than what the run paid for the place.

    ``savings`` has the share (0..1) of each run that could be saved there, by the run's id. ``jobs`` are the jobs whose
    runs the place is a part of. ``feature`` alone pays for the place where the features of the tests pay.
    """

    kind: str
    place: str
    action: str
    evidence: str
    effort: Effort
    seen: str
    savings: Mapping[str, Range]
    jobs: frozenset[str]
    lines: tuple[str, ...] = ()
    feature: str | None = None

    @property
    def id(self) -> str:
        """The kind and a digest of the place: the same in every window."""
        text = self.place.encode("utf-8", "backslashreplace")
        return f"{self.kind}-{hashlib.sha256(text).hexdigest()[:ID_CHARS]}"


def part(share: float, of: Range = ALL_OF_IT) -> Range:
    """Return a share of a run, cut to 0..1, times how much of it could be saved."""
    whole = min(1.0, max(0.0, share))
    return Range(*(whole * bound for bound in of))


def job_text(job: str) -> str:
    """Return a job as it stands in a sentence."""
    return f"job {shorten(job, NAME_CELLS)}" if job else "the job without a name"


def mean_minutes(seconds: float) -> str:
    """Return a duration in minutes, at least a tenth."""
    return f"{max(seconds / 60, 0.1):.1f} min"
