"""Records as rows, and back: exactly the same, or refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.sql.rows import (
    baseline_from_row,
    baseline_row,
    entry_from_row,
    kind_of,
    make_rows,
    record_from_row,
)
from pytest_carbon.ledgers.sql.schema import RUN_FIELDS

EVER = (date.min, date.max)
JUNE = (date(2026, 6, 1), date(2026, 6, 30))
JUNE_1 = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"energy_j": float("nan")}, "record run-1 cannot be stored"),
        ({"shares": {"checkout": 0.5}}, "sum to 0.5"),
        ({"started": "2026-07-01T00:00:00Z"}, "in the future; a clock was wrong"),
        ({"job": "a\0b"}, "record run-1 contains a NUL character, which no text in a database can contain"),
        (
            {"shares": {"ä" * 1001: 1.0}},
            "a feature whose name is 2002 bytes long; in a database, names have at most 2000 bytes",
        ),
    ],
)
def test_record_that_cannot_be_stored_is_refused(
    sqlite: str, lab: SimpleNamespace, changes: dict[str, Any], complaint: str
) -> None:
    """The append is an error, and nothing of it is added."""
    ledger = lab.sql_ledger(sqlite)
    with pytest.raises(LedgerError, match=complaint) as caught:
        ledger.append([lab.entry("good"), lab.entry(**changes)])
    assert str(caught.value).startswith(ledger.where)
    assert ledger.read(*EVER).records == ()


def test_text_that_only_looks_like_nul_is_stored(database: str, lab: SimpleNamespace) -> None:
    """A backslash and letters are ordinary text, and the longest feature name fits into its index."""
    run = lab.entry(job="\\u0000 % :name {x}", shares={"".join(chr(0x4E00 + n) for n in range(666)): 1.0})
    ledger = lab.sql_ledger(database)
    assert ledger.append([run]) == ["run-1"]
    assert ledger.compact(date(2026, 6, 2)) == ["org/shop 2026/06"]
    assert ledger.read(*JUNE).records == (run,)


def test_rows_are_sorted_and_keys_are_in_the_order_of_the_records(lab: SimpleNamespace) -> None:
    """Of two records with one day and id, the first is a row; the same id on another day is another row."""
    later = lab.entry("b", "2026-06-02T10:00:00Z")
    records = [later, lab.entry("b"), lab.entry("a"), lab.entry("a", tests=1), lab.OVERRIDE, lab.SELFTEST]
    rows = make_rows("org/shop", records, lab.NOW)
    assert [(row["day"].day, row["id"], row["tests"]) for row in rows.runs] == [
        (1, "a", 42),
        (1, "b", 42),
        (2, "b", 42),
    ]
    assert [(key[0].day, key[1]) for key in rows.keys] == [(2, "b"), (1, "b"), (1, "a"), (3, "ov-1"), (3, "self-1")]
    assert [(row["id"], row["kind"]) for row in rows.records] == [("ov-1", "override"), ("self-1", "selftest")]
    assert rows.shares[JUNE_1, "a"] == {"checkout": 0.75, "søk": 0.25}


def test_run_comes_back_from_its_row(lab: SimpleNamespace) -> None:
    """The run is equal to the one that was stored; ``elsewhere`` marks a run of another repository."""
    run = lab.entry(embodied_g=0.5, wall_s=1.5, runner="self-hosted")
    (row,) = make_rows("org/shop", [run], lab.NOW).runs
    values = [row[name] for name in RUN_FIELDS]
    assert entry_from_row(JUNE_1, values, run.shares, lab.NOW) == run
    assert entry_from_row(JUNE_1, values, run.shares, lab.NOW, 1) == replace(run, elsewhere=1)


@pytest.mark.parametrize(
    ("day", "changes", "shares", "reason"),
    [
        (date(2026, 6, 2), {}, {"a": 1.0}, "its path should be 2026/06/01/run-1.json"),
        (JUNE_1, {"labels": None}, {"a": 1.0}, "its labels are not a list of texts"),
        (JUNE_1, {"labels": [1]}, {"a": 1.0}, "its labels are not a list of texts"),
        (JUNE_1, {"started": "never"}, {"a": 1.0}, "'never' is not a time"),
        (JUNE_1, {}, {"a": 0.4}, "the shares of run run-1 sum to 0.4"),
        (
            date(2027, 6, 1),
            {"started": "2027-06-01T10:00:00Z"},
            {"a": 1.0},
            "it is dated 2027-06-01T10:00:00Z, which is in the future; a clock was wrong",
        ),
    ],
)
def test_invalid_row_of_a_run_is_refused(
    lab: SimpleNamespace, day: date, changes: dict[str, Any], shares: dict[str, float], reason: str
) -> None:
    """The reason says what is wrong with the row."""
    (row,) = make_rows("org/shop", [lab.entry()], lab.NOW).runs
    with pytest.raises(LedgerError) as caught:
        entry_from_row(day, [{**row, **changes}[name] for name in RUN_FIELDS], shares, lab.NOW)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("day", "id_", "kind", "reason"),
    [
        (date(2026, 6, 3), "ov-1", "override", None),
        (date(2026, 6, 4), "ov-1", "override", "its path should be 2026/06/03/ov-1.json"),
        (date(2026, 6, 3), "ov-2", "override", "its path should be 2026/06/03/ov-1.json"),
        (date(2026, 6, 3), "ov-1", "entry", "its column kind says 'entry', but it is of the kind override"),
    ],
)
def test_record_comes_back_from_its_row(
    lab: SimpleNamespace, day: date, id_: str, kind: str, reason: str | None
) -> None:
    """All columns must agree with the record."""
    text = to_text(lab.OVERRIDE)
    if reason is None:
        assert record_from_row(day, id_, kind, text, lab.NOW) == lab.OVERRIDE
    else:
        with pytest.raises(LedgerError) as caught:
            record_from_row(day, id_, kind, text, lab.NOW)
        assert str(caught.value) == reason


def test_kind_is_one_word(lab: SimpleNamespace) -> None:
    """The kind is the word in the record's schema."""
    records = (lab.entry(), lab.correction("co-1", lab.entry()), lab.OVERRIDE, lab.SELFTEST)
    assert [kind_of(record) for record in records] == ["entry", "correction", "override", "selftest"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"path": "x"}, "its path should be baseline/main-0d6e4079/"),
        ({"branch": "x", "started": "y"}, "these columns do not agree with its content: branch, started"),
        ({"data": b"x"}, "it is not valid gzip"),
    ],
)
def test_baseline_comes_back_from_its_row(lab: SimpleNamespace, changes: dict[str, Any], reason: str | None) -> None:
    """The columns by which a baseline is found must agree with it; times are stored in UTC."""
    run = lab.baseline(started="2026-06-01T12:00:00+02:00")
    row = baseline_row("org/shop", run, lab.NOW)
    assert row["started"] == "2026-06-01T10:00:00.000000"
    if reason is None:
        assert baseline_from_row({**row, **changes}, lab.NOW) == run
    else:
        with pytest.raises(LedgerError) as caught:
            baseline_from_row({**row, **changes}, lab.NOW)
        assert str(caught.value).startswith(reason)
