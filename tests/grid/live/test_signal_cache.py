"""The cache: shared by processes, one question in a half-hour, and every answer kept as it was issued."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.core.signals.signal_json import to_json
from pytest_carbon.files.read_bounded import FACTS_BYTES
from pytest_carbon.grid.live.signal_cache import MOST_BYTES, Cached, SignalCache, default_folder
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


GOOD = {"asked": NOW.isoformat(), "fault": "", "answer": to_json([SIGNAL])}
SLOT = GOOD["answer"]["slots"][0]
BEYOND = (NOW + timedelta(days=30)).isoformat(), (NOW + timedelta(days=30, hours=1)).isoformat()
POISONS = {
    "no list": [GOOD],
    "deep": None,
    "another zone": {**GOOD, "answer": {**GOOD["answer"], "zone": "FR"}},
    "another kind": {**GOOD, "answer": {**GOOD["answer"], "kind": "mean"}},
    "a fault that is no text": {**GOOD, "fault": 7},
    "an end of the calendar": {**GOOD, "asked": "9999-12-31T23:59:59-14:00"},
    "no zone of time": {**GOOD, "asked": "2026-11-20T10:00:00"},
    "no slots": {**GOOD, "answer": {**GOOD["answer"], "slots": []}},
    "too much": {**GOOD, "answer": {**GOOD["answer"], "slots": [[*SLOT[:2], 10_000, "measured"]]}},
    "negative": {**GOOD, "answer": {**GOOD["answer"], "slots": [[*SLOT[:2], -1, "measured"]]}},
    "twice": {**GOOD, "answer": {**GOOD["answer"], "slots": [SLOT, SLOT]}},
    "years ahead": {**GOOD, "answer": {**GOOD["answer"], "slots": [[*BEYOND, 1, "forecast"]]}},
    "measured ahead": {
        **GOOD,
        "answer": {
            **GOOD["answer"],
            "slots": [[(NOW + timedelta(hours=n)).isoformat() for n in (1, 2)] + [1, "measured"]],
        },
    },
    "too large": {**GOOD, "fault": "x" * MOST_BYTES},
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_a_poisoned_file_is_asked_again(tmp_path: Path, poison: Any) -> None:
    """What is kept is believed no more than what a provider answers, as newest and as issued."""
    cache, place = SignalCache(tmp_path), tmp_path / "s" / "DE"
    cache.keep("s", "DE", Cached([SIGNAL], NOW))
    text = json.dumps(poison) if poison else "[" * 500_000
    (place / "newest.json").write_text(text, encoding="utf-8")
    assert cache.read("s", "DE") is None
    assert cache.read_or_ask("s", "DE", NOW, _ask(301.0), 1.0).signals[0].g_per_kwh == 301.0
    line = json.dumps(poison["answer"]) if isinstance(poison, dict) else text
    with next((place / "issued").iterdir()).open("a", encoding="utf-8") as file:
        file.write(f"{line}\nhalf a line")
    cache.keep("s", "DE", Cached([replace(SIGNAL, g_per_kwh=302.0)], NOW))
    figures = [signals[0].g_per_kwh for signals in cache.issued_since("s", "DE", SIGNAL.fetched)]
    assert figures[:2] == [300.0, 301.0]
    assert figures[-1] == 302.0
    assert set(figures) == {300.0, 301.0, 302.0}


def test_a_kept_fault_is_short_and_printable(tmp_path: Path) -> None:
    """The text of a file is shown as a provider's is."""
    cache = SignalCache(tmp_path)
    cache.keep("s", "DE", Cached([], NOW, "\x1b[31m" + "x" * 5000))
    kept = cache.read("s", "DE")
    assert kept is not None
    assert kept.fault.isprintable()
    assert len(kept.fault) < 1100


@pytest.mark.parametrize("name", ["newest.json", "issued", ".lock"])
def test_links_lead_nowhere(tmp_path: Path, name: str) -> None:
    """A link in the folder that leads out of the folder is not written through, and nothing there is removed."""
    outside, place = tmp_path / "outside", tmp_path / "cache" / "s" / "DE"
    outside.mkdir()
    old = outside / "2000-01-01.jsonl"
    old.write_text("kept", encoding="utf-8")
    place.mkdir(parents=True)
    (place / name).symlink_to(outside if name == "issued" else old)
    answer = SignalCache(tmp_path / "cache").read_or_ask("s", "DE", NOW, _ask(300.0), 1.0)
    assert answer.signals == [SIGNAL]
    assert [path.name for path in outside.iterdir()] == [old.name]
    assert old.read_text(encoding="utf-8") == "kept"


def test_a_day_does_not_grow_without_end(tmp_path: Path) -> None:
    """A file of a day that could not be read again does not grow further."""
    cache = SignalCache(tmp_path)
    cache.keep("s", "DE", Cached([SIGNAL], NOW))
    file = next((tmp_path / "s" / "DE" / "issued").iterdir())
    os.truncate(file, FACTS_BYTES - 100)
    cache.keep("s", "DE", Cached([SIGNAL], NOW))
    assert file.stat().st_size == FACTS_BYTES - 100


@pytest.mark.parametrize("zone", ["..", ".", "../..", "/", "x" * 5000, "\0", "a/b", ""])
def test_no_zone_leaves_its_folder(tmp_path: Path, zone: str) -> None:
    """A zone is a name in the folder of its source, whatever the zone is."""
    cache = SignalCache(tmp_path / "cache")
    cache.keep("s", zone, Cached([replace(SIGNAL, zone=zone)], NOW))
    kept = cache.read("s", zone)
    assert kept is not None
    assert kept.signals[0].zone == zone
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["s"]
    assert all(path.is_dir() for path in (tmp_path / "cache" / "s").iterdir())


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run as a user that the system does not know; sources are then asked each time."""

    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    cache = SignalCache(default_folder({}))
    for figure in (300.0, 301.0):
        assert cache.read_or_ask("s", "DE", NOW, _ask(figure), 1.0).signals[0].g_per_kwh == figure
