"""A file of signals, for networks without internet: CSV or JSON, read again whenever it has changed.

Columns or keys: ``start``, ``end`` (optional), ``g_per_kwh``, ``status`` (optional: measured, estimated or forecast),
``zone`` (optional: without it, all figures are of the asked zone). What the figures mean stands in ``[grid.file]``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast, get_args

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal, Status
from pytest_carbon.files.follow_links import refuse_outside
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.grid.live.http_client import ANSWER_BYTES
from pytest_carbon.grid.live.read_answers import Reading, moment_of, number_of, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

_COLUMNS = "start, g_per_kwh, and if you like end, status, zone"
_TIME = "a time with its zone, such as 2026-12-01T13:00Z"
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A file at ``path``, which may not lie outside of ``project``, whose figures mean what ``origin`` says.

    A policy names the file, and a pull request may change the policy: no fault shows what the file holds.
    """

    path: Path
    origin: Origin
    name: str = "file"
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(days=1)
    project: Path | None = None

    @property
    def address(self) -> str:
        """The file's path: nobody is asked."""
        return str(self.path)

    def signals(self, question: Question) -> list[Signal]:
        """Return the rows of the zone, in the order of time."""
        try:
            if self.project is not None:
                refuse_outside(self.path, self.project)
            text = read_bytes(self.path, ANSWER_BYTES, self.project).decode()
        except OSError as error:
            raise SourceFaultError(f"{self.path} cannot be read ({error.strerror})") from None
        own = [row for row in self._rows(text) if row.zone in ("", question.zone)]
        own.sort(key=lambda row: row.start)
        readings = [
            Reading(
                slot.start,
                row.end or slot.end,
                slot.g_per_kwh,
                row.status or ("measured" if slot.start <= question.now else "forecast"),
            )
            for slot, row in zip(with_ends([(row.start, row.g_per_kwh) for row in own]), own, strict=True)
        ]
        return to_signals(question, self.origin, readings)

    def _rows(self, text: str) -> list[_FileRow]:
        if text.lstrip().startswith(("[", "{")):
            rows = json.loads(text)
            if not isinstance(rows, list):
                raise SourceFaultError(f"{self.path} is no list of figures")
        else:
            try:
                rows = list(csv.DictReader(io.StringIO(text)))
            except csv.Error:
                raise SourceFaultError(f"{self.path} is no CSV") from None
        return [_read_row(number, row) for number, row in enumerate(rows, 1)]


class _FileRow(NamedTuple):
    """A row of the file; ``zone`` is empty and the rest None where the row does not tell."""

    start: datetime
    g_per_kwh: float | None
    end: datetime | None
    status: Status | None
    zone: str


def _read_row(number: int, row: Any) -> _FileRow:
    """Read one row. Raises SourceFaultError, which names the row and the column and shows no content."""
    if not isinstance(row, dict):
        raise SourceFaultError(f"row {number} is no object with {_COLUMNS}")
    for name in ("start", "g_per_kwh"):
        if name not in row:
            raise SourceFaultError(f"row {number} has no {name}; commas separate the columns {_COLUMNS}")
    return _FileRow(
        _read(number, row, "start", moment_of, _TIME),
        _read(number, row, "g_per_kwh", number_of, "a number"),
        _read(number, row, "end", moment_of, _TIME) if row.get("end") else None,
        _read(number, row, "status", _status, f"one of {', '.join(get_args(Status))}") if row.get("status") else None,
        str(row.get("zone") or ""),
    )


def _read(number: int, row: dict[str, Any], name: str, read: Callable[[Any], _Value], expected: str) -> _Value:
    try:
        return read(row[name])
    except (ArithmeticError, OSError, TypeError, ValueError):
        raise SourceFaultError(f"the {name} of row {number} is not {expected}") from None


def _status(text: object) -> Status:
    if text not in get_args(Status):
        raise ValueError
    return cast(Status, text)
