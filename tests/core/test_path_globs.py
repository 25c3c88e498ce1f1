"""Tests of globs: what they match, and that no glob and no path takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.path_globs import literal_prefix, path_glob
from tests.attack import Attack


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("tests/checkout/**", "tests/checkout/a/test_b.py", True),
        ("tests/checkout", "tests/checkout/a/test_b.py", True),
        ("tests/checkout/", "tests/checkout", True),
        ("tests/check", "tests/checkout/test_b.py", False),
        ("tests/*.py", "tests/a.py", True),
        ("tests/*.py", "tests/a/b.py", False),
        ("tests/a/*", "tests/a/test_1.py", True),
        ("tests/a/*", "tests/a/b/test_2.py", False),
        ("tests/a/*/", "tests/a/b/test_2.py", True),
        ("tests/*/unit", "tests/a/unit/test_2.py", True),
        ("tests/test_?", "tests/test_a/test_2.py", False),
        ("tests/test_**", "tests/test_a/test_2.py", True),
        ("**/test_*.py", "test_a.py", True),
        ("**/test_*.py", "a/b/test_c.py", True),
        ("**/test_*.py", "a/xtest_c.py", False),
        ("a/**/b", "a/b", True),
        ("a**b", "a/x/b", True),
        ("a?c", "a/c", False),
        ("**", "a\nb/c", True),
    ],
)
def test_globs_on_known_paths(pattern: str, path: str, fits: bool) -> None:
    """``**`` crosses folders, ``*`` and ``?`` do not."""
    assert path_glob(pattern).matches(path) is fits


def _backtracking(pattern: str) -> re.Pattern[str]:
    """Return the same glob as a regular expression, which may take exponential time."""
    below = "" if {"*", "?"} & {*pattern.rpartition("/")[2]} else "(?:/.*)?"
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|.", pattern.rstrip("/"), re.DOTALL)
    return re.compile("".join(words.get(token) or re.escape(token) for token in tokens) + below, re.DOTALL)


@settings(max_examples=500, deadline=None)
@given(st.text("ab/*?", max_size=9), st.text("ab/\n", max_size=9))
@example("*a**/b", "aab")
@example("**/**/a", "b/a")
@example("****/a", "ba")
@example("", "/a")
def test_a_glob_matches_as_the_regular_expression_does(pattern: str, path: str) -> None:
    """Both ways agree on every short glob and path."""
    fits = _backtracking(pattern).fullmatch(path) is not None
    assert path_glob(pattern).matches(path) is fits
    assert not fits or path.startswith(literal_prefix(pattern.rstrip("/")))


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 4096),
        ("**a" * 1000 + "b", "a" * 4096),
        ("**/a" * 1000 + "/b", "a/" * 2048),
        ("*" * 100_000 + "b", "a" * 4096),
        ("**/" * 30_000 + "b", "a/" * 2048),
        ("?*" * 20_000, "a" * 4096),
        ("a*" * 20_000, "a" * 4096),
    ],
)
def test_no_glob_takes_long(attack: Attack, pattern: str, path: str) -> None:
    """A regular expression takes more than a minute for a glob of 81 characters."""
    started_s = time.monotonic()
    found = path_glob(pattern).matches(path)
    attack.harmless()
    assert not found
    assert time.monotonic() - started_s < 5
