"""Tests of what may be shown of texts, URLs and databases' URLs."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

from pytest_carbon.core.hide_secrets import THIS_MACHINE, hide_in_address, hide_secrets, may_hold_password, sure_host
from tests.attack import Attack

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("git fetch https://x:s3cret@host/o/r failed", "git fetch https://***@host/o/r failed"),
        ("postgres//me:pa@s3cret@host", "postgres//***@host"),
        ("'https://me:s3/cr#e?t@host/r', which", "'https://***@host/r', which"),
        ("https://host/api?a=1&access=2&token=s3cret&b=3", "https://host/api?a=1&access=2&token=***&b=3"),
        ("password=s3cret; next", "password=***; next"),
        ("fatal: ghp_abcdefghijklmnop0123 is refused", "fatal: *** is refused"),
        ("Authorization: Basic czNjcmV0", "Authorization: ***"),
        ("postgresql:/me:pa@s3cret@host/db is no file", "postgresql:/***@host/db is no file"),
        ("https://me:pa/s3cret@host/o/r", "https://***@host/o/r"),
        ("https://host/x?private_token=s3cret&b=3", "https://host/x?private_token=***&b=3"),
        ("https://host/x?sig=s3cret", "https://host/x?sig=***"),
        ("PGPASSWORD=s3cret AWS_SECRET_ACCESS_KEY=s3cret x", "PGPASSWORD=*** AWS_SECRET_ACCESS_KEY=*** x"),
        ("client_secret = 's3 cret'; next", "client_secret = ***; next"),
        ("password: s3cret", "password: ***"),
        ('{"password": "s3 cret", "a": 1}', '{"password": ***, "a": 1}'),
        ('{\\"password\\":\\"s3 cret\\", x', '{\\"password\\":***, x'),
        ("Bearer s3cret.x", "Bearer ***"),
        ("glpat-abc-def-0123456789", "***"),
        ("https://me:pa's3cret@host/o/r.git failed", "https://***@host/o/r.git failed"),
        ("'https://me:pa\"s3cret@host/x', 'b@c'", "'https://***@host/x', 'b@c'"),
        ("postgres://me:s3cret", "postgres://me:***"),
        (r'{"url": "https:\/\/me:s3cret@host"}', r'{"url": "https:\/\/***@host"}'),
        ("u=https%3A%2F%2Fme%3As3cret%40host", "u=https%3A%2F%2F***%40host"),
        ("AWS_SECRET_ACCESS_KEY: s3cret, api_key: s3cret", "AWS_SECRET_ACCESS_KEY: ***, api_key: ***"),
        ("x-api-key: s3cret", "x-api-key: ***"),
        ("DB_PASS=s3cret PGPASS=s3cret pass=s3cret", "DB_PASS=*** PGPASS=*** pass=***"),
        ("password:s3cret token:s3cret passwd : s3cret", "password:*** token:*** passwd : ***"),
        ("password%3Ds3cret", "password%3D***"),
        ("authorization=Basic s3cret", "authorization= ***"),
        ("cookie: id=s3cret; b=s3cret\nnext", "cookie: ***\nnext"),
        ("password=pa;s3cret x", "password=*** x"),
        ("Password=pa,s3cret;Server=h", "Password=***;Server=h"),
        ("token=pa&s3cret&b=3", "token=***&b=3"),
        (r"password='pa\'s3cret' x", "password=*** x"),
        ("password='s3cret", "password=***"),
        ("--password s3cret --db-token s3cret", "--password *** --db-token ***"),
        ("https://host/x?key=s3cret&a=1", "https://host/x?key=***&a=1"),
        ("-----BEGIN RSA PRIVATE KEY-----\ns3cret\n-----END", "-----BEGIN RSA PRIVATE KEY-----***-----END"),
        ("hf_s3cretabcdefghijkl sk-ant-s3cretabc sk_live_s3cret123456", "*** *** ***"),
        ("AKIAIOSFODNN7EXAMPLE and eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s3cret_-x", "*** and ***"),
        ('{"secret": ["s3cret", "s3]cret"], "a": 1}', '{"secret": ***, "a": 1}'),
        (r"{\"tokens\": 1, \"token\": [\"s3cret\"]}", r"{\"tokens\": 1, \"token\": ***"),
        ("password=[a]s3cret x", "password=*** x"),
        ("dckr_pat_s3cretabcdefgh SG.s3cretabcdefgh.s3cretabcdefgh AIzas3cretabcdefghijkl", "*** *** ***"),
        ("Basic bWU6czNjcmV0 basic bWU6czNjcmV0MQ== x", "Basic *** basic *** x"),
        ("mysql:me:s3cret@host/db", "mysql:me:***@host/db"),
        ("file://me:s3cret@host/x file:////me:s3cret@host", "file://***@host/x file:////***@host"),
        ("a///me:s3cret@host", "a//***@host"),
        ("C:/a,https://me:s3cret@host/x", "C:/a,https://***@host/x"),
        ("file:///home/me@corp/led file:/home/me@corp/led C:/Users/me@corp/led 'D:/x@y'", None),
        ("basic authentication, a Basic RuntimeError, basic tests/test_2.py@x", None),
        (r'{"path": "file:\/\/\/home\/me@corp", "b": "C:/x@y"}', None),
        ("tests/test_token.py::TestToken::test_secret[a=1] design=x key: y", None),
        ("a token is missing; a password has no end", None),
        ("tests/a.py::test_mail[me@host.example] and a//b", "tests/a.py::test_mail[me@host.example] and a//b"),
        ("tests/test_token.py::TestToken::test_x, bypass=1, tests//a.py::test_b, sk-learn, https://h:80/x", None),
        ("file 'a//b', mail 'me@host', ssh://host:22/o/r, sqlite:///C:/x.db", None),
        ("see https://host/o/r#x, or ask @team", "see https://host/o/r#x, or ask @team"),
    ],
)
def test_secrets_of_a_text(text: str, shown: str | None) -> None:
    """What is named, marked or formed as a secret is hidden; names and other addresses stay as they are."""
    assert hide_secrets(text) == (shown or text)
    assert hide_secrets(shown or text) == (shown or text)


def test_our_own_words_hide_nothing() -> None:
    """No sentence of ours looks as if it held a secret; patterns and the headers that git gets do."""
    texts = {
        _text(node)
        for room in ("pytest_carbon", "github_action", "pre-commit-hooks")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    }
    meant = re.compile(r"[\\^]|Authorization: Basic|x-access-token:|//owner@|//g\[@")
    masked = [text for text in texts if hide_secrets(text) != text and not meant.search(text)]
    assert masked == []


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "value" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.attack("secrets-in-files")
@pytest.mark.parametrize("password", ["{}", "pa'{}", 'pa"{}', "pa {}", "pa/{}", "pa@{}", "pa?{}", "pa#{}", "pa&{}=1"])
@pytest.mark.parametrize(
    "address",
    ["https://me:{}@host/o/r.git", "https://{}@host/o", "ssh://me:{}@host/x", "https://host/x?pat={}", "http:/me:{}@h"],
)
def test_no_password_of_an_address_is_shown(attack: Attack, address: str, password: str) -> None:
    """An address is one word, whatever character the password has."""
    attack.harmless(hide_in_address(address.format(password.format(attack.secret))))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:pa ss@host/o/r.git", "https://***@host/o/r.git"),
        ("https://host/o/r.git?a=1", "https://host/o/r.git?***"),
        ("https://host/o/r.git?a=b@c", "https://***"),
        ("ssh://git@host/o/r.git", "ssh://***@host/o/r.git"),
        ("https://host/o/r.git", "https://host/o/r.git"),
        ("git@host:o/r.git", "git@host:o/r.git"),
        ("/srv/git/a b?c.git", "/srv/git/a b?c.git"),
        ("refs/heads/token", "refs/heads/token"),
        ("file:///home/me@corp/led", "file:///home/me@corp/led"),
        ("C:/Users/me@corp/led", "C:/Users/me@corp/led"),
        ("", ""),
    ],
)
def test_place_of_an_address_is_shown(address: str, shown: str) -> None:
    """The host and the path are no secret, and a path is shown as it is."""
    assert hide_in_address(address) == shown == hide_in_address(shown)


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    "unit",
    ["a@", "//a@", "x://", "password=", "'", "token: ", "api_", "passw", "token\"':", "@:/", "a:/", "'@", "//:'@",
     "%2F%2F", "--password ", "--", "eyJ-", "eyJaaaaaa.", "sk-", "a;", "password=a;", "password='\\", "x://u:p ",
     "pass=", "-----BEGIN PRIVATE KEY-----", "cookie:", "&key=", "AKIA", "C:/", "C:/a@ ", "file:///", "token=[",
     "token=['\\", "basic aaaaaaaa ", "token=[\"a'", "mysql:a:", "SG.aaaaaaaaaaaa.", "[\\"],
)  # fmt: skip
def test_long_text_is_masked_in_time(attack: Attack, unit: str) -> None:
    """The time grows with the length of the text, not with its square."""
    began = time.process_time()
    hide_secrets(unit * (200_000 // len(unit)))
    attack.ended(int(time.process_time() - began < 2.0))
