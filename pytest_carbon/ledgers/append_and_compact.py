"""Plans the changes of a ledger's tree: the files that an append adds, and those that packing writes and removes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePosixPath

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import Record, record_path
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import (
    README,
    README_TEXT,
    LedgerTree,
    TreeChange,
    baseline_folder,
    baseline_path,
    days_of_month,
    is_baseline,
    is_record,
    month_path,
)
from pytest_carbon.ledgers.read_tree import branch_baselines, newest_first, scan


def plan_append(
    tree: LedgerTree, records: Sequence[Record], baseline: RunMeasurements | None, keep: int, now: datetime
) -> TreeChange:
    """Plan to add the records that the tree lacks, and a baseline if it is among the ``keep`` newest of its branch.

    Raises LedgerError for a record that could not be read back, and for a tree that holds other files than a ledger's.
    """
    refuse_other_files(tree)
    wanted = {record_path(record): record for record in records}
    taken = {
        *tree.paths,
        *(entry.path for entry in tree.not_files),
        *_packed_files(tree, sorted({month_path(path) for path in wanted})),
    }
    change = TreeChange()
    for path, record in wanted.items():
        data = file_contents.record_bytes(record, now)
        if path not in taken:
            change.files[path] = data
    if baseline is not None:
        _add_baseline(change, tree, baseline, keep, now)
    if change and README not in taken:
        change.files[README] = README_TEXT
    _refuse_blocked(change.files, taken)
    return change


def _refuse_blocked(files: Iterable[str], taken: Collection[str]) -> None:
    for path in files:
        blocker = next((str(parent) for parent in PurePosixPath(path).parents if str(parent) in taken), None)
        if blocker:
            raise LedgerError(f"{blocker} is not a folder, so {path} cannot be written; remove {blocker}")


def refuse_other_files(tree: LedgerTree) -> None:
    """Keep a wrong setting from writing into a project's own branch or folder, and from being taken for a beginning.

    Raises LedgerError for a tree with other files, and neither a run nor the README of a ledger.
    """
    others = [path for path in tree.paths if path != README]
    if not others or any(is_record(path) or is_baseline(path) or days_of_month(path) for path in others):
        return
    if README in tree.paths and tree.load([README])[0].get(README) == README_TEXT:
        return
    raise LedgerError(
        f"it is not a ledger: it holds other files, such as {min(others)[:80]!r}, and no run; choose a folder or "
        f"branch for the ledger alone: until its first run is in it, only a {README} may lie there"
    )


def _packed_files(tree: LedgerTree, months: Sequence[str]) -> Mapping[str, str]:
    """Return the files of the packed months that can be read."""
    files: dict[str, str] = {}
    for data in tree.load([month for month in months if month in tree.paths])[0].values():
        try:
            files |= file_contents.unpack_month(data)
        except LedgerError:
            continue
    return files


def _add_baseline(change: TreeChange, tree: LedgerTree, run: RunMeasurements, keep: int, now: datetime) -> None:
    path, data = baseline_path(run), file_contents.baseline_bytes(run, now)
    if path in tree.paths:
        return
    count = sum(other.startswith(baseline_folder(str(run.branch)) + "/") for other in tree.paths)
    others = branch_baselines(tree, str(run.branch), now)[0] if count >= keep else []
    dropped = [old for old, _ in newest_first([*others, (path, run)])[keep:]]
    if path not in dropped:
        change.files[path] = data
        change.removed += dropped


def plan_compact(tree: LedgerTree, before: date, now: datetime) -> TreeChange:
    """Plan to pack the sound loose records of every month that ended before ``before``.

    Corrupt and foreign files stay where they are. So do the records of a month whose packed file is corrupt or would
    be too large.
    """
    change = TreeChange()
    for month in sorted({month_path(path) for path in tree.paths if is_record(path)}):
        days = days_of_month(month)
        if days is None or days[1] >= before:
            continue
        try:
            files = dict(_files_of_month(tree, month))
        except LedgerError:
            continue
        loose = scan(tree, *days, now, packed=False).texts
        packed = [path for path in sorted(loose) if files.setdefault(path, loose[path]) == loose[path]]
        data = file_contents.pack_month(files)
        if packed and data is not None:
            change.files[month] = data
            change.removed += packed
    return change


def _files_of_month(tree: LedgerTree, month: str) -> Mapping[str, str]:
    if month not in tree.paths:
        return {}
    data, unread = tree.load([month])
    if unread:
        raise LedgerError(unread[0].reason)
    return file_contents.unpack_month(data[month])
