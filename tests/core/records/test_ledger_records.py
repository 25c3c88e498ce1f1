"""The records of a ledger: their day, their path and their times."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import settings

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import Record, parse_time, record_day, record_path
from tests.core.records.sample_records import APPROVAL, CORRECTION, ENTRY, OVERRIDE, SELFTEST

LAW = settings(max_examples=100, deadline=None)


def test_emissions_are_unknown_if_a_part_is_unknown() -> None:
    """Operational grams without embodied grams are not shown as a sum."""
    assert ENTRY.emissions_g is None
    assert replace(ENTRY, embodied_g=0.0012).emissions_g == pytest.approx(0.014)


@pytest.mark.parametrize(
    ("record", "day"),
    [
        (ENTRY, date(2026, 6, 1)),
        (replace(ENTRY, started="2026-06-01T01:00:00+02:00"), date(2026, 5, 31)),
        (replace(ENTRY, started="1999-01-02T00:00:00Z"), date(1999, 1, 2)),
        (CORRECTION, date(2026, 6, 1)),
        (OVERRIDE, date(2026, 6, 2)),
        (APPROVAL, date(2026, 6, 2)),
        (SELFTEST, date(2026, 6, 4)),
    ],
)
def test_record_lies_in_the_folder_of_its_day(record: Record, day: date) -> None:
    """The day is in UTC, a correction has the day of its entry, and the year in a path has four digits."""
    assert record_day(record) == day
    assert record_path(record) == f"{day.isoformat().replace('-', '/')}/{record.id}.json"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a time such as"), ("2026-02-30T00:00:00Z", "is not a time such as"),
        ("2026-01-02T03:04:05", "has no time zone"), ("2026-01-02", "has no time zone"),
        ("1969-12-31T23:59:59Z", "is not in the years from 1970 to 2999"), ("3000-01-01T00:00:00Z", "to 2999"),
        ("0001-01-01T00:00:00+01:00", "is not a time such as"), ("9999-12-31T23:59:59-01:00", "is not a time"),
    ],
)  # fmt: skip
def test_bad_time_is_refused(text: str, complaint: str) -> None:
    """A time needs a date, a time of day and a zone, and must exist in UTC."""
    with pytest.raises(LedgerError, match=complaint):
        parse_time(text)


@pytest.mark.parametrize("value", [5e-324, 1e-308, 0.9e-12])
def test_figures_that_nothing_measures_are_0(value: float) -> None:
    """A hostile record may hold them, and ratios to them are beyond all numbers."""
    entry = replace(ENTRY, reference_j=value, operational_g=value, embodied_g=None, grid_g_per_kwh=value)
    assert (entry.reference_j, entry.operational_g, entry.embodied_g, entry.grid_g_per_kwh) == (0.0, 0.0, None, 0.0)
    assert replace(ENTRY, reference_j=1e-12).reference_j == 1e-12
