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
