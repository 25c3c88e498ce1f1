"""Where the growth of the whole repository lies: files, their features and their shares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.verdict.evidence_lines import evidence
from pytest_carbon.core.verdict.growth_places import growth_places
from pytest_carbon.core.verdict.verdict import TestChange
from tests.core.verdict.samples import CHECKOUT, GROWTH, VERDICT

WHOLE = replace(CHECKOUT, name="repository", level="repository")


def _test(name: str, more_j: float = 1.0, feature: str | None = "checkout") -> TestChange:
    return TestChange(name, "same", 1.0, 1.0 + more_j, more_j, feature)


def _places(*tests: TestChange, state: Any = "suspicious", holder: Any = WHOLE) -> str:
    grown = replace(holder, growth=replace(GROWTH, state=state))
    return growth_places(replace(VERDICT, tests=tests, judged=(grown,)))


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ([_test("tests/pay.py::test_a"), _test("tests/pay.py::test_b", -0.5)],
         "tests/pay.py (feature checkout): 1 J of reference energy more, 100 % of the rise"),
        ([_test("tests/pay.py::test_a"), _test("tests/pay.py::test_b", 2.0), _test("tests/x.py::test_c", 1.0, None)],
         "tests/pay.py (feature checkout): 3 J of reference energy more, 75 % of the rise; "
         "tests/x.py (no feature): 1 J of reference energy more, 25 % of the rise"),
        ([_test("tests/pay.py::test_a", 9.5), *(_test(f"tests/f{n}.py::test_a", 0.1) for n in range(5))],
         "tests/pay.py (feature checkout): 9.5 J of reference energy more, 95 % of the rise; 5 % in 5 other files"),
        ([_test(f"tests/f{n}.py::test_a") for n in range(20)], "spread over 20 files, none of which adds a tenth"),
        ([_test("tests/pay.py::test_a", -1.0)], ""),
    ],
    ids=["one file", "two files", "small others", "everywhere", "cheaper"],
)  # fmt: skip
def test_texts(tests: list[TestChange], expected: str) -> None:
    """At most three files that add a tenth are named, the first adds most; what got cheaper is no place of growth."""
    assert _places(*tests) == expected


def test_only_growth_of_the_repository_has_places() -> None:
    """A feature's growth has its place in its name; without growth, differences are noise."""
    test = _test("tests/pay.py::test_a")
    assert _places(test, state="no change") == _places(test, state="could not tell") == ""
    assert _places(test, holder=CHECKOUT) == ""
    assert _places(test, state="costlier")


def test_evidence_begins_with_the_place() -> None:
    """Readers who look why the repository grew find the place first."""
    grown = replace(WHOLE, growth=GROWTH)
    verdict = replace(VERDICT, tests=(_test("tests/pay.py::test_a"),), judged=(grown,))
    assert evidence(verdict)[0][0] == "where"
