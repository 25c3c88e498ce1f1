"""Reference energy: the joules that the same work would take on one fixed machine at one fixed speed.

The CPU seconds of identical work vary by up to a factor of two on shared machines. The durations of the speed probes,
two fixed loops of half a millisecond together that run between tests, vary with them; so does the time that the tests
wait for a CPU. Dividing by the slowdown that the loop that computes and the waiting tell, to the power 0.75, removes
most of the variation. Limits and comparisons use the result, because it depends little on the runner and on its other
load. It says nothing about the energy that this machine used, ``energy_j``.
"""

from __future__ import annotations

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

CLEAN_RATIO = 1.12
"""An observation is clean if the probes around it took at most this multiple of their duration at full speed. At 1.15,
identical tests were sometimes 10 % costlier between clean probes. At 1.08, most runs of a noisy machine have no clean
observation."""

CLEAN_WAITING = 0.5
"""The longest wait for a CPU near full speed, in multiples of the time that the thread ran. Alone on a machine a thread
waits for a hundredth of that; where tests had slowed by more than 5 %, for 0.6 and more."""

NEARLY_CLEAN_RATIO = 1.3
"""The same multiple for observations that are good enough if the machine was calm for nearly all of the run."""


def slowdown_of(computing: float, waiting: float | None) -> float:
    """Return how many times slower than the reference machine this one is.

    ``computing`` is the duration of the probe that computes, in multiples of that on the reference machine, and
    ``waiting`` the time that the thread waited for a CPU, in multiples of the time that it ran; None if not known.
    """
    return computing * (1 + SLOWER_BY_WAITING * min(waiting or 0.0, MOST_WAITING))


def probe_cpu_s(probe: Probe) -> float:
    """Return the CPU seconds that the probes took at one moment."""
    if probe.walking is None:
        return probe.slowdown * ONE_PROBE_S
    computing = probe.slowdown / slowdown_of(1.0, probe.waiting)
    return computing * COMPUTING_REFERENCE_S + probe.walking * WALKING_REFERENCE_S


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
    """Return the share (0..1) of probes with the machine near its full speed. None without probes.

    Near full speed, a probe takes at most ``CLEAN_RATIO`` times its duration at full speed and the thread hardly waits.
    Both limits are wider by ``slack``, a ratio.
    """
    best = full_speed_of_run(probes)
    if best is None:
        return None
    slowest, longest = CLEAN_RATIO * best * (1 + slack), CLEAN_WAITING * (1 + slack)
    return sum(p.slowdown <= slowest and (p.waiting or 0.0) <= longest for p in probes) / len(probes)


class SpeedTrack:
    """The speed probes of one worker in order of time: the slowdown before, during and after any interval."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = sorted(probes, key=lambda p: p.at_s)
        self._times = [p.at_s for p in self._probes]

    def slowdowns_around(self, start_s: float, end_s: float) -> tuple[float | None, float | None]:
        """Return the slowdowns of the last probe before an interval and the first after it, each None if missing."""
        before = bisect_right(self._times, start_s) - 1
        after = bisect_left(self._times, end_s)
        return (
            self._probes[before].slowdown if before >= 0 else None,
            self._probes[after].slowdown if after < len(self._probes) else None,
        )

    def mean_slowdown(self, start_s: float, end_s: float) -> float | None:
        """Return the mean slowdown of the probes inside an interval and the nearest on either side; None if none."""
        first = max(0, bisect_right(self._times, start_s) - 1)
        last = min(len(self._probes), bisect_left(self._times, end_s) + 1)
        inside = self._probes[first:last]
        return sum(p.slowdown for p in inside) / len(inside) if inside else None
