"""Two sides compared without a policy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pytest_carbon.core.compare.estimate import sigmas_needed, smallest_visible_change
from pytest_carbon.core.compare.side_by_side import ALL_TESTS, Comparison, GroupComparison, compare, compare_pairs
from pytest_carbon.core.records.paired_runs import PairedRuns, SideRun
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

PAY, SHOP = [f"pay::t{n}" for n in range(25)], [f"shop::t{n}" for n in range(10)]
FEATURES = {**dict.fromkeys(PAY, "pay"), **dict.fromkeys(SHOP, "shop")}


def _run(pay: float = 1.0, shop: float = 1.0, tests: Mapping[str, float] | None = None, **more: Any) -> RunMeasurements:
    """Return a run of one large feature, one small one, and other tests."""
    joules = {**dict.fromkeys(PAY, pay), **dict.fromkeys(SHOP, shop), **(tests or {})}
    values: dict[str, Any] = {
        "run": "run", "commit": None, "branch": None, "started": "2026-06-01T10:00:00Z", "fingerprint": {"cpu": "A"},
        "full_speed": 1.0, "tests": {n: MeasuredTest(j, 1.0) for n, j in joules.items()}, "features": FEATURES,
    }  # fmt: skip
    return RunMeasurements(**{**values, **more})


def _pairs(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements]) -> PairedRuns:
    runs = tuple(side for b, h in zip(base, head, strict=True) for side in (SideRun("base", b), SideRun("head", h)))
    return PairedRuns("main", "topic", runs, (), "all pairs were measured", 1.0, ("a gap",))


def _parts(found: Comparison) -> dict[str, GroupComparison]:
    return {part.name: part for part in found.parts}


def test_all_tests_come_first_then_the_features() -> None:
    """Every feature is a part; a feature that is too small is listed and not judged."""
    result = compare([_run()] * 6, [_run(pay=2.0)])
    assert [(p.name, p.tests, p.totals.base_j, p.totals.head_j, p.finding.state) for p in result.parts] == [
        (ALL_TESTS, 35, 35.0, 60.0, "suspicious"),
        ("pay", 25, 25.0, 50.0, "suspicious"),
        ("shop", 10, 10.0, 10.0, "could not tell"),
    ]
    assert _parts(result)["shop"].finding.why == "too small to be judged by itself"
    assert (result.runs, result.differs, result.notes) == ((6, 1), (), ())
    assert [test.nodeid for test in result.tests[:25]] == sorted(PAY)


def test_features_share_the_alarms_of_a_run() -> None:
    """The more features are judged, the more each must have grown; all tests together are judged on their own."""
    features = {**FEATURES, **{f"more::t{n}": "more" for n in range(25)}}
    run = _run(tests=dict.fromkeys([n for n in features if n not in FEATURES], 1.0), features=features)
    sigma = 0.03 * math.sqrt(2)  # of one run against one
    assert {part.name: part.finding.smallest for part in compare([run], [run]).parts} == {
        ALL_TESTS: pytest.approx(smallest_visible_change(0.05, sigma, sigmas_needed())),
        "more": pytest.approx(smallest_visible_change(0.05, sigma, sigmas_needed(2))),
        "pay": pytest.approx(smallest_visible_change(0.05, sigma, sigmas_needed(2))),
        "shop": None,
    }


def test_run_against_itself_is_the_same() -> None:
    """A run, or pairs of it, compared with itself has not changed, and every test is the same."""
    for result in (compare([_run()], [_run()]), compare_pairs(_pairs([_run()] * 3, [_run()] * 3))):
        assert [part.finding.change for part in result.parts] == [0.0, 0.0, None]
        assert {test.kind for test in result.tests} == {"same"}
        assert {test.change for test in result.tests} == {0.0}


def test_new_gone_and_changed_tests_stand_apart() -> None:
    """New, gone and changed tests are no growth of the same tests; their joules stand beside it."""
    base = _run(tests={"gone": 4.0, "code": 1.0, "fails": 3.0}, code={"code": "1", "fails": "1"})
    head = _run(tests={"new": 9.0, "code": 3.0, "fails": 0.0}, code={"code": "2", "fails": "2"})
    whole = _parts(compare([base] * 6, [head]))[ALL_TESTS]
    assert (whole.finding.change, whole.finding.tests) == (0.0, 35)
    assert (whole.totals.new_tests, whole.totals.gone_tests, whole.totals.changed_tests) == (1, 1, 2)
    assert (whole.totals.new_j, whole.totals.gone_j) == (9.0, 4.0)
    assert whole.totals.changed_j == 2.0, "a test without a figure on one side adds and saves nothing"


def test_newest_runs_are_compared() -> None:
    """The newest run counts, whatever its time zone or its position."""
    old, new = "2026-06-01T10:00:00Z", "2026-06-01T09:00:00-05:00"
    base = [_run(run="old", started=old), _run(run="new", started=new)]
    result = compare(base, [_run(run="late", started=new), _run(run="early", started=old)])
    assert (result.base, result.head) == ("new", "late")
    assert compare([_run(commit="a" * 40)], [_run(commit="b" * 40)]).base == "a" * 12


@pytest.mark.parametrize("base", [[{"cpu": "B"}], [{"cpu": "A"}, {"cpu": "B"}]])
def test_other_environment_is_not_compared(base: list[dict[str, str]]) -> None:
    """If any run comes from another environment, growth is not told, and the reason names the differing fields."""
    result = compare([_run(fingerprint=fingerprint) for fingerprint in base], [_run(pay=2.0)])
    assert result.differs == ("CPU",)
    assert _parts(result)[ALL_TESTS].finding.state == "could not tell"
    assert _parts(result)[ALL_TESTS].finding.why == "the environments differ: CPU"


def test_feature_may_have_any_name() -> None:
    """A feature named like the group of all tests stays a feature."""
    features = {**FEATURES, **dict.fromkeys(PAY, ALL_TESTS)}
    result = compare([_run(features=features)] * 6, [_run(pay=2.0, features=features)])
    assert [(part.name, part.tests) for part in result.parts] == [(ALL_TESTS, 35), (ALL_TESTS, 25), ("shop", 10)]


@pytest.mark.parametrize(
    ("base", "head", "why"),
    [
        pytest.param({"a": 1.0}, {"b": 1.0}, "no test is the same on both sides", id="nothing in common"),
        pytest.param({}, {}, "no test is the same on both sides", id="nothing ran"),
        pytest.param({"a": 1.0}, {"a": 1.0}, "only 1 of these tests ran at full speed; 5 are needed",
                     id="one test"),
    ],
)  # fmt: skip
def test_reason_says_what_was_missing(base: Mapping[str, float], head: Mapping[str, float], why: str) -> None:
    """If growth cannot be told, the reason says why."""
    for result in (
        compare([_only(base)] * 6, [_only(head)]),
        compare_pairs(_pairs([_only(base)] * 3, [_only(head)] * 3)),
    ):
        (part,) = result.parts
        assert (part.finding.state, part.finding.why) == ("could not tell", why)


def _only(tests: Mapping[str, float]) -> RunMeasurements:
    figures = {nodeid: MeasuredTest(joules, 1.0) for nodeid, joules in tests.items()}
    return RunMeasurements("run", None, None, "2026-06-01T10:00:00Z", {}, 1.0, figures)


@pytest.mark.parametrize(
    ("count", "state", "why"),
    [
        (1, "could not tell", "none of these tests ran with the same code at full speed on both sides"),
        (2, "could not tell", "costlier in 2 pairs, too few to be sure"),
        (5, "costlier", "confirmed by 5 pairs measured in turns"),
        (9, "costlier", "confirmed by 9 pairs measured in turns"),
    ],
)
def test_pairs_are_looked_at_once_and_all_of_them(count: int, state: str, why: str) -> None:
    """All pairs count, because their number was fixed beforehand; fewer than five never block."""
    result = compare_pairs(_pairs([_run()] * count, [_run(pay=2.0)] * count))
    assert (result.base, result.head, result.runs) == ("main", "topic", (count, count))
    assert result.notes == ("a gap", "all pairs were measured")
    finding = _parts(result)["pay"].finding
    assert (finding.state, finding.why) == (state, why)


def test_pairs_measured_in_different_environments_are_not_compared() -> None:
    """The two sides of a pair must have the same environment; two pairs may differ."""
    base = [_run(fingerprint={"cpu": cpu}) for cpu in "ABA"]
    assert compare_pairs(_pairs(base, base)).differs == ()
    assert compare_pairs(_pairs(base, [_run()] * 3)).differs == ("CPU",)


def test_no_pair_is_an_empty_comparison() -> None:
    """Without a single pair there is only the reason."""
    assert compare_pairs(_pairs([], [])) == Comparison(
        "main", "topic", (0, 0), (), (), (), ("a gap", "all pairs were measured")
    )
