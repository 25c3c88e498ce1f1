"""The hierarchy of errors, and the hint for a misspelt word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pytest_carbon.core.errors import (
    CarbonError,
    ConfigError,
    LedgerError,
    QuantityError,
    RecordError,
    ZoneError,
    did_you_mean,
    hide_secrets,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        pytest.param("limt", ["feature", "limit"], '; did you mean "limit"?', id="one letter missing"),
        pytest.param("limit", ["limit"], '; did you mean "limit"?', id="equal"),
        pytest.param("Limit", ["limits", "limit"], '; did you mean "limit"?', id="nearest of two"),
        pytest.param("colour", ["feature", "limit"], "", id="nothing similar"),
        pytest.param("", ["feature"], "", id="empty word"),
        pytest.param("feature", [], "", id="nothing known"),
    ],
)
def test_nearest_known_word_is_suggested(word: str, known: list[str], expected: str) -> None:
    """The hint names the most similar known word, and is empty if no known word is similar."""
    assert did_you_mean(word, known) == expected


def test_known_words_may_be_any_iterable() -> None:
    """A generator of known words is read once and completely."""
    assert did_you_mean("checkot", (name for name in ("search", "checkout"))) == '; did you mean "checkout"?'


@pytest.mark.parametrize(
    ("error", "general"), [(QuantityError, ConfigError), (ZoneError, ConfigError), (RecordError, LedgerError)]
)
def test_special_errors_are_caught_as_their_general_error(error: type[Exception], general: type[Exception]) -> None:
    """A special error is also its general error, and every error is a CarbonError, which the edges catch."""
    assert issubclass(error, general)
    assert issubclass(general, CarbonError)


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
        ("tests/test_token.py::TestToken::test_secret[a=1] design=x key: y", None),
        ("a token is missing; a password has no end", None),
        ("tests/a.py::test_mail[me@host.example] and a//b", "tests/a.py::test_mail[me@host.example] and a//b"),
        ("see https://host/o/r#x, or ask @team", "see https://host/o/r#x, or ask @team"),
    ],
)
def test_an_error_shows_no_secret_of_a_url(text: str, shown: str | None) -> None:
    """Errors are shown in logs, comments and reports; names and other addresses stay as they are."""
    assert hide_secrets(text) == str(ConfigError(text)) == (shown or text)
    assert hide_secrets(shown or text) == (shown or text)


def test_our_own_words_hide_nothing() -> None:
    """No sentence of ours looks as if it held a secret; patterns and the headers that git gets do."""
    masked = [
        text
        for room in ("pytest_carbon", "github_action", "pre-commit-hooks")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for text in [_text(node)]
        if hide_secrets(text) != text and not re.search(r"[\\^]|Authorization: Basic|x-access-token:|//owner@", text)
    ]
    assert masked == []


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "value" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_a_long_error_is_cut_after_its_secrets_are_hidden() -> None:
    """The end of a URL would tell what stands before it, and is cut."""
    text = "x" * 3_980 + " https://me:s3cret" + "y" * 10_000 + "@host/x"
    assert "s3cret" not in str(ConfigError(text))


def test_an_error_is_not_endless() -> None:
    """A name from outside may have any length; the next step at the end is kept."""
    text = str(ConfigError(f"the name {'a' * 1_000_000} is wrong; choose another"))
    assert len(text) < 10_000
    assert text.endswith("a is wrong; choose another")
