"""The table: complete expected text, widths, colour, and reports from strangers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.model import BudgetResult, FeatureUse, GridFactor, Probe, Range, Row
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from pytest_carbon.reporters.run.terminal import render

REPORT = Report(
    tool={"name": "pytest-carbon", "version": "1", "codecarbon": "3.3.2"},
    run=RunInfo("r-1", "2026-01-02T03:04:05+00:00", 12.3, ("pytest", "--carbon"), 0, None, 1),
    machine=MachineInfo("a server", "a CPU", 4, "modelled", "s", "w", {}, 0.0, 0.5, 0.8, 1.0),
    grid=GridFactor("DE", Range(381.0, 171.0, 629.0), "Our World in Data", 2023, False),
    totals=Totals(100.0, 50.0, 200.0, 30.0, 0.0106, 0.0034, 0.014, 0.005, 0.03, 900.0, 10.0, "n"),
    rows=(
        Row("test", 60.0, 20.0, 20.0, 25.0, "tests/pay.py::test_all", "call", outcome="failed", feature="checkout"),
        Row("test", 10.0, 2.0, 2.0, 3.0, "tests/find.py::test_one", "call", outcome="passed"),
        Row("test", 2.0, 0.5, 0.5, 1.0, "tests/find.py::test_two", "call", outcome="passed"),
        Row("test", 0.5, 0.1, 0.1, 0.2, "tests/find.py::test_three", "call", outcome="passed"),
        Row("fixture", 7.5, 1.0, 1.0, 0.8, "tests::database", "setup", scope="session", users=3),
        Row("collection", 5.0, 1.0, 1.0, 0.5, "", "collect"),
        Row("tool", 1.0, 0.5, 0.0, 0.4),
        Row("background", 4.0, 1.0, 0.0, 0.9),
        Row("idle", 10.0, 0.0, 4.0, 0.0),
    ),
    features={
        "checkout": FeatureUse(1, 0.83, 83.0, 25.0, 0.0116),
        "unattributed": FeatureUse(3, 0.17, 17.0, 4.2, 0.0024),
    },
    budgets=(
        BudgetResult("checkout", "80 J", 80.0, "energy", 83.0, "warn", "feature checkout used 83 J, over its limit"),
    ),
    probes=(Probe(1.0, 1.0, ""),),
    gaps=("something is missing",),
)

EXPECTED = """\
96 J and 13.6 mg CO2e (between 4.8 mg and 29 mg) in 12 s
tests 95 J, pytest-carbon 1 J; other processes used 4 J more, which no budget counts

where it went                     energy share          reference
tests/pay.py::test_all              60 J  60 % ████▊         25 J failed
tests/find.py::test_one             10 J  10 % ▊              3 J
2 more tests                       2.5 J   2 % ▎            1.2 J
fixture tests::database (session)  7.5 J   8 % ▋           800 mJ 3 users
collection and imports               5 J   5 % ▍           500 mJ
idle: no test was running           10 J  10 % ▊
background: other processes          4 J   4 % ▍
pytest-carbon itself                 1 J   1 % ▏

feature         tests share          energy    CO2e budget per run
checkout            1  83 % ██████▋    83 J 11.7 mg 83 J of 80 J   over, warning
unattributed        3  13 % █          13 J 1.84 mg
other processes         4 % ▍           4 J  424 µg

budget     feature checkout used 83 J, over its limit
method     modelled from the machine's utilisation and power curve; between 48 J and 192 J
machine    a server (a CPU, 4 CPUs)
grid       DE, 381 g/kWh (Our World in Data, 2023); 1 kWh is 3.6 MJ
grams      10.2 mg operational, 3.4 mg embodied (the run's share of the machine's manufacture)
speed      at full speed in 80 % of 1 probes
CodeCarbon alone: 900 J for the 10 s it saw; why it differs: pytest-carbon doctor
note       something is missing
"""


def test_the_whole_table() -> None:
    """The whole text is as written here, to the character. After a run, the last line says where the report is."""
    assert render(REPORT, top=2, width=100, colour=False) == EXPECTED
    where = ".carbon/report.json; to keep this run: pytest-carbon ledger append"
    assert render(REPORT, top=2, width=100, colour=False, where=where) == f"{EXPECTED}report     {where}\n"


@pytest.mark.parametrize("width", [20, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """No line is wider than the terminal; a terminal below 60 cells counts as 60."""
    lines = render(REPORT, top=10, width=width, colour=False).splitlines()
    assert max(len(line) for line in lines) <= max(width, 60)


def test_reference_energy_needs_a_wide_terminal() -> None:
    """In a narrow terminal the labels get the room of the column of reference energy."""
    assert "reference" not in render(REPORT, top=10, width=80, colour=False)


def test_colour_only_when_asked_for() -> None:
    """ANSI sequences are there with colour and never without."""
    assert "\x1b[" in render(REPORT, top=10, width=100, colour=True)
    assert "\x1b[" not in render(REPORT, top=10, width=100, colour=False)


@pytest.mark.parametrize("nasty", ["\x1b[2Jgone", "back\x08space", "bidi\u202eesrever", "line\nbreak", "bell\x07"])
def test_control_characters_are_shown_as_escapes(nasty: str) -> None:
    """Characters that move the cursor, clear the screen or reverse the text are printed as escapes."""
    report = replace(
        REPORT,
        rows=(replace(REPORT.rows[0], nodeid=nasty, outcome=nasty),),
        gaps=(nasty,),
        features={nasty: REPORT.features["checkout"]},
        machine=replace(REPORT.machine, name=nasty),
    )
    text = render(report, top=10, width=200, colour=False)
    assert nasty not in text
    assert all(c.isprintable() or c == "\n" for c in text)


def test_markup_in_names_is_text() -> None:
    """Square brackets in a name are never taken for markup of rich."""
    report = replace(REPORT, rows=(replace(REPORT.rows[0], nodeid="tests/a.py::test[bold red]"),))
    assert "tests/a.py::test[bold red]" in render(report, top=10, width=100, colour=True)
