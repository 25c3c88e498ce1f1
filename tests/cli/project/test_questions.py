"""The questions of ``init``."""

from __future__ import annotations

import io

import pytest

from pytest_carbon.cli.project import questions
from pytest_carbon.core.errors import ZoneError


def _check(zone: str) -> None:
    if zone != "DE":
        raise ZoneError(f"no grid zone is called {zone!r}; write DE")


@pytest.mark.parametrize(
    ("typed", "zone"), [("DE\n", "DE"), (" FR \nDE\n", "DE"), ("\n", None), ("", None), ("FR\n", None)]
)
def test_zone_is_asked_for_until_one_is_known(monkeypatch: pytest.MonkeyPatch, typed: str, zone: str | None) -> None:
    """An empty line leaves it open, and so does the end of the input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert questions.ask_for_zone(_check) == zone


@pytest.mark.parametrize(
    ("typed", "writes", "forks"),
    [
        ("\n", True, False), ("Y\n", True, True), ("yes\n", True, True),
        ("n\n", False, False), ("hm\nno\n", False, False), ("", False, False),
    ],
)  # fmt: skip
def test_yes_and_no(monkeypatch: pytest.MonkeyPatch, typed: str, writes: bool, forks: bool) -> None:
    """Anything else is asked again; without an answer nothing is written."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert questions.ask_to_write("carbon.toml") is writes
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert questions.ask_for_forks() is forks
