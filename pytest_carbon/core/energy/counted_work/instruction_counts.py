"""Reference energy from counted instructions: the same work takes the same number, however fast the machine is.

A process reads its counter whenever it reads its clocks, so the instructions of a span are the difference of two
readings. A run is counted as a whole or not at all: if the counts of one test are missing, the speed probes decide for
all. What no counter can see, such as the start of a worker, takes the run's own instructions per CPU second.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.energy.reference_energy import REFERENCE_J_PER_CPU_S, reference_j
from pytest_carbon.core.model import OWN_WORK, CountReading, Span, WorkerTrace

INSTRUCTIONS_PER_CPU_S = 5e9
"""Instructions of Python programs in a CPU second of the reference machine: a choice in the middle of what was seen.
Callgrind counted 5.2e9 (imports of the standard library) and 7e9 (JSON, regular expressions, sorting) in a second of
user CPU time, on a cloud CPU of 2023 that is 1.15 times as fast as the reference machine by the probe that computes."""

REFERENCE_J_PER_INSTRUCTION = REFERENCE_J_PER_CPU_S / INSTRUCTIONS_PER_CPU_S
"""Its level keeps limits in joules near what they are with probes. Comparisons do not depend on it."""

LEAST_RUNNING = 0.5
"""A counter that others need, too, counts a part of the time. Below this share, it is not used."""

_MUST_BE_COUNTED = OWN_WORK - {"collection"}
"""Parts of the collection may lack counts, as the start of a worker does."""


class InstructionCounts:
    """The instructions of one process up to any moment, by the readings of its counter.

    A counter that had to share the CPU's counters ran for a part of its time only: what it counted between two readings
    is scaled by that part. If it did not run at all, the count waits for the next reading.
    """

    def __init__(self, readings: Sequence[CountReading]) -> None:
        self._times: list[float] = []
        self._totals: list[float] = []
        total, last = 0.0, readings[0] if readings else None
        for reading in readings:
            assert last is not None
            (_, count, enabled_ns, running_ns), (_, last_count, last_enabled_ns, last_running_ns) = reading, last
            if running_ns > last_running_ns:
                scale = max(1.0, (enabled_ns - last_enabled_ns) / (running_ns - last_running_ns))
                total += max(0, count - last_count) * scale
                last = reading
            self._times.append(reading[0])
            self._totals.append(total)
        enabled_ns, running_ns = readings[-1][2:] if readings else (0, 0)
        self.ran_enough = running_ns > 0 and running_ns >= LEAST_RUNNING * enabled_ns

    def between(self, start_s: float, end_s: float) -> float | None:
        """Return the instructions from one time to another; None if the readings do not reach so far."""
        if not self._times or start_s < self._times[0] or end_s > self._times[-1]:
            return None
        return self._at(end_s) - self._at(start_s)

    def _at(self, time_s: float) -> float:
        after = bisect_right(self._times, time_s)
        if after == len(self._times):
            return self._totals[-1]
        (start_s, end_s), (start, end) = self._times[after - 1 : after + 1], self._totals[after - 1 : after + 1]
        return start + (end - start) * (time_s - start_s) / (end_s - start_s)


class CountedRun:
    """The instructions of a run's spans, each without those of the spans inside.

    ``per_cpu_s`` are the run's own instructions per CPU second.
    """

    def __init__(self, traces: Sequence[WorkerTrace]) -> None:
        """Count. ``own`` has the counts of every trace's spans, None for a span that was not counted."""
        self.own = [_own_counts(trace.spans, trace.counts) for trace in traces]
        self._started = any(trace.counts for trace in traces)
        count = cpu_s = 0.0
        complete = True
        for trace, own in zip(traces, self.own, strict=True):
            own_cpu_s = own_totals(trace.spans, [span.cpu_s for span in trace.spans])
            for span, instructions, seconds in zip(trace.spans, own, own_cpu_s, strict=True):
                if span.kind in OWN_WORK and instructions is not None:
                    count, cpu_s = count + instructions, cpu_s + seconds
                complete = complete and (instructions is not None or span.kind not in _MUST_BE_COUNTED)
        self.is_complete = complete and count > 0
        self.per_cpu_s = count / cpu_s if cpu_s > 0 else INSTRUCTIONS_PER_CPU_S

    @property
    def is_broken(self) -> bool:
        """Whether counting began, but did not reach every test."""
        return self._started and not self.is_complete

    def reference_j(self, instructions: float | None, cpu_s: float) -> float:
        """Return the reference energy (J) of instructions; unless they were counted, of CPU seconds of this run."""
        return (cpu_s * self.per_cpu_s if instructions is None else instructions) * REFERENCE_J_PER_INSTRUCTION


def use_of_tests(
    spans: Sequence[Span], readings: Sequence[CountReading], slowdown: float | None
) -> tuple[float, float]:
    """Return the CPU seconds and the reference energy (J) of the tests among spans of one process.

    The energy is by their instructions; if one of them was not counted, by the slowdown of a speed probe.
    """
    own_cpu_s = own_totals(spans, [span.cpu_s for span in spans])
    cpu_s = sum(seconds for span, seconds in zip(spans, own_cpu_s, strict=True) if span.kind == "test")
    own = [count for span, count in zip(spans, _own_counts(spans, readings), strict=True) if span.kind == "test"]
    counted = [count for count in own if count is not None]
    if len(counted) < len(own):
        return cpu_s, reference_j(cpu_s, slowdown)
    return cpu_s, sum(counted) * REFERENCE_J_PER_INSTRUCTION


def _own_counts(spans: Sequence[Span], readings: Sequence[CountReading]) -> list[float | None]:
    counts = InstructionCounts(readings)
    within = [counts.between(span.start_s, span.end_s) if counts.ran_enough else None for span in spans]
    own = own_totals(spans, [instructions or 0.0 for instructions in within])
    return [None if known is None else instructions for known, instructions in zip(within, own, strict=True)]
