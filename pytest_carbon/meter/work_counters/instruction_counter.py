"""Counts the instructions of this process, its threads and its children, where the CPU and the kernel let it.

This is Linux's ``perf_event_open``, called by its number, because Python has no function for it. Only the instructions
of programs count, not those of the kernel: whoever may run programs may count these (``perf_event_paranoid`` 2).
"""

from __future__ import annotations

import os
import platform
import struct
import sys
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pytest_carbon.core.energy.counted_work.instruction_counts import reference_j_of_tests
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.model import CountReading, Span
from pytest_carbon.meter.cpu_time import Clock
from pytest_carbon.meter.kernel_text import kernel_text

try:
    from fcntl import ioctl as _ioctl
except ImportError:  # Windows
    pass

_HARDWARE, _SOFTWARE = 0, 1


class Event(NamedTuple):
    """What a counter counts: a type and a number of the kernel's header ``linux/perf_event.h``."""

    type: int
    number: int


INSTRUCTIONS = Event(_HARDWARE, 1)
TASK_CLOCK = Event(_SOFTWARE, 1)
"""Nanoseconds on a CPU. Every Linux counts them, so that the way of the counts can be tried without a hardware counter:
they are CPU seconds, which are known from other clocks, too."""

_CALL_NUMBERS = {"x86_64": 298, "aarch64": 241}
_DEVICES = Path("/sys/bus/event_source/devices")
_PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
_ATTRIBUTES = struct.Struct("=IIQQQQQ16x")
_INHERIT, _NO_KERNEL, _NO_HYPERVISOR = 1 << 1, 1 << 5, 1 << 6
_WITH_TIMES = 1 | 2
_CLOSE_ON_EXEC = 8
_GET_ID = 0x80082407
_READING = struct.Struct("=QQQ")
_read, _close, _unpack = os.read, os.close, _READING.unpack
"""Held, because tests may replace them."""


class CounterMissingError(CarbonError):
    """Nothing counts here; the message says why."""


class InstructionCounter:
    """Counts from when it is made. Children and threads that begin later count, too, also while they run.

    ``readings`` are the counts so far. Code under test may close the descriptors, and their numbers may then name
    files of its own: before each reading, the kernel is asked whether it is still our counter. If not, counting ends.
    """

    def __init__(self, event: Event = INSTRUCTIONS) -> None:
        """Open a counter for each thread that runs now. Raises CounterMissingError."""
        self.readings: list[CountReading] = []
        self._now = Clock.now
        self._ids: dict[int, bytes] = {}
        self._id = bytearray(8)
        try:
            for thread in map(int, os.listdir("/proc/self/task")):
                number = _open(event, thread)
                self._ids[number] = b""
                _ioctl(number, _GET_ID, self._id)
                self._ids[number] = bytes(self._id)
        except OSError as error:
            self._close_all()
            raise CounterMissingError(_reason(error)) from error

    def now(self) -> float:
        """Return the time (s), and note the counts at this time."""
        at_s = self._now()
        count = enabled_ns = running_ns = 0
        try:
            for number, own_id in self._ids.items():
                _ioctl(number, _GET_ID, self._id)
                if self._id != own_id:
                    raise OSError
                values = _unpack(_read(number, _READING.size))
                count, enabled_ns, running_ns = count + values[0], enabled_ns + values[1], running_ns + values[2]
        except (OSError, struct.error):
            self.stop()
        if self._ids:
            self.readings.append((at_s, count, enabled_ns, running_ns))
        return at_s

    def reference_j_of_tests(self, spans: Sequence[Span]) -> float | None:
        """Return the reference energy (J) of the tests among spans; None if they were not counted."""
        since = bisect_left(self.readings, (min(span.start_s for span in spans),))
        return reference_j_of_tests(spans, self.readings[since:])

    def take(self) -> list[CountReading]:
        """Return the readings and forget them; a worker sends them to the controller."""
        taken, self.readings = self.readings, []
        return taken

    def stop(self) -> None:
        """End counting. The readings stay."""
        ids, self._ids = self._ids, {}
        for number, own_id in ids.items():
            with suppress(OSError):
                _ioctl(number, _GET_ID, self._id)
                if self._id == own_id:
                    _close(number)

    def _close_all(self) -> None:
        for number in self._ids:
            _close(number)
        self._ids = {}


def counter_here() -> InstructionCounter | None:
    """Return a counter of instructions that has begun; None where there is none."""
    with suppress(CounterMissingError):
        return InstructionCounter()
    return None


def why_no_counter() -> str:
    """Return why instructions are not counted here; empty if they are."""
    try:
        InstructionCounter().stop()
    except CounterMissingError as error:
        return str(error)
    return ""


def _open(event: Event, thread: int) -> int:
    """Return the descriptor of a new counter. Raises OSError and CounterMissingError.

    Where it is plain that there is none, ctypes, whose import takes 15 ms, is not imported.
    """
    call = _CALL_NUMBERS.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 1 << 32 else None
    if call is None:
        raise CounterMissingError("instructions are counted on Linux with x86-64 or ARM only")
    if event.type == _HARDWARE and not _can_count():
        raise CounterMissingError("the kernel sees no counter of instructions in this CPU, as in most virtual machines")
    import ctypes

    flags = _INHERIT | _NO_KERNEL | _NO_HYPERVISOR
    size = _ATTRIBUTES.size
    attributes = ctypes.create_string_buffer(
        _ATTRIBUTES.pack(event.type, size, event.number, 0, 0, _WITH_TIMES, flags), size
    )
    system_call = ctypes.CDLL(None, use_errno=True).syscall
    number = system_call(ctypes.c_long(call), attributes, thread, -1, -1, ctypes.c_ulong(_CLOSE_ON_EXEC))
    if number < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return int(number)


def _can_count() -> bool:
    """Return whether the kernel sees one kind of CPU cores that count: of several kinds, a counter counts on one."""
    try:
        names = os.listdir(_DEVICES)
    except OSError:
        return False
    return sum(name == "cpu" or name.startswith("armv") for name in names) == 1


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        level = kernel_text(_PARANOID)
        return (
            f"the kernel does not let this user count instructions (perf_event_paranoid is {level or 'unknown'}; up to 2 "
            "it does, unless a container forbids it)"
        )
    return f"the kernel counts no instructions here ({error.strerror or error})"
