"""Entries with the shares of their last correction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from pytest_carbon.core.records.ledger_records import Correction, Entry, Record, parse_time


def apply_corrections(records: Iterable[Record]) -> list[Entry]:
    """Return the entries in order of their start, each once, with the labels and shares of its last correction."""
    entries: dict[str, Entry] = {}
    corrections: dict[tuple[str, bool], Correction] = {}
    for record in records:
        if isinstance(record, Entry):
            entries.setdefault(record.id, record)
        elif isinstance(record, Correction):
            last = corrections.get((record.entry, record.elsewhere))
            if last is None or (parse_time(last.made), last.id) < (parse_time(record.made), record.id):
                corrections[record.entry, record.elsewhere] = record
    out = []
    for entry in sorted(entries.values(), key=lambda e: (parse_time(e.started), e.id)):
        correction = corrections.get((entry.id, entry.elsewhere > 0))
        out.append(_with_shares(entry, correction) if correction else entry)
    return out


def _with_shares(entry: Entry, correction: Correction) -> Entry:
    values: dict[str, Any] = {part.name: getattr(entry, part.name) for part in fields(entry)}
    return Entry(**{**values, "labels": correction.labels, "shares": correction.shares})
