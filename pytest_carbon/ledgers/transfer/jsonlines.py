"""Exports a whole ledger as JSON lines, its records as they are stored, then its baselines; and imports such lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import BinaryIO

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.escape import json_for_log
from pytest_carbon.core.records.ledger_records import Record, record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.report import SCHEMA as REPORT_SCHEMA
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import baseline_path
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer.copy_and_compare import RECORDS_AT_ONCE, append_records, day_spans

_ALL_BASELINES = 1_000_000
_FIRST_LINES = 5
_SCHEMA = b'"pytest-carbon/'
_REPORT = re.compile(rb'"schema": ?"' + REPORT_SCHEMA.encode())
OnSkipped = Callable[[Skipped], None]


@dataclass(slots=True)
class ImportResult:
    """The result of an import: records added and known before, baselines added, and the lines that were skipped."""

    added: int = 0
    known: int = 0
    baselines: int = 0
    bad: list[Skipped] = field(default_factory=list)


def export_lines(ledger: Ledger, on_skipped: OnSkipped) -> Iterator[str]:
    """Yield a ledger's records, by day and id, and its baselines. ``on_skipped`` is called for what cannot be read."""
    for since, until, _ in day_spans(ledger.record_counts()):
        result = ledger.read(since, until)
        for skipped in result.skipped:
            on_skipped(skipped)
        for record in sorted(result.records, key=record_path):
            yield to_text(record)
    for branch in sorted(ledger.baseline_paths()):
        runs, unread = ledger.baselines(branch, _ALL_BASELINES)
        for skipped in unread:
            on_skipped(skipped)
        for run in sorted(runs, key=baseline_path):
            yield file_contents.baseline_json(run) + "\n"


def write(ledgers: Mapping[str | None, Ledger], file: BinaryIO, on_skipped: OnSkipped) -> int:
    """Write the lines of the only ledger of ``ledgers``, and return the number of lines.

    The file may be standard output, so no line can command a terminal or a CI system; its value stays the same.
    """
    (ledger,) = ledgers.values()
    return sum(bool(file.write(json_for_log(line).encode())) for line in export_lines(ledger, on_skipped))


def import_lines(file: BinaryIO, ledger: Ledger, now: datetime) -> ImportResult:
    """Add to a ledger the records and baselines of JSON lines that it lacks.

    A line that is neither a record nor a baseline is skipped, as is a record more than a day later than ``now``.
    Raises LedgerError, and adds nothing, if none of the first lines is of an export.
    """
    result = ImportResult()
    known_paths = {path for paths in ledger.baseline_paths().values() for path in paths}
    batch: dict[str, Record] = {}
    for number, line in _own_lines(_numbered_lines(file)):
        try:
            item = file_contents.parse_export_line(line, now)
            path = baseline_path(item) if isinstance(item, RunMeasurements) else record_path(item)
        except LedgerError as error:
            result.bad.append(Skipped(f"line {number}", str(error)))
            continue
        if path in known_paths or path in batch:
            result.known += 1
        elif isinstance(item, RunMeasurements):
            ledger.append([], item)
            known_paths.add(path)
            result.baselines += 1
        else:
            batch[path] = item
        if len(batch) == RECORDS_AT_ONCE:
            _append_batch(batch, ledger, result)
    _append_batch(batch, ledger, result)
    return result


def _append_batch(batch: dict[str, Record], ledger: Ledger, result: ImportResult) -> None:
    added, refused = append_records([*batch.values()], ledger)
    result.added += added
    result.known += len(batch) - added - len(refused)
    result.bad += refused
    batch.clear()


def _own_lines(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Return the lines. Raises LedgerError if there are lines, and none of the first has a schema of a record.

    A record is one line; of another JSON file of ours, such as a report, no line is a whole object.
    """
    first = list(islice(lines, _FIRST_LINES))
    of_report = [line for _, line in first if _REPORT.search(line)]
    if first and not any(_SCHEMA in line and b"{" in line and line not in of_report for _, line in first):
        if of_report:
            raise LedgerError(
                "the file is a carbon report, no export of a ledger; to add its run, give the report to pytest-carbon "
                "ledger append"
            )
        raise LedgerError(
            "the file is no export of a ledger: none of its first lines is a record; name a file of "
            "pytest-carbon ledger export, or for CodeCarbon's emissions.csv give --format codecarbon"
        )
    return chain(first, lines)


def _numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers. An overlong line is cut just above the size limit."""
    number = 0
    while line := file.readline(file_contents.MAX_PACKED_BYTES + 2):
        number += 1
        rest = line
        while len(rest) > file_contents.MAX_PACKED_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(file_contents.MAX_PACKED_BYTES + 2)
        if line.strip():
            yield number, line.removesuffix(b"\n")
