"""Several reports merged into one: what is summed, what is joined, and what never changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.core.report import OutsideFigures, Report, from_json, to_json
from pytest_carbon.reporters.run import report_file
from tests.core.merge.parts import make_part
from tests.samples import make_pairs, make_report

LAW = settings(max_examples=60, deadline=None)


def _rows_j(report: Report) -> float:
    return math.fsum(row.energy_j or 0.0 for row in report.rows)


def test_one_part_is_the_report_itself(bench: Any) -> None:
    """The report of a single job is returned unchanged."""
    report = bench.report()
    assert merge_reports([("only", report)]) is report


def test_parts_are_summed(bench: Any) -> None:
    """Energy, grams, their bounds, reference energy and features add up; a test of both parts counts once."""
    one = make_part(bench, "a", tests={"checkout": 10})
    other = make_part(bench, "b", tests={"checkout": 5, "search": 20, "": 5})
    whole = merge_reports([("linux", one), ("mac", other)])
    totals = whole.totals
    assert (totals.energy_j, totals.low_j, totals.high_j) == pytest.approx((80.0, 64.0, 120.0))
    assert (totals.reference_j, totals.emissions_g, totals.emissions_high_g) == pytest.approx((40.0, 0.8, 1.2))
    assert {name: (use.tests, use.energy_j, use.share) for name, use in whole.features.items()} == {
        "checkout": (10, pytest.approx(30.0), pytest.approx(0.375)),
        "search": (20, pytest.approx(40.0), pytest.approx(0.5)),
        "unattributed": (5, pytest.approx(10.0), pytest.approx(0.125)),
    }
    assert len(whole.rows) == 40
    assert {row.worker for row in whole.rows} == {"linux", "mac"}
    assert {probe.worker for probe in whole.probes} == {"linux/gw0", "mac/gw0"}
    assert (whole.budgets, whole.gaps) == ((), ())


def test_workers_of_one_name_stay_apart(bench: Any) -> None:
    """Two jobs have a worker gw0 each: no row is lost, and what the machines take without work is there once each."""
    part = make_part(bench, "a")
    rows = tuple(replace(row, worker="gw0") for row in part.rows)
    one = replace(part, rows=rows, totals=replace(part.totals, base_j=3.0))
    other = replace(one, run=replace(one.run, id="b"))
    whole = merge_reports([("linux", one), ("mac", other)])
    assert {row.worker for row in whole.rows} == {probe.worker for probe in whole.probes} == {"linux/gw0", "mac/gw0"}
    assert len(whole.rows) == 2 * len(rows)
    assert _rows_j(whole) == pytest.approx(2 * _rows_j(one))
    assert (whole.totals.base_j, whole.run.workers) == (6.0, 2 * one.run.workers)
    assert whole.totals.embodied_g == pytest.approx(2 * (one.totals.embodied_g or 0.0))


def test_a_test_that_ran_in_two_parts_is_summed(bench: Any) -> None:
    """A matrix runs a test in each part: the measurements have it once, with the sum of its energy."""
    whole = merge_reports([("3.11", make_part(bench, "a")), ("3.12", make_part(bench, "b", costs={"checkout": 3.0}))])
    measurements = measurements_of(whole)
    assert len(measurements.tests) == 50
    assert measurements.tests["tests/checkout/t.py::test_0"].reference_j == pytest.approx(4.0)
    assert whole.features["checkout"].tests == 25


def test_a_sum_is_unknown_if_a_part_is_unknown(bench: Any) -> None:
    """Without the energy of one part there is no total; reference energy is still known."""
    whole = merge_reports([("a", make_part(bench, "a")), ("b", make_part(bench, "b", known=False))])
    totals = whole.totals
    assert {totals.energy_j, totals.low_j, totals.emissions_g, totals.operational_g} == {None}
    assert totals.reference_j == pytest.approx(100.0)
    assert whole.features == {}
    assert whole.gaps == ("the energy of this run is unknown, because the energy of part b is unknown",)


def test_part_without_features_is_unattributed(bench: Any) -> None:
    """A part without features keeps its share of the run."""
    whole = merge_reports(
        [("a", make_part(bench, "a", tests={"checkout": 5})), ("b", make_part(bench, "b", tests={"": 15}))]
    )
    assert {name: use.share for name, use in whole.features.items()} == pytest.approx(
        {"checkout": 0.25, "unattributed": 0.75}
    )
    assert whole.features["unattributed"].tests == 15
    assert merge_reports([(n, make_part(bench, n, tests={"": 5})) for n in "ab"]).features == {}


def test_gaps_name_their_parts(bench: Any) -> None:
    """A gap of all parts has no name before it; another gap has the names of its parts."""
    parts = [("a", make_part(bench, "a", gaps=("x", "y"))), ("b", make_part(bench, "b", gaps=("y", "z"))),
             ("c", make_part(bench, "c", gaps=("y", "z")))]  # fmt: skip
    assert merge_reports(parts).gaps == ("part a: x", "y", "part b, c: z")


def test_run_that_came_twice_counts_once(bench: Any) -> None:
    """A part that is given again under another name adds only a gap."""
    one, other = make_part(bench, "a"), make_part(bench, "b")
    again = "part c is the same run as part a, and counts once"
    assert merge_reports([("c", one), ("b", other), ("a", one)]) == replace(
        merge_reports([("a", one), ("b", other)]), gaps=(again,)
    )
    assert merge_reports([("a", one), ("c", one)]) == replace(one, gaps=(again,))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {"commit": "b" * 40},
            f"the parts are not of one commit: {'a' * 40} in part x, {'b' * 40} in part y; all jobs",
        ),
        ({"commit": None}, f"the parts are not of one commit: {'a' * 40} in part x, none in part y;"),
        ({"branch": "main"}, "the parts are not of one branch: topic in part x, main in part y;"),
    ],
)
def test_parts_of_different_checkouts_are_refused(bench: Any, facts: dict[str, Any], message: str) -> None:
    """The error says which part has which commit or branch."""
    with pytest.raises(ReportError, match="^" + message):
        merge_reports([("x", make_part(bench, "a")), ("y", make_part(bench, "b", **facts))])


def test_no_part_and_two_of_one_name_are_refused(bench: Any) -> None:
    """Nothing can be summed, or nobody can say which of two parts is meant."""
    with pytest.raises(ReportError, match="there is no report to merge"):
        merge_reports([])
    with pytest.raises(ReportError, match="two parts are called 'x', the runs a and b; give each"):
        merge_reports([("x", make_part(bench, "b")), ("x", make_part(bench, "a"))])


def test_merged_report_fits_the_schema(tmp_path: Any) -> None:
    """A merged report can be written and read like any other: its sums add up too."""
    parts = []
    for number, name in enumerate("abc"):
        report = make_report(number)
        long = replace(report, machine=replace(report.machine, cpu=name * 3000), gaps=("x",))
        parts.append((name * 3000, replace(long, pairs=make_pairs(report, report, 2))))
    report_file.write(merge_reports(parts), tmp_path / "report.json")
    assert from_json(to_json(report_file.read(tmp_path / "report.json"))).run.id.startswith("merged-")


SHARDS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["checkout", "search", ""]), st.integers(1, 4), max_size=3),
        st.floats(0.1, 9.0),
        st.booleans(),
    ),
    min_size=2,
    max_size=5,
)


def _parts(bench: Any, shards: Sequence[Any], *, known: bool = False) -> list[tuple[str, Report]]:
    return [
        (f"p{n}", make_part(bench, f"run-{n}", tests=tests, costs=dict.fromkeys(tests, cost), known=known or measured))
        for n, (tests, cost, measured) in enumerate(shards)
    ]


@LAW
@given(shards=SHARDS)
def test_nothing_is_lost(bench: Any, shards: Sequence[Any]) -> None:
    """Rows sum to the total, features to the run, and reference energy to that of all parts."""
    parts = _parts(bench, shards, known=True)
    whole = merge_reports(parts)
    assert whole.totals.energy_j == pytest.approx(math.fsum(report.totals.energy_j or 0.0 for _, report in parts))
    assert _rows_j(whole) == pytest.approx(whole.totals.energy_j)
    assert whole.totals.reference_j == pytest.approx(math.fsum(r.totals.reference_j for _, r in parts))
    if whole.features:
        assert math.fsum(use.share for use in whole.features.values()) == pytest.approx(1.0)
        assert math.fsum(use.energy_j for use in whole.features.values()) == pytest.approx(whole.totals.energy_j)
        assert math.fsum(use.emissions_g for use in whole.features.values()) == pytest.approx(whole.totals.emissions_g)


@LAW
@given(shards=SHARDS, data=st.data())
def test_order_of_parts_does_not_matter(bench: Any, shards: Sequence[Any], data: st.DataObject) -> None:
    """The merged report is equal byte for byte in any order of the parts."""
    parts = _parts(bench, shards)
    mixed = data.draw(st.permutations(parts))
    assert to_json(merge_reports(parts)) == to_json(merge_reports(mixed))


@LAW
@given(shards=SHARDS, cut=st.integers(1, 4))
def test_merged_parts_can_be_merged(bench: Any, shards: Sequence[Any], cut: int) -> None:
    """Merging some parts first does not change the totals."""
    parts = _parts(bench, shards)
    some, rest = parts[:cut], parts[cut:]
    at_once, in_turn = merge_reports(parts), merge_reports([("some", merge_reports(some)), *rest])
    for name in ("energy_j", "low_j", "high_j", "reference_j", "emissions_g"):
        assert getattr(in_turn.totals, name) == pytest.approx(getattr(at_once.totals, name))
    assert len(in_turn.rows) == len(at_once.rows)
    assert {n: u.tests for n, u in in_turn.features.items()} == {n: u.tests for n, u in at_once.features.items()}


def test_work_that_left_a_part_stays_the_run_s_own(bench: Any) -> None:
    """Each part's other processes are left out, but for what left the command of that part."""
    first, second = (bench.beside(bench.report(f"r-{n}"), 40.0) for n in (1, 2))
    outside = OutsideFigures(0, 90.0, 200.0, 5.0, only_pytest=False)
    merged = merge_reports([("one", replace(first, outside=outside)), ("two", second)])
    assert merged.background_j == pytest.approx(80.0 - 20.0)
    assert merge_reports([("one", first), ("two", second)]).outside is None
