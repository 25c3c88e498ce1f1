"""From how busy the machine was, or what its counters say, to joules: base and dynamic, window by window."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from pytest_carbon.core.model import CodeCarbonReading, CpuReading, EnergyWindow, MachineSpec, Measurement

WINDOW_S = 1.0
"""Attribution works on windows of a second: the kernel counts CPU time in ticks of 10 ms, 1 % of a window."""

FREQUENCY_EXPONENT = 2.0
"""Dynamic power against clock frequency: half way between 1 (voltage fixed) and 3 (voltage follows the clock).
Checked in benchmarks/power_curve.py."""


def curve_watts(points: Sequence[tuple[float, float]], utilisation: float) -> float:
    """Read a power curve (rising utilisation 0..1, watts) between its points; outside them its ends hold."""
    u = min(1.0, max(0.0, utilisation))
    if u <= points[0][0]:
        return points[0][1]
    for (u0, w0), (u1, w1) in pairwise(points):
        if u <= u1:
            return w0 + (w1 - w0) * (u - u0) / (u1 - u0)
    return points[-1][1]


def machine_watts(spec: MachineSpec, utilisation: float, frequency: float | None) -> float:
    """Return a machine's watts at a utilisation (0..1) and, where it is known, a share of its full clock."""
    idle = spec.watts[0][1]
    power = curve_watts(spec.watts, utilisation)
    if spec.scales_with_frequency and frequency is not None:
        return idle + (power - idle) * math.pow(min(1.0, frequency), FREQUENCY_EXPONENT)
    return power


def _thin_out(readings: Sequence[CpuReading], width_s: float) -> list[CpuReading]:
    """Keep the first and last reading and, between them, one about every ``width_s``."""
    kept = [readings[0]]
    for reading in readings[1:]:
        if reading.at_s - kept[-1].at_s >= width_s:
            kept.append(reading)
    if kept[-1] is not readings[-1]:
        if len(kept) > 1 and readings[-1].at_s - kept[-1].at_s < width_s / 2:
            kept[-1] = readings[-1]  # no sliver at the end: its ticks would be mostly noise
        else:
            kept.append(readings[-1])
    return kept


def modelled_windows(readings: Sequence[CpuReading], spec: MachineSpec) -> list[EnergyWindow]:
    """Make windows from the machine's utilisation and its power curve.

    Energy is integrated at the readings' own pace (the curve is not straight, so a mean over a window would
    be off) and summed into windows of ``WINDOW_S``.
    """
    idle_w = spec.watts[0][1]
    windows: list[EnergyWindow] = []
    kept = _thin_out(readings, WINDOW_S)
    position = 0
    for first, last in pairwise(kept):
        dynamic_j = 0.0
        while readings[position] is not last:
            a, b = readings[position], readings[position + 1]
            total = b.total_s - a.total_s
            utilisation = (b.busy_s - a.busy_s) / total if total > 0 else 0.0
            dynamic_j += (machine_watts(spec, utilisation, b.frequency) - idle_w) * (b.at_s - a.at_s)
            position += 1
        span_s = last.at_s - first.at_s
        windows.append(
            EnergyWindow(
                first.at_s,
                last.at_s,
                idle_w * span_s,
                max(0.0, dynamic_j),
                max(0.0, last.busy_s - first.busy_s),
                max(0.0, last.tool_s - first.tool_s),
            )
        )
    return windows


def interpolate_series(points: Sequence[tuple[float, float]]) -> Callable[[float], float]:
    """Return a function that reads a cumulative series (time, value) at any time, straight between points."""
    times = [t for t, _ in points]

    def at(time_s: float) -> float:
        index = bisect_right(times, time_s)
        if index == 0:
            return points[0][1]
        if index == len(points):
            return points[-1][1]
        (t0, v0), (t1, v1) = points[index - 1], points[index]
        return v0 + (v1 - v0) * (time_s - t0) / (t1 - t0)

    return at


def counter_windows(readings: Sequence[CpuReading], counted: Sequence[CodeCarbonReading]) -> list[EnergyWindow]:
    """Make windows from counted joules.

    Base power is the lowest that any covered window showed. Time before the first and after the last count is
    filled with that base and the run's own joules per busy second; the caller says so in the report.
    """
    energy = interpolate_series([(c.at_s, c.total_j) for c in counted])
    first, last = counted[0].at_s, counted[-1].at_s
    kept = _thin_out(readings, WINDOW_S)
    raw = []
    for a, b in pairwise(kept):
        covered_s = max(0.0, min(b.at_s, last) - max(a.at_s, first))
        raw.append((a, b, covered_s, energy(b.at_s) - energy(a.at_s)))
    whole = [(b.busy_s - a.busy_s, s, j) for a, b, s, j in raw if s > 0.5 * (b.at_s - a.at_s)]
    whole = whole or [(b.busy_s - a.busy_s, s, j) for a, b, s, j in raw if s > 0]
    base_w = max(0.0, min(j / s for _, s, j in whole))
    busy = sum(b for b, _, _ in whole)
    j_per_busy_s = sum(j - base_w * s for _, s, j in whole) / busy if busy > 0 else 0.0
    windows = []
    for a, b, covered_s, energy_j in raw:
        span_s, busy_s = b.at_s - a.at_s, max(0.0, b.busy_s - a.busy_s)
        missing_s = span_s - covered_s
        dynamic_j = max(0.0, energy_j - base_w * covered_s) + j_per_busy_s * busy_s * missing_s / span_s
        base_j = max(0.0, min(base_w * covered_s, energy_j)) + base_w * missing_s
        windows.append(EnergyWindow(a.at_s, b.at_s, base_j, dynamic_j, busy_s, max(0.0, b.tool_s - a.tool_s)))
    return windows


def uses_counter(measurement: Measurement) -> bool:
    """Say whether CodeCarbon read a hardware counter for the CPU, and counted something with it."""
    counted = measurement.codecarbon_readings
    return (
        measurement.codecarbon is not None
        and measurement.codecarbon.cpu_counter
        and len(counted) > 1
        and counted[-1].cpu_j > counted[0].cpu_j
        and len(measurement.readings) > 1
        and counted[0].at_s < measurement.readings[-1].at_s
        and counted[-1].at_s > measurement.readings[0].at_s
    )


def add_gpu_energy(windows: Sequence[EnergyWindow], counted: Sequence[CodeCarbonReading]) -> list[EnergyWindow]:
    """Add counted GPU joules to the windows' base: they belong to whoever runs while they are spent."""
    if len(counted) < 2 or counted[-1].gpu_j <= counted[0].gpu_j:
        return list(windows)
    gpu = interpolate_series([(c.at_s, c.gpu_j) for c in counted])
    return [
        EnergyWindow(w.start_s, w.end_s, w.base_j + gpu(w.end_s) - gpu(w.start_s), w.dynamic_j, w.busy_s, w.tool_s)
        for w in windows
    ]


def energy_windows(measurement: Measurement, spec: MachineSpec) -> list[EnergyWindow]:
    """Turn a measurement into windows: counted where a counter was read, else modelled, GPU counted."""
    if uses_counter(measurement):
        return counter_windows(measurement.readings, measurement.codecarbon_readings)
    return add_gpu_energy(modelled_windows(measurement.readings, spec), measurement.codecarbon_readings)
