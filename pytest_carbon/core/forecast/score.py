"""How good advice was: what of the best possible saving it got, and how often it was worse than to start at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

LEAST_SHARE, MOST_WORSE = 0.4, 0.10
"""Advice abstains below the one and above the other."""
LEAST_DECISIONS = 100


class Decision(NamedTuple):
    """A job on a day that is over: the g/kWh that came at once, at the advised start, and at the best start."""

    day: int
    now: float
    chosen: float
    best: float


@dataclass(frozen=True, slots=True)
class Score:
    """What came of ``decisions``: the share of the best possible saving, and the share that was worse than at once.

    ``saved`` is None if there was nothing to save, ``worse`` if there is no decision.
    """

    decisions: int
    saved: float | None
    worse: float | None

    @property
    def reason_to_abstain(self) -> str:
        """Why the advice is not to be trusted, as a clause; empty if it is."""
        if self.decisions < LEAST_DECISIONS or self.worse is None:
            return f"only {self.decisions} decisions of its last 60 days can be checked; {LEAST_DECISIONS} are needed"
        if self.saved is None:
            return "the last 60 days had nothing to save"
        if self.saved < LEAST_SHARE:
            return f"its advice got {self.saved:.0%} of what could be saved in the last 60 days, less than 40%"
        if self.worse > MOST_WORSE:
            return f"{self.worse:.0%} of its decisions of the last 60 days were worse than to start at once; 10% may be"
        return ""


def score(decisions: Iterable[Decision]) -> Score:
    """Return what came of decisions."""
    listed = list(decisions)
    got = math.fsum(decision.now - decision.chosen for decision in listed)
    possible = math.fsum(decision.now - decision.best for decision in listed)
    worse = sum(decision.chosen > decision.now for decision in listed)
    return Score(len(listed), got / possible if possible > 0 else None, worse / len(listed) if listed else None)
