"""The changes against the base as lines: order, titles and the growth of a holder."""

from __future__ import annotations

from dataclasses import replace

from pytest_carbon.core.verdict import change_lines
from pytest_carbon.core.verdict.verdict import CostliestTest, TestChange
from tests.core.verdict.samples import GROWTH, VERDICT

TESTS = (
    TestChange("a", "same", 1.0, 1.0, 0.0, None),
    TestChange("b", "same", 2.0, 1.5, -0.25, "f"),
    TestChange("c", "new", None, 3.0, None, None),
    TestChange("d", "gone", 0.1, None, None, None),
    TestChange("e", "renamed", 1.0, 1.2, 0.2, None, "was"),
)


def test_tests_that_differ_most_come_first() -> None:
    """Costlier and cheaper tests are sorted by difference and cut; an unchanged test is left out."""
    lines = change_lines.test_lines(TESTS, 3)
    assert [(line.nodeid, line.kind, line.change) for line in lines] == [
        ("c", "new", ""), ("b", "cheaper", "-25 %"), ("e", "renamed from was", "+20 %"),
    ]  # fmt: skip
    assert (
        change_lines.tests_title(TESTS, 3)
        == "Tests that differ from the base: 3 of 4, largest difference first (1 renamed, 1 new, 1 gone)"
    )


def test_growth_line_has_the_smallest_visible_change() -> None:
    """One line has the answer, the smallest visible change, and the new and gone tests."""
    assert change_lines.growth_text(
        replace(GROWTH, totals=replace(GROWTH.totals, new_tests=1, new_j=0.12), why="it stayed")
    ) == (
        "costlier, confirmed, +8.2 % (+6 … +11); a change of 5 % or more would have been noticed; "
        "52 tests compared, 90 % of the cost; 1 new test (120 mJ of reference energy); it stayed"
    )


def test_costliest_tests_have_their_share_of_the_run() -> None:
    """A run without reference energy has no shares."""
    costs = (CostliestTest("t.py::a", 1.5, "pay"), CostliestTest("t.py::b", 0.5, None))
    verdict = replace(VERDICT, costliest=costs, reference_j=2.0)
    assert change_lines.costliest_test_rows(verdict, 5) == [
        ("t.py::a", "1.5 J ref", "75 %", "pay"),
        ("t.py::b", "500 mJ ref", "25 %", ""),
    ]
    assert change_lines.costliest_test_rows(replace(verdict, reference_j=0.0), 1) == [
        ("t.py::a", "1.5 J ref", "", "pay")
    ]
