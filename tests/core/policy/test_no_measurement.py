"""Which changes need no measurement."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.policy.no_measurement import excuses_everything, needs_no_measurement, nothing_to_measure

GLOBS = ("docs/**", "*.md", "**/*.rst", "notes", "img/*.png", "old/")


@pytest.mark.parametrize(
    ("path", "excused"),
    [
        ("docs/a.md", True),
        ("docs/a/b.py", True),
        ("README.md", True),
        ("src/README.md", False),
        ("src/a/b.rst", True),
        ("notes/a/b.txt", True),
        ("notes", True),
        ("notes.py", False),
        ("img/a.png", True),
        ("img/a/b.png", False),
        ("old/a.py", True),
        ("src/a.py", False),
        ("docs", False),
        ("", False),
        ("x.md/conftest.py", False),
        ("a/x.rst/conftest.py", False),
        ("img/x.png/conftest.py", False),
        ("docs/carbon.toml", False),
        ("docs/pyproject.toml", False),
        ("docs/../src/a.py", False),
        ("../docs/a.md", False),
        ("/docs/a.md", False),
        ("DOCS/a.md", False),
    ],
)
def test_paths_on_known_cases(path: str, excused: bool) -> None:
    """Globs are those of features; a wildcard in the last part matches files only; no file with a policy is excused."""
    assert needs_no_measurement(path, GLOBS) is excused


@pytest.mark.parametrize(
    ("paths", "files", "text"),
    [
        (["docs/a"], 1, "the only changed file is in no-measurement of the policy"),
        (["docs/a", "docs/b"], 2, "all 2 changed files are in no-measurement of the policy"),
        (["docs/a", "src/b"], 1, ""),
        (["docs/a", ""], 1, ""),
        ([], 0, ""),
    ],
)
def test_every_path_must_be_listed(paths: Sequence[str], files: int, text: str) -> None:
    """One path that is not listed needs a measurement; so does a change of which no path is known."""
    assert nothing_to_measure(paths, GLOBS, files) == text
    assert nothing_to_measure(paths, (), files) == ""


@pytest.mark.parametrize(
    ("glob", "everything"), [("**", True), ("*", True), ("**/*", True), ("./**", True), ("a*", False)]
)
def test_glob_of_wildcards_alone_excuses_everything(glob: str, everything: bool) -> None:
    """A policy with such a glob would measure nothing."""
    assert excuses_everything(glob) is everything


@given(
    st.lists(st.sampled_from(["docs/a", "src/a", "carbon.toml", "x.md"]), max_size=4), st.sampled_from(["src/b", ""])
)
def test_one_more_unlisted_path_is_never_excused(paths: list[str], more: str) -> None:
    """Whatever else changes, a path outside of the list needs a measurement."""
    assert nothing_to_measure([*paths, more], GLOBS, len(paths) + 1) == ""
