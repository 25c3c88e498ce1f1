"""What the tests of the ledgers share: records, repositories, and a ledger of every kind."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.core.records.ledger_records import Correction, Entry, Override, SelfTest
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Ledger

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BRANCH = "carbon-ledger"


def entry(name: str = "run-1", started: str = "2026-06-01T10:00:00+00:00", **changes: Any) -> Entry:
    """Return an entry of one run."""
    values: dict[str, Any] = {
        "id": name, "run": name, "attempt": 1, "job": "tests", "started": started, "commit": "c" * 40,
        "branch": "feature", "pr": 7, "labels": ("checkout",), "method": "modelled", "machine": "bench",
        "fingerprint": "f" * 16, "grid_zone": "DE", "grid_g_per_kwh": 381.0, "grid_assumed": False, "energy_j": 120.5,
        "energy_low_j": 90.0, "energy_high_j": 180.0, "reference_j": 60.25, "operational_g": 0.0128,
        "embodied_g": None, "emissions_low_g": None, "emissions_high_g": None, "tests": 42,
        "shares": {"checkout": 0.75, "søk": 0.25},
    }  # fmt: skip
    if "energy_j" in changes:
        values.update(energy_low_j=None, energy_high_j=None)
    return Entry(**{**values, **changes})


def correction(name: str, of: Entry, made: str = "2026-06-02T10:00:00Z", **shares: float) -> Correction:
    """Return a correction of an entry."""
    return Correction(name, of.id, of.started, made, "label added", ("search",), shares or {"search": 1.0})


def baseline(run: str = "run-1", started: str = "2026-06-01T10:00:00Z", **changes: Any) -> RunMeasurements:
    """Return the baseline of one run of the default branch."""
    values: dict[str, Any] = {
        "run": run, "commit": "a" * 40, "branch": "main", "started": started, "fingerprint": {"cpu": "CPU"},
        "full_speed": 1.25,
        "tests": {"t.py::test[ä]": MeasuredTest(1.5, 1.25), "t.py::b": MeasuredTest(0.5, None, "failed")},
        "code": {"t.py::test": "0123456789ab"}, "features": {"t.py::b": "checkout"},
    }  # fmt: skip
    return RunMeasurements(**{**values, **changes})


OVERRIDE = Override(
    "ov-1", "checkout", "2026-06-03T08:00:00+02:00", "2026-06-10T08:00:00Z", "release", "ann", "bob", 5.5, "mass"
)
SELFTEST = SelfTest("self-1", "2026-06-03T08:00:00Z", "f" * 16, 40, 1, {"": 0.01}, {"": 0.03})


def git_at(folder: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
    """Run git for a test, as a user with a name."""
    who = {f"GIT_{w}_{k}": "user" for w in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=True,
        env={**os.environ, **who, **environment},
    )  # fmt: skip
    return done.stdout.decode("utf-8", "surrogateescape")


def new_server(path: Path, *settings: str) -> Path:
    """Make a bare repository that serves as a remote."""
    git_at(path.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    for setting in settings:
        git_at(path, "config", setting, "true")
    return path


def new_clone(path: Path, url: str | None) -> Path:
    """Make a repository with one commit and, for a url, a remote."""
    git_at(path.parent, "init", "--quiet", "--initial-branch=main", str(path))
    (path / "code.py").write_text("print(1)\n", encoding="utf-8")
    git_at(path, "add", "code.py")
    git_at(path, "commit", "--quiet", "-m", "code")
    if url is not None:
        git_at(path, "remote", "add", "origin", url)
    return path


def make_ledger(kind: str, folder: Path, **options: Any) -> Ledger:
    """Make an empty ledger of a kind: folder, local (a branch without a remote) or remote."""
    if kind == "folder":
        return FolderLedger(folder / "ledger", NOW, **options)
    if kind == "local":
        return BranchLedger(new_clone(folder / "clone", None), BRANCH, NOW, **options)
    server = new_server(folder / "server.git", "uploadpack.allowFilter")
    return BranchLedger(new_clone(folder / "clone", server.as_uri()), BRANCH, NOW, **options)


def fill(ledger: Ledger) -> Ledger:
    """Add two baselines, and nine records of every kind in two months, one of which is then packed."""
    runs = [entry(f"run-{n}", f"2026-0{4 + n % 2}-{n + 1:02}T10:00:00Z") for n in range(6)]
    ledger.append([*runs, correction("c-1", runs[0]), OVERRIDE, SELFTEST], baseline())
    ledger.append([], baseline("run-2", branch="release", commit="b" * 40))
    ledger.compact(date(2026, 5, 1))
    return ledger


def files_of(kind: str, folder: Path) -> dict[str, bytes]:
    """Return every file in the tree of a ledger that ``make_ledger`` made."""
    if kind == "folder":
        root = folder / "ledger"
        result = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]
        return {str(path.relative_to(root)): path.read_bytes() for path in result}
    where = folder / ("clone" if kind == "local" else "server.git")
    if not git_at(where, "for-each-ref", f"refs/heads/{BRANCH}"):
        return {}
    names = git_at(where, "ls-tree", "-r", "-z", "--name-only", BRANCH).split("\0")[:-1]
    return {
        name: git_at(where, "cat-file", "blob", f"{BRANCH}:{name}").encode("utf-8", "surrogateescape") for name in names
    }


def put(kind: str, folder: Path, files: dict[str, bytes]) -> None:
    """Put files into a ledger's tree as somebody else would."""
    if kind == "folder":
        for name, data in files.items():
            path = folder / "ledger" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return
    where = folder / ("clone" if kind == "local" else "server.git")
    lines = ""
    for name, data in files.items():
        oid = git_at(where, "hash-object", "-w", "--stdin", stdin=data).strip()
        lines += f"100644 {oid}\t{name}\0"
    put_entries(where, folder / "index", lines)


def put_entries(where: Path, index: Path, lines: str) -> None:
    """Commit entries of an index (mode, object, path) onto the ledger's branch."""
    own = {"GIT_INDEX_FILE": str(index)}
    tip = git_at(where, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}").strip()
    if tip:
        git_at(where, "read-tree", tip, **own)
    git_at(where, "update-index", "-z", "--index-info", stdin=lines.encode("utf-8", "surrogateescape"), **own)
    tree = git_at(where, "write-tree", "--missing-ok", **own).strip()
    commit = git_at(where, "commit-tree", "-m", "by hand", tree, *(["-p", tip] if tip else [])).strip()
    git_at(where, "update-ref", f"refs/heads/{BRANCH}", commit)


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """Return what is above: modules of tests cannot import each other."""
    return SimpleNamespace(
        NOW=NOW, BRANCH=BRANCH, OVERRIDE=OVERRIDE, SELFTEST=SELFTEST, entry=entry, correction=correction,
        baseline=baseline, git=git_at, server=new_server, clone=new_clone, ledger=make_ledger, fill=fill,
        files=files_of, put=put, put_entries=put_entries,
    )  # fmt: skip


@pytest.fixture(params=["folder", "local", "remote"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every kind of ledger."""
    return str(request.param)
