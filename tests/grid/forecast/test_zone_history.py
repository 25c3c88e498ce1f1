"""The past of a zone: what is kept, and what is asked where that is too little."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_carbon.core.signals.signal import Origin
from pytest_carbon.grid.forecast.zone_history import DAYS, histories
from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.sources.signal_file import SignalFile

NOW = datetime(2026, 11, 20, 10, 10, tzinfo=UTC)
ORIGIN = Origin("mine", "average", "direct", "consumption", "my own")
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def source(tmp_path: Path) -> SignalFile:
    """A source of the days before and after now; the last day's first figure is 1,000, the others count."""
    path = tmp_path / "grid.csv"
    start = NOW.replace(minute=0) - timedelta(days=DAYS + 1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["start", "g_per_kwh", "status"])
        for n in range(48 * (DAYS + 2)):
            at = start + n * HALF_HOUR
            writer.writerow([at.isoformat(), n % 100, "measured" if at < NOW else "forecast"])
    return SignalFile(path, ORIGIN, "file")


def chain_of(tmp_path: Path, *sources: SignalFile) -> Chain:
    """A chain of sources with an empty cache."""
    return Chain(sources, SignalCache(tmp_path / "cache"), {}, clock=lambda: NOW)


def test_a_source_is_asked(source: SignalFile, tmp_path: Path) -> None:
    """91 days up to now, in a few questions, without what is only forecast."""
    (past,) = histories(chain_of(tmp_path, source), "DE", NOW)
    assert past.history is not None
    assert (past.source, past.origin, past.faults, past.issued) == ("file", ORIGIN, (), [])
    assert len(past.history.values) == 48 * DAYS
    assert past.history.end == NOW.replace(minute=0)
    assert str(past.history.clock) == "Europe/Berlin"
    assert [y for y in past.history.values if y is None] == []


def test_what_is_kept_comes_first(source: SignalFile, tmp_path: Path) -> None:
    """Kept answers count as issued; if the source then fails, they are all that is known."""
    chain = chain_of(tmp_path, source)
    chain.near_now("DE", NOW)
    source.path.unlink()
    (past,) = histories(chain, "DE", NOW)
    assert past.history is not None
    assert (len(past.history.values), len(past.issued)) == (48, 1)
    assert "cannot be read" in past.faults[0]


def test_sources_are_not_mixed(source: SignalFile, tmp_path: Path) -> None:
    """Each source has a past of its own; a source that knows nothing has none."""
    missing = replace(source, path=tmp_path / "none.csv", name="carbon-aware-sdk")
    one, two = histories(chain_of(tmp_path, missing, source), "DE", NOW)
    assert (one.history, one.origin) == (None, None)
    assert one.faults[0].startswith("carbon-aware-sdk: ")
    assert two.history is not None
