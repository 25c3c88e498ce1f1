"""Tests of what is kept of a command: the program, and digests of its arguments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.records.kept_command import (
    hide_selection,
    join_selections,
    kept_command,
    selection_of,
    selection_of_run,
)
from tests.samples import make_report

DIGEST = r"sha256:[0-9a-f]{12}"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("pytest",), ("pytest",)),
        (("pytest", "--carbon", "--db-password", "hunter2"), ("pytest", "…")),
        (("pytest", "-m", "not token_hunter2"), ("pytest", "…")),
        (("python3.12", "-m", "build", "--token=hunter2"), ("python3.12", "-m", "build", "…")),
        (("/usr/bin/python", "-m", "build"), ("/usr/bin/python", "-m", "build")),
        (("python", "-c", "login('hunter2')"), ("python", "…")),
        (("make", "-m", "hunter2"), ("make", "…")),
        (("bash", "-c", "curl https://me:hunter2@host"), ("bash", "…")),
    ],
)
def test_only_the_program_and_its_module_are_shown(command: tuple[str, ...], shown: tuple[str, ...]) -> None:
    """The rest is a digest, different for different arguments."""
    kept = kept_command(command)
    assert tuple(word[:1] if word.startswith("…") else word for word in kept) == shown
    assert "hunter2" not in " ".join(kept)
    assert kept != kept_command((*command, "more"))


def test_equal_selections_have_equal_digests() -> None:
    """Options that choose no tests make no difference."""
    chosen = selection_of(("pytest", "--carbon", "-v", "tests/a", "--carbon-report", "x.json"))
    assert chosen == selection_of(("pytest", "tests/a"))
    assert chosen != selection_of(("pytest", "tests/b"))
    assert len(chosen) == 1
    assert selection_of(("pytest", "--carbon")) == ()
    assert selection_of(("pytest", "-p", "no:randomly", "-n", "2", "--cov", "shop", "--tb", "short")) == ()


def test_a_kept_command_has_no_selection_of_its_own() -> None:
    """The digest of all arguments chooses nothing."""
    assert selection_of(kept_command(("pytest", "--carbon", "-v"))) == ()


def test_measurements_of_older_versions_are_comparable() -> None:
    """Their arguments become the digest that a new run of the same command has."""
    old = make_report(1, command=("pytest", "tests/a")).run
    new = replace(old, command=kept_command(old.command), selection=selection_of(old.command)[0])
    assert selection_of_run(old) == selection_of_run(new) == hide_selection(["tests/a"])
    assert hide_selection(hide_selection(["tests/a"])) == hide_selection(["tests/a"])
    assert hide_selection([]) == ()


def test_parts_of_a_run_have_one_selection() -> None:
    """Equal parts keep theirs; different ones have a digest of all."""
    runs = [make_report(1, command=("pytest", path)).run for path in ("a", "a", "b")]
    assert join_selections(runs[:2]) == selection_of_run(runs[0])[0]
    assert join_selections(runs) != join_selections(runs[:2])
    assert join_selections([make_report(1).run]) == ""
