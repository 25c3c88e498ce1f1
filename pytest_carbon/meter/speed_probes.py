"""Speed probes: two fixed pieces of work whose CPU time tells how fast the machine is at this moment.

One computes: calls, attributes and branches, as Python's own work is made of. It sees the clock and a busy sibling
thread. The other walks through more memory than a core's cache holds. It sees neighbours that fight for memory, of
which the first sees nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

COMPUTING_TURNS = 6_000
WALKING_TURNS = 1_800
"""Turns of the two loops: together about a millisecond of CPU time on a server CPU of the early 2020s."""

WALKED_BYTES = 1 << 23
_FACTOR, _OFFSET = 61, 12_344
"""A factor of 1 modulo 4 and an odd step (the byte read adds 1) lead to every byte before one comes again. No product
has more than 30 bits, which Python computes in one step."""


class ProbeTimes(NamedTuple):
    """The CPU seconds of the two probes."""

    computing_s: float
    walking_s: float


class SpeedProbes:
    """Runs both probes, one after the other. The walk goes on where the last one ended, so no cache knows its way."""

    def __init__(self, thread_time: Callable[[], float]) -> None:
        self._thread_time = thread_time
        self._counter = _Counter()
        self._memory = b""
        self._place = 0

    def run(self) -> ProbeTimes:
        """Run the probes and return their CPU seconds."""
        if not self._memory:
            self._memory = b"\1" * WALKED_BYTES  # not zeros: those would be one page, again and again
        start_s = self._thread_time()
        _compute(self._counter)
        between_s = self._thread_time()
        self._place = _walk(self._memory, self._place)
        end_s = self._thread_time()
        return ProbeTimes(max(between_s - start_s, 1e-6), max(end_s - between_s, 1e-6))


class _Counter:
    """An object with a method and attributes, as ordinary Python code has."""

    __slots__ = ("odd", "seen")

    def __init__(self) -> None:
        self.odd = self.seen = 0

    def take(self, number: int) -> int:
        """Do a little work that depends on the number."""
        if number & 1:
            self.odd = (self.odd + 1) & 0xFF
        elif number & 2:
            self.seen ^= number
        else:
            self.seen = number
        return self.seen


def _compute(counter: _Counter) -> int:
    total = 1
    for number in range(COMPUTING_TURNS):
        total = (counter.take(number) + total) & 0xFFFF
        if total > 40_000:
            total -= number
    return total


def _walk(memory: bytes, place: int) -> int:
    last = len(memory) - 1
    for _ in range(WALKING_TURNS):
        place = (place * _FACTOR + _OFFSET + memory[place]) & last
    return place
