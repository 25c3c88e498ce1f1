"""Why the same tests cost more: the functions, and whether their own code changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.verdict.growth_cause import growth_cause
from pytest_carbon.core.verdict.verdict import TestChange
from tests.reporters.verdict.test_markdown import CHECKOUT, COSTLIER, FINE, REPOSITORY, SAME


def _test(name: str, kind: Any = "same", more_j: float = 1.0, feature: str | None = "checkout") -> TestChange:
    base = None if kind == "new" else 1.0
    return TestChange(f"tests/t.py::{name}", kind, base, (base or 0.0) + more_j, None, feature)


def _cause(*tests: TestChange, growth: Any = COSTLIER, holder: Any = CHECKOUT) -> str:
    return growth_cause(replace(FINE, tests=tests, judged=(replace(holder, growth=growth),)))


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ([_test("test_a", "changed")], "Why: tests/t.py::test_a has other code."),
        ([_test("test_a[1]"), _test("test_a[2]", "renamed")],
         "Why: tests/t.py::test_a has the same code as far as is known: something below it moved."),
        ([_test("test_a"), _test("test_b", more_j=3.0), _test("test_c", more_j=2.0), _test("test_d")],
         "Why: tests/t.py::test_b, tests/t.py::test_c and 2 more "
         "have the same code as far as is known: something below them moved."),
        ([_test("test_n", "new"), _test("test_m", "new"), _test("test_c", "changed"), _test("test_s")],
         "Why: tests/t.py::test_m and tests/t.py::test_n are new; tests/t.py::test_c has other code; "
         "tests/t.py::test_s has the same code as far as is known: something below it moved."),
        ([_test("test_a", more_j=-1.0), _test("test_b", "gone", -1.0), _test("test_o", feature="search")], ""),
    ],
    ids=["code changed", "parameters", "many", "every kind", "cheaper, gone, of others"],
)  # fmt: skip
def test_lines(tests: list[TestChange], expected: str) -> None:
    """Functions that add most come first, two of each kind; what got cheaper is no cause."""
    assert _cause(*tests) == expected


def test_only_growth_has_a_cause() -> None:
    """Noise makes any test differ: without a costlier holder there is no line; the repository's tests are all."""
    assert _cause(_test("test_a"), growth=SAME) == _cause(_test("test_a"), growth=None) == ""
    assert "test_o" in _cause(_test("test_o", feature="search"), holder=REPOSITORY)
