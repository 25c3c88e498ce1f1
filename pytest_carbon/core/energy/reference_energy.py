"""Reference energy: what the same work would take on one fixed machine at one fixed speed.

CPU seconds of identical work move by up to a factor of two on shared machines. A fixed loop of about a
millisecond, run between tests, moves with them; dividing by its slowdown to the power 0.75 takes most of
that out. The result hardly moves with the runner, the neighbours or the weather, so it is what limits and
comparisons look at. It is a yardstick, not a claim about this machine: located energy is ``energy_j``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pytest_carbon.core.model import Probe

REFERENCE_J_PER_CPU_S = 2.045
"""Joules per CPU second of the reference machine: a 4-vCPU share of an AMD EPYC 7763 server takes 8.18 W at
full load (Eco CI v5.3, machine-power-data, from SPECpower; within 4 % of SPECpower results of that CPU)."""

PROBE_REFERENCE_S = 0.001
"""The reference machine runs the probe's loop in one millisecond of CPU time."""

ELASTICITY = 0.75
"""When the probe runs x times slower, real test suites run about x**0.75 times slower. Over 70 recorded runs of the
suites of click and jinja2 on a shared 2-vCPU machine, whose CPU time varied by 15 to 25 %, this exponent left 4 to 6 %
(0.65 left 5 to 9 %); regression over those and networkx gives 0.57 to 0.75, which noise in the probe biases low."""

CLEAN_RATIO = 1.12
"""An observation is clean when the probes around it took at most this times what they take at full speed. At 1.15 the
same tests were now and then 10 % costlier between clean probes; at 1.08 most runs of a noisy machine show nothing."""

NEARLY_CLEAN_RATIO = 1.3
"""The same for observations that are good enough where the machine was calm nearly all of the time."""


def reference_j(cpu_s: float, slowdown: float | None) -> float:
    """Return the reference energy of CPU seconds used while the probe ran ``slowdown`` times slower."""
    return cpu_s * REFERENCE_J_PER_CPU_S / (slowdown**ELASTICITY if slowdown else 1.0)


def full_speed(probes: Sequence[Probe]) -> float | None:
    """Return the slowdown at the machine's own full speed: the 2nd percentile of the run's probes."""
    if not probes:
        return None
    ordered = sorted(p.slowdown for p in probes)
    return ordered[int(0.02 * (len(ordered) - 1))]


def clean_share(probes: Sequence[Probe]) -> float | None:
    """Return the share of probes that found the machine near its full speed (0..1); None without probes."""
    best = full_speed(probes)
    if best is None:
        return None
    return sum(p.slowdown <= CLEAN_RATIO * best for p in probes) / len(probes)


class SpeedTrack:
    """The probes of one worker, in time: how fast the machine was before and after any stretch."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = sorted(probes, key=lambda p: p.at_s)
        self._times = [p.at_s for p in self._probes]

    def slowdowns_around(self, start_s: float, end_s: float) -> tuple[float | None, float | None]:
        """Return the slowdowns of the last probe before and the first after, where there are such."""
        before = bisect_right(self._times, start_s) - 1
        after = bisect_left(self._times, end_s)
        return (
            self._probes[before].slowdown if before >= 0 else None,
            self._probes[after].slowdown if after < len(self._probes) else None,
        )

    def mean_slowdown(self, start_s: float, end_s: float) -> float | None:
        """Return the mean slowdown over a stretch: of the probes inside and the nearest on either side."""
        first = max(0, bisect_right(self._times, start_s) - 1)
        last = min(len(self._probes), bisect_left(self._times, end_s) + 1)
        inside = self._probes[first:last]
        return sum(p.slowdown for p in inside) / len(inside) if inside else None
