"""The formats into which ledgers can be exported. A new format is one module with ``write`` and one line here."""

from __future__ import annotations

from pytest_carbon.ledgers.transfer.exporter import BuiltInExporter, Exporter

_ROOM = "pytest_carbon.ledgers.transfer"
EXPORTERS: tuple[Exporter, ...] = (
    BuiltInExporter("jsonl", "line", f"{_ROOM}.jsonlines:write", is_text=True),
    BuiltInExporter("parquet", "row", f"{_ROOM}.parquet:write", names_repositories=True),
)
