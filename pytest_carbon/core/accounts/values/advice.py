"""What to do about a holder's grams: advice with what it saves, and what came of advice that was followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_carbon.core.model import Range

Effort = Literal["a line", "a file", "a decision"]
LEAST_G, LEAST_SHARE = 1.0, 0.01
"""What saves less, in grams or as a share of the holder's window, is no advice."""


@dataclass(frozen=True, slots=True)
class Advice:
    """An action that would have saved a holder ``saves_g`` of its last window, at most ``paid_g``.

    ``id`` is the same as long as the kind and the place are. ``place`` is a job, a nodeid, a fixture, a feature or a
    pull request, whose step counts for all runs of the window: what it adds to one.
    ``where`` is the line of a file, empty if it is not known. ``lines`` are what to write there; they hold no name from
    outside. ``seen`` says how the saving will be seen.
    """

    id: str
    kind: str
    place: str
    action: str
    saves_g: Range
    paid_g: float
    evidence: str
    effort: Effort
    lines: tuple[str, ...]
    seen: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class SettledAdvice:
    """Advice of a window ago that was followed: what it promised for a window, and what it saved in the last one.

    ``saved_g`` is negative if following it cost more. ``seen`` says how it is seen. ``removed`` says that what it was
    about no longer runs, as far as known, so that nothing is counted as saved by it.
    """

    id: str
    kind: str
    place: str
    action: str
    promised_g: Range
    saved_g: float
    seen: str
    removed: bool = False
