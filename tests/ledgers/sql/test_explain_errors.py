"""What goes wrong with a database is told in plain words, never with a password, and leaves nothing half done."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.migrate import migrate
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

EVER = (date.min, date.max)
OPTIONS = {"lock": "-c%20lock_timeout%3D200", "statement": "-c%20statement_timeout%3D200"}


def _trigger(what: str) -> str:
    body = f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$;"
    return f"{body} CREATE TRIGGER fault BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION fault()"


@pytest.mark.parametrize("name", ["", "x" * 201, "a\0b", "a\nb", "a\udcff"])
def test_invalid_repository_name_is_refused(lab: SimpleNamespace, name: str) -> None:
    """A name must fit into an index, and must be printable."""
    assert "cannot be the name of a repository" in lab.refused(lambda: SqlLedger("sqlite:///x.db", name, lab.NOW))


# -- connecting --------------------------------------------------------------------------------------------


@contextmanager
def _answering(answer: bytes | None) -> Iterator[int]:
    """Listen on this machine and answer the first words of a client; None is nobody who listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
        if answer is None:
            listening.close()
            yield port
            return

        def serve() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(8)
                client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield port
        thread.join()


@pytest.mark.parametrize(
    ("answer", "settings", "expected"),
    [
        (None, "", "it cannot be reached; is the server running, and are host and port right? (connection"),
        (b"N", "?sslmode=require", "an encrypted connection could not be made; check sslmode and the certificates ("),
    ],
)
def test_unreachable_and_unencrypted_servers_are_explained(
    lab: SimpleNamespace, answer: bytes | None, settings: str, expected: str
) -> None:
    """The error differs for a server that does not answer and for one that does not encrypt."""
    with _answering(answer) as port:
        ledger = lab.sql_ledger(f"postgresql://me:secret@127.0.0.1:{port}/carbon{settings}")
        message = lab.refused(lambda: ledger.read(*EVER))
    assert message.startswith("database at 127.0.0.1: ")
    assert expected in message


def test_private_ledger_does_not_reveal_its_place(server: Any, lab: SimpleNamespace) -> None:
    """A published error contains no address, no name, and no words of the server, which may contain either."""
    name = server.database()
    server.sql(_trigger("RAISE EXCEPTION 'db.example.org' USING ERRCODE = '22023'"), database=name)
    raising = SqlLedger(server.url(name), "org/shop", lab.NOW, private=True)
    with _answering(None) as port, _answering(b"N") as other:
        places = [f"postgresql://me:secret@127.0.0.1:{port}/a", f"postgresql://me@127.0.0.1:{other}/a?sslmode=require"]
        nobody, plain = (SqlLedger(place, "org/shop", lab.NOW, private=True) for place in places)
        message = [lab.refused(lambda: nobody.read(*EVER)), lab.refused(lambda: plain.read(*EVER))]
    nowhere = SqlLedger("postgresql://me@db..example/a", "org/shop", lab.NOW, private=True)
    message += [lab.refused(lambda: nowhere.read(*EVER)), lab.refused(lambda: raising.append([lab.entry()]))]
    assert message == [
        "ledger's database: it cannot be reached; is the server running, and are host and port right?",
        "ledger's database: an encrypted connection could not be made; check sslmode and the certificates",
        "ledger's database: it cannot be reached; is the server running, and are host and port right?",
        "ledger's database: it failed with SQLSTATE 22023; see the log of the server",
    ]


def test_private_error_has_no_cause(lab: SimpleNamespace) -> None:
    """A traceback that is printed later would show the cause with the address."""
    url = "postgresql://me:secret@{}:9/a".format("127.0.0.1")
    for private in (True, False):
        with pytest.raises(LedgerError) as caught:
            SqlLedger(url, "org/shop", lab.NOW, private=private).read(*EVER)
        assert ("127.0.0.1" in "".join(traceback.format_exception(caught.value))) is not private


@pytest.mark.parametrize("private", [True, False])
def test_a_wrong_option_of_a_url_is_no_missing_server(lab: SimpleNamespace, private: bool) -> None:
    """A misspelt option is said to be one; nobody looks for a server that is there."""
    ledger = SqlLedger("postgresql://me@localhost/a?nope=1", "org/shop", lab.NOW, private=private)
    message = lab.refused(lambda: ledger.read(*EVER))
    assert message.endswith("database: its URL has an option that PostgreSQL does not know; correct or remove it")


def test_refused_logins_are_explained(server: Any, lab: SimpleNamespace) -> None:
    """A wrong password, a missing one, an unknown user and a missing database have an error each."""
    server.sql("CREATE ROLE guarded LOGIN PASSWORD 'another secret'", "CREATE ROLE barred LOGIN")
    file = server.own.pgdata / "pg_hba.conf"
    rules = file.read_text(encoding="utf-8")
    file.write_text(f"local all guarded scram-sha-256\nlocal all barred reject\n{rules}", encoding="utf-8")
    server.reload()
    try:
        for url, expected in (
            (
                server.url("made", "guarded:secret"),
                "it refused the password; check the password in the URL, PGPASSWORD or",
            ),
            (server.url("made", "guarded"), "it refused the password"),
            (server.url("made", "barred"), "it refused this user; check the user's name and the server's"),
            (server.url("nowhere"), "there is no such database; create it (createdb), then run pytest-carbon ledger"),
            (server.url("made", "nobody"), "it refused this user"),
        ):
            assert expected in lab.refused(lambda url=url: lab.sql_ledger(url.replace(":@", "@")).read(*EVER))  # type: ignore[misc]
    finally:
        file.write_text(rules, encoding="utf-8")
        server.reload()


def test_server_without_a_free_connection(server: Any, postgres: str, lab: SimpleNamespace) -> None:
    """Connecting is tried for some seconds, since others may disconnect; then it is an error."""
    server.sql("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1")
    with psycopg.connect(server.url("made", "narrow")):
        message = lab.refused(lambda: lab.sql_ledger(postgres.replace("postgres:@", "narrow:@")).read(*EVER))
    assert "it has no connection free; try again later, or raise max_connections or the role's limit" in message


# -- while it works ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "fault", "expected"),
    [
        ("statement", "PERFORM pg_sleep(5)", "it took longer than the time limit for one statement and was ended"),
        ("", "RAISE EXCEPTION 'full' USING ERRCODE = '53100'", "its disk is full, and nothing was added; free space"),
        ("", "RAISE EXCEPTION 'odd' USING ERRCODE = '22023'", "odd (22023)"),
    ],
)
def test_append_that_fails_adds_nothing(
    server: Any, lab: SimpleNamespace, options: str, fault: str, expected: str
) -> None:
    """After a slow server, a full disk or any other error, nothing of the append is left."""
    name = server.database()
    server.sql(_trigger(fault), database=name)
    ledger = lab.sql_ledger(server.url(name, **({"options": OPTIONS[options]} if options else {})))
    assert expected in lab.refused(lambda: ledger.append([lab.entry()], lab.baseline()))
    assert (ledger.record_counts(), ledger.baseline_paths(), ledger.verify().whole) == ({}, {}, True)


def test_wait_for_a_lock_is_limited(server: Any, lab: SimpleNamespace) -> None:
    """The limit can be set in the URL."""
    name = server.database()
    ledger = lab.sql_ledger(server.url(name, options=OPTIONS["lock"]))
    with psycopg.connect(server.url(name)) as other:
        other.execute("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        assert "other processes held a lock for longer than the time limit; try again" in lab.refused(
            lambda: ledger.read(*EVER)
        )
    assert ledger.append([lab.entry()]) == ["run-1"]


def test_deadlock_is_tried_again(server: Any, lab: SimpleNamespace) -> None:
    """A deadlock may pass: the append succeeds without an error."""
    name = server.database()
    server.sql(
        "CREATE SEQUENCE tries",
        _trigger("IF nextval('tries') < 3 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF"),
        database=name,
    )
    assert lab.sql_ledger(server.url(name)).append([lab.entry(shares={"checkout": 1.0})]) == ["run-1"]
    assert server.sql("SELECT last_value FROM tries", database=name) == [(3,)]


def test_read_only_server_is_explained(server: Any, lab: SimpleNamespace) -> None:
    """Reading works on a replica or for a read-only role; an append is an error."""
    ledger = lab.sql_ledger(server.url(server.database(), options="-c%20default_transaction_read_only%3Don"))
    assert "it is read-only (a replica, or a read-only role)" in lab.refused(lambda: ledger.append([lab.entry()]))
    assert ledger.read(*EVER).records == ()


# -- files -------------------------------------------------------------------------------------------------


def test_missing_database_file_is_not_made(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Only migrate makes a file, so that a misspelt name does not start a second ledger."""
    ledger = lab.sql_ledger(f"sqlite:///{tmp_path}/a?b.db".replace("?", "%3F"))
    message = lab.refused(lambda: ledger.append([lab.entry()]))
    assert message.endswith(
        "there is no such file, or it may not be read; to make a ledger, run pytest-carbon ledger migrate, "
        "with the same --sql if you gave one"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change", ["runs SET labels = 'none'", "runs SET started = x'ff'", "records SET record = x'ff'"]
)
def test_values_of_a_wrong_type_are_explained(sqlite: str, tmp_path: Path, lab: SimpleNamespace, change: str) -> None:
    """SQLite stores any value in any column; a reader gets an error in plain words."""
    ledger = lab.sql_ledger(sqlite)
    ledger.append([lab.entry(), lab.OVERRIDE])
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        connection.execute(f"UPDATE {change}")
    for do in (lambda: ledger.read(*EVER), ledger.verify):
        assert "it contains a value of a wrong type" in lab.refused(do)


def test_file_that_is_locked_read_only_or_damaged(sqlite: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Each cause has its own error, and the ledger works again once the cause is gone."""
    ledger = lab.sql_ledger(f"{sqlite}?timeout=0.1")
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        message = lab.refused(lambda: ledger.append([lab.entry()]))
        assert message.endswith("another process held it for longer than the time limit; try again")
    assert ledger.append([lab.entry()]) == ["run-1"]
    reader = lab.sql_ledger(f"{sqlite}?mode=ro")
    message = lab.refused(lambda: reader.append([lab.entry("run-2")]))
    assert message.endswith("it is read-only; check the permissions of the file and of its folder")
    assert len(reader.read(*EVER).records) == 1
    file = tmp_path / "ledger.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 40_000)
    assert "it is damaged; restore it from a backup" in lab.refused(lambda: lab.sql_ledger(sqlite).read(*EVER))
    file.write_text("a text, and no database at all" * 100, encoding="utf-8")
    assert "it is not a database, or it is damaged" in lab.refused(lambda: lab.sql_ledger(sqlite).read(*EVER))
    assert "it is not a database, or it is damaged" in lab.refused(lambda: migrate(sqlite))


def test_missing_database_libraries_are_explained() -> None:
    """The error says what to install; no other command needs the libraries."""
    script = (
        "import sys; sys.modules['sqlalchemy'] = None; from pytest_carbon.cli.main import main; "
        "sys.exit(main(['ledger', 'list', '--sql', 'sqlite:///x.db', '--repository', 'org/shop']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "a ledger in a database needs more than is installed" in done.stderr
    assert "run: pip install 'pytest-carbon[sql]'" in done.stderr
