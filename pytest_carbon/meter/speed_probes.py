"""Speed probes: two fixed pieces of work whose CPU time tells how fast the machine is at this moment.

One computes: calls, attributes and branches, as Python's own work is made of. It sees the clock and a busy sibling
thread. The other walks through more memory than a core's cache holds. It sees neighbours that fight for memory, of
which the first sees nothing. Neither sees that the thread is put aside for others, and finds its caches empty when it
comes back: the kernel tells how long it waited.
"""

from __future__ import annotations

import sys
from _tracemalloc import is_tracing as _is_tracing
from collections.abc import Callable
from typing import Any

from pytest_carbon.core.energy.reference_energy import COMPUTING_REFERENCE_S, WALKING_REFERENCE_S, slowdown_of
from pytest_carbon.meter.run_queue import ran_and_waited_s

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
_LEAST_RAN_S, _LEAST_RAN_SHARE = 0.02, 0.5
"""A thread that ran for less than these seconds since the last probe, or than this share of the process's CPU time, did
not do the work itself, so its waiting tells nothing of that."""


class SpeedProbes:
    """Runs both probes, one after the other. The walk goes on where the last one ended, so no cache knows its way.

    ``slowdown`` is that of the last run, see ``slowdown_of``; ``moment`` is the same without the waiting before it.
    ``not_before_s`` is the time before which they are not due, unless the process keeps more than one CPU busy: to look
    at that clock costs less than to read CPU times. ``used_s`` are the wall and CPU seconds of all runs so far.
    """

    def __init__(self, read_clocks: Callable[[], tuple[float, float]], thread_time: Callable[[], float]) -> None:
        self.slowdown = self.moment = 1.0
        self.not_before_s = 0.0
        self.used_s = (0.0, 0.0)
        self._read_clocks, self._thread_time = read_clocks, thread_time
        self._due_s = self._last_s = 0.0
        self._watchers = _watchers()
        self._counter = _Counter()
        self._memory = b""
        self._place = 0
        self._ran_and_waited_s, self._counted_cpu_s = ran_and_waited_s(), read_clocks()[1]

    def are_due(self, cpu_s: float) -> bool:
        """Return whether this process has used enough CPU time since the last run (``PROBE_SPACING``)."""
        return cpu_s >= self._due_s

    def are_watched_as_before(self) -> bool:
        """Return whether what slows every line of Python, such as a profiler, is as it was when they last ran.

        A fixture may switch a profiler on for one test. Probes in that test would tell of the profiler.
        """
        return _watchers() == self._watchers

    def run(self) -> list[tuple[Any, ...]]:
        """Run the probes and return their spans; the first run has one more, of the memory that it takes."""
        spans: list[tuple[Any, ...]] = []
        (from_s, from_cpu_s), (used_s, used_cpu_s) = self._read_clocks(), self.used_s
        since_s = from_s
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
        info = {"walking_s": walking_s}
        if (waiting := self._waiting(end_cpu_s)) is not None:
            info["waiting"] = waiting
        spans.append(("tool", "", "probe", from_s, end_s, computing_s + walking_s, info))
        computing, walking = computing_s / COMPUTING_REFERENCE_S, walking_s / WALKING_REFERENCE_S
        self.moment, self.slowdown = slowdown_of(computing, None, walking), slowdown_of(computing, waiting, walking)
        took_s = computing_s + walking_s
        spacing_s = PROBE_SPACING * min(took_s, self._last_s or took_s)  # one that was held up does not delay the next
        self._last_s = took_s
        self.not_before_s, self._due_s = end_s + spacing_s, end_cpu_s + spacing_s
        self.used_s = used_s + end_s - since_s, used_cpu_s + sum(span[5] for span in spans)
        self._watchers = _watchers()
        return spans

    def _waiting(self, cpu_s: float) -> float | None:
        """Return how long this thread waited for a CPU since the last run, in multiples of the time that it ran.

        ``cpu_s`` is the CPU time of the process so far. Other threads and ended children have a part in what was added,
        for which nothing is known: it counts as if it had not waited.
        """
        used_s, self._counted_cpu_s = cpu_s - self._counted_cpu_s, cpu_s
        before, self._ran_and_waited_s = self._ran_and_waited_s, ran_and_waited_s()
        if before is None or self._ran_and_waited_s is None:
            return None
        ran_s, waited_s = self._ran_and_waited_s[0] - before[0], self._ran_and_waited_s[1] - before[1]
        if ran_s <= _LEAST_RAN_S or ran_s < _LEAST_RAN_SHARE * used_s or waited_s < 0:  # a forked child begins at 0
            return None
        return waited_s / max(ran_s, used_s)


def _watchers() -> tuple[object, ...]:
    """Return what watches each call, line or new object of this thread: tracers, profilers, tools of ``sys``."""
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    tools = (monitoring.get_tool(number) for number in range(6)) if monitoring else ()
    return (sys.gettrace(), sys.getprofile(), _is_tracing(), *tools)


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
