"""Many writers at once, and writers that are killed: every record once, and the ledger whole."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.ledger import Ledger

EVER = (date.min, date.max)
START = """
import json, os, random, signal, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from pytest_carbon.core.records.record_json import from_data
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger

RECORD, PLACES = from_data(json.loads(sys.argv[1])), [Path(place) for place in sys.argv[2:]]
NOW = datetime(2026, 6, 15, tzinfo=UTC)

def ledger(place):
    return BranchLedger(place, "carbon-ledger", NOW) if (place / ".git").exists() else FolderLedger(place, NOW)

def entry(name):
    return replace(RECORD, id=name, run=name)
"""
AT_ONCE = """
waiting, starting = os.pipe()
children = []
for number, place in enumerate(PLACES):
    child = os.fork()
    if not child:
        os.close(starting)
        os.read(waiting, 1)  # returns in all of them when the parent closes its end
        added = ledger(place).append([entry("shared"), entry(f"own-{number}")])
        os._exit({2: 0, 1: 1}[len(added)])
    children.append(child)
os.close(starting)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""
KILLED = """
for number in range(25):
    child = os.fork()
    if not child:
        one = ledger(PLACES[0])
        for count in range(1_000_000):
            one.append([entry(f"run-{number}-{count}")])
    time.sleep(random.uniform(0, 0.15))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def _run(lab: SimpleNamespace, script: str, *places: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START + script, to_text(lab.entry()), *map(str, places)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def _places(kind: str, folder: Path, lab: SimpleNamespace) -> tuple[Ledger, list[Path]]:
    """Return an empty ledger, and eight places to write to it from; for a remote, six clones of which one is shared."""
    ledger = lab.ledger(kind, folder)
    if kind == "remote":
        url = (folder / "server.git").as_uri()
        clones = [lab.clone(folder / f"clone-{number}", url) for number in range(6)]
        return ledger, [*clones, clones[0], clones[0]]
    return ledger, [folder / ("ledger" if kind == "folder" else "clone")] * 8


def test_eight_writers_at_once_add_every_record_once(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Every writer's own record is there, and the record that all of them append is added by exactly one."""
    ledger, places = _places(kind, tmp_path, lab)
    assert sorted(eval(_run(lab, AT_ONCE, *places))) == [0, 1, 1, 1, 1, 1, 1, 1]  # noqa: S307 - a list of our own
    assert sorted(record.id for record in ledger.read(*EVER).records) == [*(f"own-{n}" for n in range(8)), "shared"]
    assert ledger.verify().whole


def test_ledger_is_sound_after_its_writer_is_killed(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """After kill -9 at any moment, every file is complete, added records are kept, and the next writer can append."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("first")])
    _run(lab, KILLED, tmp_path / ("ledger" if kind == "folder" else "clone"))
    assert ledger.verify().whole
    assert ledger.append([lab.entry("last")]) == ["last"]
    names = {record.id for record in ledger.read(*EVER).records}
    assert {"first", "last"} <= names
    assert len(names) == ledger.verify().runs
    if kind != "folder":
        lab.git(tmp_path / ("clone" if kind == "local" else "server.git"), "fsck", "--strict", "--no-dangling")


def test_packing_while_others_write_loses_nothing(tmp_path: Path, lab: SimpleNamespace, kind: str) -> None:
    """Records that are added while their month is packed are loose or packed afterwards, never lost."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry(f"old-{number}") for number in range(5)])
    place = tmp_path / ("ledger" if kind == "folder" else "clone")
    script = """
for number in range(4):
    if not os.fork():
        for count in range(5):
            ledger(place).append([entry(f"new-{number}-{count}")])
            datetime_ = ledger(place).compact(datetime(2026, 7, 1).date())
        os._exit(0)
print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)])
""".replace("place", "PLACES[0]").replace("datetime_ = ", "")
    assert eval(_run(lab, script, place)) == [0, 0, 0, 0]  # noqa: S307 - a list of our own
    assert ledger.verify().whole
    assert len(ledger.read(*EVER).records) == 25


@pytest.mark.parametrize("clones", [1, 2])
def test_second_writer_of_a_run_adds_nothing(tmp_path: Path, lab: SimpleNamespace, clones: int) -> None:
    """The second of two writers adds nothing, from the same clone and from another one."""
    ledger = lab.ledger("remote", tmp_path)
    other = lab.clone(tmp_path / "other", (tmp_path / "server.git").as_uri())
    second = BranchLedger(other if clones == 2 else tmp_path / "clone", lab.BRANCH, lab.NOW)
    assert ledger.append([lab.entry()]) == ["run-1"]
    assert second.append([lab.entry()]) == []
    assert second.verify().runs == 1
