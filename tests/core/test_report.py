"""The carbon report as JSON, and back."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import fastjsonschema
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget, RunUse, judge_per_run_limits
from pytest_carbon.core.errors import QuantityError, ReportError
from pytest_carbon.core.model import BudgetResult, FeatureUse, GridFactor, Probe, Range, Row
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.report import SCHEMA, MachineInfo, OutsideFigures, Report, RunInfo, Totals, from_json, to_json
from pytest_carbon.reporters.run.report_file import schema

LAW = settings(max_examples=100, deadline=None)
REPORT = Report(
    tool={"name": "pytest-carbon", "version": "0.1.0", "codecarbon": None},
    run=RunInfo("20260101T000000Z-abc", "2026-01-01T00:00:00.000+00:00", 12.5, ("pytest", "-q"), 0, "a" * 40, 2),
    machine=MachineInfo("bench", "CPU", 4, "modelled", "by hand", "fits", {"cpu": "CPU"}, 0.01, 0.5, None, 1.25),
    grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
    totals=Totals(100.0, 80.0, 195.0, 50.0, 0.9, 0.1, 1.0, 0.4, 2.5, None, None, ""),
    rows=(
        Row("test", 75.5, 0.25, 1.5, 40.0, "t.py::a", "call", "gw0", "pay", "passed", amortised_j=80.5,
            speed_before=1.25, speed_after=1.5),
        Row("test", None, 0.25, 1.5, 10.0, "t.py::b", "call", "far", None, "failed"),
        Row("fixture", 5.0, 0.5, 1.0, 2.0, "db", "setup", "gw0", scope="session", users=0),
        Row("idle", 0.0, 0.0, 0.0, 0.0),
    ),
    features={"pay": FeatureUse(1, 0.75, 75.0, 40.0, 0.75), "unattributed": FeatureUse(1, 0.25, 25.0, 10.0, 0.25)},
    budgets=(BudgetResult(None, "1 kJ", 1000.0, "energy", 100.0, "pass", "fine"),
             BudgetResult("pay", "1 g", 1.0, "mass", None, "inconclusive", "not known")),
    probes=(
        Probe(0.125, 1.25, "gw0"),
        Probe(0.25, 1.25, "gw0", 1.5),
        Probe(0.5, 1.25, "gw0", 1.5, 0.25),
    ),
    gaps=("something is missing",),
)  # fmt: skip


def _valid_twice(data: Any) -> bool:
    """Return whether the schema accepts the data; two independent validators must agree."""
    jsonschema.Draft7Validator.check_schema(schema())
    by_jsonschema: bool = jsonschema.Draft7Validator(schema()).is_valid(data)
    try:
        CHECK(data)
    except fastjsonschema.JsonSchemaValueException:
        by_fastjsonschema = False
    else:
        by_fastjsonschema = True
    assert by_jsonschema == by_fastjsonschema
    return by_jsonschema


CHECK: Callable[[Any], Any] = fastjsonschema.compile(schema())


def test_report_survives_json() -> None:
    """A report that went through JSON text is equal, and so is its JSON."""
    data = json.loads(json.dumps(to_json(REPORT), allow_nan=False))
    assert from_json(data) == REPORT
    assert to_json(from_json(data)) == data


def test_report_keeps_to_its_schema() -> None:
    """The written report fits the schema that the package contains."""
    data = to_json(REPORT)
    assert data["schema"] == SCHEMA
    assert _valid_twice(data)


def test_rows_leave_out_empty_fields() -> None:
    """Unknown energy is null and zero users are 0; fields that do not apply are absent."""
    rows = to_json(REPORT)["rows"]
    assert rows[1] == {
        "kind": "test", "nodeid": "t.py::b", "phase": "call", "worker": "far", "outcome": "failed", "wall_s": 1.5,
        "cpu_s": 0.25, "energy_j": None, "reference_j": 10.0,
    }  # fmt: skip
    assert rows[2]["users"] == 0
    assert rows[3] == {"kind": "idle", "wall_s": 0.0, "cpu_s": 0.0, "energy_j": 0.0, "reference_j": 0.0}


def test_figures_are_rounded() -> None:
    """Files stay small: rows to the picojoule, speeds to four decimals, a probe's time to nine digits."""
    row = replace(REPORT.rows[0], energy_j=1234.5678901234567, speed_before=1.23456789)
    data = to_json(replace(REPORT, rows=(row,), probes=(Probe(1234.5678912, 1.23456789, "w"),)))
    assert (data["rows"][0]["energy_j"], data["rows"][0]["speed_before"]) == (1234.567890123457, 1.2346)
    assert data["probes"] == [[1234.56789, 1.235, "w"]]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_infinite_figure_is_refused(value: float) -> None:
    """A report never holds NaN or infinity; the error calls it a fault of pytest-carbon."""
    with pytest.raises(ReportError, match="this is a fault of pytest-carbon, please report it"):
        to_json(replace(REPORT, rows=(replace(REPORT.rows[0], energy_j=value),)))


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


def _drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


BAD = [
    pytest.param(_set("extra", value=1), id="extra key"),
    pytest.param(_set("rows", 0, "extra", value=1), id="extra key in a row"),
    pytest.param(_set("tool", "extra", value="x"), id="extra key of the tool"),
    pytest.param(_set("schema", value="pytest-carbon/report/2"), id="another version"),
    pytest.param(_set("rows", 0, "kind", value="magic"), id="unknown kind"),
    pytest.param(_set("rows", 0, "energy_j", value=-1.0), id="negative energy"),
    pytest.param(_set("rows", 0, "energy_j", value="1 J"), id="energy as text"),
    pytest.param(_set("rows", 0, "cpu_s", value=None), id="CPU seconds missing"),
    pytest.param(_set("rows", 0, "cpu_s", value=True), id="CPU seconds a truth value"),
    pytest.param(_set("rows", 0, "users", value=1.5), id="half a user"),
    pytest.param(_set("totals", "energy_j", value=1e16), id="too much energy"),
    pytest.param(_set("machine", "method", value="guessed"), id="unknown method"),
    pytest.param(_set("machine", "fingerprint", value={"cpu": 3}), id="fingerprint of numbers"),
    pytest.param(_set("run", "id", value="../../etc/passwd"), id="an id that is a path"),
    pytest.param(_set("run", "id", value=""), id="no id"),
    pytest.param(_set("run", "started", value="yesterday"), id="no date"),
    pytest.param(_set("run", "commit", value="main"), id="no commit"),
    pytest.param(_set("grid", "assumed", value="no"), id="assumed as text"),
    pytest.param(_set("budgets", 0, "state", value="maybe"), id="unknown state"),
    pytest.param(_set("probes", 0, value=[1.0, 2.0]), id="short probe"),
    pytest.param(_set("probes", 0, value=[1.0, 2.0, "w", 3, 4, 5]), id="long probe"),
    pytest.param(_set("features", "pay", value={}), id="empty feature"),
    pytest.param(_set("tool", "name", value="x" * 5000), id="endless name"),
    pytest.param(_drop("totals"), id="no totals"),
    pytest.param(_drop("rows", 0, "energy_j"), id="row without energy"),
    pytest.param(_drop("totals", "codecarbon_note"), id="totals without note"),
    pytest.param(_drop("machine", "full_speed"), id="machine without speed"),
]


@pytest.mark.parametrize("change", BAD)
def test_schema_refuses(change: Callable[[dict[str, Any]], None]) -> None:
    """Both validators refuse a report with one bad value."""
    data = copy.deepcopy(to_json(REPORT))
    change(data)
    assert not _valid_twice(data)


@pytest.mark.parametrize("name", ["energy_j", "low_j", "operational_g", "emissions_g", "codecarbon_raw_j"])
def test_totals_may_be_unknown(name: str) -> None:
    """An unknown total is null, which the schema accepts."""
    data = to_json(REPORT)
    data["totals"][name] = None
    assert _valid_twice(data)


def test_largest_limit_that_is_read_can_be_reported() -> None:
    """A limit is refused when it is read, or else a report that was judged by it keeps to the schema."""
    try:
        limit = parse_quantity("1e10 kWh")
    except QuantityError:
        return
    budgets = judge_per_run_limits([Budget(None, limit, "warn")], {}, RunUse(1.0, 1.0, 1.0), REPORT.grid)
    assert _valid_twice(to_json(replace(REPORT, budgets=tuple(budgets))))


AMOUNT = st.floats(0, 1e14)
MAYBE = st.none() | AMOUNT
NAME = st.text(max_size=8)
ROWS = st.builds(
    Row,
    kind=st.sampled_from(["test", "fixture", "collection", "background", "idle", "tool", "command"]),
    energy_j=MAYBE, cpu_s=AMOUNT, wall_s=AMOUNT, reference_j=AMOUNT, nodeid=NAME, phase=NAME, worker=NAME,
    feature=st.none() | NAME.filter(bool), outcome=st.none() | NAME.filter(bool), scope=st.none() | NAME.filter(bool),
    users=st.none() | st.integers(0, 99), amortised_j=MAYBE, speed_before=MAYBE, speed_after=MAYBE,
)  # fmt: skip
REPORTS = st.builds(
    Report,
    tool=st.just(REPORT.tool),
    run=st.just(REPORT.run),
    machine=st.just(REPORT.machine),
    grid=st.just(REPORT.grid),
    totals=st.builds(Totals, *[MAYBE] * 3, AMOUNT, *[MAYBE] * 7, NAME),
    rows=st.lists(ROWS, max_size=5).map(tuple),
    features=st.dictionaries(
        NAME, st.builds(FeatureUse, st.integers(0, 9), AMOUNT, AMOUNT, AMOUNT, AMOUNT), max_size=3
    ),
    budgets=st.just(()),
    probes=st.lists(st.builds(Probe, AMOUNT, AMOUNT, NAME), max_size=3).map(tuple),
    gaps=st.lists(NAME, max_size=3).map(tuple),
)


@LAW
@given(REPORTS)
def test_any_report_survives_json(report: Report) -> None:
    """Every report fits the schema, and writing it again after reading gives the same bytes."""
    data = json.loads(json.dumps(to_json(report), allow_nan=False))
    assert _valid_twice(data)
    assert json.dumps(to_json(from_json(data))) == json.dumps(data)


@LAW
@given(st.lists(st.floats(1e-5, 1e9), min_size=1, max_size=40))
def test_rounding_keeps_the_sum(energies: list[float]) -> None:
    """The written rows sum to the total within a millionth."""
    rows = tuple(Row("test", e, 0.0, 0.0, 0.0) for e in energies)
    data = to_json(replace(REPORT, rows=rows))
    assert sum(row["energy_j"] for row in data["rows"]) == pytest.approx(sum(energies), rel=1e-6)


@pytest.mark.parametrize(("left_s", "background_j"), [(None, 40.0), (0.0, 40.0), (2.5, 30.0), (10.0, 0.0), (99.0, 0.0)])
def test_work_that_left_the_command_is_its_own(left_s: float | None, background_j: float) -> None:
    """What the Action counts of processes that left the command is no other process of the machine."""
    outside = OutsideFigures(0, 60.0, 20.0, left_s, only_pytest=True)
    rows = (Row("test", 60.0, 15.0, 15.0, 15.0, "t.py::a", "call"), Row("background", 40.0, 10.0, 0.0, 0.0))
    totals = replace(REPORT.totals, energy_j=100.0, operational_g=1.0, embodied_g=0.5, emissions_g=1.5)
    report = replace(REPORT, rows=rows, totals=totals, outside=outside)
    assert report.background_j == pytest.approx(background_j)
    assert report.own_energy_j == pytest.approx(100.0 - background_j)
    assert report.own_emissions_g == pytest.approx(1.5 - background_j / 100)
    assert replace(report, outside=None).background_j == 40.0


def test_own_use_of_a_run_of_unknown_energy_is_unknown() -> None:
    """Without known energy nothing is taken off, and nothing becomes 0."""
    totals = replace(REPORT.totals, energy_j=None, operational_g=None, emissions_g=None)
    report = replace(REPORT, totals=totals, rows=(Row("background", None, 1.0, 0.0, 0.0),))
    assert (report.own_energy_j, report.own_emissions_g, report.own_share) == (None, None, 1.0)
