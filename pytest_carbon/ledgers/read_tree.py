"""Reads a ledger's tree: the records of some days, the baselines of a branch, or everything, to verify it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath

from pytest_carbon.core.errors import LaterError, LedgerError
from pytest_carbon.core.records.ledger_records import Entry, Record, parse_time, record_path
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import (
    README,
    LedgerTree,
    baseline_folder,
    baseline_path,
    day_of_path,
    days_of_month,
    is_baseline,
    is_folder_of_runs,
    is_record,
    month_path,
    skipped_file,
)
from pytest_carbon.ledgers.ledger import ReadResult, Skipped, VerifyResult

_FOREIGN = "it is not a file of a ledger"
_STRAY = "it does not belong to this month"
MAX_UNPACKED_CHARS, MOST_FAULTS = 1_000_000_000, 20
"""The most characters of all packed months that are read at once, and the most files of a month that are named."""


@dataclass(slots=True)
class TreeScan:
    """The files of some days: the sound records by path, each once, and the files that are at fault.

    ``texts`` holds the exact text of each record. ``misplaced`` are records whose path should be another. ``twice``
    are records whose id another record has, with that id.
    """

    records: dict[str, Record] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    misplaced: list[Skipped] = field(default_factory=list)
    twice: list[tuple[str, Skipped]] = field(default_factory=list)


def scan(tree: LedgerTree, since: date, until: date, now: datetime, *, packed: bool = True) -> TreeScan:
    """Read and check the loose files from ``since`` to ``until`` and, if ``packed``, those in packed months."""

    def inside(path: str) -> bool:
        day = day_of_path(path)
        return day is not None and since <= day <= until

    def hides_days(path: str) -> bool:
        days = days_of_month(path)
        return is_folder_of_runs(path) if days is None else days[0] <= until and since <= days[1]

    scanned = TreeScan(skipped=[entry for entry in tree.not_files if inside(entry.path) or hides_days(entry.path)])
    loose = sorted(path for path in tree.paths if inside(path))
    scanned.skipped += [skipped_file(path, _FOREIGN) for path in loose if not is_record(path)]
    months = [path for path in tree.paths if (days := days_of_month(path)) and days[0] <= until and since <= days[1]]
    months = sorted(months) if packed else []
    data, unread = tree.load([*months, *(path for path in loose if is_record(path))])
    scanned.skipped += unread
    paths_by_id: dict[str, str] = {}
    for path, where, content in sorted(_unpack_files(months, data, scanned.skipped), key=lambda file: file[0]):
        if inside(path):
            _check_record(scanned, paths_by_id, where, path, content, now)
    return scanned


def _unpack_files(
    months: Sequence[str], data: Mapping[str, bytes], skipped: list[Skipped]
) -> Iterator[tuple[str, str, bytes]]:
    """Yield the path, the place as messages name it, and the bytes of each file: first the files in packed months."""
    chars_left = MAX_UNPACKED_CHARS
    for month in months:
        try:
            files = file_contents.unpack_month(data[month]) if month in data else {}
        except LedgerError as error:
            skipped.append(skipped_file(month, str(error)))
            continue
        chars_left -= sum(len(path) + len(text) for path, text in files.items())
        if chars_left < 0:
            most = f"{MAX_UNPACKED_CHARS // 1_000_000} MB"
            skipped.append(skipped_file(month, f"it and the months before unpack to more than {most}"))
            continue
        strays = [path for path in files if not is_record(path) or month_path(path) != month]
        skipped += [skipped_file(f"{path} in {month}", _STRAY) for path in strays[:MOST_FAULTS]]
        if len(strays) > MOST_FAULTS:
            skipped.append(skipped_file(month, f"{len(strays) - MOST_FAULTS} more of its files do not belong to it"))
        strange = set(strays)
        for path, text in files.items():
            if path not in strange:
                yield path, f"{path} in {month}", text.encode("utf-8", "surrogatepass")
    yield from ((path, path, content) for path, content in data.items() if path not in months)


def _check_record(
    scanned: TreeScan, paths_by_id: dict[str, str], where: str, path: str, content: bytes, now: datetime
) -> None:
    try:
        record = file_contents.parse_record(content, now)
    except LaterError:
        return
    except LedgerError as error:
        scanned.skipped.append(skipped_file(where, str(error)))
        return
    text = content.decode()
    if record_path(record) != path:
        scanned.misplaced.append(skipped_file(where, f"its path should be {record_path(record)}"))
    elif paths_by_id.setdefault(record.id, path) != path or scanned.texts.get(path, text) != text:
        scanned.twice.append((record.id, skipped_file(where, f"another record has its id, {record.id}")))
    else:
        scanned.records[path] = record
        scanned.texts[path] = text


def read(tree: LedgerTree, since: date, until: date, now: datetime) -> ReadResult:
    """Return the records of the days from ``since`` to ``until``, both included, ordered by path."""
    scanned = scan(tree, since, until, now)
    twice = [skipped for _, skipped in scanned.twice]
    records = tuple(scanned.records[path] for path in sorted(scanned.records))
    return ReadResult(records, (*scanned.skipped, *scanned.misplaced, *twice))


def paths_with_packed(tree: LedgerTree, wanted: Iterable[str]) -> set[str]:
    """Return the paths of a tree, with those inside the packed months that the ``wanted`` records would be in."""
    months = sorted({month_path(path) for path in wanted if is_record(path)}.intersection(tree.paths))
    data, _ = tree.load(months)
    return {*tree.paths, *(path for path, _, _ in _unpack_files(months, data, []))}


def ids_by_day(tree: LedgerTree) -> dict[date, set[str]]:
    """Return the ids in the file names of each day, in the order of the days. Checks no record."""
    months = sorted(path for path in tree.paths if days_of_month(path))
    data, _ = tree.load(months)
    ids: dict[date, set[str]] = {}
    for path in (*filter(is_record, tree.paths), *(path for path, _, _ in _unpack_files(months, data, []))):
        day = day_of_path(path)
        if day is not None:
            ids.setdefault(day, set()).add(PurePosixPath(path).stem)
    return dict(sorted(ids.items()))


def ids_between(tree: LedgerTree, since: date, until: date) -> set[str]:
    """Return the ids in the file names from ``since`` to ``until``. Checks no record."""
    return {name for day, names in ids_by_day(tree).items() if since <= day <= until for name in names}


def paths_by_branch(tree: LedgerTree, now: datetime) -> dict[str, set[str]]:
    """Return the branches that have a sound baseline, each with the paths of all its baselines."""
    folders: dict[str, list[str]] = {}
    for path in sorted(filter(is_baseline, tree.paths)):
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    sound_baselines = ((paths, baselines_at(tree, paths, now)[0]) for paths in folders.values())
    return {str(sound[0][1].branch): set(paths) for paths, sound in sound_baselines if sound}


def branch_baselines(
    tree: LedgerTree, branch: str, now: datetime
) -> tuple[list[tuple[str, RunMeasurements]], list[Skipped]]:
    """Return the sound baselines of a branch with their paths, newest first, and the files that were skipped."""
    folder = baseline_folder(branch) + "/"
    sound, skipped = baselines_at(tree, sorted(p for p in tree.paths if p.startswith(folder) and is_baseline(p)), now)
    return sound, [*skipped, *(entry for entry in tree.not_files if entry.path.startswith(folder))]


def baselines_at(
    tree: LedgerTree, paths: Sequence[str], now: datetime
) -> tuple[list[tuple[str, RunMeasurements]], list[Skipped]]:
    """Return the sound baselines at ``paths``, newest first, and the files that were skipped."""
    data, skipped = tree.load(paths)
    sound = []
    for path, content in data.items():
        try:
            sound.append((path, _baseline(path, content, now)))
        except LaterError:
            continue
        except LedgerError as error:
            skipped.append(skipped_file(path, str(error)))
    return newest_first(sound), skipped


def newest_first(baselines: Iterable[tuple[str, RunMeasurements]]) -> list[tuple[str, RunMeasurements]]:
    """Return baselines with their paths, ordered by time, newest first."""
    return sorted(baselines, key=lambda baseline: (parse_time(baseline[1].started), baseline[0]), reverse=True)


def _baseline(path: str, content: bytes, now: datetime) -> RunMeasurements:
    run = file_contents.parse_baseline(content, now)
    if baseline_path(run) != path:
        raise LedgerError(f"its path should be {baseline_path(run)}")
    return run


def verify(tree: LedgerTree, now: datetime) -> VerifyResult:
    """Read and check every file of a tree."""
    scanned = scan(tree, date.min, date.max, now)
    baselines, skipped_baselines = baselines_at(tree, sorted(path for path in tree.paths if is_baseline(path)), now)
    foreign = [
        skipped_file(path, _FOREIGN)
        for path in sorted(tree.paths)
        if day_of_path(path) is None and days_of_month(path) is None and not is_baseline(path) and path != README
    ]
    not_files = [entry for entry in tree.not_files if entry not in scanned.skipped]
    return VerifyResult(
        kinds=dict(sorted(Counter(type(record).__name__.lower() for record in scanned.records.values()).items())),
        runs=len({record.run for record in scanned.records.values() if isinstance(record, Entry)}),
        baselines=len(baselines),
        skipped=(*scanned.skipped, *skipped_baselines, *foreign, *not_files),
        twice=tuple(sorted({id_ for id_, _ in scanned.twice})),
        misplaced=tuple(scanned.misplaced),
    )
