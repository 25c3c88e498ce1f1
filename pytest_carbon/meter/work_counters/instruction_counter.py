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

from pytest_carbon.core.energy.counted_work.instruction_counts import InstructionCounts
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.model import CountReading, Span
from pytest_carbon.meter.cpu_time import Clock
from pytest_carbon.meter.kernel_text import kernel_text

with suppress(ImportError):  # Windows
    from fcntl import ioctl as _ioctl

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
_THREADS = Path("/proc/self/task")
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
        call = _call_number(event)
        try:
            for thread in _THREADS.iterdir():
                number = _open(call, event, int(thread.name))
                self._ids[number] = b""
                _ioctl(number, _GET_ID, self._id)
                self._ids[number] = bytes(self._id)
        except OSError as error:
            for number in self._ids:
                _close(number)
            raise CounterMissingError(_reason(error)) from error
        self.now()

    def now(self) -> float:
        """Return the time (s), and note the counts at this time."""
        at_s = self._now()
        count = enabled_ns = running_ns = 0
        for number, own_id in self._ids.items():
            values = self._values(number, own_id)
            if values is None:
                self.stop()
                break
            count, enabled_ns, running_ns = count + values[0], enabled_ns + values[1], running_ns + values[2]
        if self._ids:
            self.readings.append((at_s, count, enabled_ns, running_ns))
        return at_s

    def readings_of(self, spans: Sequence[Span]) -> list[CountReading]:
        """Return the readings since the first of some spans began."""
        return self.readings[bisect_left(self.readings, (min(span.start_s for span in spans),)) :]

    def _values(self, number: int, own_id: bytes) -> tuple[int, int, int] | None:
        try:
            _ioctl(number, _GET_ID, self._id)
            return _unpack(_read(number, _READING.size)) if self._id == own_id else None
        except (OSError, struct.error):
            return None

    def counted(self) -> float | None:
        """End counting, and return the instructions since the counter was made; None if it was not kept counting."""
        until_s = self.now()
        self.stop()
        counts = InstructionCounts(self.readings)
        return counts.between(self.readings[0][0], until_s) if counts.ran_enough else None

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


def _call_number(event: Event) -> int:
    """Return the number of the system call. Raises CounterMissingError where it is plain that nothing counts."""
    call = _CALL_NUMBERS.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 1 << 32 else None
    if call is None:
        raise CounterMissingError("instructions are counted only on Linux, on x86-64 and 64-bit ARM")
    if event.type == _HARDWARE and not _can_count():
        raise CounterMissingError("the kernel sees no counter of instructions in this CPU, as in most virtual machines")
    return call


def _open(call: int, event: Event, thread: int) -> int:
    """Return the descriptor of a new counter. ctypes takes 15 ms to import, so only who may count does."""
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
        names = [device.name for device in _DEVICES.iterdir()]
    except OSError:
        return False
    return sum(name == "cpu" or name.startswith("armv") for name in names) == 1


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        level = kernel_text(_PARANOID)
        return (
            f"the kernel does not let this user count instructions (perf_event_paranoid is {level or 'unknown'}; "
            "up to 2 it does, unless a container forbids it)"
        )
    return f"the kernel counts no instructions here ({error.strerror or error})"
