"""Our forecast by the past of the first source that has enough, and how good forecasts were."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.forecast.own_forecast import NAME, own_forecast, own_score, published_score
from pytest_carbon.grid.forecast.zone_history import histories
from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.signal_source import Question
from tests.grid.forecast.test_zone_history import HALF_HOUR, NOW, ORIGIN


@dataclass(frozen=True)
class Waves:
    """A source of a grid that is dirtiest at noon, told ``late``; it forecasts what comes, if it ``foresees``."""

    name: str = "file"
    origin: Origin = ORIGIN
    address: str = ""
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(days=1)
    late: timedelta = timedelta()
    foresees: bool = False
    asked: list[Question] = field(default_factory=list)

    def signals(self, question: Question) -> list[Signal]:
        """Return half-hours up to now less what it is late, and what is ahead."""
        self.asked.append(question)
        count = (question.end - question.start) // HALF_HOUR
        starts = [question.start + n * HALF_HOUR for n in range(count)]
        return [
            Signal(question.zone, at, at + HALF_HOUR, wave(at), status, self.origin, question.now)
            for at in starts
            for status in [("measured" if at + HALF_HOUR <= question.now - self.late else "forecast")]
            if status == "measured" or self.foresees
        ]


def wave(at: datetime) -> float:
    """The intensity of a moment."""
    return 300 - 100 * math.cos((at.hour + at.minute / 60) * math.pi / 12)


def chain_of(tmp_path: Path, source: Waves) -> Chain:
    """A chain of one source with an empty cache."""
    return Chain([source], SignalCache(tmp_path / "cache"), {}, clock=lambda: NOW)


@pytest.mark.parametrize(("hours", "ahead"), [(0, 96), (10, 76)])
def test_what_is_ahead(tmp_path: Path, hours: int, ahead: int) -> None:
    """48 hours from the newest figure on, of which those are shown that are not over."""
    own = own_forecast(chain_of(tmp_path, Waves(late=timedelta(hours=hours))), "DE", NOW)
    assert own.faults == ()
    assert len(own.signals) == len(own.points) == pytest.approx(ahead, abs=1)
    first = own.signals[0]
    assert first.start <= NOW < first.end
    assert (first.status, first.origin.source, first.origin.basis, first.issued) == ("forecast", NAME, "direct", NOW)
    assert first.origin.licence == "forecast from figures of mine: my own"
    assert [signal.g_per_kwh for signal in own.signals] == pytest.approx(
        [wave(signal.start) for signal in own.signals], abs=5
    )


def test_a_past_that_is_too_old(tmp_path: Path) -> None:
    """A day and a half is the limit."""
    own = own_forecast(chain_of(tmp_path, Waves(late=timedelta(hours=37))), "DE", NOW)
    assert not own.signals
    assert own.faults == (
        f"{NAME} by the past of file: the newest figure ends at 2026-11-18 21:00 UTC, more than 36 hours ago",
    )


def test_scores(tmp_path: Path) -> None:
    """Ours is made of the past; a source's own only of forecasts that were kept when they were issued."""
    chain = chain_of(tmp_path, Waves(foresees=True))
    (past,) = histories(chain, "DE", NOW)
    assert past.history is not None
    ours = own_score(past.history)
    assert (ours.decisions > 400, (ours.saved or 0) > 0.95, ours.worse) == (True, True, 0.0)
    assert published_score(past).decisions == 0
    for hours in range(24 * 21, 0, -2):
        then = NOW - timedelta(hours=hours)
        replace(chain, clock=partial(max, then, then)).near_now("DE", then)
    (past,) = histories(chain, "DE", NOW)
    theirs = published_score(past)
    assert (100 < theirs.decisions < 160, (theirs.saved or 0) > 0.99, theirs.reason_to_abstain) == (True, True, "")
