"""Imports CodeCarbon's ``emissions.csv`` into a ledger. Trusts no row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from functools import cache
from typing import TextIO
from unicodedata import normalize

from pytest_carbon.core.budget.window import DAY_S
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records import codecarbon_rows
from pytest_carbon.core.records.codecarbon_rows import CodeCarbonRow, ImportTerms, RecordedUse
from pytest_carbon.core.records.ledger_records import Entry, Record
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer.copy_and_compare import RECORDS_AT_ONCE, day_spans
from pytest_carbon.ledgers.transfer.jsonlines import ImportResult

_COUNTRIES_WITH_REGIONS = ("USA", "CAN")
"""The countries for which CodeCarbon knows regional grids; for the others it takes the country's grid."""
_MAX_LINE_CHARS = 1_000_000
_MARGIN_DAYS = 3  # a wrong time zone moves a run by at most two days, and the run may have begun the day before


def import_rows(file: TextIO, ledger: Ledger, terms: ImportTerms, timezone: tzinfo, now: datetime) -> ImportResult:
    """Add an entry for what each row's run used since its previous row. Use that the ledger has is not added again.

    ``timezone`` is the time zone of times without one. Rows that cannot be used are skipped, and named in the result.
    Raises LedgerError for a file that is not an ``emissions.csv``. The file must be opened with
    ``errors="surrogateescape"``.
    """
    faults: dict[int, str] = {}
    rows = sorted(_read_rows(file, timezone, faults), key=lambda row: (row.run, row.wall_s, row.line))
    recorded = _recorded_use(rows, ledger)
    new: list[Record] = []
    for row in rows:
        try:
            entry = codecarbon_rows.entry_of_increase(row, recorded.get(row.run), terms)
            if entry is not None:
                file_contents.record_bytes(entry, now)
                recorded[row.run] = RecordedUse(row.wall_s, row.energy_j, row.operational_g)
                new.append(entry)
        except LedgerError as error:
            faults[row.line] = str(error)
    added = sum(
        len(ledger.append(new[start : start + RECORDS_AT_ONCE])) for start in range(0, len(new), RECORDS_AT_ONCE)
    )
    known = sum(row.line not in faults for row in rows) - added
    return ImportResult(added, known, 0, [Skipped(f"line {line}", faults[line]) for line in sorted(faults)])


def _lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file. A line that no row can have is cut, and is then no row."""
    while line := file.readline(_MAX_LINE_CHARS):
        rest = line
        while len(rest) == _MAX_LINE_CHARS and not rest.endswith("\n"):
            rest = file.readline(_MAX_LINE_CHARS)
        yield line


def _read_rows(file: TextIO, timezone: tzinfo, faults: dict[int, str]) -> Iterator[CodeCarbonRow]:
    """Yield the rows of a file; add the reasons why others cannot be used to ``faults``, by line."""
    rows = csv.DictReader(_lines(file), strict=True)
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
            "the file holds the tasks of a run; import the emissions.csv next to it, which has the whole run"
        )
    while True:
        try:
            row = next(rows)
            yield codecarbon_rows.parse_row(_check_fields(row), rows.reader.line_num, _grid_zone(row), timezone)
        except StopIteration:
            return
        except (csv.Error, LedgerError) as error:
            faults[rows.reader.line_num] = str(error)


def _check_fields(row: dict[str, str]) -> dict[str, str]:
    """Return a row. Raises LedgerError for more or fewer fields than the first line has, and for bytes not in UTF-8."""
    if None in row or None in row.values():
        raise LedgerError("it has more or fewer fields than the first line; was it cut short?")
    try:
        "".join(row.values()).encode()
    except UnicodeEncodeError:
        raise LedgerError("it is not UTF-8 text") from None
    return row


def _grid_zone(row: dict[str, str]) -> str:
    """Return the grid zone whose intensity CodeCarbon used; empty if the row does not name one."""
    if row.get("on_cloud") == "Y" and row.get("cloud_provider") and row.get("cloud_region"):
        return f"{row['cloud_provider']}:{row['cloud_region']}"
    return _country_zone(row.get("country_iso_code") or "", (row.get("region") or "").casefold())


@cache
def _country_zone(country_code: str, region: str) -> str:
    """Return the zone of a country, by its three letters, or of a region where CodeCarbon knows regions."""
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


def _recorded_use(rows: Sequence[CodeCarbonRow], ledger: Ledger) -> dict[str, RecordedUse]:
    """Return what the ledger already has of the runs, even if they were imported with another time zone."""
    if not rows:
        return {}
    runs = {row.run for row in rows}
    first = min(row.ended.toordinal() - row.wall_s / DAY_S for row in rows) - _MARGIN_DAYS
    last = max(row.ended.toordinal() for row in rows) + _MARGIN_DAYS
    days = {day: count for day, count in ledger.record_counts().items() if first <= day.toordinal() <= last}
    entries: list[Entry] = []
    for since, until, _ in day_spans(days):
        records = ledger.read(since, until).records
        entries += [record for record in records if isinstance(record, Entry) and record.run in runs]
    return codecarbon_rows.recorded_use(entries)
