"""Copies a ledger's records and baselines into another ledger, and compares the two afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_carbon.core.errors import RecordError
from pytest_carbon.core.records.ledger_records import Record, record_path
from pytest_carbon.core.records.record_json import to_data
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers.file_contents import baseline_json
from pytest_carbon.ledgers.file_layout import baseline_path
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, Ledger, Skipped
from pytest_carbon.ledgers.read_tree import newest_first
from pytest_carbon.ledgers.transfer.sources import LedgerSource

RECORDS_AT_ONCE = 5_000
"""Records that are held in memory and are added together."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CopyResult:
    """The result of a copy: records added and known before, baselines added, and the files that were skipped."""

    added: int
    known: int
    baselines: int
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class CompareResult:
    """The result of a comparison: the numbers of records and baselines of the source, and the ids of those at fault.

    ``lost`` are missing in the target; ``different`` have other content there. Duplicates in the target are found by
    its ``verify``.
    """

    records: int
    baselines: int
    lost: tuple[str, ...]
    different: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @property
    def equal(self) -> bool:
        """Whether everything was compared, and nothing is at fault."""
        return not (self.lost or self.different or self.skipped)


def day_spans(counts: Mapping[date, int], most: int = RECORDS_AT_ONCE) -> Iterator[tuple[date, date, int]]:
    """Yield spans of days, each with its number of records: at most ``most``, unless a single day has more."""
    first: date | None = None
    last, total = date.min, 0
    for day, count in counts.items():
        if first is not None and total + count > most:
            yield first, last, total
            first = None
        if first is None:
            first, total = day, 0
        last, total = day, total + count
    if first is not None:
        yield first, last, total


def copy(source: LedgerSource, target: Ledger, progress: Progress, most: int = RECORDS_AT_ONCE) -> CopyResult:
    """Add the records and baselines of a source that a ledger lacks, about ``most`` records at a time.

    ``progress`` is called with the number of files that are done and with the number of all files. Records that the
    target has are not read. The next copy completes one that was killed. Raises SourceError for a fault of the source,
    LedgerError for a fault of the target.
    """
    counts = {day: len(ids) for day, ids in source.ids.items()}
    added = known = done = 0
    skipped: list[Skipped] = []
    for since, until, files in day_spans(counts, most):
        target_ids = target.record_ids(since, until)
        source_ids = {id_ for day, ids in source.ids.items() if since <= day <= until for id_ in ids}
        known += len(source_ids & target_ids)
        if source_ids - target_ids:
            result = source.read(since, until, target_ids)
            new, refused = append_records(result.records, target)
            added, known = added + new, known + len(result.records) - new - len(refused)
            skipped += [*result.skipped, *refused]
        done += files
        progress(done, sum(counts.values()))
    paths = {path for paths in target.baseline_paths().values() for path in paths}
    baselines, skipped_baselines = source.baselines(source.baseline_paths - paths)
    for run in baselines:
        target.append([], run)
    return CopyResult(added, known, len(baselines), (*skipped, *skipped_baselines))


def append_records(records: Sequence[Record], target: Ledger) -> tuple[int, list[Skipped]]:
    """Add records; return how many were new, and the records that this ledger cannot store, with the reasons."""
    try:
        return len(target.append(records)), []
    except RecordError:  # no record was added
        added, refused = 0, []
    for record in records:
        try:
            added += len(target.append([record]))
        except RecordError as error:
            refused.append(Skipped(record_path(record), str(error)))
    return added, refused


def compare(source: LedgerSource, target: Ledger, progress: Progress) -> CompareResult:
    """Return which sound records and baselines of a source a ledger lacks, or has with other content.

    Content is compared as canonical JSON values. The target may lack a baseline that is not among the newest of its
    branch.
    """
    counts = {day: len(ids) for day, ids in source.ids.items()}
    lost: list[str] = []
    different: list[str] = []
    skipped: list[Skipped] = []
    records = done = 0
    for since, until, files in day_spans(counts):
        result = source.read(since, until)
        in_source = {record.id: to_data(record) for record in result.records}
        in_target = {record.id: to_data(record) for record in target.read(since, until).records}
        lost += [id_ for id_ in in_source if id_ not in in_target]
        different += [id_ for id_, data in in_source.items() if in_target.get(id_, data) != data]
        skipped += result.skipped
        records, done = records + len(in_source), done + files
        progress(done, sum(counts.values()))
    baselines, skipped_baselines = source.baselines(source.baseline_paths)
    lost_baselines, different_baselines = _compare_baselines(baselines, target)
    return CompareResult(
        records,
        len(baselines),
        (*lost, *lost_baselines),
        (*different, *different_baselines),
        (*skipped, *skipped_baselines),
    )


def _compare_baselines(baselines: Sequence[RunMeasurements], target: Ledger) -> tuple[list[str], list[str]]:
    """Return the paths of the baselines that a ledger lacks, and of those with other content there."""
    lost, different = [], []
    for branch in dict.fromkeys(str(run.branch) for run in baselines):
        in_source = {baseline_path(run): run for run in baselines if run.branch == branch}
        in_target = {baseline_path(run): run for run in target.baselines(branch)[0]}
        newest = newest_first({**in_source, **in_target}.items())[:BASELINES_KEPT]
        lost += [path for path, _ in reversed(newest) if path not in in_target]
        different += [
            path
            for path, run in in_source.items()
            if path in in_target and baseline_json(run) != baseline_json(in_target[path])
        ]
    return lost, different
