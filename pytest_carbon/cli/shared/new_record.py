"""The id and the times of a record that a verb adds to the ledger: a correction, an override, a self-test."""

from __future__ import annotations

import uuid
from datetime import datetime


def format_time(time: datetime) -> str:
    """Return a time in UTC as records hold it, in whole seconds, such as 2026-01-02T03:04:05Z."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def new_record_id(now: datetime, kind: str) -> str:
    """Return a new id that names the time and the kind of the record."""
    return f"{now:%Y%m%dT%H%M%SZ}-{kind}-{uuid.uuid4().hex[:12]}"
