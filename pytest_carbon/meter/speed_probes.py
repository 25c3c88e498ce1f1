"""Speed probes: two fixed pieces of work whose CPU time tells how fast the machine is at this moment.

One computes: calls, attributes and branches, as Python's own work is made of. It sees the clock and a busy sibling
thread. The other walks through more memory than a core's cache holds. It sees neighbours that fight for memory, of
which the first sees nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_carbon.core.energy.reference_energy import COMPUTING_REFERENCE_S

PROBE_SPACING = 170
"""CPU time between two runs of the probes, in multiples of their own: probes take 0.6 % of the CPU time."""

COMPUTING_TURNS = 3_000
WALKING_TURNS = 900
"""Turns of the two loops: together about half a millisecond of CPU time on a server CPU of the early 2020s."""

WALKED_BYTES = 1 << 23
WALK_FACTOR, WALK_OFFSET = 61, 12_344
"""A factor of 1 modulo 4 and an odd step (the byte read adds 1) lead to every byte before one comes again. No product
has more than 30 bits, which Python computes in one step."""

_SHORTEST_S = 1e-6


class SpeedProbes:
    """Runs both probes, one after the other. The walk goes on where the last one ended, so no cache knows its way.

    ``slowdown`` is the duration of the last probe that computes, in multiples of its duration on the reference machine.
    """

    def __init__(self, read_clocks: Callable[[], tuple[float, float]], thread_time: Callable[[], float]) -> None:
        self.slowdown = 1.0
        self._read_clocks, self._thread_time = read_clocks, thread_time
        self._due_s = 0.0
        self._counter = _Counter()
        self._memory = b""
        self._place = 0

    def are_due(self, cpu_s: float) -> bool:
        """Return whether this process has used enough CPU time since the last run (``PROBE_SPACING``)."""
        return cpu_s >= self._due_s

    def run(self) -> list[tuple[Any, ...]]:
        """Run the probes and return their spans; the first run has one more, of the memory that it takes."""
        spans: list[tuple[Any, ...]] = []
        from_s, from_cpu_s = self._read_clocks()
        if not self._memory:
            self._memory = b"\1" * WALKED_BYTES  # not zeros: pages that nobody wrote to are all the same one
            ready_s, ready_cpu_s = self._read_clocks()
            spans.append(("tool", "", "prepare", from_s, ready_s, ready_cpu_s - from_cpu_s, None))
            from_s = ready_s
        start_s = self._thread_time()
        _compute(self._counter)
        between_s = self._thread_time()
        self._place = _walk(self._memory, self._place)
        walking_s = max(self._thread_time() - between_s, _SHORTEST_S)
        computing_s = max(between_s - start_s, _SHORTEST_S)
        end_s, end_cpu_s = self._read_clocks()
        spans.append(("tool", "", "probe", from_s, end_s, computing_s + walking_s, {"walking_s": walking_s}))
        self.slowdown = computing_s / COMPUTING_REFERENCE_S
        self._due_s = end_cpu_s + PROBE_SPACING * (computing_s + walking_s)
        return spans


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
        place = (place * WALK_FACTOR + WALK_OFFSET + memory[place]) & last
    return place
