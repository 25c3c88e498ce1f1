"""Many writers of a database at once, writers and servers that are killed: nothing lost, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.core.records.record_json import to_text

EVER = (date.min, date.max)
START = """
import json, os, random, signal, sys, time
from dataclasses import replace
from datetime import UTC, date, datetime
from pytest_carbon.core.records.record_json import from_data
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

RECORD, URL = from_data(json.loads(sys.argv[1])), sys.argv[2]

def ledger():
    return SqlLedger(URL, "org/shop", datetime(2026, 6, 15, tzinfo=UTC))

def entry(name):
    return replace(RECORD, id=name, run=name)
"""
AT_ONCE = """
waiting, starting = os.pipe()
for number in range(8):
    if not os.fork():
        os.close(starting)
        os.read(waiting, 1)  # returns in all of them when the parent closes its end
        os._exit(len(ledger().append([entry("shared"), entry(f"own-{number}")])))
os.close(starting)
print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(8)))
"""
KILLED = """
reading, writing = os.pipe()
for number in range(20):
    child = os.fork()
    if not child:
        own = ledger()
        for count in range(1_000_000):
            added = own.append([entry(f"run-{number}-{count}")])
            os.write(writing, f"{added[0]}\\n".encode())
    time.sleep(random.uniform(0, 0.08))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
os.close(writing)
print(os.fdopen(reading).read())
"""
SUMMED_MEANWHILE = """
for number in range(3):
    if not os.fork():
        own = ledger()
        for count in range(15):
            own.append([entry(f"new-{number}-{count}")])
        os._exit(0)
own, done = ledger(), 0
while done < 3:
    own.compact(date(2026, 6, 15))
    done += os.waitpid(-1, os.WNOHANG)[0] > 0
"""


def _run(lab: SimpleNamespace, script: str, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", START + script, to_text(lab.entry()), url],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_eight_writers_at_once_add_every_record_once(database: str, lab: SimpleNamespace) -> None:
    """Every writer's own record is there, and the record that all of them append is added by exactly own."""
    assert _run(lab, AT_ONCE, database) == "[1, 1, 1, 1, 1, 1, 1, 2]\n"
    ledger = lab.sql_ledger(database)
    assert [record.id for record in ledger.read(*EVER).records] == [*(f"own-{n}" for n in range(8)), "shared"]
    assert ledger.verify().whole


def test_acknowledged_runs_of_a_killed_writer_are_there(database: str, lab: SimpleNamespace) -> None:
    """After kill -9 at any moment, every run is complete, no acknowledged run is lost, and others can append."""
    acknowledged = _run(lab, KILLED, database).split()
    ledger = lab.sql_ledger(database)
    result = ledger.verify()
    names = [record.id for record in ledger.read(*EVER).records]
    assert result.whole
    assert {*acknowledged} <= {*names}
    assert len(names) == len({*names}) == result.runs <= len(acknowledged) + 20
    assert ledger.append([lab.entry("last")]) == ["last"]


def test_summing_while_others_append_loses_nothing(database: str, lab: SimpleNamespace) -> None:
    """A run that is added while its day is summed is in the sum, or its day is read run by run."""
    _run(lab, SUMMED_MEANWHILE, database)
    ledger = lab.sql_ledger(database)
    assert ledger.verify().whole
    ledger.compact(date(2026, 6, 15))
    sums = [r.runs for r in ledger.read(*EVER, exact_days=()).records if isinstance(r, Entry) and r.rolled == ""]
    assert (sums, ledger.verify().runs) == ([45], 45)


def test_lost_connection_is_not_noticed(server: Any, postgres: str, lab: SimpleNamespace) -> None:
    """The server ends all connections; the next append connects again."""
    ledger = lab.sql_ledger(postgres)
    assert ledger.append([lab.entry()]) == ["run-1"]
    assert server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pytest-%'")
    assert ledger.append([lab.entry(), lab.entry("run-2")]) == ["run-2"]
    assert ledger.verify().whole


def test_crashed_server_is_explained_and_recovers(server: Any, postgres: str, lab: SimpleNamespace) -> None:
    """While the server is down, the error says so; after its recovery every acknowledged record is there once."""
    ledger = lab.sql_ledger(postgres)
    ledger.append([lab.entry()], lab.baseline())
    server.stop()
    try:
        with pytest.raises(LedgerError, match=r"cannot be reached; is the server running, and are host and port right"):
            ledger.append([lab.entry("run-2")])
    finally:
        server.start()
    assert ledger.append([lab.entry(), lab.entry("run-2")]) == ["run-2"]
    assert (ledger.verify().runs, ledger.verify().baselines, ledger.verify().whole) == (2, 1, True)
