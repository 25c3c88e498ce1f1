"""The lines of text of a report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.model import BudgetResult, FeatureUse, GridFactor, Probe, Range, Row
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from pytest_carbon.core.report_lines import (
    EnergyLine,
    FeatureLine,
    bar,
    energy_lines,
    feature_lines,
    method_facts,
    own_ranges,
    whole_percent,
)

LAW = settings(max_examples=100, deadline=None)
TOTALS = Totals(100.0, 80.0, 195.0, 50.0, 0.9, 0.1, 1.0, 0.4, 2.5, 70.0, 7.5, "")
REPORT = Report(
    tool={"name": "pytest-carbon", "version": "1", "codecarbon": "3"},
    run=RunInfo("run", "2026-01-01T00:00:00Z", 12.3, ("pytest",), 0, None, 1),
    machine=MachineInfo("bench", "some CPU", 4, "modelled", "by hand", "", {}, None, None, None, None),
    grid=GridFactor("DE", Range(381.4, 170.0, 630.0), "by hand", 2024, False),
    totals=TOTALS,
    rows=(),
    features={},
    budgets=(),
    probes=(),
    gaps=(),
)


def _test(nodeid: str, energy_j: float | None, phase: str = "call", outcome: str = "passed") -> Row:
    return Row("test", energy_j, 0.0, 0.0, (energy_j or 0.0) / 2, nodeid, phase, outcome=outcome)


def _with(*rows: Row, total_j: float | None = 100.0) -> Report:
    return replace(REPORT, rows=rows, totals=replace(TOTALS, energy_j=total_j))


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, ""), (0.001, "▏"), (0.0625, "▌"), (0.125, "█"), (0.5, "████"), (0.55, "████▍"), (1.0, "████████"),
     (1.2, "████████"), (-0.1, "")],
)  # fmt: skip
def test_bar_is_as_long_as_the_share(share: float, expected: str) -> None:
    """Eight cells are a share of 1; the smallest share gets an eighth of a cell."""
    assert bar(share) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0 %"), (1e-9, "<1 %"), (0.0099, "<1 %"), (0.01, "1 %"), (0.294, "29 %"), (0.5, "50 %"), (0.99, "99 %"),
     (0.991, ">99 %"), (0.99999, ">99 %"), (1.0, "100 %")],
)  # fmt: skip
def test_part_is_never_zero_or_hundred_percent(share: float, expected: str) -> None:
    """Only 0 is written as 0 %, and only 1 as 100 %."""
    assert whole_percent(share) == expected


def test_costliest_tests_come_first_and_the_others_are_one_line() -> None:
    """Tests are sorted by energy, their phases are summed, and the tests after the top ones share a line."""
    report = _with(
        _test("a", 5.0), _test("b", 20.0), _test("b", 10.0, "setup"), _test("c", 40.0), _test("d", 3.0), _test("e", 2.0)
    )
    assert energy_lines(report, 2) == [
        EnergyLine("c", "40 J", 0.4, "20 J"),
        EnergyLine("b", "30 J", 0.3, "15 J"),
        EnergyLine("3 more tests", "10 J", 0.1, "5 J", kind="tests"),
    ]


def test_a_single_other_test_keeps_its_own_line() -> None:
    """There is no line "1 more tests"."""
    assert [line.label for line in energy_lines(_with(_test("a", 3.0), _test("b", 2.0), _test("c", 1.0)), 2)] == [
        "a",
        "b",
        "c",
    ]


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([_test("a", 1.0)], ""),
        ([_test("a", 1.0, outcome="failed")], "failed"),
        ([_test("a", 1.0, outcome="rerun"), _test("a", 1.0)], "2 runs"),
        ([_test("a", 1.0, outcome="rerun"), _test("a", 1.0, outcome="failed")], "failed, 2 runs"),
    ],
)
def test_note_has_outcome_and_repeated_runs(rows: list[Row], note: str) -> None:
    """A test that passed at once has no note."""
    (line,) = energy_lines(_with(*rows), 5)
    assert line.note == note


@pytest.mark.parametrize(("users", "note"), [(0, "0 users"), (1, "1 user"), (7, "7 users")])
def test_fixture_line_has_its_number_of_users(users: int, note: str) -> None:
    """The line names the scope of the fixture; setup and teardown are one line."""
    row = Row("fixture", 4.0, 0.0, 0.0, 2.0, "db", "setup", scope="session", users=users)
    assert energy_lines(_with(row, replace(row, phase="teardown")), 5) == [
        EnergyLine("fixture db (session)", "8 J", 0.08, "4 J", note, "fixture")
    ]


def test_other_rows_follow_in_a_fixed_order() -> None:
    """Collection, idle, background and the tool come last; only the run's own work has reference energy."""
    rows = [Row(kind, 10.0, 1.0, 1.0, 1.0) for kind in ("tool", "background", "idle")]
    rows += [Row("collection", 10.0, 1.0, 1.0, 1.0, phase=p) for p in ("session", "collect", "start", "stop")]
    rows.append(Row("command", 10.0, 1.0, 1.0, 1.0, "make"))
    assert [(line.label, line.reference) for line in energy_lines(_with(*rows), 5)] == [
        ("collection and imports", "1 J"),
        ("start of the workers", "1 J"),
        ("end of the workers", "1 J"),
        ("pytest itself", "1 J"),
        ("the command", "1 J"),
        ("idle: no test was running", ""),
        ("background: other processes", ""),
        ("pytest-carbon itself", ""),
    ]


def test_unknown_energy_has_no_share() -> None:
    """Unknown energy is written as "unknown", not zero; lines are then sorted by reference energy."""
    rows = [Row("test", None, 1.0, 1.0, ref, nodeid, "call") for nodeid, ref in (("a", 1.0), ("b", 3.0))]
    assert energy_lines(_with(*rows, total_j=None), 5) == [
        EnergyLine("b", "unknown", None, "3 J"),
        EnergyLine("a", "unknown", None, "1 J"),
    ]


def test_the_runs_own_figures_have_the_bounds_of_the_whole() -> None:
    """What other processes used is in neither figure; unknown figures stay unknown."""
    others = _with(_test("a", 80.0), Row("background", 20.0, 1.0, 0.0, 0.0))
    joules, grams = own_ranges(others)
    assert joules == pytest.approx((80.0, 64.0, 156.0))
    assert grams == pytest.approx((0.82, 0.4 * 0.82, 2.5 * 0.82))  # 0.9 g operational, of which a fifth is theirs
    assert own_ranges(replace(REPORT, totals=replace(TOTALS, energy_j=None, emissions_g=None))) == (None, None)


def test_method_facts() -> None:
    """Method, machine, grid, grams, speed and CodeCarbon's own figure are named in this order."""
    machine = replace(REPORT.machine, clean_share=0.75)
    report = replace(REPORT, machine=machine, probes=tuple(Probe(float(i), 1.0, "") for i in range(4)))
    assert method_facts(report) == [
        ("method", "modelled from the machine's utilisation and power curve; between 80 J and 195 J"),
        ("machine", "bench (some CPU, 4 CPUs)"),
        ("grid", "DE, 381 g/kWh (by hand, 2024); 1 kWh is 3.6 MJ"),
        ("grams", "900 mg operational, 100 mg embodied (the run's share of the machine's manufacture)"),
        ("speed", "at full speed in 75 % of 4 probes"),
        ("CodeCarbon", "alone: 70 J for the 7.5 s it saw; why it differs: pytest-carbon doctor"),
    ]


def test_method_facts_leave_out_unknown_figures() -> None:
    """Without energy, probes and year, only method, machine and grid are named."""
    totals = Totals(None, None, None, 5.0, None, None, None, None, None, None, None, "")
    report = replace(
        REPORT, totals=totals, machine=replace(REPORT.machine, method="unknown"), grid=replace(REPORT.grid, year=None)
    )
    assert method_facts(report) == [
        ("method", "unknown: neither a counter nor the machine's CPU time can be read here"),
        ("machine", "bench (some CPU, 4 CPUs)"),
        ("grid", "DE, 381 g/kWh (by hand); 1 kWh is 3.6 MJ"),
    ]


@pytest.mark.parametrize(
    ("budget", "text", "state"),
    [
        (None, "", ""),
        (BudgetResult("pay", "40 J", 40.0, "energy", 40.0, "pass", ""), "40 J of 40 J", "pass"),
        (BudgetResult("pay", "39.999 J", 39.999, "energy", 40.0, "warn", ""), "40 J of 39.999 J", "over, warning"),
        (BudgetResult("pay", "0.3 g", 0.3, "mass", 0.4, "fail", ""), "400 mg of 300 mg", "over, fail"),
        (BudgetResult("pay", "0.3 g", 0.3, "mass", None, "inconclusive", ""), "? of 0.3 g", "inconclusive"),
        (BudgetResult(None, "1 J", 1.0, "energy", 100.0, "fail", ""), "", ""),
    ],
)
def test_feature_line_has_its_budget(budget: BudgetResult | None, text: str, state: str) -> None:
    """The line has the feature's use and limit per run; a budget of the whole run is not shown."""
    uses = {"pay": FeatureUse(3, 0.4, 40.0, 20.0, 0.4)}
    report = replace(REPORT, features=uses, budgets=(budget,) if budget else ())
    assert feature_lines(report) == [FeatureLine("pay", "3", 0.4, "40 J", "400 mg", text, state)]


@pytest.mark.parametrize(
    ("share", "cpu_s", "fingerprint", "text"),
    [
        (0.4, 9.0, {}, "at full speed in 40 % of 4 probes"),
        (0.2, 0.6, {}, "at full speed in 20 % of 4 probes; a comparison wants 40 % or more: run again when less else "
                       "runs"),
        (0.0, 12.3, {}, "at full speed in 0 % of 4 probes; a comparison wants 40 % or more: run again when less else "
                        "runs (other processes used 1 of 4 CPUs)"),
        (0.0, 12.3, {"reference": "instructions"}, "at full speed in 0 % of 4 probes"),
    ],
)  # fmt: skip
def test_a_busy_machine_is_told_with_what_to_do(
    share: float, cpu_s: float, fingerprint: dict[str, str], text: str
) -> None:
    """Below what a comparison wants, the line says so; where instructions were counted, speed does not matter."""
    machine = replace(REPORT.machine, clean_share=share, fingerprint=fingerprint)
    rows = (Row("background", 1.0, cpu_s, 0.0, 0.0),)
    report = replace(REPORT, machine=machine, rows=rows, probes=tuple(Probe(float(i), 1.0, "") for i in range(4)))
    assert dict(method_facts(report))["speed"] == text


@pytest.mark.parametrize(
    ("tests", "rest_j", "rest"),
    [
        (1, 30.0, [FeatureLine("unattributed", "1", 0.1, "10 J", "102 mg", "", "")]),
        (0, 20.0, []),
    ],
)
def test_other_processes_are_no_unattributed_work(tests: int, rest_j: float, rest: list[FeatureLine]) -> None:
    """They have a line of their own, so that the shares still sum to 1; work of no feature is shown if there is any."""
    rest_g = rest_j / 100
    uses = {
        "pay": FeatureUse(3, 1 - rest_g, 100 - rest_j, 20.0, 1 - rest_g),
        "unattributed": FeatureUse(tests, rest_g, rest_j, 1.0, rest_g),
    }
    report = replace(_with(_test("a", 80.0), Row("background", 20.0, 1.0, 0.0, 0.0)), features=uses)
    pay, *others, last = feature_lines(report)
    assert (pay.name, pay.share) == ("pay", 1 - rest_g)
    assert [replace(line, share=round(line.share, 9)) for line in others] == rest
    assert last == FeatureLine("other processes", "", 0.2, "20 J", "180 mg", "", "")


KINDS = [("idle", ""), ("background", ""), ("tool", ""), ("collection", "collect"), ("collection", "session"),
         ("test", "call"), ("test", "setup"), ("fixture", "setup")]  # fmt: skip
ROWS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from("abcdefgh"), st.floats(1e-3, 1e4)).map(
        lambda t: Row(t[0][0], t[2], 0.0, 0.0, t[2], t[1], t[0][1])  # type: ignore[arg-type]
    ),
    min_size=1,
    max_size=20,
)


@LAW
@given(ROWS, st.integers(1, 5))
def test_lines_sum_to_the_run(rows: list[Row], top: int) -> None:
    """The shares of the lines sum to 1, however many lines are put together."""
    total_j = sum(row.energy_j or 0.0 for row in rows)
    shown = energy_lines(_with(*rows, total_j=total_j), top)
    assert sum(line.share or 0.0 for line in shown) == pytest.approx(1.0, rel=1e-6)
    assert len([line for line in shown if line.kind in ("test", "tests")]) <= top + 1
