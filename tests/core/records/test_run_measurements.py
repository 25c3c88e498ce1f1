"""The measured tests of a run, as a comparison needs them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_carbon.core.model import GridFactor, Range, Row
from pytest_carbon.core.records.run_measurements import (
    MeasuredTest,
    RunMeasurements,
    from_json,
    function_of,
    measurements_of,
    parameters_of,
    to_json,
)
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals

MEASUREMENTS = RunMeasurements(
    "run-1", "a" * 40, "main", "2026-06-01T10:00:00Z", {"cpu": "CPU"}, 1.25,
    {"t.py::a[ä]": MeasuredTest(1.5, 1.25), "t.py::b": MeasuredTest(0.5, None, "failed")}, {"t.py::a": "0123456789ab"},
    {"t.py::b": "checkout"}, outside_j=0.25,
)  # fmt: skip


def _row(nodeid: str, reference_j: float, before: float | None, after: float | None, outcome: str = "passed") -> Row:
    return Row("test", 1.0, 0.5, 1.0, reference_j, nodeid, "call", "", None, outcome,
               speed_before=before, speed_after=after)  # fmt: skip


def _report(*rows: Row) -> Report:
    return Report(
        tool={}, run=RunInfo("run-1", "2026-06-01T10:00:00Z", 1.0, ("pytest",), 0, "a" * 40, 1, "main"),
        machine=MachineInfo("bench", "CPU", 4, "modelled", "", "", {"cpu": "CPU"}, None, None, None, 1.25),
        grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
        totals=Totals(1.0, 1.0, 1.0, 1.0, None, None, None, None, None, None, None, ""),
        rows=rows, features={}, budgets=(), probes=(), gaps=(), code={"t.py::a": "0123456789ab"},
    )  # fmt: skip


def test_measurements_survive_json() -> None:
    """Measurements that went through JSON text are equal."""
    assert from_json(json.loads(json.dumps(to_json(MEASUREMENTS)))) == MEASUREMENTS
    unknown = replace(MEASUREMENTS, commit=None, branch=None, full_speed=None, tests={}, code={}, features={})
    assert from_json(json.loads(json.dumps(to_json(unknown)))) == unknown
    older = {key: value for key, value in to_json(MEASUREMENTS).items() if key != "outside_j"}
    assert from_json(older) == replace(MEASUREMENTS, outside_j=None)
    assert to_json(from_json(older)) == older


@pytest.mark.parametrize(
    ("reference", "expected"),
    [({}, (1.25, [1.5, None])), ({"reference": "instructions"}, (1.0, [1.0, 1.0])),
     ({"reference": ", instructions"}, (1.25, [1.5, None]))],
    ids=["probes", "instructions", "one of two parts"],
)  # fmt: skip
def test_counted_tests_ran_at_full_speed(reference: dict[str, str], expected: tuple[float, list[float | None]]) -> None:
    """Instructions do not depend on the machine's speed, so no test is set aside for it."""
    report = _report(_row("t.py::a", 1.0, 1.5, 1.25), _row("t.py::b", 1.0, 1.0, None))
    machine = replace(report.machine, fingerprint={**report.machine.fingerprint, **reference})
    measurements = measurements_of(replace(report, machine=machine))
    assert (measurements.full_speed, [test.slowdown for test in measurements.tests.values()]) == expected


def test_a_test_is_the_sum_of_its_rows() -> None:
    """The slowest probe counts, a missing probe leaves the speed unknown, and a failed attempt stays a failure."""
    measurements = measurements_of(_report(
        _row("t.py::a", 1.0, 1.5, 1.25), _row("t.py::a", 2.0, 1.25, 2.0), _row("t.py::b", 1.0, None, 1.0),
        _row("t.py::b", 1.0, 1.0, 1.0, "failed"), _row("t.py::b", 0.5, 1.0, 1.0),
        Row("fixture", 1.0, 1.0, 1.0, 1.0, "db", "setup"), Row("collection", 1.0, 1.0, 1.0, 0.5),
        Row("background", 9.0, 9.0, 9.0, 9.0), replace(_row("t.py::c", 1.0, 1.0, 1.0), feature="pay"),
    ))  # fmt: skip
    assert measurements.tests == {
        "t.py::a": MeasuredTest(3.0, 2.0),
        "t.py::b": MeasuredTest(2.5, None, "failed"),
        "t.py::c": MeasuredTest(1.0, 1.0),
    }
    assert measurements.features == {"t.py::c": "pay"}
    assert measurements.outside_j == 1.5
    assert (measurements.run, measurements.commit, measurements.branch) == ("run-1", "a" * 40, "main")
    assert (measurements.fingerprint, measurements.full_speed, measurements.code) == (
        {"cpu": "CPU"},
        1.25,
        {"t.py::a": "0123456789ab"},
    )


@pytest.mark.parametrize(
    ("nodeid", "function", "parameters"),
    [
        ("t.py::a", "t.py::a", ""),
        ("t.py::a[1-x]", "t.py::a", "[1-x]"),
        ("t.py::a[[]]", "t.py::a", "[[]]"),
        ("t.py::a[1", "t.py::a[1", ""),
        ("", "", ""),
    ],
)
def test_nodeid_is_split_into_function_and_parameters(nodeid: str, function: str, parameters: str) -> None:
    """Brackets are parameters only at the end of a nodeid."""
    assert (function_of(nodeid), parameters_of(nodeid)) == (function, parameters)


def test_what_an_earlier_version_kept_is_passed_over() -> None:
    """It kept one more figure of the probes."""
    assert from_json({**to_json(MEASUREMENTS), "walking": 1.5}) == from_json(to_json(MEASUREMENTS))
