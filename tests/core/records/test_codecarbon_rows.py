"""Ledger entries from CodeCarbon's rows: joules, grams, times and payers."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import budget_status
from pytest_carbon.core.budget.change_cost import expected_runs
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.codecarbon_rows import (
    CodeCarbonRow,
    ImportTerms,
    RecordedUse,
    entry_of_increase,
    parse_row,
    recorded_use,
)
from pytest_carbon.core.records.ledger_records import Entry

LAW = settings(max_examples=60, deadline=None)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ROW = {
    "timestamp": "2026-06-10T13:00:00", "run_id": "run-1", "duration": "3600", "emissions": "0.12",
    "energy_consumed": "0.36", "pue": "1.2", "project_name": "training", "cpu_model": "CPU", "gpu_model": "2 x GPU",
    "tracking_mode": "machine",
}  # fmt: skip
PAID = ImportTerms({"search": 1.0})


def _row(**changes: str) -> CodeCarbonRow:
    return parse_row({**ROW, **changes}, 2, "DE", UTC)


def _entry(row: CodeCarbonRow, recorded: RecordedUse | None = None, terms: ImportTerms = PAID) -> Entry:
    entry = entry_of_increase(row, recorded, terms)
    assert entry is not None
    return entry


def test_a_row_becomes_a_run() -> None:
    """kWh with overhead become joules without it, kg become g, and the start is the timestamp minus the duration."""
    own = _entry(_row())
    assert own == Entry(
        id="run-1.3600000", run="run-1", attempt=1, job="training", started="2026-06-10T12:00:00+00:00", commit=None,
        branch=None, pr=None, labels=(), method="unknown", machine="CPU, 2 x GPU",
        fingerprint=_row().fingerprint, grid_zone="DE", grid_g_per_kwh=own.grid_g_per_kwh, grid_assumed=False,
        energy_j=own.energy_j, energy_low_j=None, energy_high_j=None, reference_j=None,
        operational_g=120.0, embodied_g=None, emissions_low_g=None, emissions_high_g=None, tests=0,
        shares={"search": 1.0}, wall_s=3600.0,
    )  # fmt: skip
    assert (own.grid_g_per_kwh, own.energy_j) == pytest.approx((1000 / 3, 0.3 * 3_600_000))


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"pue": ""}, "energy_j", 0.36 * 3_600_000),
        ({"gpu_model": ""}, "machine", "CPU"),
        ({"cpu_model": "", "gpu_model": ""}, "machine", "unknown"),
        ({"tracking_mode": "process"}, "machine", "CPU, 2 x GPU (one process)"),
        ({"energy_consumed": "0", "emissions": "0"}, "energy_j", None),
        ({"energy_consumed": "0", "emissions": "0"}, "operational_g", None),
        ({"emissions": "0"}, "operational_g", 0.0),
    ],
)
def test_empty_columns(changes: dict[str, str], field: str, expected: Any) -> None:
    """A run without any energy was not measured; without a PUE there is no overhead."""
    assert getattr(_entry(_row(**changes)), field) == expected


def test_every_row_has_the_grid_factor_of_its_own_time() -> None:
    """Where almost no energy was used since the last row, the factor is that of the whole run."""
    first, second = _row(), _row(duration="7200", energy_consumed="0.72", emissions="0.14")
    so_far = RecordedUse(first.wall_s, first.energy_j, first.operational_g)
    assert _entry(second, so_far).grid_g_per_kwh == pytest.approx(20 / 0.36)
    idle = _row(duration="7200")
    assert _entry(idle, so_far).grid_g_per_kwh == pytest.approx(1000 / 3)


def test_embodied_grams_and_zone_are_given_or_unknown() -> None:
    """Embodied grams per hour count for the run's own hours; without a zone the grid is assumed."""
    assert _entry(_row(), terms=replace(PAID, embodied_g_per_h=10.0)).embodied_g == 10.0
    nowhere = parse_row(ROW, 2, "", UTC)
    assert _entry(nowhere).grid_assumed


@pytest.mark.parametrize(
    ("text", "clock", "started"),
    [
        ("2026-06-10T13:00:00", UTC, "2026-06-10T12:00:00+00:00"),
        ("2026-06-10T13:00:00", ZoneInfo("Europe/Berlin"), "2026-06-10T10:00:00+00:00"),
        ("2026-01-10T13:00:00", ZoneInfo("Europe/Berlin"), "2026-01-10T11:00:00+00:00"),
        ("2026-06-10T13:00:00+09:00", ZoneInfo("Europe/Berlin"), "2026-06-10T03:00:00+00:00"),
        ("2026-06-10T13:00:00Z", timezone(timedelta(hours=5)), "2026-06-10T12:00:00+00:00"),
    ],
)
def test_times_without_a_zone_are_in_the_given_zone(text: str, clock: Any, started: str) -> None:
    """Summer time is respected; a zone in the row wins. The id does not depend on the zone."""
    entry = _entry(parse_row({**ROW, "timestamp": text}, 2, "DE", clock))
    assert (entry.started, entry.id) == (started, "run-1.3600000")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"energy_consumed": ""}, "its energy_consumed is ''; it must be a number that is not negative"),
        ({"energy_consumed": "nan"}, "its energy_consumed is 'nan'"),
        ({"emissions": "inf"}, "its emissions is 'inf'"),
        ({"emissions": "-0.1"}, "its emissions is '-0.1'"),
        ({"duration": "=1+1"}, "its duration is '=1+1'"),
        ({"duration": "9" * 5000}, "its duration is '9999"),
        ({"pue": "0.5"}, "its pue is '0.5'; it must be at least 1"),
        ({"timestamp": "yesterday"}, "its timestamp is 'yesterday'; it must be a time such as 2026-01-02T03:04:05"),
        ({"timestamp": ""}, "its timestamp is ''"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "its timestamp is '0001-01-01"),
        ({"run_id": ""}, "its run_id is ''; it must be letters, digits and dashes"),
        ({"run_id": "../../x"}, "its run_id is '../../x'"),
        ({"project_name": "a\0b"}, "it holds a zero byte"),
    ],
)
def test_bad_rows_are_refused(changes: dict[str, str], complaint: str) -> None:
    """The error quotes the value that is no number, time or name, and stays short."""
    with pytest.raises(LedgerError) as error:
        _row(**changes)
    assert complaint in str(error.value)
    assert len(str(error.value)) < 200


def test_a_run_cannot_have_started_before_the_year_1() -> None:
    """A duration of thousands of years is refused."""
    with pytest.raises(LedgerError, match="would have started before the year 1"):
        entry_of_increase(_row(duration="1e14"), None, PAID)


@LAW
@given(st.lists(st.tuples(st.floats(1, 1e5), st.floats(1e-6, 10), st.floats(1e-6, 10)), min_size=1, max_size=8),
       st.integers(0, 8))  # fmt: skip
def test_rows_of_a_run_add_up(steps: list[tuple[float, float, float]], before: int) -> None:
    """The entries of a run sum to its last row, however many imports there were."""
    rows, wall_s, kwh, kg = [], 0.0, 0.0, 0.0
    for more_s, more_kwh, more_kg in steps:
        wall_s, kwh, kg = wall_s + more_s, kwh + more_kwh, kg + more_kg
        rows.append(_row(duration=repr(wall_s), energy_consumed=repr(kwh), emissions=repr(kg)))
    entries: list[Entry] = []
    for part in (rows[:before], rows, rows):
        for row in part:
            entry = entry_of_increase(row, recorded_use(entries).get("run-1"), PAID)
            entries += [entry] if entry else []
    assert len(entries) == len(rows)
    assert math.fsum(e.energy_j or 0 for e in entries) == pytest.approx(rows[-1].energy_j)
    assert math.fsum(e.operational_g or 0 for e in entries) == pytest.approx(rows[-1].operational_g)
    assert math.fsum(e.wall_s or 0 for e in entries) == pytest.approx(wall_s)


def test_a_run_never_uses_less_than_before() -> None:
    """A later row with less energy is refused; a row that the ledger already has gives no entry."""
    recorded = RecordedUse(3600.0, 0.3 * 3_600_000, 120.0)
    with pytest.raises(LedgerError, match="smaller than in an earlier row of its run"):
        entry_of_increase(_row(duration="4000", energy_consumed="0.1"), recorded, PAID)
    assert entry_of_increase(_row(duration="1800", energy_consumed="0.1"), recorded, PAID) is None
    assert entry_of_increase(_row(), recorded, PAID) is None


@pytest.mark.parametrize(
    ("limit", "making", "known"),
    [("2 MJ", None, True), ("2 MJ ref", None, False), ("2 g", None, False), ("2 g", 1.0, True)],
)
def test_unknown_figures_count_as_unknown_runs(limit: str, making: float | None, known: bool) -> None:
    """The run counts in a budget in J, and in one in g if its embodied grams are given; never in reference J."""
    entry = _entry(_row(), terms=replace(PAID, embodied_g_per_h=making))
    budget = Budget("search", None, "warn", parse_quantity(limit))
    result = budget_status(budget, [entry], (), NOW, 400.0)
    assert result is not None
    assert (result.runs, result.unknown_runs) == ((1, 0) if known else (0, 1))
    assert (result.consumed > 0) == known


def test_an_imported_run_is_no_run_of_the_suite() -> None:
    """The expected number of runs does not count runs that another tool measured."""
    runs = [replace(_entry(_row()), id=f"run-{n}") for n in range(9)]
    assert expected_runs(runs, Budget("search", None, "warn", parse_quantity("2 MJ")), NOW) is None
