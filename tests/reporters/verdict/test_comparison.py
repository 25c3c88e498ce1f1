"""A comparison as tables and JSON, and a self-test as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.compare.growth_rule import GrowthFinding
from pytest_carbon.core.compare.self_comparison import SelfComparison
from pytest_carbon.core.compare.side_by_side import Comparison, GroupComparison
from pytest_carbon.core.verdict.verdict import ChangeTotals, GrowthState, TestChange
from pytest_carbon.reporters.verdict.comparison import TOP, render, render_selftest, to_json

TOTALS = ChangeTotals(2.0, 3.5, 1, 2, 0, 0.5, 0.25, 0.0)
ALL = GroupComparison(
    "all tests", 30, TOTALS, GrowthFinding("costlier", "screen", 0.5, 0.4, 0.6, 0.09, 1.0, 28, "because")
)
SMALL = GroupComparison("small", 2, TOTALS, GrowthFinding("could not tell", "none", why="too small"))
CART = TestChange("t.py::cart", "same", 1.0, 1.5, 0.5, "pay")
COMPARISON = Comparison("main", "topic", (6, 1), (ALL, SMALL), (CART,), (), ("a gap", ""))


def _text(comparison: Comparison) -> str:
    return render(comparison, width=140, colour=False)


def test_comparison_on_known_values() -> None:
    """The whole text: both sides, every group with its new and gone tests, the tests, the reasons and the notes."""
    assert _text(COMPARISON) == (
        "main -> topic, 6 runs against 1 run, in reference energy\n"
        "\n"
        "           tests  base     head  same tests        95 % bounds          answer  smallest visible\n"
        "all tests     30   2 J    3.5 J     +50.0 %  +40.0 % … +60.0 %        costlier               9 %\n"
        "  new          1        +500 mJ\n"
        "  gone         2        -250 mJ\n"
        "small          2   2 J    3.5 J                                 could not tell\n"
        "  new          1        +500 mJ\n"
        "  gone         2        -250 mJ\n"
        "\n"
        "tests that differ most  base   head   change\n"
        "t.py::cart               1 J  1.5 J  +50.0 %\n"
        "\n"
        "why        all tests: because\n"
        "why        small: too small\n"
        "note       a gap\n"
    )


@pytest.mark.parametrize(
    ("state", "feature", "shown"),
    [("no change", "pay", False), ("costlier", "pay", True), ("cheaper", None, True), ("suspicious", "other", True)],
)
def test_same_tests_are_shown_if_their_group_changed(state: GrowthState, feature: str | None, shown: bool) -> None:
    """Noise makes every test differ; a test is listed if all tests together have changed."""
    finding = replace(ALL.finding, state=state)
    comparison = replace(COMPARISON, parts=(replace(ALL, finding=finding),), tests=(replace(CART, feature=feature),))
    assert ("t.py::cart" in _text(comparison)) is shown


def test_new_tests_are_always_shown_and_only_ten() -> None:
    """A new test is listed whatever became of its group; of many the first ten are."""
    new = tuple(TestChange(f"t.py::n{n}", "new", None, 1.0, None, None) for n in range(TOP + 5))
    comparison = replace(COMPARISON, parts=(SMALL,), tests=new)
    assert _text(comparison).count("t.py::n") == TOP


def test_without_a_pair_there_are_only_notes() -> None:
    """A comparison that measured nothing has no tables."""
    comparison = Comparison("main", "topic", (0, 0), (), (), (), ("interrupted",))
    assert _text(comparison).splitlines()[1:] == ["", "note       interrupted"]


def test_json_has_the_totals_among_the_keys_of_a_group() -> None:
    """The JSON format of a group is flat, in a fixed order, and other programs rely on its keys."""
    values = to_json(COMPARISON)
    assert list(values) == ["schema", "base", "head", "runs", "parts", "tests", "differs", "notes"]
    assert list(values["parts"][0]) == [
        "name", "tests", "base_j", "head_j", "finding", "new_tests", "gone_tests", "changed_tests", "new_j", "gone_j",
        "changed_j",
    ]  # fmt: skip
    assert (values["parts"][0]["gone_tests"], values["parts"][0]["gone_j"]) == (2, 0.25)


@pytest.mark.parametrize(
    ("compared", "alarms", "advice"),
    [
        (0, 0, "Nothing could be compared: only 3 of these tests ran. 6 runs of the same code were measured."),
        (20, 0, "may fail a run from now on"),
        (20, 3, "only warns here"),
    ],
)
def test_selftest_advises_by_its_false_alarms(compared: int, alarms: int, advice: str) -> None:
    """Without a comparison nothing can be said; without a false alarm a limit may block; otherwise it only warns."""
    figures = (0.02, 0.09, 0.07) if compared else (None, None, None)
    unit = SelfComparison("", 30, compared, alarms, *figures, "" if compared else "only 3 of these tests ran")
    text = render_selftest([unit], 6, width=120, colour=False)
    assert advice in " ".join(text.split())
    assert ('growth = "7 %"' in text) == bool(compared)
    assert ("could not tell" in text) != bool(compared)
    assert ("nothing is recorded" in text) != bool(compared)
    assert ("the growth that noise alone may show here" in text) == bool(compared)
