"""The change of every test, in reference joules."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_carbon.core.compare.changes_per_test import changes_per_test, differing_fields, most_notable, with_pairs
from pytest_carbon.core.compare.clean_costs import usual_cost
from pytest_carbon.core.compare.match_tests import match_tests
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.core.verdict.verdict import TestChange


def _run(
    tests: Mapping[str, float | MeasuredTest],
    code: Mapping[str, str] | None = None,
    features: Mapping[str, str] | None = None,
    fingerprint: Mapping[str, str] | None = None,
) -> RunMeasurements:
    figures = {n: f if isinstance(f, MeasuredTest) else MeasuredTest(f, 1.0) for n, f in tests.items()}
    return RunMeasurements(
        "run", None, "main", "2026-06-01T10:00:00Z", fingerprint or {}, 1.0, figures, code or {}, features or {}
    )


def _changes(base: list[RunMeasurements], head: list[RunMeasurements]) -> dict[str, TestChange]:
    result = changes_per_test(match_tests(head[0], base[0]), base, head, usual_cost(base))
    assert len(result) == len({change.nodeid for change in result})
    return {change.nodeid: change for change in result}


def test_every_kind_of_change() -> None:
    """Every test is listed once, with its cost on either side, the ratio and its present feature."""
    base = _run({"same": 2.0, "code": 1.0, "old": 4.0, "gone": 8.0}, {"code": "1", "old": "9"}, {"gone": "pay"})
    head = _run({"same": 3.0, "code": 0.5, "name": 4.0, "new": 16.0}, {"code": "2", "name": "9"}, {"same": "pay"})
    assert _changes([base], [head]) == {
        "same": TestChange("same", "same", 2.0, 3.0, 0.5, "pay", ""),
        "code": TestChange("code", "changed", 1.0, 0.5, -0.5, None, ""),
        "name": TestChange("name", "renamed", 4.0, 4.0, 0.0, None, "old"),
        "new": TestChange("new", "new", None, 16.0, None, None, ""),
        "gone": TestChange("gone", "gone", 8.0, None, None, "pay", ""),
    }


@pytest.mark.parametrize(
    "figure", [MeasuredTest(5.0, 1.0, "failed"), MeasuredTest(5.0, 1.0, "skipped"), MeasuredTest(0.0, 1.0)]
)
def test_test_that_did_not_pass_has_no_figure(figure: MeasuredTest) -> None:
    """The cost of a failing or skipped test is unknown, and so is its change."""
    (now,) = _changes([_run({"a": 1.0})], [_run({"a": figure})]).values()
    (before,) = _changes([_run({"a": figure})], [_run({"a": 1.0})]).values()
    assert (now.base_j, now.head_j, now.change) == (1.0, None, None)
    assert (before.base_j, before.head_j, before.change) == (None, 1.0, None)


@pytest.mark.parametrize(("outcome", "cost"), [("xpassed", 5.0), ("rerun", 5.0), ("failed", None), ("xfailed", None)])
def test_a_new_test_is_never_free(outcome: str, cost: float | None) -> None:
    """A new test counts with what it used, whatever its outcome; one that ran to its end has a cost on both sides."""
    figure = MeasuredTest(5.0, 1.0, outcome)
    assert _changes([_run({"a": 1.0})], [_run({"a": 1.0, "b": figure})])["b"].head_j == 5.0
    assert _changes([_run({"a": figure})], [_run({"a": 1.0})])["a"].base_j == cost
    assert _changes([_run({"a": 1.0})], [_run({"a": 1.0, "b": MeasuredTest(0.0, 1.0, "skipped")})])["b"].head_j is None


def test_cost_is_the_median_of_the_runs_a_test_passed_in() -> None:
    """Only runs in which the test ran and passed count."""
    base = [
        _run({"a": 1.0}),
        _run({"a": 9.0}),
        _run({"a": MeasuredTest(99.0, 1.0, "failed")}),
        _run({"a": 2.0}),
        _run({}),
    ]
    assert _changes(base, [_run({"a": 4.0})])["a"] == TestChange("a", "same", 2.0, 4.0, 1.0, None, "")


def test_feature_of_a_gone_test_is_that_of_the_newest_run() -> None:
    """If the runs of the base give a test different features, the newest run counts."""
    base = [_run({"a": 1.0}, features={"a": "new"}), _run({"a": 1.0}, features={"a": "old"})]
    assert _changes(base, [_run({})])["a"].feature == "new"


@pytest.mark.parametrize(
    ("first", "second", "fields"),
    [
        ({}, {}, []),
        ({"cpu": "A", "os": "Linux"}, {"cpu": "A", "os": "Linux"}, []),
        ({"cpu": "A", "os": "Linux"}, {"cpu": "B", "os": "Linux"}, ["CPU"]),
        ({"packages": "1"}, {"hashseed": "0"}, ["hash seed (set PYTHONHASHSEED)", "installed packages"]),
        ({"later": "1"}, {}, ["later"]),
        ({"reference": "instructions"}, {}, ["what reference energy comes from"]),
    ],
)
def test_differing_fields_are_named(first: Mapping[str, str], second: Mapping[str, str], fields: list[str]) -> None:
    """The fields that differ are named in words, in either order of the runs."""
    runs = _run({}, fingerprint=first), _run({}, fingerprint=second)
    assert differing_fields(*runs) == differing_fields(*reversed(runs)) == fields


def test_pairs_know_more_than_one_run() -> None:
    """A test with the same code has the figures of the pairs; what these did not measure, or has other code, stays."""
    tests = list(_changes([_run({"same": 2.0, "code": 1.0, "apart": 1.0}, {"code": "1"})],
                          [_run({"same": 9.0, "code": 2.0, "apart": 3.0}, {"code": "2"})]).values())  # fmt: skip
    base, head = [_run({"same": 2.0, "code": 1.0})] * 3, [_run({"same": 2.2, "code": 1.0})] * 3
    same, apart, code = with_pairs(tests, base, head, {"same": "same", "code": "code"})
    assert (same.nodeid, same.base_j, same.head_j) == ("same", 2.0, 2.2)
    assert same.change == pytest.approx(0.1)
    assert {apart, code} == {test for test in tests if test.nodeid != "same"}
    assert with_pairs(tests, [], [], {}) == tests


def test_notable_tests_are_sorted_and_not_noisy() -> None:
    """Of the same tests only those of the features, by 5 % or more; what is new, gone or changed always counts."""
    tests = [
        TestChange("small", "same", 1.0, 1.04, 0.04, "pay"),
        TestChange("cheaper", "same", 1.0, 0.9, -0.1, "pay"),
        TestChange("noisy", "same", 1.0, 2.0, 1.0, "pay"),
        TestChange("other", "same", 1.0, 2.0, 1.0, "search"),
        TestChange("new", "new", None, 3.0, None, "search"),
    ]
    assert [test.nodeid for test in most_notable(tests, {"pay"}, {"noisy"})] == ["new", "cheaper"]
