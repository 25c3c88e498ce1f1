"""A thing is found by its name, or refused with the names there are."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.extend.find_named import find_named


class Thing(NamedTuple):
    """A thing with a name, and who brought it."""

    name: str
    by: str


BUILT_IN = [Thing("folder", "us"), Thing("branch", "us")]


def _added(_: Extensions) -> list[Thing]:
    return [Thing("shelf", "them"), Thing("folder", "them")]


@pytest.mark.parametrize(("name", "by"), [("branch", "us"), ("shelf", "them"), ("folder", "us")])
def test_found_by_name(name: str, by: str) -> None:
    """What pytest-carbon brings wins over an extension's thing of the same name."""
    assert find_named("kind of ledger", name, BUILT_IN, _added).by == by


def test_extensions_are_asked_only_for_a_name_that_is_not_built_in() -> None:
    """The search for installed packages takes time."""

    def unasked(_: Extensions) -> list[Thing]:
        raise AssertionError

    assert find_named("kind of ledger", "folder", BUILT_IN, unasked).by == "us"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    """A misspelt name is corrected."""
    with pytest.raises(ConfigError) as caught:
        find_named("kind of ledger", "foldr", BUILT_IN, _added, ["other"])
    assert str(caught.value) == (
        "no kind of ledger is called 'foldr'; did you mean \"folder\"? (there are: branch, folder, other, shelf)"
    )
