"""Reference energy: the joules that the same work would take on one fixed machine at one fixed speed.

The CPU seconds of identical work vary by up to a factor of two on shared machines. The durations of the speed probes,
two fixed loops of half a millisecond together that run between tests, vary with them; so does the time that the tests
wait for a CPU, and the time that memory takes to answer. Dividing by the slowdown that they tell, to the power 0.75,
removes most of the variation. Limits and comparisons use the result, because it depends little on the runner and on its
other load. It says nothing about the energy that this machine used, ``energy_j``.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pytest_carbon.core.model import Probe

REFERENCE_J_PER_CPU_S = 2.045
"""Joules per CPU second of the reference machine: a 4-vCPU share of an AMD EPYC 7763 server takes 8.18 W at full load
(Eco CI v5.3, machine-power-data, from SPECpower; within 4 % of the SPECpower results of that CPU)."""

COMPUTING_REFERENCE_S, WALKING_REFERENCE_S = 0.0003, 0.0002
"""CPU times on the reference machine of the probe that computes and of the one that walks through memory."""

PROBE_REFERENCE_S = COMPUTING_REFERENCE_S + WALKING_REFERENCE_S
"""CPU time of both probes on the reference machine."""

ONE_PROBE_S = 0.001
"""The same of the single probe that earlier versions had."""

PROBES = "3"
"""The version of the probes and of the correction by them. Reference energy of another version cannot be compared."""

ELASTICITY = 0.75
"""When a probe runs x times slower, real test suites run about x**0.75 times slower. In 70 recorded runs of the suites
of click and jinja2 on a shared 2-vCPU machine, CPU time varied by 15 to 25 %. With this exponent a variation of 4 to
6 % remained (with 0.65: 5 to 9 %). Regression over these runs and networkx gives 0.57 to 0.75, biased low by probe
noise."""

SLOWER_BY_WAITING = 0.06
"""When a thread waits q times as long for a CPU as it runs, others fill the caches meanwhile, and it counts as
1 + 0.06 q times slower. The suites of ``benchmarks/recorded.py`` give 0.01 beside two processes that compute, 0.03
beside four that copy memory, and 0.06 to 0.14 beside three and eight that make objects."""
MOST_WAITING = 8.0
"""A longer wait counts as this one: twice the longest that was recorded."""

USUAL_WALK, SLOWER_BY_MEMORY = 3.0, 0.3
"""The walk through memory takes at most so many times longer than the loop that computes, each in multiples of its time
on the reference machine. Where it takes x times longer than that, others have the memory of the whole machine, and work
counts as x**0.3 times slower. In 72 runs of the six suites of ``benchmarks/recorded.py`` on a virtual machine whose
host was so busy, the walk took 5 to 19 times longer and the loop that computes as long as ever, while the tests took
1.4 to 3.8 times their usual CPU time. In 423 runs beside other neighbours, 0.1 % of the probes were above 3 times."""
LONGEST_WALK = 100.0
"""A longer walk counts as this one: twice the longest mean of a run."""

CLEAN_RATIO = 1.12
"""An observation is clean if the probes around it took at most this multiple of their duration at full speed. At 1.15,
identical tests were sometimes 10 % costlier between clean probes. At 1.08, most runs of a noisy machine have no clean
observation."""

CLEAN_WAITING = 0.5
"""The longest wait for a CPU at full speed, in multiples of the time that the thread ran. Alone on a machine a thread
waits for a hundredth of that; where tests had slowed by more than 5 %, for 0.6 and more."""

CLEAN_WALK = 4.0
"""The longest walk at full speed, in multiples of the time of the loop that computes. A host that is busy from the
run's first probe to its last shows in no comparison of the run's probes with each other."""

NEARLY_CLEAN_RATIO = 1.3
"""The same multiple for observations that are good enough if the machine was calm for nearly all of the run."""


def slowdown_of(computing: float, waiting: float | None, walking: float | None = None) -> float:
    """Return how many times slower than the reference machine this one is.

    ``computing`` and ``walking`` are the durations of the probes, in multiples of those on the reference machine, and
    ``waiting`` the time that the thread waited for a CPU, in multiples of the time that it ran; None if not known.
    """
    walk = min((walking or 0.0) / computing, LONGEST_WALK)
    return computing * _by_waiting(waiting) * math.pow(max(1.0, walk / USUAL_WALK), SLOWER_BY_MEMORY)


def _by_waiting(waiting: float | None) -> float:
    return 1 + SLOWER_BY_WAITING * min(waiting or 0.0, MOST_WAITING)


def _computing_of(probe: Probe) -> float:
    """Return the duration of the probe that computes, in multiples of that on the reference machine."""
    computing = probe.slowdown / _by_waiting(probe.waiting)
    walk = (probe.walking or 0.0) / USUAL_WALK
    if walk <= computing:
        return computing
    longest = computing * math.pow(USUAL_WALK / LONGEST_WALK, SLOWER_BY_MEMORY)
    return max(longest, math.pow(computing / math.pow(walk, SLOWER_BY_MEMORY), 1 / (1 - SLOWER_BY_MEMORY)))


def probe_cpu_s(probe: Probe) -> float:
    """Return the CPU seconds that the probes took at one moment."""
    if probe.walking is None:
        return probe.slowdown * ONE_PROBE_S
    return _computing_of(probe) * COMPUTING_REFERENCE_S + probe.walking * WALKING_REFERENCE_S


def reference_j(cpu_s: float, slowdown: float | None) -> float:
    """Return the reference energy (J) of CPU seconds at a slowdown. An unknown slowdown (None) counts as 1."""
    return cpu_s * REFERENCE_J_PER_CPU_S / (slowdown**ELASTICITY if slowdown else 1.0)


def full_speed_of_run(probes: Sequence[Probe]) -> float | None:
    """Return the slowdown of the machine at its full speed: the 2nd percentile of the probes. None without probes."""
    if not probes:
        return None
    ordered = sorted(p.slowdown for p in probes)
    return ordered[int(0.02 * (len(ordered) - 1))]


def clean_share(probes: Sequence[Probe], slack: float = 0.0) -> float | None:
    """Return the share (0..1) of probes with the machine at full speed. None without probes.

    At full speed, a probe takes at most ``CLEAN_RATIO`` times its duration at full speed, the thread hardly waits for
    a CPU, and memory answers as usual. All limits are wider by ``slack``, a ratio.
    """
    best = full_speed_of_run(probes)
    if best is None:
        return None
    limit = 1 + slack
    clean = sum(
        p.slowdown <= CLEAN_RATIO * best * limit
        and (p.waiting or 0.0) <= CLEAN_WAITING * limit
        and (p.walking or 0.0) <= CLEAN_WALK * _computing_of(p) * limit
        for p in probes
    )
    return clean / len(probes)


class SpeedTrack:
    """The speed probes of one worker in order of time: the slowdown before, during and after any interval.

    The two loops tell of the moment at which they ran, so they stand for the time before and after it. The
    waiting is that since the last probes, so it counts for the time before them alone. ``afters`` are the slowdowns at
    the end of the time before each run of the probes, and ``befores`` those at the beginning of the time that follows.
    After the last run nobody knows how long the thread waited; it counts as before.
    """

    def __init__(self, probes: Sequence[Probe]) -> None:
        ordered = sorted(probes, key=lambda p: p.at_s)
        self._times = [p.at_s for p in ordered]
        self.afters = [p.slowdown for p in ordered]
        by_waiting = [_by_waiting(p.waiting) for p in ordered]
        moments = [slowdown / factor for slowdown, factor in zip(self.afters, by_waiting, strict=True)]
        self.befores = [
            moment * factor for moment, factor in zip(moments, by_waiting[1:] + by_waiting[-1:], strict=True)
        ]
        self._between = [
            *self.afters[:1],
            *((before + after) / 2 for before, after in zip(self.befores, self.afters[1:], strict=False)),
            *self.befores[-1:],
        ]
        """The slowdown before the first run of the probes, between each two, and after the last."""

    def slowdowns_around(self, start_s: float, end_s: float) -> tuple[float | None, float | None]:
        """Return the slowdowns at the beginning and at the end of an interval, each None without a probe there."""
        before = bisect_right(self._times, start_s) - 1
        after = bisect_left(self._times, end_s)
        return (
            self.befores[before] if before >= 0 else None,
            self.afters[after] if after < len(self.afters) else None,
        )

    def mean_slowdown(self, start_s: float, end_s: float) -> float | None:
        """Return the mean slowdown over the times between probes that an interval touches; None without probes."""
        first, last = bisect_right(self._times, start_s), bisect_left(self._times, end_s)
        touched = self._between[first : max(first, last) + 1] if self._times else []
        return sum(touched) / len(touched) if touched else None
