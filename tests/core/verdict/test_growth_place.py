"""Where a growth lies: features, files and tests with their joules, and the tests that were not compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.verdict.explain import explain
from pytest_carbon.core.verdict.growth_place import growth_lines, growth_place
from pytest_carbon.core.verdict.verdict import TestChange, Verdict
from pytest_carbon.reporters.verdict import markdown, terminal
from tests.reporters.verdict.test_markdown import CHECKOUT, COSTLIER, FINE, REPOSITORY, SAME

SUSPICIOUS = replace(COSTLIER, state="suspicious", stage="screen")


def _test(name: str, more_j: float = 0.05, feature: str | None = "search", kind: Any = "same") -> TestChange:
    return TestChange(f"tests/{name}", kind, 0.1, 0.1 + more_j, more_j / 0.1, feature)


def _verdict(*tests: TestChange, growth: Any = COSTLIER, holder: Any = REPOSITORY) -> Verdict:
    return replace(FINE, tests=tests, judged=(replace(holder, growth=growth),))


SEARCH = (_test("s.py::test_a"), _test("s.py::test_b"))


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        (SEARCH, "search +100 mJ of reference energy a run, in 2 tests of tests/s.py"),
        (SEARCH[:1], "search +50 mJ of reference energy a run, in tests/s.py::test_a"),
        ((*SEARCH, _test("c.py::test_c", 0.03, "cart"), _test("n.py::test_n", 0.02, None)),
         "search +100 mJ of reference energy a run, in 2 tests of tests/s.py; cart +30 mJ of reference energy a run, "
         "in tests/c.py::test_c; tests of no feature +20 mJ of reference energy a run, in tests/n.py::test_n"),
        ((*SEARCH, _test("c.py::test_c", 0.009, "cart")),
         "search +100 mJ of reference energy a run, in 2 tests of tests/s.py"),
        ((*SEARCH, _test("t.py::test_t", 0.03), _test("u.py::test_u", 0.01), _test("v.py::test_v", -0.01)),
         "search +130 mJ of reference energy a run, in 2 tests of tests/s.py (+100 mJ), tests/t.py::test_t (+30 mJ), "
         "1 more file"),
        ((_test("s.py::test_a"), _test("s.py::test_b", -0.06)), ""),
        ((_test("s.py::test_n", kind="new"), _test("s.py::test_c", kind="changed")), ""),
        ((), ""),
    ],
    ids=["file", "test", "features", "noise", "files", "cheaper together", "not the same tests", "nothing"],
)  # fmt: skip
def test_place(tests: tuple[TestChange, ...], expected: str) -> None:
    """What adds most comes first; of the same tests alone, and nothing where these do not cost more together."""
    assert growth_place(_verdict(*tests)) == growth_place(_verdict(*tests, growth=SUSPICIOUS)) == expected


def test_only_growth_over_a_limit_has_a_place() -> None:
    """Noise makes any test differ; a feature that grew answers for its own tests."""
    assert growth_place(_verdict(*SEARCH, growth=SAME)) == growth_place(_verdict(*SEARCH, growth=None)) == ""
    assert growth_place(_verdict(*SEARCH, growth=replace(COSTLIER, allowed=None))) == ""
    assert growth_place(_verdict(*SEARCH, _test("c.py::test_c", 0.01, "checkout"), holder=CHECKOUT)) == (
        "checkout +10 mJ of reference energy a run, in tests/c.py::test_c"
    )


def test_tests_that_were_not_compared() -> None:
    """They are counted with their reasons; nothing is said where all were compared."""
    growth = replace(COSTLIER, tests=19, totals=replace(COSTLIER.totals, new_tests=2, changed_tests=1))
    holder = replace(REPOSITORY, tests=30)
    assert growth_lines(_verdict(growth=growth, holder=holder)) == [
        ("compared", "whole repository, 19 of 30 tests; not: 2 new, 1 with other code, 8 not run to the end at full "
         "speed here and on the base, or too noisy"),
    ]  # fmt: skip
    assert growth_lines(_verdict(growth=replace(growth, tests=30), holder=holder)) == []


def test_texts_tell_the_place() -> None:
    """Terminal, comment and explanation name it; names from outside cannot command the terminal or the page."""
    verdict = _verdict(replace(SEARCH[0], nodeid="tests/<b>\x1b[31m@org.py::test_a"))
    assert "where        search +50 mJ" in (text := terminal.render(verdict, width=300, colour=False))
    assert "\x1b" not in text
    assert "Where: search +50 mJ of reference energy a run" in (comment := markdown.render(verdict))
    assert "<b>" not in comment
    assert "Where: search +50 mJ of reference energy a run, in tests/" in "\n".join(explain(verdict))
