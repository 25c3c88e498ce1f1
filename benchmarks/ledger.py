"""The ledger under load: many writers at once, a long history read by a fresh clone, writers that are killed.

Every remote is a bare repository on this machine: the figures hold no network. The yardsticks are what git itself
takes: a commit and its push to the same kind of remote, and a clone of the same branch.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from _bench import Table, Yardstick, median_s, process

from pytest_carbon.core.records.ledger_records import Entry, record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Ledger

BRANCH, NOW = "carbon-ledger", datetime.now(UTC)
FIRST = date(2025, 1, 1)


def entry(name: str, day: date = FIRST) -> Entry:
    """Return a run's entry as long as a usual one."""
    return Entry(
        id=name, run=name, attempt=1, job="tests", started=f"{day}T10:00:00+00:00", commit="c" * 40, branch="feature",
        pr=1234, labels=("checkout", "search"), method="modelled", machine="github-ubuntu-4", fingerprint="f" * 16,
        grid_zone="DE", grid_g_per_kwh=381.0, grid_assumed=False, energy_j=random.uniform(100, 1000),
        energy_low_j=90.0, energy_high_j=1800.0, reference_j=random.uniform(50, 500), operational_g=0.0128,
        embodied_g=0.0012, emissions_low_g=0.001, emissions_high_g=0.1, tests=1200,
        shares={"checkout": 0.5, "search": 0.25, "unattributed": 0.25},
    )  # fmt: skip


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git."""
    return subprocess.run(["git", *arguments], cwd=folder, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def server(folder: Path) -> Path:
    """Make a bare repository that gives single objects, as the large hosts do."""
    path = folder / "server.git"
    git(folder, "init", "-q", "--bare", str(path))
    git(path, "config", "uploadpack.allowFilter", "true")
    return path


def clone(path: Path, remote: Path | None) -> Path:
    """Make an empty repository with a remote."""
    git(path.parent, "init", "-q", str(path))
    if remote is not None:
        git(path, "remote", "add", "origin", remote.as_uri())
    return path


def writer(where: Path, name: str) -> subprocess.Popen[bytes]:
    """Start a process that appends one run, or, for a name that ends in a star, runs until it is killed."""
    return subprocess.Popen([sys.executable, __file__, str(where), name], stdout=subprocess.PIPE)


def write(where: Path, name: str) -> None:
    """Be that process: ``where`` is a clone, or a folder to make a ledger in."""
    ledger: Ledger
    ledger = BranchLedger(where, BRANCH, NOW) if (where / ".git").exists() else FolderLedger(where, NOW)
    print("ready", flush=True)
    if not name.endswith("*"):
        assert ledger.append([entry(name)]) == [name]
        return
    for number in range(1_000_000):
        ledger.append([entry(f"{name[:-1]}-{number}")])


def many_writers(table: Table, clones: int, each: int) -> None:
    """Let processes of several clones append at once to one server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        remote = server(folder)
        places = [clone(folder / f"clone-{number}", remote) for number in range(clones)]
        yardstick = plain_pushes(folder, clones * each)
        start = time.perf_counter()
        writers = [writer(place, f"run-{a}-{b}") for a, place in enumerate(places) for b in range(each)]
        failed = sum(process.wait() != 0 for process in writers)
        took_s = time.perf_counter() - start
        verification = BranchLedger(places[0], BRANCH, NOW).verify()
        what = f"{clones * each} processes from {clones} clones"
        table.time(f"{what}: all appended", took_s, yardstick, 40)
        table.row(
            f"{what}: failed, missing, twice or corrupt",
            failed + clones * each - verification.runs + (not verification.whole),
            0,
        )


def plain_pushes(folder: Path, number: int) -> Yardstick:
    """Measure commits and pushes of git itself, one after the other."""
    (folder / "plain").mkdir()
    place = clone(folder / "plain" / "clone", server(folder / "plain"))
    author = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    commit = process("git", *author, "commit", "-q", "--allow-empty", "-m", "x", cwd=place)
    push = process("git", "push", "-q", "origin", "HEAD:plain", cwd=place)
    return Yardstick(f"{number} commits and pushes by git", number * sum(median_s(commit, push, times=10)))


def long_history(table: Table, runs: int) -> None:
    """Read from a fresh clone four weeks of a year's runs, and then all of a year's runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        remote = server(folder)
        history(remote, runs)
        copies = iter(range(100))
        cloning = lambda: git(folder, "clone", "-q", "--bare", remote.as_uri(), f"copy-{next(copies)}")  # noqa: E731
        yardstick = Yardstick("a clone by git", *median_s(cloning, times=3))
        for what, until in (("28 days", FIRST + timedelta(days=27)), ("the whole year", date(2025, 12, 31))):
            ledger = BranchLedger(clone(folder / what.replace(" ", "-"), remote), BRANCH, NOW)
            start = time.perf_counter()
            found = ledger.read(FIRST, until)
            took_s = time.perf_counter() - start
            assert not found.skipped
            table.time(f"{what} of {runs} files, {len(found.records)} runs, cold", took_s, yardstick, 20)
            start = time.perf_counter()
            ledger.read(FIRST, until)
            table.say(f"again, warm: {time.perf_counter() - start:.2f} s")


def history(remote: Path, runs: int) -> None:
    """Put runs evenly over the days of 2025 into a branch."""
    records = [
        entry(f"run-{n}-{random.getrandbits(48):012x}", FIRST + timedelta(days=n * 365 // runs)) for n in range(runs)
    ]
    stream = [f"commit refs/heads/{BRANCH}\ncommitter a <a> 1735689600 +0000\ndata 0\n\n".encode()]
    for record in records:
        text = to_text(record).encode()
        stream.append(f"M 100644 inline {record_path(record)}\ndata {len(text)}\n".encode() + text + b"\n")
    git(remote, "fast-import", "--quiet", stdin=b"".join(stream))


def killed_writers(table: Table, kind: str, make: Callable[[Path], Path], times: int) -> None:
    """Kill a process that appends without end, again and again, and look at what it left."""
    with tempfile.TemporaryDirectory() as name:
        where = make(Path(name))
        for number in range(times):
            process = writer(where, f"run-{number}-*")
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.uniform(0, 0.3))
            process.kill()
            process.wait()
        ledger = BranchLedger(where, BRANCH, NOW) if (where / ".git").exists() else FolderLedger(where, NOW)
        added = ledger.append([entry("the-last")])
        verification = ledger.verify()
        table.row(f"{times} kills, {kind}: faults found", (not verification.whole) + (added != ["the-last"]), 0)
        table.say(f"{verification.runs} runs are whole")


def main() -> None:
    """Print every figure against its limit."""
    table = Table("ledger")
    many_writers(table, 50, 1)
    many_writers(table, 5, 10)
    long_history(table, 10_000)
    killed_writers(table, "folder", lambda folder: folder / "ledger", 100)
    killed_writers(table, "branch", lambda folder: clone(folder / "clone", None), 100)
    killed_writers(table, "branch of a remote", lambda folder: clone(folder / "clone", server(folder)), 100)
    table.end()


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 1 else main()
