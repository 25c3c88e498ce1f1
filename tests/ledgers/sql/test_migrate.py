"""What the owner of a database does and is told: its schema, who may do what, its months, and what verify finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.engine import parse_url
from pytest_carbon.ledgers.sql.migrate import migrate
from pytest_carbon.ledgers.sql.schema import REVISION, metadata
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

EVER = (date.min, date.max)


def _ledger(lab: SimpleNamespace, url: str) -> SqlLedger:
    return SqlLedger(url, "org/shop", lab.NOW)


def _run(url: str, *statements: str) -> None:
    """Do something to a database that no ledger would do."""
    engine = create_engine(parse_url(url))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def test_code_and_migrations_know_the_same_schema(database: str) -> None:
    """Every column that queries use is in the tables that migrations make, with its type, and the other way round."""
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "pytest_carbon.ledgers.sql:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]
    engine = create_engine(parse_url(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _not_a_part})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert [one for one in differences if one[0] in ("add_table", "remove_table", "add_column", "remove_column")] == []


def _not_a_part(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    return not (kind == "table" and str(name).startswith(("runs_", "entries_")))


# -- rights ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def roles(server: Any) -> Any:
    """A database with a writer and a reader, and a URL for each of them."""
    name = server.database()
    ann, bob = f"ann_{name}", f"bob_{name}"  # a worker that takes tests over comes here more than once
    assert migrate(server.url(name), ("carbon writer", 'carbon "reader"'))[1:] == ("0001", "0001")
    server.sql(f'CREATE ROLE {ann} LOGIN IN ROLE "carbon writer"')
    server.sql(f'CREATE ROLE {bob} LOGIN IN ROLE "carbon ""reader"""')
    return SimpleNamespace(owner=server.url(name), writer=server.url(name, ann), reader=server.url(name, bob))


def test_writer_appends_and_reader_reads(roles: Any, lab: SimpleNamespace) -> None:
    """A writer adds runs, corrections and baselines, and reads for its verdict; a reader reads and verifies."""
    writer, reader, owner = (_ledger(lab, url) for url in (roles.writer, roles.reader, roles.owner))
    run = lab.entry()
    assert writer.append([run, lab.correction("co-1", run)], lab.figures()) == ["run-1", "co-1"]
    assert writer.append([run]) == []
    assert owner.compact(date(2026, 6, 2)) == ["org/shop 2026/06"]
    assert writer.append([lab.entry("late")]) == ["late"]
    assert reader.read(*EVER) == writer.read(*EVER) == owner.read(*EVER)
    assert len(reader.read(*EVER, exact_days=()).records) == len(reader.baselines("main")[0]) + 2
    assert reader.verify().whole
    with pytest.raises(LedgerError, match="this role may not do that: a reader can only read, and a writer can only"):
        reader.append([lab.entry("run-2")])
    for ledger in (writer, reader):
        with pytest.raises(LedgerError, match="this role may not do that"):
            ledger.compact(lab.NOW.date())


@pytest.mark.parametrize("table", ["runs", "entries", "records", "baselines", "stale", "rollups", "runs_other"])
def test_nobody_but_the_owner_changes_what_is_there(roles: Any, table: str) -> None:
    """Neither role can change, remove or make anything, also by way of a part of a table; a reader adds nothing."""
    forbidden = ["DELETE FROM {}", "UPDATE {} SET repository = 'x'", "TRUNCATE {}", "DROP TABLE {}",
                 "ALTER TABLE {} ADD COLUMN x int", "CREATE TABLE mine (x int)"]  # fmt: skip
    reader = [*forbidden, "INSERT INTO {} DEFAULT VALUES"]
    for url, statements in ((roles.writer, forbidden), (roles.reader, reader)):
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.format(table).encode())


def test_roles_that_cannot_be(sqlite: str, postgres: str) -> None:
    """A file has no roles, and one role cannot be both."""
    with pytest.raises(LedgerError, match="only PostgreSQL has roles; a file is protected by its permissions"):
        migrate(sqlite, ("a", "b"))
    with pytest.raises(LedgerError, match="the writer and the reader are one role, 'a'; name two"):
        migrate(postgres, ("a", "a"))


# -- months ------------------------------------------------------------------------------------------------


def test_every_month_gets_a_part_of_its_own(server: Any, lab: SimpleNamespace) -> None:
    """What writers put into the part for all other months moves into its own, whole, when the owner compacts."""
    name = server.database()
    ledger = _ledger(lab, server.url(name))
    runs = [lab.entry(f"run-{month}", f"2024-{month:02}-28T10:00:00Z") for month in (2, 12)]
    ledger.append(runs)
    before = ledger.read(*EVER)
    assert server.sql("SELECT tableoid::regclass::text FROM runs", database=name) == [("runs_other",)] * 2
    ledger.compact(date(2024, 1, 1))
    parts = "SELECT tableoid::regclass::text, count(*) FROM {} GROUP BY 1 ORDER BY 1"
    assert server.sql(parts.format("runs"), database=name) == [("runs_2024_02", 1), ("runs_2024_12", 1)]
    assert server.sql(parts.format("entries"), database=name) == [("entries_2024_02", 2), ("entries_2024_12", 2)]
    assert ledger.read(*EVER) == before
    ledger.append([lab.entry("late", "2024-02-01T10:00:00Z")])
    assert server.sql(parts.format("runs"), database=name)[0] == ("runs_2024_02", 2)
    assert ledger.append(runs) == []
    assert ledger.verify().whole


# -- what verify finds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("DELETE FROM entries WHERE feature = 'checkout'", "the shares of run run-1 sum to 0.25; they must be"),
        ("DELETE FROM entries WHERE id = 'run-1'", "the shares of run run-1 sum to 0"),
        ("DELETE FROM runs WHERE id = 'run-1'", "their run is missing"),
        ("DELETE FROM runs WHERE id = 'run-1'", "it corrects run-1, which is missing"),
        ("UPDATE runs SET started = '2026-06-09T00:00:00Z'", "its path should be 2026/06/09/run-1.json"),
        ("UPDATE runs SET started = 'yesterday'", "'yesterday' is not a time"),
        ("UPDATE runs SET energy_j = 1 WHERE id = 'run-1'", "they differ from the sums of its runs"),
        ("DELETE FROM rollups WHERE rolled = ''", "they differ from the sums of its runs"),
        ("UPDATE rollups SET runs = 7", "they differ from the sums of its runs"),
        ("UPDATE records SET record = '{}'", "its schema is 'None'; this version reads entry"),
        ("UPDATE baselines SET data = CAST('x' AS BYTES)", "it is not valid gzip"),
        ("UPDATE baselines SET path = 'x'", "its path should be baseline/main-0d6e4079/"),
        ("UPDATE baselines SET started = '1999-01-01'", "these columns do not agree with its content: started"),
        (
            "UPDATE baselines SET folder = 'x', branch = 'y'",
            "these columns do not agree with its content: folder, branch",
        ),
        ("UPDATE records SET record = '{'", "it is not valid JSON"),
        ("UPDATE records SET id = 'co-2'", "its path should be 2026/06/01/co-1.json"),
        ("UPDATE records SET kind = 'override'", "its column kind says 'override', but it is of the kind correction"),
        ("UPDATE entries SET day = '2026-06-05' WHERE id = 'run-1' AND feature = 'søk'", "their run is missing"),
        ("UPDATE runs SET day = '9999-12-31' WHERE id = 'run-1'", "their run is missing"),
        ("UPDATE runs SET labels = 'null'", "its labels are not a list of texts"),
        ("UPDATE runs SET method = 'guess'", "method must be one of"),
        ("UPDATE runs SET run = ''", "run must match pattern"),
    ],
)
def test_verify_tells_what_is_wrong(database: str, lab: SimpleNamespace, fault: str, told: str) -> None:
    """A row that somebody changed by hand is told by verify; readers skip what is no record, and go on."""
    ledger, run = _ledger(lab, database), lab.entry()
    ledger.append([run, lab.correction("co-1", run), lab.entry("run-2", "2026-06-05T10:00:00Z")], lab.figures())
    ledger.compact(date(2026, 6, 15))
    assert ledger.verify().whole
    _run(database, fault.replace("BYTES", "BLOB" if database.startswith("sqlite") else "BYTEA"))
    said = ledger.verify()
    assert not said.whole
    assert told in "\n".join(one.reason for one in said.skipped)
    ledger.read(*EVER)
    ledger.read(*EVER, exact_days=(), features=["checkout"], all_runs=False)
    ledger.baselines("main")
    ledger.compact(date(2026, 6, 15))


def test_correction_of_another_day_than_its_run_is_told(database: str, lab: SimpleNamespace) -> None:
    """It would hold or not by which days are read run by run."""
    ledger, run = _ledger(lab, database), lab.entry()
    ledger.append([run, replace(lab.correction("co-1", run), entry_started="2026-06-02T00:00:00Z")])
    assert [(one.path, one.reason) for one in ledger.verify().skipped] == [
        ("2026/06/02/co-1.json of org/shop", "it corrects run-1, which is missing")
    ]


@pytest.mark.parametrize("figure", ["-1", "1e16", "NaN", "Infinity"])
def test_database_takes_no_figure_that_is_none(postgres: str, lab: SimpleNamespace, figure: str) -> None:
    """Whoever writes by other means than ours is refused by the table itself."""
    _ledger(lab, postgres).append([lab.entry()])
    with psycopg.connect(postgres) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE runs SET energy_j = %s::float", [figure])


@pytest.mark.parametrize("change", ["runs SET attempt = 0", "runs SET pr = 0", "runs SET tests = -1",
                                    "rollups SET energy_j = -1", "rollups SET runs = 0"])  # fmt: skip
def test_database_takes_no_number_that_is_none(database: str, lab: SimpleNamespace, change: str) -> None:
    """Also of sums, which nothing but verify checks."""
    ledger = _ledger(lab, database)
    ledger.append([lab.entry()])
    ledger.compact(date(2026, 6, 15))
    with pytest.raises(IntegrityError):
        _run(database, f"UPDATE {change}")


def test_day_with_something_corrupt_is_never_summed(database: str, lab: SimpleNamespace) -> None:
    """It stays to be read run by run, so that every verdict says what it skipped."""
    ledger = _ledger(lab, database)
    ledger.append([lab.entry(), lab.entry("bad")])
    _run(database, "UPDATE runs SET started = 'never' WHERE id = 'bad'")
    assert ledger.compact(date(2026, 6, 15)) == []
    found = ledger.read(*EVER, exact_days=())
    assert [record.id for record in found.records] == ["run-1"]
    assert [one.path for one in found.skipped] == ["2026/06/01/bad.json"]
