"""What sources answered, on this machine's disk, shared by all processes and projects of a user."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pytest_carbon.core.escape import visible
from pytest_carbon.core.signals.check_series import Figure, find_fault
from pytest_carbon.core.signals.signal import Origin, Signal, in_utc
from pytest_carbon.core.signals.signal_json import from_json, to_json
from pytest_carbon.core.signals.split_by_time import half_hour_of
from pytest_carbon.files.lock_file import open_locked
from pytest_carbon.files.read_bounded import FACTS_BYTES, read_bytes
from pytest_carbon.files.write_safely import append, make_folder, remove_file, write_whole
from pytest_carbon.grid.live.signal_source import SourceFaultError

KEPT = timedelta(days=70)
"""Answers are kept as long as forecasts are scored by them: 60 days, and what a forecast reaches beyond."""
MOST_BYTES = 5_000_000
"""The newest answer of a zone is no longer: three days of minutes have less."""
_FAULT_CHARS = 1000
_UNFIT = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What reading a file of another shape may bring about; RuntimeError is that of too deep lists."""
_SAFE = re.compile(r"[^A-Za-z0-9._-]|^\.")


class Cached(NamedTuple):
    """The newest answer that a source gave for a zone: its signals, and when it was last asked.

    ``fault`` says why the last question failed; the signals are then those of an earlier one, or none.
    """

    signals: list[Signal]
    asked: datetime
    fault: str = ""


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the user's folder for answers: below ``XDG_CACHE_HOME``, else below ``~/.cache``.

    A user without a home has none: nothing can be written to the place that is returned.
    """
    top = environment.get("XDG_CACHE_HOME", "")
    if not top.startswith("/"):
        try:
            top = str(Path.home() / ".cache")
        except RuntimeError:
            top = os.devnull
    return Path(top) / "pytest-carbon" / "grid"


@dataclass(frozen=True, slots=True)
class SignalCache:
    """Answers in a folder: for each source and zone the newest one, and all of the last 70 days as they were issued.

    A folder that cannot be written is no fault: sources are then asked each time.
    """

    folder: Path

    def read(self, source: str, zone: str, origin: Origin | None = None) -> Cached | None:
        """Return the newest answer, checked as one of the source is; None without, and for one that cannot be true.

        With ``origin``, an answer of another origin counts as none.
        """
        with suppress(*_UNFIT):
            data = json.loads(read_bytes(self._place(source, zone) / "newest.json", MOST_BYTES))
            asked = in_utc(datetime.fromisoformat(data["asked"]))
            signals = _checked(data["answer"], zone, asked) if data["answer"] else []
            if isinstance(data["fault"], str) and (origin is None or not signals or signals[0].origin == origin):
                return Cached(signals, asked, visible(data["fault"][:_FAULT_CHARS]))
        return None

    def read_or_ask(
        self,
        source: str,
        zone: str,
        now: datetime,
        ask: Callable[[], list[Signal]],
        wait_s: float,
        origin: Origin | None = None,
    ) -> Cached:
        """Return the answer of this half-hour: the kept one, or a new one, for which one process asks.

        A question that failed is not repeated in its half-hour; the signals of the last answer stay. Processes that
        find another one asking wait up to ``wait_s`` seconds for its answer, and then take what is kept.
        """
        kept = self.read(source, zone, origin)
        if kept is not None and _is_of_this_half_hour(kept, now):
            return kept
        with self._locked(source, zone, wait_s) as is_ours:
            kept = self.read(source, zone, origin)
            if kept is not None and (_is_of_this_half_hour(kept, now) or not is_ours):
                return kept
            if not is_ours:
                return Cached([], now, f"{source}: another process is asking")
            try:
                answer = Cached(ask(), now)
            except SourceFaultError as error:
                answer = Cached(kept.signals if kept else [], now, str(error))
            self.keep(source, zone, answer)
            return answer

    def issued_since(self, source: str, zone: str, since: datetime) -> Iterator[list[Signal]]:
        """Yield all answers that were received from ``since`` on, the oldest first."""
        for file in sorted((self._place(source, zone) / "issued").glob("*.jsonl")):
            if file.stem < since.date().isoformat():
                continue
            with suppress(OSError):
                for line in read_bytes(file, FACTS_BYTES).splitlines():
                    signals: list[Signal] = []
                    with suppress(*_UNFIT):
                        data = json.loads(line)
                        signals = _checked(data, zone, in_utc(datetime.fromisoformat(data["fetched"])))
                    if signals and signals[0].fetched >= since:
                        yield signals

    def keep(self, source: str, zone: str, answer: Cached) -> None:
        """Keep an answer as the newest, and as it was issued. A folder that cannot be written is no fault."""
        place = self._place(source, zone)
        issued = to_json(answer.signals) if answer.signals else None
        data = {"asked": answer.asked.isoformat(), "fault": answer.fault, "answer": issued}
        with suppress(OSError):
            make_folder(place, self.folder)
            write_whole(place / "newest.json", _bytes(data), self.folder)
            if issued and not answer.fault:
                self._keep(place / "issued", answer.asked, _bytes(issued))

    def _keep(self, folder: Path, now: datetime, line: bytes) -> None:
        make_folder(folder, self.folder)
        today = folder / f"{now.date().isoformat()}.jsonl"
        if _size(today) + len(line) < FACTS_BYTES:
            append(today, b"\n" + line + b"\n")  # what a killed process left of its line ends here
        for file_of_day in folder.glob("*.jsonl"):
            if file_of_day.stem < (now - KEPT).date().isoformat():
                remove_file(file_of_day, self.folder)

    def _place(self, source: str, zone: str) -> Path:
        return self.folder / _SAFE.sub("_", source) / (_SAFE.sub("_", zone)[:80] or "_")

    @contextmanager
    def _locked(self, source: str, zone: str, wait_s: float) -> Iterator[bool]:
        """Yield whether this process is the one that asks; True as well where no lock can be made."""
        place = self._place(source, zone)
        try:
            make_folder(place, self.folder)
            file = open_locked(place / ".lock", wait_s)
        except OSError as error:
            yield not isinstance(error, BlockingIOError)
            return
        with file:
            yield True


def _is_of_this_half_hour(kept: Cached, now: datetime) -> bool:
    return half_hour_of(kept.asked) == half_hour_of(now)


def _checked(data: Any, zone: str, received: datetime) -> list[Signal]:
    """Return the signals of a kept answer. Raises what ``_UNFIT`` names for signals that no source can have told."""
    signals = from_json(data)
    fault = find_fault([Figure(s.start, s.end, s.g_per_kwh, s.status == "measured") for s in signals], received)
    if fault is not None or signals[0].zone != zone:
        raise ValueError(fault or "signals of another zone")
    return signals


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _bytes(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()
