"""Exports the runs of ledgers as Parquet, for analysts: one row for each run and each feature that pays for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, BinaryIO

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer.copy_and_compare import day_spans

_PARTS = (
    "energy_j", "energy_low_j", "energy_high_j", "reference_j", "operational_g", "embodied_g", "emissions_g",
    "emissions_low_g", "emissions_high_g",
)  # fmt: skip
_WHOLE = (
    "id", "run", "attempt", "job", "commit", "branch", "pr", "labels", "method", "machine", "fingerprint", "grid_zone",
    "grid_g_per_kwh", "grid_assumed", "runner", "conclusion",
)  # fmt: skip


def write(ledgers: Mapping[str | None, Ledger], file: BinaryIO, on_skipped: Callable[[Skipped], None]) -> int:
    """Write the runs of ``ledgers``, which are given by repository, as last corrected; return the number of rows.

    A row has the feature's part of each figure, so that sums over rows are right; ``run_tests`` and ``run_wall_s`` are
    those of the whole run. An unknown figure is null. ``on_skipped`` is called for what cannot be read. Raises
    LedgerError if pyarrow is not installed.
    """
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise LedgerError(
            f"Parquet needs pyarrow, which is not installed ({error}); run: pip install 'pytest-carbon[sql]'"
        ) from error
    schema, count = _schema(pyarrow), 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for repository, ledger in ledgers.items():
            for rows in _tables(repository, ledger, on_skipped):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
                count += len(rows)
    return count


def _schema(pa: Any) -> Any:
    kinds = {"attempt": pa.int32(), "pr": pa.int64(), "labels": pa.list_(pa.string()), "grid_g_per_kwh": pa.float64(),
             "grid_assumed": pa.bool_()}  # fmt: skip
    fields = [("repository", pa.string()), ("started", pa.timestamp("us", "UTC")), ("feature", pa.string())]
    fields += [("share", pa.float64()), *((name, pa.float64()) for name in _PARTS)]
    fields += [(name, kinds.get(name, pa.string())) for name in _WHOLE]
    return pa.schema([*fields, ("run_tests", pa.int64()), ("run_wall_s", pa.float64())])


def _tables(
    repository: str | None, ledger: Ledger, on_skipped: Callable[[Skipped], None]
) -> Iterator[list[dict[str, Any]]]:
    for since, until, _ in day_spans(ledger.record_counts()):
        result = ledger.read(since, until)
        for skipped in result.skipped:
            on_skipped(skipped)
        yield [row for entry in apply_corrections(result.records) for row in _rows(repository, entry)]


def _rows(repository: str | None, entry: Entry) -> Iterator[dict[str, Any]]:
    started: datetime = parse_time(entry.started)
    whole = {name: getattr(entry, name) for name in _WHOLE}
    for feature, share in sorted(entry.shares.items()):
        if share > 0:
            parts = {name: _times(getattr(entry, name), share) for name in _PARTS}
            yield {"repository": repository, "started": started, "feature": feature, "share": share, **parts, **whole,
                   "run_tests": entry.tests, "run_wall_s": entry.wall_s}  # fmt: skip


def _times(value: float | None, share: float) -> float | None:
    return None if value is None else value * share
