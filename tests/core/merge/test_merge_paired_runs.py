"""Paired runs of several parts merged into one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.merge.merge_paired_runs import merge_paired_runs
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.records import paired_runs as pairs_values
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.core.report import Report
from tests.core.merge.parts import make_part


def _measured(bench: Any, name: str, count: int, feature: str, cost: float = 1.0, **changes: Any) -> tuple[str, Report]:
    """Return a part with one feature and ``count`` measured pairs."""
    report = make_part(bench, name, tests={feature: 25}, costs={feature: cost})
    base = [
        measurements_of(make_part(bench, f"{name}-b{n}", tests={feature: 25}, commit="b" * 40)) for n in range(count)
    ]
    head = [measurements_of(replace(report, run=replace(report.run, id=f"{name}-h{n}"))) for n in range(count)]
    sides = [pairs_values.SideRun(side, run) for pair in zip(base, head, strict=True)
             for side, run in zip(("base", "head"), pair, strict=True)]  # fmt: skip
    pairs = pairs_values.PairedRuns("b" * 40, "a" * 40, tuple(sides), (), "enough pairs", 60.0, ())
    return name, replace(report, pairs=pairs_values.to_json(replace(pairs, **changes)))


def test_pairs_of_one_part_are_kept(bench: Any) -> None:
    """Parts without paired runs do not change them."""
    flagged = _measured(bench, "x", 3, "checkout")
    whole = merge_reports([flagged, ("y", make_part(bench, "b", tests={"search": 25}))])
    assert whole.pairs == flagged[1].pairs


def test_pairs_of_several_parts_are_merged_in_order(bench: Any) -> None:
    """The first pairs of all parts become the first pair; a growth in all parts is confirmed."""
    parts = [_measured(bench, "x", 5, "checkout", 1.3), _measured(bench, "y", 5, "search", 1.3)]
    result = pairs_values.from_json(merge_reports(parts).pairs)
    assert [side.side for side in result.runs] == ["base", "head"] * 5
    assert {len(side.measurements.tests) for side in result.runs} == {50}
    assert pairs_values.fingerprint_differences(result) == []
    report, pairs = merge_reports(parts), result
    verdict = bench.judge('[budget]\ngrowth = "5 %"\non-exceeded = "fail"\n', report=report, pairs=pairs)
    assert bench.judged(verdict, "repository").growth.state == "costlier"


def test_the_part_with_the_fewest_pairs_limits_their_number(bench: Any) -> None:
    """No test is judged by fewer pairs than another, and a gap names the left-out pairs."""
    whole = merge_reports([_measured(bench, "x", 5, "checkout"), _measured(bench, "y", 3, "search")])
    assert len(pairs_values.from_json(whole.pairs).runs) == 6
    assert whole.gaps == (
        "the parts measured different numbers of pairs: 5 pairs in part x, 3 pairs in part y; "
        "the first 3 of each are compared",
    )


def test_pairs_of_other_commits_are_left_out(bench: Any) -> None:
    """Pairs of different bases cannot be compared."""
    whole = merge_reports([_measured(bench, "x", 3, "checkout"), _measured(bench, "y", 3, "search", base="c" * 40)])
    assert whole.pairs is None
    assert whole.gaps == ("the parts x, y measured different commits as base and head, so nothing is confirmed",)


def test_a_test_measured_in_two_parts_is_summed(bench: Any) -> None:
    """Its energy is the sum, its slowdown the larger one, and it passed only if it passed in both parts."""
    one, other = _measured(bench, "x", 2, "checkout"), _measured(bench, "y", 2, "checkout", 3.0)
    sick = json.loads(json.dumps(other[1].pairs))
    sick["runs"][1]["figures"]["tests"][0] = [sick["runs"][1]["figures"]["tests"][0][0], 3.0, None, "failed"]
    result = pairs_values.from_json(merge_reports([one, ("y", replace(other[1], pairs=sick))]).pairs)
    first, second = list(result.runs[1].measurements.tests.values())[:2]
    assert (first.reference_j, first.slowdown, first.outcome) == (4.0, None, "failed")
    assert (second.reference_j, second.slowdown, second.outcome) == (4.0, 1.0, "passed")


def test_spoiled_pairs_of_one_part_spoil_all(bench: Any) -> None:
    """If a side misbehaved in one part, nothing follows from the pairs of the whole run."""
    parts = [_measured(bench, "x", 3, "checkout"), _measured(bench, "y", 3, "search", runs=(), spoiled="head wrote")]
    result = pairs_values.from_json(merge_reports(parts).pairs)
    assert (result.runs, result.spoiled) == ((), "head wrote")


def test_no_pairs_and_incomplete_pairs(bench: Any) -> None:
    """Without pairs nothing is merged; incomplete pairs of one of two parts are refused."""
    assert merge_paired_runs({}) == (None, [])
    pairs = pairs_values.to_json(bench.pairs(2))
    with pytest.raises(ReportError, match="the paired runs are incomplete"):
        merge_paired_runs({"x": pairs, "y": {**pairs, "runs": pairs["runs"][:3]}})
