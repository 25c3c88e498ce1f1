"""A file of signals, for networks without internet: CSV or JSON, read again whenever it has changed.

Columns or keys: ``start``, ``end`` (optional), ``g_per_kwh``, ``status`` (optional: measured, estimated or forecast),
``zone`` (optional: without it, all figures are of the asked zone). What the figures mean stands in ``[grid.file]``.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast, get_args

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal, Status
from pytest_carbon.files.follow_links import refuse_outside
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.grid.live.http_client import ANSWER_BYTES
from pytest_carbon.grid.live.read_answers import Reading, moment_of, number_of, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError


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
        rows = self._rows(text)
        own = [row for row in rows if (row.get("zone") or question.zone) == question.zone]
        own.sort(key=lambda row: moment_of(row["start"]))
        slots = with_ends([(moment_of(row["start"]), number_of(row["g_per_kwh"])) for row in own])
        readings = [
            Reading(
                slot.start,
                moment_of(row["end"]) if row.get("end") else slot.end,
                slot.g_per_kwh,
                _status(row.get("status"), "measured" if slot.start <= question.now else "forecast"),
            )
            for slot, row in zip(slots, own, strict=True)
        ]
        return to_signals(question, self.origin, readings)

    def _rows(self, text: str) -> list[dict[str, Any]]:
        if text.lstrip().startswith(("[", "{")):
            rows = json.loads(text)
            if not isinstance(rows, list):
                raise SourceFaultError(f"{self.path} is no list of figures")
            return cast(list[dict[str, Any]], rows)
        try:
            return list(csv.DictReader(io.StringIO(text)))
        except csv.Error:
            raise SourceFaultError(f"{self.path} is no CSV") from None


def _status(text: object, default: Status) -> Status:
    if text is None or text == "":
        return default
    if text not in get_args(Status):
        raise SourceFaultError(f"a status that is none of {', '.join(get_args(Status))}")
    return cast(Status, text)
