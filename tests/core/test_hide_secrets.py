"""Tests of what may be said of a database's URL."""

from __future__ import annotations

import pytest

from pytest_carbon.core.hide_secrets import THIS_MACHINE, may_hold_password, sure_host


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql://me:secret@db.example:5433/carbon?sslmode=require", "db.example"),
        ("postgres://me@localhost/carbon", "localhost"),
        ("postgresql+psycopg://127.0.0.1/carbon", "127.0.0.1"),
        ("postgresql://db.example/carbon", "db.example"),
        ("postgres:///carbon?host=/run/pg&password=secret", THIS_MACHINE),
        ("postgresql://me:secret@/carbon?host=db.example", "db.example"),
        ("postgresql://me:p%40ss@db.example/carbon", "db.example"),
    ],
)
def test_a_host_is_named_where_the_url_is_clear(url: str, host: str) -> None:
    """Names of users, databases and ports are never told."""
    assert sure_host(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "postgres//me:pa@ss.w0rd@db.example/carbon",
        "postgresql://me:pa@ss.w0rd@db.example/carbon",
        "postgresql://me:pa/ss.w0rd@db.example/carbon",
        "postgresql://me:pa#ss.w0rd@db.example/carbon",
        "postgresql://me:pa?ss.w0rd@db.example/carbon",
        "postgresql://me:pa:ss.w0rd@db.example/carbon",
        "postgresql://me:pa ss.w0rd@db.example/carbon",
        "postgresql://me/ss.w0rd@db.example/carbon",
        "postgresql://me:12345/carbon",
        "postgresql://me:ss.w0rd/carbon",
        "postgresql://me@ssw0rd/db.example",
        "postgresql://me@db.example/carbon?password=pa&ss.w0rd=x",
        "postgresql://me@db.example/carbon?password=pa@ss.w0rd",
        "me:ss.w0rd@db.example/carbon",
        "postgresql://me:@ss.w0rd/carbon",
        "postgresql://me@ss.w0rd:5432/carbon",
        "postgresql://me@/carbon?host=ss.w0rd",
        "ss.w0rd",
        "",
    ],
)
def test_nothing_is_told_of_an_unclear_url(url: str) -> None:
    """A part of the password may be anywhere in it."""
    assert sure_host(url) is None


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("postgresql://db.example/carbon", False),
        ("postgresql://me@db.example:5432/carbon", False),
        ("sqlite:///carbon.db", False),
        ("env", False),
        ("postgresql://me:secret@db.example/carbon", True),
        ("postgres//me:pa@ss@db.example/carbon", True),
        ("postgres:me:secret@db.example", True),
        ("me:secret@db.example", True),
        ("postgresql://db.example/carbon?sslmode=require&PASSWORD=secret", True),
    ],
)
def test_a_password_is_found_however_the_url_is_written(url: str, holds: bool) -> None:
    """A policy must not hold it."""
    assert may_hold_password(url) is holds
