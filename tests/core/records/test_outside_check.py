"""A report is held against what was counted from outside: too little and too much is refused, with both figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import Row
from pytest_carbon.core.records.outside_check import (
    calls_pytest_somehow,
    contradiction,
    describe_outside,
    difference_of_command,
    is_only_pytest,
    refuse_contradiction,
)
from pytest_carbon.core.report import OutsideFigures, Report
from tests.attack import Attack
from tests.samples import make_report


def _report(
    own_s: float,
    *,
    start_up_cpu_s: float | None = None,
    duration_s: float = 60.0,
    background_s: float | None = None,
    **outside: Any,
) -> Report:
    """Return a report of so many CPU seconds in one test, and what was counted outside."""
    rows = [Row("test", 1.0, own_s, own_s, 1.0, "test_a.py::test_a", "call"), Row("tool", 1.0, 0.0, 0.0, 0.0)]
    if background_s is not None:
        rows.append(Row("background", 1.0, background_s, 0.0, 0.0))
    wall_s = duration_s + (start_up_cpu_s or 0.0)
    facts = {"exit_code": 0, "wall_s": wall_s, "cpu_s": own_s, "detached_cpu_s": 0.0, "only_pytest": True, **outside}
    report = make_report(duration_s=duration_s, start_up_cpu_s=start_up_cpu_s)
    return replace(report, rows=tuple(rows), outside=OutsideFigures(**facts))


@pytest.mark.parametrize(
    ("report", "figures"),
    [
        (_report(0.01, cpu_s=2.6), ("2.60 s", "0.01 s")),
        (_report(0.01, cpu_s=6.5, start_up_cpu_s=1.0), ("6.50 s", "0.01 s", "1.00 s to start", "atexit")),
        (_report(1.0, cpu_s=100.0, start_up_cpu_s=99.0), ("100.00 s", "1.00 s", "10.00 s to start")),
        (_report(0.0, cpu_s=2.4, start_cpu_s=0.5, end_cpu_s=2.1), ("1.60 s", "in its session", "0.00 s")),
        (_report(90.0, cpu_s=97.0, start_cpu_s=0.5, end_cpu_s=96.5), ("96.00 s", "in its session", "90.00 s")),
        (_report(0.0, cpu_s=3.5, start_up_cpu_s=3.0, start_cpu_s=0.5), ("3.50 s", "0.00 s", "0.50 s to start")),
        (_report(0.0, cpu_s=20.0, start_cpu_s=19.0, end_cpu_s=19.4), ("20.00 s", "0.00 s", "10.00 s to start")),
        (_report(0.2, cpu_s=9.0, start_up_cpu_s=20.0), ("20.20 s", "of which 20.00 s to start", "only 9.00 s")),
        (_report(0.1, cpu_s=0.2, detached_cpu_s=9.0, background_s=0.5), ("9.20 s", "0.60 s")),
        (_report(50.0, cpu_s=3.0), ("50.00 s", "only 3.00 s")),
        (_report(1.0, duration_s=100.0, wall_s=50.0), ("100.00 s", "only 50.00 s")),
        (_report(0.5, duration_s=0.5, wall_s=90.0, cpu_s=None), ("90.00 s", "only of 0.50 s")),
    ],
)  # fmt: skip
def test_report_that_cannot_be_true_is_refused(report: Report, figures: tuple[str, ...]) -> None:
    """The sentence has the figure of the report and the one from outside."""
    sentence = contradiction(report)
    assert sentence is not None
    assert all(figure in sentence for figure in figures)
    with pytest.raises(ReportError, match=r"^part shard: (the|pytest used) "):
        refuse_contradiction(report, "shard")


@pytest.mark.parametrize(
    "report",
    [
        make_report(),
        _report(0.3, cpu_s=2.2, start_up_cpu_s=1.0),
        _report(0.3, cpu_s=1.3),
        _report(3.0, cpu_s=8.4, start_up_cpu_s=2.4),
        _report(0.05, cpu_s=6.17, start_up_cpu_s=2.75),
        _report(0.05, cpu_s=15.5, start_up_cpu_s=8.25),
        _report(0.05, cpu_s=0.82, start_cpu_s=0.44, end_cpu_s=0.5),
        _report(0.04, cpu_s=2.13, start_cpu_s=0.25, end_cpu_s=0.29),
        _report(0.1, cpu_s=2.86, start_cpu_s=1.51, end_cpu_s=1.7),
        _report(3.33, cpu_s=4.14, start_cpu_s=0.45, end_cpu_s=3.76),
        _report(60.0, cpu_s=62.0, start_cpu_s=0.5, end_cpu_s=61.5),
        _report(0.5, duration_s=2.0, wall_s=90.0),
        _report(60.0, cpu_s=66.0),
        _report(0.1, cpu_s=0.4, detached_cpu_s=3.0, background_s=0.0),
        _report(0.1, cpu_s=0.4, detached_cpu_s=90.0),
        _report(0.1, cpu_s=0.4, detached_cpu_s=90.0, background_s=91.0),
        _report(1.0, cpu_s=500.0, only_pytest=False),
        _report(90.0, cpu_s=0.1, only_pytest=False),
        _report(1.0, cpu_s=None, detached_cpu_s=None),
        _report(1.0, duration_s=2.0, wall_s=50.0),
        _report(1.0, duration_s=60.5, wall_s=60.0),
        _report(1.0, duration_s=100.0, wall_s=50.0, only_pytest=False),
    ],
)
def test_honest_differences_are_no_contradiction(report: Report) -> None:
    """Not measured from outside, the start and end of pytest, the sidecar, services, other commands, rounding."""
    assert contradiction(report) is None
    refuse_contradiction(report)


@pytest.mark.parametrize(
    "command", ["uv run --group t pytest", "poetry run pytest", "uv run python -m pytest", "pytest"]
)
def test_a_command_that_calls_pytest_somehow_is_known(command: str) -> None:
    """It owes a report; but what it does before may cost something."""
    assert calls_pytest_somehow(command.split())
    assert is_only_pytest(command) is (command == "pytest")


@pytest.mark.parametrize("command", ["uv pip install pytest", "poetry install", "make pytest", "uv run make", ""])
def test_a_command_that_calls_something_else_is_known(command: str) -> None:
    """The word pytest alone is no call."""
    assert not calls_pytest_somehow(command.split())


def test_rows_of_many_tests_explain_a_longer_end() -> None:
    """The report of 20,000 small tests takes seconds; rows that a report invents explain nothing."""
    facts: dict[str, Any] = {"cpu_s": 22.05, "start_cpu_s": 0.42, "end_cpu_s": 17.63}
    report = _report(17.02, **facts)
    row = replace(report.rows[0], cpu_s=17.02 / 20_000)
    assert contradiction(report) is not None
    assert contradiction(replace(report, rows=(row,) * 20_000)) is None
    early = replace(report, outside=replace(_outside(report), end_cpu_s=0.5))
    assert contradiction(replace(early, rows=(replace(row, cpu_s=0.0),) * 20_000)) is not None


FAILED: dict[str, Any] = {"cpu_s": 24.31, "start_cpu_s": 0.34, "end_cpu_s": 9.88, "exit_code": 1}


def _failed_tests(count: int, **outside: Any) -> Report:
    """Return the report of so many failed tests, which pytest prints in colours when its session has ended."""
    report = _report(9.54, **{**FAILED, **outside})
    rows = [replace(report.rows[0], cpu_s=9.54 / count, nodeid=f"a.py::{n}", outcome="failed") for n in range(count)]
    return replace(report, rows=tuple(rows))


def test_printing_many_failures_explains_a_longer_end() -> None:
    """pytest prints them after the session, with their source in colours: up to 24 ms each."""
    assert contradiction(_failed_tests(600)) is None


@pytest.mark.attack("forged-report")
@pytest.mark.parametrize(
    ("count", "outside"),
    [(50, {}), (600, {"exit_code": 0}), (9000, {"cpu_s": 34.0})],
    ids=["few", "the command says that nothing failed", "more than the session"],
)
def test_failures_explain_no_more_than_printing_them(count: int, outside: dict[str, Any], attack: Attack) -> None:
    """Each explains some milliseconds, all together not much more than the session, and only if the command failed."""
    sentence = contradiction(_failed_tests(count, **outside))
    assert sentence is not None
    assert ("printing" in sentence) is (outside.get("exit_code") != 0)
    attack.ended("failure", sentence)


def _outside(report: Report) -> OutsideFigures:
    assert report.outside is not None
    return report.outside


def test_start_is_as_long_as_the_time_around_the_run() -> None:
    """A machine with two CPUs uses at most four CPU seconds in the two that the run leaves, of which one is slack."""
    report = _report(0.2, cpu_s=50.0, start_up_cpu_s=9.0, wall_s=61.0)
    sentence = contradiction(replace(report, machine=replace(report.machine, vcpus=2)))
    assert sentence is not None
    assert "and of 4.00 s to start pytest" in sentence


@given(st.floats(0, 1e4), st.floats(0, 9), st.floats(0, 0.9))
def test_what_is_told_is_never_refused(own_s: float, start_s: float, end_s: float) -> None:
    """Outside is what the report tells, its start, and less than a second at the end: never a contradiction."""
    assert contradiction(_report(own_s, cpu_s=own_s + start_s + end_s, start_up_cpu_s=start_s)) is None


@given(st.floats(0, 1e4), st.floats(0.6, 1e4), st.floats(0.1, 9))
def test_work_in_the_session_is_told(own_s: float, rest_s: float, start_s: float) -> None:
    """Between both marks, little more than half a second may be missing, whatever the report says of its start."""
    used_s = (own_s + rest_s) / 0.97
    end_s = start_s + used_s
    for told_s in (0.0, start_s, end_s - own_s):
        report = _report(own_s, cpu_s=end_s, start_up_cpu_s=told_s, start_cpu_s=start_s, end_cpu_s=end_s)
        assert contradiction(report) is not None


@given(st.floats(0, 1e4), st.floats(1, 1e4))
def test_a_large_rest_is_always_refused(own_s: float, rest_s: float) -> None:
    """More than a second and a tenth of all that is not told of is refused, whatever the size of the suite."""
    used_s = own_s + 2 * (1 + own_s / 10) + rest_s
    assert contradiction(_report(own_s, cpu_s=used_s)) is not None


@pytest.mark.parametrize(
    ("command", "alone"),
    [
        ("pytest --carbon", True),
        ("  pytest --carbon \\\n  -n 2 tests\n", True),
        (".venv/bin/pytest --carbon", True),
        ("python3.12 -m pytest --carbon -k 'a and b'", True),
        ("'/opt/a b/python' -m pytest", True),
        ("PYTHONHASHSEED=0 COLOUR=1 py.test", True),
        ("pytest --carbon -k $NAME", True),
        ("pytest --carbon tests/a=b.py", True),
        ("pip install . && pytest --carbon", False),
        ("pytest --carbon; true", True),
        ("set -e\npytest --carbon", True),
        ("cd . && pytest --carbon || exit 1", True),
        ("export A=1; pytest --carbon | tee log; exit 0", True),
        ("pytest --carbon; pytest --carbon", False),
        ("(pytest --carbon)", False),
        ("echo y | pip install -r r.txt\npytest --carbon", False),
        ("cd web & make assets\npytest --carbon", False),
        ("true | make build; pytest --carbon", False),
        ("pytest | tee log; make", False),
        ("pytest --carbon | tee -a log", True),
        ("pytest --carbon 2>&1 | tee log", True),
        ("pytest --carbon > log 2>&1", True),
        ("pytest --carbon &> log", True),
        ("# the tests\n\npytest --carbon  # all\n", True),
        ("pytest -k '' tests/a#1", True),
        ("env -u A B=1 pytest", True),
        ("exec pytest", True),
        ("time -p pytest", True),
        ("nice -n 5 timeout -k 5 600 python -X dev -W error -m pytest", True),
        ("python -I -m pytest", True),
        ("python -Im pytest", True),
        ("coverage run --branch -p -m pytest --carbon", True),
        ("python -m coverage run -m pytest", True),
        ("pytest | tee log && make", False),
        ("pytest | grep failed", False),
        ("pytest > >(tee log)", False),
        ("pytest a#1; make", False),
        ("python -X dev build.py -m pytest", False),
        ("coverage run -m build", False),
        ("timeout 600", False),
        ("pytest --carbon &", False),
        ("pytest --carbon\nmake docs", False),
        ("pytest $(make list)", False),
        ("pytest `make list`", False),
        ("python -m build", False),
        ("docker compose run app pytest --carbon", False),
        ("uv run pytest --carbon", False),
        ("pytest --carbon --tx ssh=host", False),
        ("pytest 'open", False),
        ("A=1", False),
        ("", False),
    ],
)
def test_a_command_that_is_pytest_alone_is_known(command: str, alone: bool) -> None:
    """Only then does something follow from CPU time that the report does not tell of."""
    assert is_only_pytest(command) is alone


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (_report(0.2, cpu_s=9.0, start_up_cpu_s=8.0), "used 8.0 s of CPU time before the run began, and 0.2 s in it"),
        (_report(0.2, cpu_s=9.0, start_cpu_s=8.0), "used 8.0 s of CPU time before the run began, and 0.2 s in it"),
        (_report(0.5, duration_s=2.0, wall_s=90.0), "the command took 90 s, and the run 2 s of that"),
        (_report(0.2, cpu_s=0.5, detached_cpu_s=9.0), "9.0 s of CPU time are of processes that left pytest"),
        (_report(9.2, cpu_s=0.5, detached_cpu_s=9.0), None),
        (_report(0.2, cpu_s=0.5, detached_cpu_s=3.0), None),
        (_report(0.2, cpu_s=4.0, start_up_cpu_s=2.75), None),
        (_report(50.0, cpu_s=60.0, start_up_cpu_s=8.0), None),
    ],
)
def test_what_was_done_outside_of_the_run_is_told(report: Report, told: str | None) -> None:
    """Costly imports, a long wait and processes that left are no contradiction, but in no figure of the report."""
    assert contradiction(report) is None
    sentence = difference_of_command(report)
    assert (sentence is None) if told is None else (sentence is not None and told in sentence)


def test_the_difference_of_a_longer_command_is_told() -> None:
    """For a command that does more than call pytest, a large difference is a gap: no part of it can be checked."""
    assert difference_of_command(_report(1.0, cpu_s=50.0)) is None
    assert difference_of_command(_report(1.0, cpu_s=2.0, only_pytest=False)) is None
    assert difference_of_command(make_report()) is None
    for own_s, used_s in ((1.0, 50.0), (50.0, 1.5)):
        sentence = difference_of_command(_report(own_s, cpu_s=used_s, start_up_cpu_s=0.5, only_pytest=False))
        assert sentence is not None
        assert f"used {used_s:.1f} s of CPU time, and this report tells of {own_s + 0.5:.1f} s" in sentence


def test_what_was_counted_is_described() -> None:
    """Unknown CPU time is left out, never 0."""
    assert describe_outside(OutsideFigures(0, 12.34, 5.0, 1.0, True)) == "after 12.3 s and 6.0 s of CPU time"
    assert describe_outside(OutsideFigures(0, 12.34, None, None, True)) == "after 12.3 s"
