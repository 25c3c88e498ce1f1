"""The hierarchy of errors, and the hint for a misspelt word."""

from __future__ import annotations

import pytest

from pytest_carbon.core.errors import (
    CarbonError,
    ConfigError,
    LedgerError,
    QuantityError,
    RecordError,
    ZoneError,
    did_you_mean,
)


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


def test_an_error_shows_no_secret() -> None:
    """Errors are shown in logs, comments and reports."""
    assert str(ConfigError("https://me:s3cret@host/o/r has password=s3cret")) == "https://***@host/o/r has password=***"


def test_a_long_error_is_cut_after_its_secrets_are_hidden() -> None:
    """The end of a URL would tell what stands before it, and is cut."""
    text = "x" * 3_980 + " https://me:s3cret" + "y" * 10_000 + "@host/x"
    assert "s3cret" not in str(ConfigError(text))


def test_an_error_is_not_endless() -> None:
    """A name from outside may have any length; the next step at the end is kept."""
    text = str(ConfigError(f"the name {'a' * 1_000_000} is wrong; choose another"))
    assert len(text) < 10_000
    assert text.endswith("a is wrong; choose another")
