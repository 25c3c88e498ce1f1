"""What went wrong with a database, in plain words with the next step, and whether trying again may help."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from pytest_carbon.core.errors import LedgerError

MIGRATE = "run: pytest-carbon ledger migrate"
_PAUSES_S = (0.2, 0.6, 2.0)
_PASSING_STATES = ("08", "40001", "40P01", "57P01", "57P02", "57P03", "53300")
"""SQLSTATEs: connection lost, serialisation, deadlock, server going down or coming up, too many connections."""
_ADVICE_BY_STATE = {
    "28P01": "it refused the password; check that of the URL, PGPASSWORD or ~/.pgpass",
    "28000": "it does not let this user in; check the user's name and the server's pg_hba.conf",
    "3D000": f"there is no such database; create it (createdb), then {MIGRATE}",
    "53300": "it has no connection free; try again later, or raise max_connections or the role's limit",
    "53100": "its disk is full, and nothing was added; make room and try again",
    "53200": "it is out of memory; try again later",
    "42501": "this role may not do that: a reader cannot append, and a writer can do nothing but append and read; "
    "use another role",
    "25006": "it only takes reads (a replica, or a role made read-only); write to the primary",
    "57014": "it took longer than the time limit for one statement and was ended; is the server overloaded?",
    "55P03": "others held a lock for longer than the time limit; try again",
    "42P01": f"it holds no ledger; {MIGRATE}",
}
_STATE_BY_MESSAGE = (
    ("no password supplied", "28P01"),
    ("password authentication failed", "28P01"),
    ("pg_hba.conf", "28000"),
    ("too many", "53300"),
    ('role "', "28000"),
    ("does not exist", "3D000"),
    ("remaining connection slots", "53300"),
    ("starting up", "57P03"),
    ("shutting down", "57P03"),
)
"""What a server says while connecting, where libpq gives no SQLSTATE."""
_UNREACHABLE = "it cannot be reached; is the server running, and are host and port right?"
_SSL = "an encrypted connection could not be made; check sslmode and the certificates"
_SQLITE_ADVICE = (
    ("unable to open database file", f"there is no such file, or it may not be read; to make one, {MIGRATE}"),
    ("no such table", f"it holds no ledger; {MIGRATE}"),
    ("readonly", "it can only be read; check the permissions of the file and of its folder"),
    ("locked", "another process held it for longer than the time limit; try again"),
    ("full", "the disk is full, and nothing was added; make room and try again"),
    ("not a database", "it is no database, or it is damaged; restore it from a copy"),
    ("malformed", "it is damaged; restore it from a copy"),
)
T = TypeVar("T")


@contextmanager
def explain_database_errors(where: str, private: bool = False) -> Iterator[None]:
    """Turn whatever a database or its driver raises into a LedgerError that says which database it was.

    With ``private`` the server's and the driver's own words are left out, and the error has no cause to print: they may
    hold an address or a user's name.
    """
    try:
        yield
    except (SQLAlchemyError, LedgerError, TypeError, ValueError) as error:
        kind = type(error) if isinstance(error, LedgerError) else LedgerError
        raise kind(f"{where}: {_explanation(error, private)}") from (None if private else error)


def _explanation(error: Exception, private: bool) -> str:
    own = "" if private else f" ({_first_line(error)})"
    if isinstance(error, NoConnectionFree):
        return "no connection of this process became free in time; try again"
    if isinstance(error, DBAPIError):
        return explain_driver_error(error, private)
    if isinstance(error, SQLAlchemyError):
        return type(error).__name__ if private else _first_line(error)
    if isinstance(error, LedgerError):
        return str(error)
    if isinstance(error, UnicodeError) and "idna" in str(error):  # a host that cannot be called so
        return f"{_UNREACHABLE}{own}"
    return (  # a file of SQLite takes anything for a day, a number or a text
        f"it holds something of another kind than a ledger does{own}; was it changed by hand? Restore it from a copy"
    )


def sqlstate_of(error: DBAPIError) -> str | None:
    """Return the SQLSTATE of an error, also of one while connecting, where only words tell it."""
    state = getattr(error.orig, "sqlstate", None)
    said = str(error.orig)
    return state or next((known for words, known in _STATE_BY_MESSAGE if words in said), None)


def explain_driver_error(error: DBAPIError, private: bool = False) -> str:
    """Say in one sentence what is wrong and what to do; with ``private`` in no words but ours."""
    said = str(error.orig)
    if type(error.orig).__module__.startswith("sqlite3"):
        return next((told for words, told in _SQLITE_ADVICE if words in said.lower()), _first_line(error.orig))
    state = sqlstate_of(error)
    if state in _ADVICE_BY_STATE:
        return _ADVICE_BY_STATE[state]
    own = "" if private else f" ({_first_line(error.orig)})"
    if "SSL" in said or "certificate" in said:
        return f"{_SSL}{own}"
    if state is None or state.startswith("08"):
        return f"{_UNREACHABLE}{own}"
    return f"it failed with SQLSTATE {state}" if private else f"{_first_line(error.orig)} ({state})"


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n", 1)[0][:300]


def may_pass(error: DBAPIError) -> bool:
    """Say whether the same transaction, begun again, may succeed: a lost connection, a deadlock, a restart."""
    state = sqlstate_of(error)
    lost = error.connection_invalidated and state not in _ADVICE_BY_STATE
    return lost or (state is not None and state.startswith(_PASSING_STATES))


def retry_transaction(transaction: Callable[[], T]) -> T:
    """Run a whole transaction, and again after a pause where what stopped it may pass; in all for some seconds.

    A transaction that had an unknown end is run again as well, so it must be one that can be.
    """
    for pause_s in _PAUSES_S:
        try:
            return transaction()
        except DBAPIError as error:
            if not may_pass(error):
                raise
        time.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - so that many writers come apart
    return transaction()
