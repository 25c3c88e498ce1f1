"""A value is found by its name, or refused with the known names."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.extend.find_named import find_named


class NamedValue(NamedTuple):
    """A value with a name, and who offers it."""

    name: str
    origin: str


BUILT_IN = [NamedValue("folder", "built in"), NamedValue("branch", "built in")]


def _of_extensions(_: Extensions) -> list[NamedValue]:
    return [NamedValue("shelf", "extension"), NamedValue("folder", "extension")]


@pytest.mark.parametrize(("name", "origin"), [("branch", "built in"), ("shelf", "extension"), ("folder", "built in")])
def test_found_by_name(name: str, origin: str) -> None:
    """A built-in value hides an extension's value of the same name."""
    assert find_named("kind of ledger", name, BUILT_IN, _of_extensions).origin == origin


def test_extensions_are_asked_only_for_a_name_that_is_not_built_in() -> None:
    """The search for installed packages takes time, and is left out for a built-in name."""

    def unasked(_: Extensions) -> list[NamedValue]:
        raise AssertionError

    assert find_named("kind of ledger", "folder", BUILT_IN, unasked).origin == "built in"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    """The message corrects a misspelt name and lists the known names."""
    with pytest.raises(ConfigError) as caught:
        find_named("kind of ledger", "foldr", BUILT_IN, _of_extensions, ["other"])
    assert str(caught.value) == (
        "no kind of ledger is called 'foldr'; did you mean \"folder\"? (there are: branch, folder, other, shelf)"
    )
