"""Records of a ledger: their names and places, their text, and who pays after corrections."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.model import FeatureUse, GridFactor, Range, Row
from pytest_carbon.core.report.ledger_records import (
    Approval,
    Correction,
    Entry,
    Override,
    Record,
    RunSource,
    SelfTest,
    apply_corrections,
    entry_id,
    fingerprint_digest,
    from_data,
    make_entry,
    parse_time,
    record_day,
    record_path,
    to_text,
)
from pytest_carbon.core.report.report import MachineInfo, Report, RunInfo, Totals

LAW = settings(max_examples=100, deadline=None)
ENTRY = Entry(
    id="run-1", run="run-1", attempt=1, job="tests", started="2026-06-01T10:00:00+00:00", commit="c" * 40,
    branch="feature", pr=7, labels=("checkout",), method="modelled", machine="bench", fingerprint="f" * 16,
    grid_zone="DE", grid_g_per_kwh=381.0, grid_assumed=False, energy_j=120.5, energy_low_j=90.0, energy_high_j=180.0,
    reference_j=60.25, operational_g=0.0128, embodied_g=None, emissions_low_g=None, emissions_high_g=None, tests=42,
    shares={"checkout": 0.75, "søk": 0.25},
)  # fmt: skip
CORRECTION = Correction(
    "co-1", "run-1", ENTRY.started, "2026-06-09T10:00:00Z", "label", ("search",), {"search": 1.0}
)  # fmt: skip
OVERRIDE = Override(
    "ov-1", "checkout", "2026-06-03T00:30:00+02:00", "2026-06-10T08:00:00Z", "release", "ann", "bob", 5.5, "mass"
)
APPROVAL = Approval("devices-pr7-abc", "2026-06-02T08:00:00Z", "søk", "ann", "bob", ("python 3.8",), "b" * 40, 7)
SELFTEST = SelfTest("self-1", "2026-06-04T08:00:00Z", "f" * 16, 40, 1, {"": 0.01}, {"": 0.03})
REPORT = Report(
    tool={"name": "pytest-carbon", "version": "0.1.0", "codecarbon": None},
    run=RunInfo("run-1", "2026-06-01T10:00:00.000+00:00", 12.5, ("pytest",), 0, "a" * 40, 2, "main"),
    machine=MachineInfo("bench", "CPU", 4, "modelled", "by hand", "fits", {"cpu": "CPU"}, None, None, None, None),
    grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
    totals=Totals(100.0, 80.0, 195.0, 50.0, 0.9, 0.1, 1.0, 0.4, 2.5, None, None, ""),
    rows=(
        Row("test", 1.0, 0.5, 50.0, 25.0, "t.py::a", "setup"), Row("test", 1.0, 0.5, 50.0, 25.0, "t.py::a", "call"),
        Row("test", 0.0, 0.0, 0.0, 0.0, "t.py::b", "call"), Row("idle", 1.0, 0.0, 0.0, 0.0),
    ),
    features={"pay": FeatureUse(1, 0.75, 75.0, 40.0, 0.75), "unattributed": FeatureUse(1, 0.25, 25.0, 10.0, 0.25)},
    budgets=(), probes=(), gaps=(),
)  # fmt: skip


def test_entry_holds_the_figures_of_the_report() -> None:
    """An entry's figures are the report's totals; its tests are counted once each, its payers are the features'."""
    entry = make_entry(REPORT, RunSource(pr=7, labels=("x",), attempt=2, job="py 3.12"))
    assert (entry.run, entry.attempt, entry.pr, entry.labels, entry.branch) == ("run-1", 2, 7, ("x",), "main")
    assert (entry.energy_j, entry.reference_j, entry.emissions_g, entry.tests) == (100.0, 50.0, 1.0, 2)
    assert entry.shares == {"pay": 0.75, "unattributed": 0.25}
    assert entry.id.startswith("run-1.2.py-3-12-")
    assert entry.fingerprint == fingerprint_digest({"cpu": "CPU"})


@pytest.mark.parametrize(
    ("features", "given_", "shares"),
    [
        (REPORT.features, {"search": 1.0}, {"search": 1.0}),
        ({}, {}, {"unattributed": 1.0}),
        ({}, {"a": 0.33334, "b": 0.66667}, {"a": pytest.approx(1 / 3, rel=1e-4), "b": pytest.approx(2 / 3, rel=1e-4)}),
    ],
)
def test_payers_of_an_entry(features: Any, given_: dict[str, float], shares: dict[str, float]) -> None:
    """The shares that an edge gives come first, then the features', and nobody's is unattributed; they sum to 1."""
    entry = make_entry(replace(REPORT, features=features), RunSource(shares=given_))
    assert entry.shares == shares
    assert math.fsum(entry.shares.values()) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("shares", [{"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": math.nan}, {"a": math.inf}])
def test_shares_that_do_not_sum_to_one_are_refused(shares: dict[str, float]) -> None:
    """Joules that nobody pays, or that are paid twice, are refused where they come in and where they are read."""
    with pytest.raises(LedgerError, match="must be at least 0 and sum to 1"):
        make_entry(REPORT, RunSource(shares=shares))
    with pytest.raises(LedgerError, match="must be at least 0 and sum to 1"):
        from_data({**json.loads(to_text(ENTRY)), "shares": shares})


def test_emissions_are_unknown_where_a_part_is() -> None:
    """Grams without their embodied part are no grams."""
    assert ENTRY.emissions_g is None
    assert replace(ENTRY, embodied_g=0.0012).emissions_g == pytest.approx(0.014)


JOBS = st.text(max_size=60)
RUNS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", fullmatch=True)


@LAW
@given(st.tuples(RUNS, st.integers(1, 10**6), JOBS), st.tuples(RUNS, st.integers(1, 10**6), JOBS))
def test_id_names_a_run_an_attempt_and_a_job(one: tuple[str, int, str], other: tuple[str, int, str]) -> None:
    """Ids are equal exactly when all three are, and each can be a file's name and is accepted when it is read."""
    assert (entry_id(*one) == entry_id(*other)) is (one == other)
    name = entry_id(*one)
    assert len(f"{name}.json") < 255
    record = from_data({**json.loads(to_text(ENTRY)), "id": name})
    assert record_path(record) == f"2026/06/01/{name}.json"


@pytest.mark.parametrize("run", ["", "../x", "a/b", ".hidden", "a b", "a\n", "ä", "x" * 129])
def test_run_that_is_no_name_is_refused(run: str) -> None:
    """An id that could not be a file's name is refused where it would become one."""
    with pytest.raises(LedgerError, match="must be letters, digits, dots and dashes"):
        entry_id(run, 1, "")
    with pytest.raises(LedgerError, match="must be letters, digits, dots and dashes"):
        from_data({**json.loads(to_text(ENTRY)), "id": run * 2 if len(run) > 128 else run})


@pytest.mark.parametrize(
    ("record", "day"),
    [
        (ENTRY, date(2026, 6, 1)),
        (replace(ENTRY, started="2026-06-01T01:00:00+02:00"), date(2026, 5, 31)),
        (replace(ENTRY, started="0305-01-02T00:00:00Z"), date(305, 1, 2)),
        (CORRECTION, date(2026, 6, 1)),
        (OVERRIDE, date(2026, 6, 2)),
        (APPROVAL, date(2026, 6, 2)),
        (SELFTEST, date(2026, 6, 4)),
    ],
)
def test_record_lies_in_its_day(record: Record, day: date) -> None:
    """The day is in UTC, that of a correction is its run's, and a path always has four digits of a year."""
    assert record_day(record) == day
    assert record_path(record) == f"{day.isoformat().replace('-', '/')}/{record.id}.json"


@pytest.mark.parametrize("record", [ENTRY, CORRECTION, OVERRIDE, APPROVAL, SELFTEST])
def test_record_is_the_same_after_its_text(record: Record) -> None:
    """A record comes back from its one line of text, which is the same each time."""
    text = to_text(record)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert from_data(json.loads(text)) == record
    assert to_text(from_data(json.loads(text))) == text


@LAW
@given(st.floats(0, 1e15), st.dictionaries(st.text(min_size=1, max_size=5), st.floats(0.1, 1), min_size=1, max_size=5))
def test_text_is_stable(energy_j: float, weights: dict[str, float]) -> None:
    """Reading and writing again changes no byte; figures keep nine digits, and shares still sum to 1."""
    whole = math.fsum(weights.values())
    entry = replace(ENTRY, energy_j=energy_j, shares={name: weight / whole for name, weight in weights.items()})
    read = from_data(json.loads(to_text(entry)))
    assert isinstance(read, Entry)
    assert to_text(read) == to_text(entry)
    assert read.energy_j == pytest.approx(energy_j, rel=1e-8)
    assert math.fsum(read.shares.values()) == pytest.approx(1, rel=1e-8)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a time such as"), ("2026-02-30T00:00:00Z", "is not a time such as"),
        ("2026-01-02T03:04:05", "has no time zone"), ("2026-01-02", "has no time zone"),
        ("0001-01-01T00:00:00+01:00", "is not a time such as"), ("9999-12-31T23:59:59-01:00", "is not a time"),
    ],
)  # fmt: skip
def test_time_that_is_none_is_refused(text: str, complaint: str) -> None:
    """A moment needs a date, a time and a zone, and has to exist in UTC."""
    with pytest.raises(LedgerError, match=complaint):
        parse_time(text)


@pytest.mark.parametrize(
    ("record", "name"), [(ENTRY, "started"), (CORRECTION, "made"), (CORRECTION, "entry_started"), (OVERRIDE, "granted"),
                         (OVERRIDE, "expires"), (APPROVAL, "granted"), (SELFTEST, "made")],
)  # fmt: skip
def test_every_time_of_a_record_is_checked(record: Record, name: str) -> None:
    """Whoever has a record can read all of its times."""
    with pytest.raises(LedgerError, match="is not a time"):
        from_data({**json.loads(to_text(record)), name: "2026-13-01T00:00:00Z"})
    assert parse_time("2026-01-02T03:04:05+02:00") == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


def test_last_correction_decides() -> None:
    """Only shares and labels change, by the correction that was made last, whatever the order of the records."""
    later = replace(CORRECTION, id="co-2", made="2026-06-09T12:00:00+01:00", labels=("pay",), shares={"pay": 1.0})
    first = replace(ENTRY, id="run-0", started="2026-05-01T00:00:00Z")
    lost = replace(CORRECTION, id="co-3", entry="gone")
    for records in ([later, CORRECTION, ENTRY, OVERRIDE, first, lost], [first, ENTRY, CORRECTION, SELFTEST, later]):
        assert apply_corrections(records) == [first, replace(ENTRY, labels=("pay",), shares={"pay": 1.0})]
    assert apply_corrections([ENTRY, replace(ENTRY, tests=1)]) == [ENTRY]
    assert apply_corrections([CORRECTION]) == []


def test_digest_is_of_every_field() -> None:
    """Fingerprints have equal digests exactly when they are equal, in any order."""
    assert fingerprint_digest({"a": "1", "b": "2"}) == fingerprint_digest({"b": "2", "a": "1"})
    assert fingerprint_digest({"a": "1", "b": "2"}) != fingerprint_digest({"a": "2", "b": "1"})
    assert len(fingerprint_digest({})) == 16
