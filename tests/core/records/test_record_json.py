"""Ledger records as JSON text, and back."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import Entry, Record, parse_time
from pytest_carbon.core.records.record_json import from_data, to_data, to_text
from tests.core.records.sample_records import APPROVAL, CORRECTION, ENTRY, OVERRIDE, SELFTEST

LAW = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize("record", [ENTRY, CORRECTION, OVERRIDE, APPROVAL, SELFTEST])
def test_record_survives_its_text(record: Record) -> None:
    """A record is written as one line, and is equal after reading that line."""
    text = to_text(record)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert from_data(json.loads(text)) == record
    assert to_text(from_data(json.loads(text))) == text


@LAW
@given(st.floats(0, 1e15), st.dictionaries(st.text(min_size=1, max_size=5), st.floats(0.1, 1), min_size=1, max_size=5))
def test_text_is_stable(energy_j: float, weights: dict[str, float]) -> None:
    """Reading and writing again changes no byte; figures keep nine digits, and shares sum to 1."""
    whole = math.fsum(weights.values())
    whole_range: dict[str, None] = {"energy_low_j": None, "energy_high_j": None, "wall_s": None}
    entry = replace(
        ENTRY, energy_j=energy_j, **whole_range, shares={name: weight / whole for name, weight in weights.items()}
    )
    read = from_data(json.loads(to_text(entry)))
    assert isinstance(read, Entry)
    assert to_text(read) == to_text(entry)
    assert read.energy_j == pytest.approx(energy_j, rel=1e-8)
    assert math.fsum(read.shares.values()) == pytest.approx(1, rel=1e-8)


@pytest.mark.parametrize(
    ("record", "name"), [(ENTRY, "started"), (CORRECTION, "made"), (CORRECTION, "entry_started"), (OVERRIDE, "granted"),
                         (OVERRIDE, "expires"), (APPROVAL, "granted"), (SELFTEST, "made")],
)  # fmt: skip
def test_every_time_of_a_record_is_checked(record: Record, name: str) -> None:
    """A record with one bad time is refused."""
    with pytest.raises(LedgerError, match="is not a time"):
        from_data({**json.loads(to_text(record)), name: "2026-13-01T00:00:00Z"})
    assert parse_time("2026-01-02T03:04:05+02:00") == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_fields_computed_on_reading_and_unknown_fields_are_left_out() -> None:
    """A day's sum is never stored as one, and an unknown optional field has no key."""
    data = to_data(replace(ENTRY, elsewhere=3))
    assert data["schema"] == "pytest-carbon/entry/1"
    assert not data.keys() & {"elsewhere", "rolled", "runs", "wall_s", "runner", "conclusion"}
    assert to_data(replace(ENTRY, wall_s=1.5, runner="self-hosted")).keys() - data.keys() == {"wall_s", "runner"}
