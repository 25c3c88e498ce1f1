"""Several reports as one: what is summed, what is joined, and the laws that merging keeps."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import GridFactor, Probe, Range
from pytest_carbon.core.report import paired_runs as pairs_values
from pytest_carbon.core.report.report import Report, from_json, to_json
from pytest_carbon.core.report.run_measurements import measurements_of
from pytest_carbon.reporters.run import report_file

LAW = settings(max_examples=60, deadline=None)
FRANCE = GridFactor("FR", Range(50.0, 20.0, 80.0), "by hand", 2023, False)


def _part(bench: Any, run: str, **facts: Any) -> Report:
    """Return a report whose machine, probes and gaps can be told."""
    machine = {name: facts.pop(name) for name in ("cpu", "method", "clean_share", "full_speed") if name in facts}
    probes = tuple(Probe(0.1 * n, 1.0, "gw0") for n in range(facts.pop("probes", 4)))
    gaps, exit_status, command = facts.pop("gaps", ()), facts.pop("exit_status", 0), facts.pop("command", ("pytest",))
    report: Report = bench.report(run, **facts)
    own = replace(report.run, exit_status=exit_status, command=command)
    return replace(report, run=own, machine=replace(report.machine, **machine), probes=probes, gaps=gaps)


def _rows_j(report: Report) -> float:
    return math.fsum(row.energy_j or 0.0 for row in report.rows)


def test_one_part_is_the_report_itself(bench: Any) -> None:
    """A run of one job is not touched."""
    report = bench.report()
    assert merge_reports([("only", report)]) is report


def test_parts_are_summed(bench: Any) -> None:
    """Energy, grams, their bounds and reference energy add up; features too, where a test of both parts is one."""
    one = _part(bench, "a", tests={"checkout": 10})
    other = _part(bench, "b", tests={"checkout": 5, "search": 20, "": 5})
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


def test_run_of_all_parts(bench: Any) -> None:
    """It begins with the first part, lasts as long as the longest, and fails if one of them did."""
    early = _part(bench, "b", ago=timedelta(hours=3), command=("pytest", "tests/b"), exit_status=1)
    early = replace(early, run=replace(early.run, duration_s=90.0))
    late = _part(bench, "a", command=("pytest", "tests/a"))
    run = merge_reports([("one", late), ("two", early)]).run
    assert (run.started, run.duration_s, run.exit_status, run.workers) == (early.run.started, 90.0, 1, 2)
    assert run.command == ("pytest", "tests/a", "pytest", "tests/b")
    assert (run.commit, run.branch) == ("a" * 40, "topic")
    assert run.id == merge_reports([("other", early), ("names", late)]).run.id
    assert run.id != merge_reports([("one", late), ("two", _part(bench, "c"))]).run.id


def test_same_test_in_two_parts_is_summed(bench: Any) -> None:
    """A matrix runs a test in each of its parts: the figures have it once, with all that it took."""
    whole = merge_reports([("3.11", _part(bench, "a")), ("3.12", _part(bench, "b", costs={"checkout": 3.0}))])
    figures = measurements_of(whole)
    assert len(figures.tests) == 50
    assert figures.tests["tests/checkout/t.py::test_0"].reference_j == pytest.approx(4.0)
    assert whole.features["checkout"].tests == 25


def test_machines_are_told_together(bench: Any) -> None:
    """Every field of the environment has all its values; the method is the least certain of all."""
    one = _part(bench, "a", fingerprint={"python": "3.11", "os": "linux"}, cpu="B", method="counter", clean_share=1.0)
    other = _part(
        bench, "b", fingerprint={"python": "3.12", "os": "linux"}, cpu="A", clean_share=0.5, probes=12, full_speed=3.0
    )
    machine = merge_reports([("x", one), ("y", other)]).machine
    assert machine.fingerprint == {"python": "3.11, 3.12", "os": "linux", "parts": "2"}
    assert (machine.name, machine.cpu, machine.vcpus, machine.method) == ("bench", "A, B", 4, "modelled")
    assert (machine.clean_share, machine.full_speed, machine.utilisation) == pytest.approx((0.625, 2.0, 0.5))


def test_each_part_is_fast_by_its_own_measure(bench: Any) -> None:
    """A slower machine's tests are not taken for tests of a slowed one."""
    slow = _part(bench, "b", full_speed=1.5)
    slow = replace(slow, rows=tuple(replace(row, speed_before=1.5, speed_after=None) for row in slow.rows))
    whole = merge_reports([("x", _part(bench, "a")), ("y", slow)])
    assert whole.machine.full_speed == pytest.approx(1.25)
    assert {row.speed_before for row in whole.rows} == {1.25}
    assert {row.speed_after for row in whole.rows} == {1.25, None}


def test_what_one_part_does_not_know_is_not_known_of_the_whole(bench: Any) -> None:
    """No sum without all of its parts; reference energy is known all the same."""
    whole = merge_reports([("a", _part(bench, "a")), ("b", _part(bench, "b", known=False))])
    totals = whole.totals
    assert {totals.energy_j, totals.low_j, totals.emissions_g, totals.operational_g} == {None}
    assert totals.reference_j == pytest.approx(100.0)
    assert whole.features == {}
    assert whole.gaps == ("the energy of this run is not known, because that of part b is not",)


def test_part_without_features_is_unattributed(bench: Any) -> None:
    """What nobody claims in one part does not vanish from the shares."""
    whole = merge_reports([("a", _part(bench, "a", tests={"checkout": 5})), ("b", _part(bench, "b", tests={"": 15}))])
    assert {name: use.share for name, use in whole.features.items()} == pytest.approx(
        {"checkout": 0.25, "unattributed": 0.75}
    )
    assert whole.features["unattributed"].tests == 15
    assert merge_reports([(n, _part(bench, n, tests={"": 5})) for n in "ab"]).features == {}


def test_several_grids_are_one_by_energy(bench: Any) -> None:
    """The factor is the mean by energy, as wide as all grids, and it is said; one grid stays as it is."""
    one, other = _part(bench, "a", tests={"checkout": 30}), _part(bench, "b", tests={"checkout": 10}, grid=FRANCE)
    whole = merge_reports([("a", one), ("b", other)])
    assert (whole.grid.zone, whole.grid.year, whole.grid.assumed) == ("DE, FR", None, False)
    assert whole.grid.g_per_kwh == pytest.approx((312.5, 20.0, 600.0))
    assert whole.gaps == ("the parts were on several grids (DE, FR); the factor given is their mean by energy",)
    unknown = merge_reports([("a", one), ("b", _part(bench, "b", grid=FRANCE, known=False))])
    assert unknown.grid.g_per_kwh.central == pytest.approx(225.0)
    assert merge_reports([("a", one), ("b", _part(bench, "b", grid=bench.world))]).grid.assumed
    assert merge_reports([("a", one), ("b", _part(bench, "b"))]).grid is one.grid


def test_gaps_name_their_parts(bench: Any) -> None:
    """What is missing from all parts is told once, and the rest with the parts that it is missing from."""
    parts = [("a", _part(bench, "a", gaps=("x", "y"))), ("b", _part(bench, "b", gaps=("y", "z"))),
             ("c", _part(bench, "c", gaps=("y", "z")))]  # fmt: skip
    assert merge_reports(parts).gaps == ("part a: x", "y", "part b, c: z")


def test_run_that_came_twice_counts_once(bench: Any) -> None:
    """A part given again under another name adds nothing, and that is said."""
    one, other = _part(bench, "a"), _part(bench, "b")
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
    """What was measured on two commits is no run; the error says which part has which."""
    with pytest.raises(ReportError, match="^" + message):
        merge_reports([("x", _part(bench, "a")), ("y", _part(bench, "b", **facts))])


def test_no_part_and_two_of_one_name_are_refused(bench: Any) -> None:
    """There is nothing to sum, or no telling which of the two is meant."""
    with pytest.raises(ReportError, match="there is no part to merge"):
        merge_reports([])
    with pytest.raises(ReportError, match="two parts are called 'x', the runs a and b; give each"):
        merge_reports([("x", _part(bench, "b")), ("x", _part(bench, "a"))])


def test_code_of_several_pythons_has_one_digest(bench: Any) -> None:
    """Each Python has digests of its own: together they are one, which changes when one of them does."""
    codes: list[dict[str, str]] = [
        {"t.py::a": "0" * 12, "t.py::b": "1" * 12},
        {"t.py::a": "0" * 12, "t.py::b": "2" * 12},
    ]
    parts = [(str(n), replace(_part(bench, f"r{n}"), code=code)) for n, code in enumerate(codes)]
    found = merge_reports(parts).code
    assert found["t.py::a"] == "0" * 12
    assert found["t.py::b"] not in ("1" * 12, "2" * 12)
    assert len(found["t.py::b"]) == 12


def test_merged_report_keeps_to_the_schema(bench: Any, tmp_path: Any) -> None:
    """It can be written and read again as any report can."""
    parts = [(name * 3000, _part(bench, name, cpu=name * 3000, gaps=("x",))) for name in "abc"]
    parts = [(name, replace(report, pairs=pairs_values.to_json(bench.pairs(2)))) for name, report in parts]
    report_file.write(merge_reports(parts), tmp_path / "report.json")
    assert from_json(to_json(report_file.read(tmp_path / "report.json"))).run.id.startswith("merged-")


# -- base and head in turns --------------------------------------------------------------------------------


def _measured(bench: Any, name: str, count: int, feature: str, cost: float = 1.0, **changes: Any) -> tuple[str, Report]:
    """Return a part whose only feature was measured in turns so many times."""
    report = _part(bench, name, tests={feature: 25}, costs={feature: cost})
    base = [measurements_of(_part(bench, f"{name}-b{n}", tests={feature: 25}, commit="b" * 40)) for n in range(count)]
    head = [measurements_of(replace(report, run=replace(report.run, id=f"{name}-h{n}"))) for n in range(count)]
    sides = [pairs_values.SideRun(side, run) for pair in zip(base, head, strict=True)
             for side, run in zip(("base", "head"), pair, strict=True)]  # fmt: skip
    pairs = pairs_values.PairedRuns("b" * 40, "a" * 40, tuple(sides), (), "enough pairs", 60.0, ())
    return name, replace(report, pairs=pairs_values.to_json(replace(pairs, **changes)))


def test_pairs_of_one_part_are_kept(bench: Any) -> None:
    """The parts that were not flagged have none, and need none."""
    flagged = _measured(bench, "x", 3, "checkout")
    whole = merge_reports([flagged, ("y", _part(bench, "b", tests={"search": 25}))])
    assert whole.pairs == flagged[1].pairs


def test_pairs_of_several_parts_are_one(bench: Any) -> None:
    """The first pair of all parts is the first of the run; a growth that they see together is confirmed."""
    parts = [_measured(bench, "x", 5, "checkout", 1.3), _measured(bench, "y", 5, "search", 1.3)]
    found = pairs_values.from_json(merge_reports(parts).pairs)
    assert [side.side for side in found.runs] == ["base", "head"] * 5
    assert {len(side.measurements.tests) for side in found.runs} == {50}
    assert pairs_values.fingerprint_differences(found) == []
    report, pairs = merge_reports(parts), found
    verdict = bench.judge('[budget]\ngrowth = "5 %"\non-exceeded = "fail"\n', report=report, pairs=pairs)
    assert bench.judged(verdict, "repository").growth.state == "costlier"


def test_pairs_are_as_many_as_each_part_has(bench: Any) -> None:
    """No test is judged by fewer pairs than the others, and what is left out is said."""
    whole = merge_reports([_measured(bench, "x", 5, "checkout"), _measured(bench, "y", 3, "search")])
    assert len(pairs_values.from_json(whole.pairs).runs) == 6
    assert whole.gaps == (
        "base and head were measured in turns: 5 pairs in part x, 3 pairs in part y; the first 3 of each are compared",
    )


def test_pairs_of_other_commits_are_left_out(bench: Any) -> None:
    """Two bases are not one."""
    whole = merge_reports([_measured(bench, "x", 3, "checkout"), _measured(bench, "y", 3, "search", base="c" * 40)])
    assert whole.pairs is None
    assert whole.gaps == ("base and head in turns were other commits in each of x, y, so nothing is confirmed",)


def test_same_test_in_turns_in_two_parts_is_summed(bench: Any) -> None:
    """It costs what it costs in both, was as slow as in the slower, and passed if it did in both."""
    one, other = _measured(bench, "x", 2, "checkout"), _measured(bench, "y", 2, "checkout", 3.0)
    sick = json.loads(json.dumps(other[1].pairs))
    sick["runs"][1]["figures"]["tests"][0] = [sick["runs"][1]["figures"]["tests"][0][0], 3.0, None, "failed"]
    found = pairs_values.from_json(merge_reports([one, ("y", replace(other[1], pairs=sick))]).pairs)
    first, second = list(found.runs[1].measurements.tests.values())[:2]
    assert (first.reference_j, first.slowdown, first.outcome) == (4.0, None, "failed")
    assert (second.reference_j, second.slowdown, second.outcome) == (4.0, 1.0, "passed")


# -- laws --------------------------------------------------------------------------------------------------

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
        (f"p{n}", _part(bench, f"run-{n}", tests=tests, costs=dict.fromkeys(tests, cost), known=known or told))
        for n, (tests, cost, told) in enumerate(shards)
    ]


@LAW
@given(shards=SHARDS)
def test_nothing_is_lost(bench: Any, shards: Sequence[Any]) -> None:
    """The rows come to the total, the features to the run, and reference energy is that of all parts."""
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
    """However the parts come, the report is the same to the byte."""
    parts = _parts(bench, shards)
    mixed = data.draw(st.permutations(parts))
    assert to_json(merge_reports(parts)) == to_json(merge_reports(mixed))


@LAW
@given(shards=SHARDS, cut=st.integers(1, 4))
def test_merged_parts_can_be_merged(bench: Any, shards: Sequence[Any], cut: int) -> None:
    """Totals are the same whether all parts are merged at once or some of them first."""
    parts = _parts(bench, shards)
    some, rest = parts[:cut], parts[cut:]
    at_once, in_turn = merge_reports(parts), merge_reports([("some", merge_reports(some)), *rest])
    for name in ("energy_j", "low_j", "high_j", "reference_j", "emissions_g"):
        assert getattr(in_turn.totals, name) == pytest.approx(getattr(at_once.totals, name))
    assert len(in_turn.rows) == len(at_once.rows)
    assert {n: u.tests for n, u in in_turn.features.items()} == {n: u.tests for n, u in at_once.features.items()}
