"""A reporter is found by the name of its format."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.extend.choose_reporter import account_reporter, verdict_reporter
from pytest_carbon.reporters.accounts.registry import ACCOUNT_REPORTERS
from pytest_carbon.reporters.verdict.registry import VERDICT_REPORTERS


@pytest.mark.parametrize("registry", [VERDICT_REPORTERS, ACCOUNT_REPORTERS])
def test_names_and_file_names_are_unique(registry: Any) -> None:
    """Two formats with one name, or one file, would hide each other."""
    assert len({reporter.name for reporter in registry}) == len(registry)
    assert len({reporter.file_name for reporter in registry}) == len(registry)


@pytest.mark.parametrize("name", ["markdown", "json", "junit", "sarif"])
def test_a_format_of_a_verdict_is_found(name: str) -> None:
    """The reporter has the name of the format."""
    assert verdict_reporter(name).name == name


@pytest.mark.parametrize("name", ["markdown", "html", "json"])
def test_a_format_of_accounts_is_found(name: str) -> None:
    """The reporter has the name of the format."""
    assert account_reporter(name).name == name


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    """A misspelt name is corrected; "terminal" is a known format of a verdict."""
    with pytest.raises(ConfigError) as caught:
        verdict_reporter("markdwn")
    names = ", ".join(sorted([*(reporter.name for reporter in VERDICT_REPORTERS), "terminal"]))
    assert str(caught.value) == f"no format is called 'markdwn'; did you mean \"markdown\"? (there are: {names})"
    names = ", ".join(sorted(reporter.name for reporter in ACCOUNT_REPORTERS))
    with pytest.raises(ConfigError) as caught:
        account_reporter("pdf")
    assert str(caught.value) == f"no format is called 'pdf' (there are: {names})"
