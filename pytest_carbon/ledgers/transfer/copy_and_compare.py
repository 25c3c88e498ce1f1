"""Copies a ledger's records and baselines into another, and says whether all of them are there, once and alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_carbon.core.errors import RecordError
from pytest_carbon.core.report.ledger_records import Record, parse_time, record_path
from pytest_carbon.core.report.record_json import to_data
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.ledgers.file_contents import baseline_json
from pytest_carbon.ledgers.file_layout import baseline_path
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, Ledger, Skipped
from pytest_carbon.ledgers.transfer.sources import LedgerSource

RECORDS_AT_ONCE = 5_000
"""Records that are held in memory, and are added as one."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What copying did: records added and known before, baselines added, and what could not be read."""

    added: int
    known: int
    baselines: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class CompareResult:
    """What a comparison found: how many records and baselines there are, and the ids of those at fault.

    ``lost`` are not in the other ledger, and ``different`` are there with other content. What is in it twice is for
    its ``verify`` to say.
    """

    records: int
    baselines: int
    lost: tuple[str, ...]
    different: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @property
    def equal(self) -> bool:
        """Nothing is at fault."""
        return not (self.lost or self.different)


def day_spans(days: Mapping[date, int], most: int = RECORDS_AT_ONCE) -> Iterator[tuple[date, date, int]]:
    """Yield first and last days that together have all records, and how many: ``most``, or those of a single day."""
    first: date | None = None
    last, held = date.min, 0
    for day, number in days.items():
        if first is not None and held + number > most:
            yield first, last, held
            first = None
        if first is None:
            first, held = day, 0
        last, held = day, held + number
    if first is not None:
        yield first, last, held


def copy(source: LedgerSource, target: Ledger, progress: Progress, most: int = RECORDS_AT_ONCE) -> CopyResult:
    """Add to a ledger what it does not have of a source, about ``most`` records at a time.

    ``progress`` is told how many files are done, and of how many. What is there already is not read again. A copy that
    was killed is made whole by the next. Raises SourceError for the source, and
    LedgerError for the target.
    """
    counts = {day: len(ids) for day, ids in source.ids.items()}
    added = known = done = 0
    skipped: list[Skipped] = []
    for since, until, files in day_spans(counts, most):
        there = target.record_ids(since, until)
        own = {id_ for day, ids in source.ids.items() if since <= day <= until for id_ in ids}
        known += len(own & there)
        if own - there:
            found = source.read(since, until, there)
            new, refused = append_records(found.records, target)
            added, known = added + new, known + len(found.records) - new - len(refused)
            skipped += [*found.skipped, *refused]
        done += files
        progress(done, sum(counts.values()))
    paths = {path for paths in target.baseline_paths().values() for path in paths}
    baselines, bad = source.baselines(source.baseline_paths - paths)
    for run in baselines:
        target.append([], run)
    return CopyResult(added, known, len(baselines), (*skipped, *bad))


def append_records(records: Sequence[Record], target: Ledger) -> tuple[int, list[Skipped]]:
    """Add records, and return how many were not there, and those that this ledger cannot keep, with the reason."""
    try:
        return len(target.append(records)), []
    except RecordError:  # it kept none of them
        added, refused = 0, []
    for record in records:
        try:
            added += len(target.append([record]))
        except RecordError as error:
            refused.append(Skipped(record_path(record), str(error)))
    return added, refused


def compare(source: LedgerSource, target: Ledger, progress: Progress) -> CompareResult:
    """Say what of a source's sound records and baselines a ledger does not have, or has with other content.

    Content is compared as canonical JSON values. A baseline that is not among the newest of its branch need not be
    there.
    """
    counts = {day: len(ids) for day, ids in source.ids.items()}
    lost: list[str] = []
    different: list[str] = []
    skipped: list[Skipped] = []
    records = done = 0
    for since, until, files in day_spans(counts):
        found = source.read(since, until)
        own = {record.id: to_data(record) for record in found.records}
        there = {record.id: to_data(record) for record in target.read(since, until).records}
        lost += [id_ for id_ in own if id_ not in there]
        different += [id_ for id_, data in own.items() if there.get(id_, data) != data]
        skipped += found.skipped
        records, done = records + len(own), done + files
        progress(done, sum(counts.values()))
    baselines, bad = source.baselines(source.baseline_paths)
    missing, other = _compare_baselines(baselines, target)
    return CompareResult(records, len(baselines), (*lost, *missing), (*different, *other), (*skipped, *bad))


def _compare_baselines(own: Sequence[RunMeasurements], target: Ledger) -> tuple[list[str], list[str]]:
    """Return the paths of the baselines that a ledger lacks, and of those that are others there."""
    missing, other = [], []
    for branch in dict.fromkeys(str(run.branch) for run in own):
        here = {baseline_path(run): run for run in own if run.branch == branch}
        there = {baseline_path(run): run for run in target.baselines(branch)[0]}
        newest = sorted({**here, **there}.items(), key=lambda known: (parse_time(known[1].started), known[0]))[
            -BASELINES_KEPT:
        ]
        missing += [path for path, _ in newest if path not in there]
        other += [path for path in here if path in there and baseline_json(here[path]) != baseline_json(there[path])]
    return missing, other
