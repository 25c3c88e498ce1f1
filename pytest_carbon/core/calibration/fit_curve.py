"""Fits a power curve to the readings of a calibration, and states its error from their own spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import mean

from pytest_carbon.core.calibration.load_steps import OTHER_SHARE_SAID, MeterFacts, StepReading
from pytest_carbon.core.energy.power_windows import curve_watts
from pytest_carbon.core.errors import ConfigError

LEAST_FULL = 0.9
LEAST_ERROR = 0.02
"""No meter of watts in a socket, a battery or a CPU is better."""
_BETWEEN = 0.25
"""A curve that is straight between its points errs by the square of their distance: half the distance, a quarter."""
_FLAT = 1.05

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class CalibratedCurve:
    """A power curve of points (utilisation 0..1, watts), its spread, and sentences on how it came about."""

    watts: Points
    spread: tuple[float, float]
    notes: tuple[str, ...]


def fit_curve(readings: Sequence[StepReading], meter: MeterFacts) -> CalibratedCurve:
    """Return the curve through the means of the steps, which never falls.

    The error has four parts, which are added as squares: repeated steps (drift and noise), the lines between steps,
    the meter's resolution, and the least that any meter has. The meter's own range, for what it does not see,
    multiplies it.
    Raises ConfigError if the meter told nothing, or if the machine could not be loaded fully.
    """
    if all(reading.watts <= 0 for reading in readings):
        raise ConfigError(f"{meter.name} told 0 W all the time: it stands still; use another meter (--watts-command)")
    fullest = max(reading.utilisation for reading in readings)
    if fullest < LEAST_FULL:
        raise ConfigError(
            f"with all CPUs at work, the machine was only {fullest:.0%} busy, because a quota, an affinity or "
            "the hypervisor holds this process back; run the calibration on the machine itself, without them"
        )
    steps = _mean_steps(readings)
    if len(steps) < 2:
        raise ConfigError("the machine was equally busy in all steps; end the other processes, and try again")
    curve = _never_falling(_to_the_ends(steps))
    repeats = max(abs(r.watts / curve_watts(curve, r.utilisation) - 1) for r in readings)
    resolution = meter.resolution_w / 2 / max(curve[0][1], 1e-9)
    parts = {
        "repeated steps": repeats,
        "lines between steps": _BETWEEN * _bend(curve),
        "resolution of the meter": min(resolution, 1.0),
    }
    error = min(0.9, math.hypot(LEAST_ERROR, *parts.values()))
    spread = (_down(meter.low * (1 - error)), _up(meter.high * (1 + error)))
    return CalibratedCurve(_rounded(curve), spread, tuple(_notes(readings, curve, parts)))


def _mean_steps(readings: Sequence[StepReading]) -> Points:
    steps = []
    for _, group in groupby(sorted(readings, key=lambda r: r.busy_cpus), key=lambda r: r.busy_cpus):
        same = list(group)
        steps.append((mean(r.utilisation for r in same), mean(r.watts for r in same)))
    steps.sort()
    return tuple(point for point, later in pairwise([*steps, (math.inf, 0.0)]) if later[0] - point[0] > 0.005)


def _to_the_ends(steps: Points) -> Points:
    """Return the steps from 0 to 1: what is missing below and above continues the line of the two nearest steps."""
    (u0, w0), (u1, w1) = steps[0], steps[1]
    (u2, w2), (u3, w3) = steps[-2], steps[-1]
    idle_w = max(0.0, w0 - max(0.0, (w1 - w0) / (u1 - u0)) * u0)
    full_w = w3 + max(0.0, (w3 - w2) / (u3 - u2)) * (1 - u3)
    return ((0.0, idle_w), *steps[1:-1], (1.0, full_w))


def _never_falling(points: Points) -> Points:
    """Return the nearest curve that never falls: neighbours that fall are replaced by their mean (pool adjacent)."""
    pools: list[list[float]] = []
    for _, watts in points:
        pools.append([watts])
        while len(pools) > 1 and mean(pools[-2]) > mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    level = [mean(pool) for pool in pools for _ in pool]
    return tuple((u, watts) for (u, _), watts in zip(points, level, strict=True))


def _bend(curve: Points) -> float:
    """Return by how much a point in the middle is off the line of its neighbours, at most."""
    off = [
        abs(curve[n][1] / curve_watts((curve[n - 1], curve[n + 1]), curve[n][0]) - 1) for n in range(1, len(curve) - 1)
    ]
    return max(off, default=0.0)


def _notes(readings: Sequence[StepReading], curve: Points, parts: dict[str, float]) -> list[str]:
    notes = ["error: " + ", ".join(f"{name} {share:.1%}" for name, share in parts.items())]
    other = max(r.other_share for r in readings)
    if other > OTHER_SHARE_SAID:
        notes.append(f"other processes took up to {other:.0%} of the machine's CPU time, which is in the watts")
    if curve[-1][1] < _FLAT * curve[0][1]:
        notes.append("the watts hardly rise with the load: is this the meter of this machine?")
    return notes


def _rounded(curve: Points) -> Points:
    return tuple((round(u, 4), float(f"{watts:.4g}")) for u, watts in curve)


def _down(factor: float) -> float:
    return math.floor(100 * factor) / 100


def _up(factor: float) -> float:
    return math.ceil(100 * factor) / 100
