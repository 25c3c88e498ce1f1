"""The cache: shared by processes, one question in a half-hour, and every answer kept as it was issued."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.grid.live.signal_cache import Cached, SignalCache, default_folder
from pytest_carbon.grid.live.signal_source import SourceFaultError
from tests.core.signals.test_signal import SIGNAL
from tests.grid.live.conftest import NOW

READERS = """
import os, sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.sources.energy_charts import EnergyCharts
now = datetime.fromisoformat(sys.argv[3])
chain = Chain([replace(EnergyCharts(), address=sys.argv[1])], SignalCache(Path(sys.argv[2])), {}, 60.0, lambda: now)
gate, opening = os.pipe()
readers = []
for _ in range(int(sys.argv[4])):
    readers.append(os.fork())
    if not readers[-1]:
        os.close(opening)
        os.read(gate, 1)  # ends when the first process opens the gate
        os.write(1, f"{chain.near_now('DE', now).signals[0].g_per_kwh}\\n".encode())
        os._exit(0)
os.close(opening)
for reader in readers:
    os.waitpid(reader, 0)
"""
COUNT = 100


def _ask(*answers: Any) -> Any:
    left = list(answers)

    def ask() -> list[Signal]:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [replace(SIGNAL, g_per_kwh=answer)]

    return ask


def test_processes_share_one_question(service: Any, tmp_path: Path) -> None:
    """A hundred processes at once: one asks, all have the answer."""
    seconds = int(NOW.timestamp()) - 600
    service.answers["/co2eq"] = {"unix_seconds": [seconds], "co2eq": [301], "co2eq_forecast": [None]}
    command = [sys.executable, "-c", READERS, service.url, str(tmp_path), NOW.isoformat(), str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["301.0"] * COUNT
    assert len(service.requests) == 1


def test_a_failed_question_keeps_the_last_answer(tmp_path: Path) -> None:
    """Stale is better than nothing, and says so; the next half-hour asks again."""
    cache, later = SignalCache(tmp_path), NOW + timedelta(minutes=30)
    assert cache.read_or_ask("s", "DE", NOW, _ask(300.0), 1.0).signals[0].g_per_kwh == 300.0
    failed = cache.read_or_ask("s", "DE", later, _ask(SourceFaultError("s: down")), 1.0)
    assert (failed.signals[0].g_per_kwh, failed.fault) == (300.0, "s: down")
    assert cache.read_or_ask("s", "DE", later, _ask(), 1.0) == failed
    again = cache.read_or_ask("s", "DE", later + timedelta(minutes=30), _ask(310.0), 1.0)
    assert (again.signals[0].g_per_kwh, again.fault) == (310.0, "")


def test_issues_are_kept_as_they_were(tmp_path: Path) -> None:
    """A later answer does not overwrite an earlier one, so that a forecast can be scored; after 70 days they go."""
    cache = SignalCache(tmp_path)
    for number in range(3):
        now = NOW + number * timedelta(days=40)
        cache.read_or_ask(
            "s", "DE", now, lambda n=number, at=now: [replace(SIGNAL, g_per_kwh=float(n), fetched=at)], 1.0
        )
    assert [signals[0].g_per_kwh for signals in cache.issued_since("s", "DE", NOW)] == [1.0, 2.0]
    assert [s[0].g_per_kwh for s in cache.issued_since("s", "DE", NOW + timedelta(days=41))] == [2.0]
    assert list(cache.issued_since("s", "FR", NOW)) == []


@pytest.mark.parametrize("text", ["", "{", "{}", '{"answer": {}, "asked": "x", "fault": ""}', "[1]"])
def test_a_broken_file_is_asked_again(tmp_path: Path, text: str) -> None:
    """What another program did to a file hides nothing."""
    cache = SignalCache(tmp_path)
    cache.read_or_ask("s", "DE", NOW, _ask(300.0), 1.0)
    (tmp_path / "s" / "DE" / "newest.json").write_text(text, encoding="utf-8")
    assert cache.read("s", "DE") is None
    assert cache.read_or_ask("s", "DE", NOW, _ask(301.0), 1.0).signals[0].g_per_kwh == 301.0


def test_places(tmp_path: Path) -> None:
    """No name leaves the folder; a folder that cannot be made is no fault."""
    cache = SignalCache(tmp_path / "cache")
    cache.read_or_ask("../s", "../../DE", NOW, _ask(300.0), 1.0)
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}
    (tmp_path / "file").write_text("", encoding="utf-8")
    blocked = SignalCache(tmp_path / "file")
    assert blocked.read_or_ask("s", "DE", NOW, _ask(300.0), 1.0) == Cached([SIGNAL], NOW)
    assert default_folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/pytest-carbon/grid")
    assert default_folder({"XDG_CACHE_HOME": "x"}) == Path.home() / ".cache/pytest-carbon/grid"
