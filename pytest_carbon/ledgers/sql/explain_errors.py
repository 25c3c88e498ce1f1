"""Explains errors of a database in plain words with the next step, and tries again what may pass."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.retry import retry

MIGRATE = "run pytest-carbon ledger migrate, with the same --sql if you gave one"
_WAITS_S = (0.2, 0.6, 2.0)
_PASSING_STATES = ("08", "40001", "40P01", "57P01", "57P02", "57P03", "53300")
"""SQLSTATEs, or their beginnings: connection lost, serialisation, deadlock, server stops or starts, too many users."""
_ADVICE_BY_STATE = {
    "28P01": "it refused the password; check the password in the URL, PGPASSWORD or ~/.pgpass",
    "28000": "it refused this user; check the user's name and the server's pg_hba.conf",
    "3D000": f"there is no such database; create it (createdb), then {MIGRATE}",
    "53300": "it has no connection free; try again later, or raise max_connections or the role's limit",
    "53100": "its disk is full, and nothing was added; free space and try again",
    "53200": "it is out of memory; try again later",
    "42501": "this role may not do that: a reader can only read, and a writer can only append and read; "
    "use another role",
    "25006": "it is read-only (a replica, or a read-only role); write to the primary",
    "57014": "it took longer than the time limit for one statement and was ended; is the server overloaded?",
    "55P03": "other processes held a lock for longer than the time limit; try again",
    "42P01": f"there is no ledger in it; {MIGRATE}",
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
"""What a server says on connecting, where libpq gives no SQLSTATE, and the state that it means."""
_UNREACHABLE = "it cannot be reached; is the server running, and are host and port right?"
_SSL = "an encrypted connection could not be made; check sslmode and the certificates"
_SQLITE_ADVICE = (
    ("unable to open database file", f"there is no such file, or it may not be read; to make a ledger, {MIGRATE}"),
    ("no such table", f"there is no ledger in it; {MIGRATE}"),
    ("readonly", "it is read-only; check the permissions of the file and of its folder"),
    ("locked", "another process held it for longer than the time limit; try again"),
    ("full", "the disk is full, and nothing was added; free space and try again"),
    ("not a database", "it is not a database, or it is damaged; restore it from a backup"),
    ("malformed", "it is damaged; restore it from a backup"),
)
T = TypeVar("T")


@contextmanager
def explain_database_errors(where: str, private: bool = False) -> Iterator[None]:
    """Turn errors of a database or its driver into a LedgerError that begins with ``where``.

    With ``private``, the words of the server and the driver are left out, and the error has no cause: both may contain
    an address or a user's name.
    """
    try:
        yield
    except (SQLAlchemyError, LedgerError, TypeError, ValueError) as error:
        kind = type(error) if isinstance(error, LedgerError) else LedgerError
        raise kind(f"{where}: {_explanation(error, private)}") from (None if private else error)


def _explanation(error: Exception, private: bool) -> str:
    driver_words = "" if private else f" ({_first_line(error)})"
    if isinstance(error, NoConnectionFree):
        return "no connection of this process became free in time; try again"
    if isinstance(error, DBAPIError):
        return explain_driver_error(error, private)
    if isinstance(error, SQLAlchemyError):
        return type(error).__name__ if private else _first_line(error)
    if isinstance(error, LedgerError):
        return str(error)
    if isinstance(error, UnicodeError) and "idna" in str(error):  # a host name that cannot exist
        return f"{_UNREACHABLE}{driver_words}"
    return (  # an SQLite file may hold anything where a day, a number or a text should be
        f"it contains a value of a wrong type{driver_words}; was it changed by hand? Restore it from a backup"
    )


def sqlstate_of(error: DBAPIError) -> str | None:
    """Return the SQLSTATE of an error. On connecting there is none: then it is read from the message."""
    state = getattr(error.orig, "sqlstate", None)
    message = str(error.orig)
    return state or next((meant for words, meant in _STATE_BY_MESSAGE if words in message), None)


def explain_driver_error(error: DBAPIError, private: bool = False) -> str:
    """Return what is wrong and what to do; with ``private``, without words of the server or the driver."""
    message = str(error.orig)
    if type(error.orig).__module__.startswith("sqlite3"):
        return next((advice for words, advice in _SQLITE_ADVICE if words in message.lower()), _first_line(error.orig))
    state = sqlstate_of(error)
    if state in _ADVICE_BY_STATE:
        return _ADVICE_BY_STATE[state]
    driver_words = "" if private else f" ({_first_line(error.orig)})"
    if "invalid connection option" in message:
        return f"its URL has an option that PostgreSQL does not know{driver_words}; correct or remove it"
    if "SSL" in message or "certificate" in message:
        return f"{_SSL}{driver_words}"
    if state is None or state.startswith("08"):
        return f"{_UNREACHABLE}{driver_words}"
    return (
        f"it failed with SQLSTATE {state}; see the log of the server"
        if private
        else f"{_first_line(error.orig)} ({state})"
    )


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n", 1)[0][:300]


def may_pass(error: DBAPIError) -> bool:
    """Return whether the same transaction may succeed if begun again, as after a lost connection or a deadlock."""
    state = sqlstate_of(error)
    lost = error.connection_invalidated and state not in _ADVICE_BY_STATE
    return lost or (state is not None and state.startswith(_PASSING_STATES))


def retry_transaction(transaction: Callable[[], T]) -> T:
    """Run a whole transaction, and run it again for some seconds while its error may pass.

    The transaction must be safe to run twice: after a lost connection nobody knows whether it was committed. The waits
    are random, so that writers do not collide again.
    """
    waits_s = (wait_s * random.uniform(0.5, 1.5) for wait_s in _WAITS_S)  # noqa: S311 - no secret
    return retry(transaction, waits_s, errors=DBAPIError, may_pass=may_pass, pause=time.sleep)
