"""A new record of the ledger: its id, its times, and the line that says where it was added."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import output

if TYPE_CHECKING:
    from pytest_carbon.core.records.ledger_records import Record
    from pytest_carbon.ledgers.ledger import Ledger


def format_time(time: datetime) -> str:
    """Return a time in UTC as records hold it, in whole seconds, such as 2026-01-02T03:04:05Z."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def new_record_id(now: datetime, kind: str) -> str:
    """Return a new id, which begins with the time and the kind of the record."""
    return f"{now:%Y%m%dT%H%M%SZ}-{kind}-{os.urandom(6).hex()}"


def append_record(ledger: Ledger, record: Record, meaning: str, *, as_json: bool) -> None:
    """Append the record, and print its id with the ledger and with ``meaning``: what the record changes."""
    ledger.append([record])
    if as_json:
        output.print_json({"ledger": ledger.where, "added": [record.id]})
    else:
        output.print_line(f"added {record.id} to the {ledger.where}: {meaning}")
