"""Reads a ledger's tree: the records of some days, the baselines of a branch, or everything to check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.ledger_records import Entry, Record, parse_time, record_path
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import (
    README,
    LedgerTree,
    baseline_folder,
    baseline_path,
    day_of_path,
    days_of_month,
    is_baseline,
    is_record,
    month_path,
    skipped_file,
)
from pytest_carbon.ledgers.ledger import ReadResult, Skipped, VerifyResult


@dataclass(slots=True)
class TreeScan:
    """The sound records of some days by their path, each once, and what is wrong with the other files there.

    ``texts`` are the exact texts of the records; ``twice`` are records whose id another one has.
    """

    records: dict[str, Record] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    bad: list[Skipped] = field(default_factory=list)
    misplaced: list[Skipped] = field(default_factory=list)
    twice: list[tuple[str, Skipped]] = field(default_factory=list)


def scan(tree: LedgerTree, since: date, until: date, now: datetime, *, packed: bool = True) -> TreeScan:
    """Read and check the files of some days, the loose ones and, if ``packed``, those of packed months."""

    def inside(path: str) -> bool:
        day = day_of_path(path)
        return day is not None and since <= day <= until

    found = TreeScan(bad=[odd for odd in tree.odd if inside(odd.path)])
    here = sorted(path for path in tree.paths if inside(path))
    found.bad += [skipped_file(path, "it is no file of a ledger") for path in here if not is_record(path)]
    months = [path for path in tree.paths if (days := days_of_month(path)) and days[0] <= until and since <= days[1]]
    months = sorted(months) if packed else []
    data, unread = tree.load([*months, *(path for path in here if is_record(path))])
    found.bad += unread
    ids: dict[str, str] = {}
    for path, where, content in sorted(_unpack_files(months, data, found.bad), key=lambda file: file[0]):
        if inside(path):
            _check_record(found, ids, where, path, content, now)
    return found


def _unpack_files(
    months: Sequence[str], data: Mapping[str, bytes], bad: list[Skipped]
) -> Iterator[tuple[str, str, bytes]]:
    """Yield each file's path, its place as a reader knows it, and its bytes: first those of the months."""
    for month in months:
        try:
            files = file_contents.unpack_month(data[month]) if month in data else {}
        except LedgerError as error:
            bad.append(skipped_file(month, str(error)))
            continue
        for path, text in files.items():
            where = f"{path} in {month}"
            if is_record(path) and month_path(path) == month:
                yield path, where, text.encode("utf-8", "surrogatepass")
            else:
                bad.append(skipped_file(where, "it does not belong into this month"))
    yield from ((path, path, content) for path, content in data.items() if path not in months)


def _check_record(found: TreeScan, ids: dict[str, str], where: str, path: str, content: bytes, now: datetime) -> None:
    try:
        record = file_contents.parse_record(content, now)
    except LedgerError as error:
        found.bad.append(skipped_file(where, str(error)))
        return
    text = content.decode()
    if record_path(record) != path:
        found.misplaced.append(skipped_file(where, f"its place is {record_path(record)}"))
    elif ids.setdefault(record.id, path) != path or found.texts.get(path, text) != text:
        found.twice.append((record.id, skipped_file(where, f"another record has its id, {record.id}")))
    else:
        found.records[path] = record
        found.texts[path] = text


def read(tree: LedgerTree, since: date, until: date, now: datetime) -> ReadResult:
    """Return the records of the days from ``since`` to ``until`` by their path, both included."""
    found = scan(tree, since, until, now)
    twice = [skip for _, skip in found.twice]
    records = tuple(found.records[path] for path in sorted(found.records))
    return ReadResult(records, (*found.bad, *found.misplaced, *twice))


def ids_by_day(tree: LedgerTree) -> dict[date, set[str]]:
    """Return the ids that the files of each day are named by, in the order of the days: nothing of them is checked."""
    months = sorted(path for path in tree.paths if days_of_month(path))
    data, _ = tree.load(months)
    found: dict[date, set[str]] = {}
    for path in (*filter(is_record, tree.paths), *(path for path, _, _ in _unpack_files(months, data, []))):
        day = day_of_path(path)
        if day is not None:
            found.setdefault(day, set()).add(PurePosixPath(path).stem)
    return dict(sorted(found.items()))


def ids_between(tree: LedgerTree, since: date, until: date) -> set[str]:
    """Return the ids that the files of some days are named by."""
    return {name for day, names in ids_by_day(tree).items() if since <= day <= until for name in names}


def paths_by_branch(tree: LedgerTree, now: datetime) -> dict[str, set[str]]:
    """Return the branches that have a sound baseline, and the paths of all of theirs."""
    folders: dict[str, list[str]] = {}
    for path in sorted(filter(is_baseline, tree.paths)):
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    found = ((paths, baselines_at(tree, paths, now)[0]) for paths in folders.values())
    return {str(sound[0][1].branch): set(paths) for paths, sound in found if sound}


def branch_baselines(
    tree: LedgerTree, branch: str, now: datetime
) -> tuple[list[tuple[str, RunMeasurements]], list[Skipped]]:
    """Return the sound baselines of a branch with their paths, newest first, and what is wrong with the others."""
    folder = baseline_folder(branch) + "/"
    return baselines_at(tree, sorted(path for path in tree.paths if path.startswith(folder) and is_baseline(path)), now)


def baselines_at(
    tree: LedgerTree, paths: Sequence[str], now: datetime
) -> tuple[list[tuple[str, RunMeasurements]], list[Skipped]]:
    """Return the sound baselines at some paths, newest first, and what is wrong with the others."""
    data, bad = tree.load(paths)
    sound = []
    for path, content in data.items():
        try:
            sound.append((path, _baseline(path, content, now)))
        except LedgerError as error:
            bad.append(skipped_file(path, str(error)))
    return sorted(sound, key=lambda known: (parse_time(known[1].started), known[0]), reverse=True), bad


def _baseline(path: str, content: bytes, now: datetime) -> RunMeasurements:
    run = file_contents.parse_baseline(content, now)
    if baseline_path(run) != path:
        raise LedgerError(f"its place is {baseline_path(run)}")
    return run


def verify(tree: LedgerTree, now: datetime) -> VerifyResult:
    """Read and check every file of a tree."""
    found = scan(tree, date.min, date.max, now)
    baselines, bad = baselines_at(tree, sorted(path for path in tree.paths if is_baseline(path)), now)
    foreign = [
        skipped_file(path, "it is no file of a ledger")
        for path in sorted(tree.paths)
        if day_of_path(path) is None and days_of_month(path) is None and not is_baseline(path) and path != README
    ]
    odd = [odd for odd in tree.odd if day_of_path(odd.path) is None]
    return VerifyResult(
        kinds=dict(sorted(Counter(type(record).__name__.lower() for record in found.records.values()).items())),
        runs=len({record.run for record in found.records.values() if isinstance(record, Entry)}),
        baselines=len(baselines),
        skipped=(*found.bad, *bad, *foreign, *odd),
        twice=tuple(sorted({known for known, _ in found.twice})),
        misplaced=tuple(found.misplaced),
    )
