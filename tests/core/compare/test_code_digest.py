"""The digest of a test function's code: equal for equal bodies, different for any other."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.compare.code_digest import code_digest


def _made(source: str, name: str = "test_it", file: str = "one.py", line: int = 1) -> Any:
    """Compile a source as if it stood at a line of a file, and return what it calls so."""
    space: dict[str, Any] = {"__name__": "made"}
    exec(compile("\n" * (line - 1) + textwrap.dedent(source), file, "exec"), space)  # noqa: S102
    return space[name]


BODY = """
def test_it(tmp_path):
    numbers = [n * 2 for n in range(3)]
    def inner(x, *, y=1):
        return (lambda z: z + x + y)(1)
    class Thing:
        size = 3
        def grow(self):
            self.size += 1
    try:
        assert inner(2) == 4
    except ValueError:
        numbers.append(None)
    assert numbers[0:2] == [0, 2] and "a" in {"a", "b", "c"}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("test_it", "test_other", id="name"),
        pytest.param("(tmp_path):", "(tmp_path):\n    'What it says.'", id="docstring"),
        pytest.param("\n    def inner", "\n\n    # a comment\n\n    def inner", id="lines"),
        pytest.param("def inner(x, *, y=1):", "def inner(x, *, y=1):\n        'Doc.'", id="docstring of an inner one"),
    ],
)
def test_same_body_same_digest(old: str, new: str) -> None:
    """Name, file, line numbers and docstrings do not count."""
    other = _made(BODY.replace(old, new), "test_other" if "other" in new else "test_it", "two.py", 400)
    assert code_digest(_made(BODY)) == code_digest(other)


def test_text_of_a_docstring_does_not_count() -> None:
    """Two docstrings make the same code; the same two texts as values do not."""
    one, other = (_made(f"def test_it():\n    '{text}'\n    return 1") for text in ("One.", "Other."))
    assert code_digest(one) == code_digest(other) == code_digest(_made("def test_it(): return 1"))
    assert code_digest(_made("def test_it(): return 'One.'")) != code_digest(_made("def test_it(): return 'Other.'"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(3)", "range(4)"),
        ("n * 2", "n * 3"),
        ("n * 2", "n + 2"),
        ("range", "reversed"),
        ("(tmp_path)", "(db)"),
        ("(tmp_path)", "(tmp_path=None)"),
        ("def test_it", "async def test_it"),
        ("z + x", "z - x"),
        ("y=1", "y=2"),
        ("y=1", "y=True"),
        ("y=1", "y=1.0"),
        ("size = 3", "size = 4"),
        ("+= 1", "+= 2"),
        ("ValueError", "TypeError"),
        ("[0:2]", "[0:3]"),
        ('"c"}', '"d"}'),
        ("None", "()"),
        ("None", "0.0"),
        ("None", "-0.0"),
        ("numbers.append", "numbers.remove"),
        ("def grow", "def shrink"),
        ("Thing", "Thang"),
        ("    try:", "    print()\n    try:"),
    ],
)
def test_other_body_other_digest(old: str, new: str) -> None:
    """Any change of the body, also inside inner functions and classes, changes the digest."""
    assert old in BODY
    assert code_digest(_made(BODY)) != code_digest(_made(BODY.replace(old, new)))


@settings(max_examples=100, deadline=None)
@given(*[st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.binary())] * 2)
def test_different_constants_have_different_digests(one: object, other: object) -> None:
    """Functions that return constants have equal digests exactly if the constants have the same repr."""
    digests = {code_digest(_made(f"def test_it(): return {value!r}", line=7)) for value in (one, other)}
    assert len(digests) == len({repr(one), repr(other)})


def test_many_constants() -> None:
    """In a function of more than 256 constants the last one counts, and the docstring does not."""
    body = "".join(f"    x = 'text {n}'\n" for n in range(300))
    plain = _made(f"def test_it():\n{body}")
    assert code_digest(plain) == code_digest(_made(f"def test_it():\n    'Doc.'\n{body}"))
    assert code_digest(plain) != code_digest(_made(f"def test_it():\n{body.replace('299', '300')}"))


def test_digest_stays_when_the_code_is_warm() -> None:
    """The interpreter's optimisation of busy code does not change the digest."""
    function = _made("def test_it():\n    total = 0\n    for n in range(50): total += n * 2\n    return total")
    cold = code_digest(function)
    for _ in range(200):
        function()
    assert code_digest(function) == cold


def _wrapping(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    return wrapper


def _plain(value: int = 3) -> int:
    return value + 1


class _Group:
    def test_it(self) -> int:
        return len("abc")

    @classmethod
    def of_class(cls) -> int:
        return 5


@pytest.mark.parametrize(
    ("wrapped", "inner"),
    [
        pytest.param(_wrapping(_wrapping(_plain)), _plain, id="functools.wraps"),
        pytest.param(functools.partial(_plain, 4), _plain, id="partial"),
        pytest.param(functools.lru_cache(_plain), _plain, id="cache"),
        pytest.param(mock.patch("sys.path")(_plain), _plain, id="patch"),
        pytest.param(_Group().test_it, _Group.test_it, id="method"),
        pytest.param(_Group.of_class, _Group.__dict__["of_class"].__func__, id="classmethod"),
        pytest.param(given(st.integers())(_plain), _plain, id="hypothesis"),
    ],
)
def test_wrappers_are_looked_through(wrapped: object, inner: object) -> None:
    """The code of the test counts, not the code of a decorator."""
    assert code_digest(wrapped) == code_digest(inner) is not None


@pytest.mark.parametrize("nothing", [None, 3, "text", len, int, object(), mock.Mock(), mock.MagicMock(), mock.call])
def test_object_without_code_has_no_digest(nothing: object) -> None:
    """An object without Python code has no digest, whatever attributes it has."""
    assert code_digest(nothing) is None


def test_wrappers_in_a_circle_come_to_an_end() -> None:
    """Two functions that claim to wrap each other neither hang nor crash."""
    one, other = _wrapping(_plain), _wrapping(_plain)
    one.__wrapped__, other.__wrapped__ = other, one  # type: ignore[attr-defined]
    assert code_digest(one) is not None


def test_digest_is_twelve_hex_digits() -> None:
    """The digest fits the report's schema."""
    digest = code_digest(_plain)
    assert digest is not None
    assert len(digest) == 12
    assert int(digest, 16) >= 0


TESTS = '''
import asyncio, unittest

def test_set():
    """Doc."""
    assert "x" not in {"a", "b", "c", "d", "e"}, "why"
    assert (1, frozenset({"p", "q", "r"}))

async def test_async():
    async with asyncio.Lock():
        assert [n async for n in other()] == []

class TestGroup:
    def test_it(self):
        class Local:
            def method(self):
                self.b = self.a = self.c = 1
        assert Local().method() is None

class TestCase(unittest.TestCase):
    def test_case(self):
        self.assertIn(1, {1, 2, 3})
'''
CONFTEST = """
from pytest_carbon.core.compare.code_digest import code_digest

def pytest_itemcollected(item):
    print("digest", item.name, code_digest(item.obj))
"""


def test_same_digest_in_every_process(pytester: pytest.Pytester) -> None:
    """A digest depends neither on the hash seed nor on the file, also under pytest's rewriting of asserts."""
    pytester.makepyfile(conftest=CONFTEST, test_one=TESTS, test_two=f"'''A docstring.'''\n\n{TESTS}")
    reported = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--collect-only", "-q", "-s", "-p", "no:randomly", "-p", "no:asyncio"],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        reported.append([line for line in done.stdout.splitlines() if line.startswith("digest ")])
    assert reported[0] == reported[1]
    assert len(reported[0]) == 8
    assert reported[0][:4] == reported[0][4:]
    assert len(set(reported[0])) == 4
    assert not any(line.endswith("None") for line in reported[0])
