"""Reads CodeCarbon's ``emissions.csv`` into a ledger, believing as little of it as possible."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import TextIO
from unicodedata import normalize

from pytest_carbon.core.budget.window import DAY_S
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report import codecarbon_rows
from pytest_carbon.core.report.codecarbon_rows import CodeCarbonRow, ImportTerms, RecordedUse
from pytest_carbon.core.report.ledger_records import Entry, Record
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer.copy_and_compare import RECORDS_AT_ONCE, day_spans
from pytest_carbon.ledgers.transfer.jsonlines import ImportResult

_COUNTRIES_WITH_REGIONS = ("USA", "CAN")
"""The countries of which CodeCarbon knows parts; of the others it takes the whole country's grid."""
_MARGIN_DAYS = 3  # a wrong time zone moves a run by no more than two days, and it began on the day before


def import_rows(file: TextIO, ledger: Ledger, terms: ImportTerms, clock: tzinfo, now: datetime) -> ImportResult:
    """Add what each row's run used since the row before it; what the ledger has of a run is not added again.

    ``clock`` is the time zone of times without one. A row that is none is left out and told; raises LedgerError for a
    file that is no ``emissions.csv``. The file is to be opened with ``errors="surrogateescape"``.
    """
    bad: dict[int, str] = {}
    readings = sorted(_readings(file, clock, bad), key=lambda one: (one.run, one.wall_s, one.line))
    before = _already_covered(readings, ledger)
    new: list[Record] = []
    for one in readings:
        try:
            entry = codecarbon_rows.entry_of_increase(one, before.get(one.run), terms)
            if entry is not None:
                file_contents.record_bytes(entry, now)
                before[one.run] = RecordedUse(one.wall_s, one.energy_j, one.operational_g)
                new.append(entry)
        except LedgerError as error:
            bad[one.line] = str(error)
    added = sum(
        len(ledger.append(new[start : start + RECORDS_AT_ONCE])) for start in range(0, len(new), RECORDS_AT_ONCE)
    )
    known = sum(one.line not in bad for one in readings) - added
    return ImportResult(added, known, 0, [Skipped(f"line {line}", bad[line]) for line in sorted(bad)])


def _readings(file: TextIO, clock: tzinfo, bad: dict[int, str]) -> Iterator[CodeCarbonRow]:
    rows = csv.DictReader(file, strict=True)
    try:
        columns = rows.fieldnames or ()
    except csv.Error as error:
        raise LedgerError(
            f"the file's first line cannot be read ({error}); is it CodeCarbon's emissions.csv?"
        ) from None
    missing = [name for name in codecarbon_rows.REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise LedgerError(f"the file has no column {', '.join(missing)}; is it CodeCarbon's emissions.csv?")
    if "task_name" in columns:
        raise LedgerError(
            "the file holds the tasks of a run; import the emissions.csv beside it, which has the whole run"
        )
    while True:
        try:
            row = next(rows)
            yield codecarbon_rows.parse_row(_check_fields(row), rows.reader.line_num, _zone(row), clock)
        except StopIteration:
            return
        except (csv.Error, LedgerError) as error:
            bad[rows.reader.line_num] = str(error)


def _check_fields(row: dict[str, str]) -> dict[str, str]:
    """Return a row's fields; LedgerError for a row with more or fewer than the first line has, and for other bytes."""
    if None in row or None in row.values():
        raise LedgerError("it has more or fewer fields than the first line; was it cut short?")
    try:
        "".join(row.values()).encode()
    except UnicodeEncodeError:
        raise LedgerError("it is not UTF-8 text") from None
    return row


def _zone(row: dict[str, str]) -> str:
    """Return the grid whose intensity CodeCarbon took, as a zone is written; empty where it does not say."""
    if row.get("on_cloud") == "Y" and row.get("cloud_provider") and row.get("cloud_region"):
        return f"{row['cloud_provider']}:{row['cloud_region']}"
    return _country_zone(row.get("country_iso_code") or "", (row.get("region") or "").casefold())


@cache
def _country_zone(country_code: str, region: str) -> str:
    import pycountry

    country = pycountry.countries.get(alpha_3=country_code) if country_code else None
    if country is None:
        return country_code
    parts = [part for part in pycountry.subdivisions if part.country_code == country.alpha_2]
    named = [
        str(part.code)
        for part in parts
        if country_code in _COUNTRIES_WITH_REGIONS and _ascii_folded(part.name) == region
    ]
    return named[0] if named else str(country.alpha_2)


def _ascii_folded(name: str) -> str:
    return normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def _already_covered(readings: Sequence[CodeCarbonRow], ledger: Ledger) -> dict[str, RecordedUse]:
    """Return what the ledger has of the runs, also where it was told another time zone for them."""
    if not readings:
        return {}
    runs = {one.run for one in readings}
    first = min(one.ended.toordinal() - one.wall_s / DAY_S for one in readings) - _MARGIN_DAYS
    last = max(one.ended.toordinal() for one in readings) + _MARGIN_DAYS
    days = {day: count for day, count in ledger.record_counts().items() if first <= day.toordinal() <= last}
    found: list[Entry] = []
    for since, until, _ in day_spans(days):
        found += [one for one in ledger.read(since, until).records if isinstance(one, Entry) and one.run in runs]
    return codecarbon_rows.recorded_use(found)
