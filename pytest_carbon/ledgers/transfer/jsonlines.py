"""A whole ledger as JSON lines: its records as they are kept, then its baselines, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.ledger_records import Record, record_path
from pytest_carbon.core.report.record_json import to_text
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import baseline_path
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer.copy_and_compare import RECORDS_AT_ONCE, append_records, day_spans

_ALL_BASELINES = 1_000_000
OnSkipped = Callable[[Skipped], None]


@dataclass(slots=True)
class ImportResult:
    """What an import did: records and baselines that were added, those that were known, and the lines that were bad."""

    added: int = 0
    known: int = 0
    baselines: int = 0
    bad: list[Skipped] = field(default_factory=list)


def export_lines(ledger: Ledger, skip: OnSkipped) -> Iterator[str]:
    """Yield a ledger's records by their day and id, and its baselines; ``skip`` is told what cannot be read."""
    for since, until, _ in day_spans(ledger.record_counts()):
        found = ledger.read(since, until)
        for one in found.skipped:
            skip(one)
        for record in sorted(found.records, key=record_path):
            yield to_text(record)
    for branch in sorted(ledger.baseline_paths()):
        runs, bad = ledger.baselines(branch, _ALL_BASELINES)
        for one in bad:
            skip(one)
        for run in sorted(runs, key=baseline_path):
            yield file_contents.baseline_json(run) + "\n"


def import_lines(file: BinaryIO, ledger: Ledger, now: datetime) -> ImportResult:
    """Add the records and baselines of JSON lines to a ledger; what is there already is not added again.

    A line that is neither is left out and told. Records of later than ``now`` are not believed.
    """
    done = ImportResult()
    there = {path for paths in ledger.baseline_paths().values() for path in paths}
    batch: dict[str, Record] = {}
    for number, line in _numbered_lines(file):
        try:
            found = file_contents.parse_export_line(line, now)
            place = baseline_path(found) if isinstance(found, RunMeasurements) else record_path(found)
        except LedgerError as error:
            done.bad.append(Skipped(f"line {number}", str(error)))
            continue
        if place in there or place in batch:
            done.known += 1
        elif isinstance(found, RunMeasurements):
            ledger.append([], found)
            there.add(place)
            done.baselines += 1
        else:
            batch[place] = found
        if len(batch) == RECORDS_AT_ONCE:
            _append_batch(batch, ledger, done)
    _append_batch(batch, ledger, done)
    return done


def _append_batch(batch: dict[str, Record], ledger: Ledger, done: ImportResult) -> None:
    added, refused = append_records([*batch.values()], ledger)
    done.added += added
    done.known += len(batch) - added - len(refused)
    done.bad += refused
    batch.clear()


def _numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank with their numbers; of one without end only so much that it is refused."""
    number = 0
    while line := file.readline(file_contents.MAX_PACKED_BYTES + 2):
        number += 1
        rest = line
        while len(rest) > file_contents.MAX_PACKED_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(file_contents.MAX_PACKED_BYTES + 2)
        if line.strip():
            yield number, line.removesuffix(b"\n")
