"""Turns CPU readings, or an energy counter, into energy windows: intervals with their base and dynamic joules."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from pytest_carbon.core.model import CodeCarbonReading, CpuReading, EnergyWindow, MachineSpec, Measurement, Range

WINDOW_S = 1.0
"""Length of an energy window. The kernel counts CPU time in ticks of 10 ms, which are 1 % of a window."""

CLOCK_EXPONENT = 2.5
"""At low load, dynamic power is proportional to the clock to this power: between 1 (fixed voltage) and 3 (voltage
proportional to the clock). benchmarks/power_curve.py checks it."""

FULL_CLOCK = 0.9
"""A clock from this share of the highest on is a full clock: with all cores at work, few CPUs reach their turbo."""

MEMORY_SHARE = Range(0.6, 0.0, 1.3)
"""What memory takes, as shares of CodeCarbon's guess of 5 W for each module that it assumes. For 16 to 128 GB, 0.284
W/GB (Boavizta) is 0.45 to 0.95 of it, 0.392 W/GB (Cloud Carbon Footprint) 0.6 to 1.3; memory at rest takes little."""


def curve_watts(points: Sequence[tuple[float, float]], utilisation: float) -> float:
    """Return the watts of a power curve at a utilisation (0..1).

    ``points`` are (utilisation, watts) with rising utilisation. The curve is straight between its points and constant
    beyond its ends.
    """
    u = min(1.0, max(0.0, utilisation))
    if u <= points[0][0]:
        return points[0][1]
    for (u0, w0), (u1, w1) in pairwise(points):
        if u <= u1:
            return w0 + (w1 - w0) * (u - u0) / (u1 - u0)
    return points[-1][1]


def machine_watts(spec: MachineSpec, utilisation: float, clock: float | None) -> float:
    """Return a machine's watts at a utilisation (0..1) and a clock of its busy CPUs (share of the highest, or None).

    The clock counts less the higher the utilisation: the full watts were taken at the clock that full load has.
    """
    idle = spec.watts[0][1]
    power = curve_watts(spec.watts, utilisation)
    if spec.scales_with_frequency and clock is not None:
        weight = CLOCK_EXPONENT * (1 - min(1.0, max(0.0, utilisation)))
        return idle + (power - idle) * math.pow(min(1.0, clock / FULL_CLOCK), weight)
    return power


def _thin_out(readings: Sequence[CpuReading], width_s: float) -> list[CpuReading]:
    """Return the first and the last reading and, between them, about one reading per ``width_s``."""
    edges = [readings[0]]
    for reading in readings[1:]:
        if reading.at_s - edges[-1].at_s >= width_s:
            edges.append(reading)
    if edges[-1] is not readings[-1]:
        if len(edges) > 1 and readings[-1].at_s - edges[-1].at_s < width_s / 2:
            edges[-1] = readings[-1]  # a very short last window would be mostly noise of the ticks
        else:
            edges.append(readings[-1])
    return edges


def modelled_windows(readings: Sequence[CpuReading], spec: MachineSpec) -> list[EnergyWindow]:
    """Make energy windows from the utilisation of the machine and its power curve.

    Energy is integrated from reading to reading and summed into windows of ``WINDOW_S``. The mean utilisation of a
    whole window would give a wrong energy, because the curve is not straight.
    """
    idle_w = spec.watts[0][1]
    windows: list[EnergyWindow] = []
    edges = _thin_out(readings, WINDOW_S)
    position = 0
    for first, last in pairwise(edges):
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
    """Return a function from a time to the value of a series (time, value).

    The series is straight between its points and constant beyond its ends.
    """
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
    """Make energy windows from the joules that CodeCarbon counted, and those that are modelled for memory.

    Base power is the lowest mean power of a window that the counts cover. Time before the first count and after the
    last is filled in with this base power and the run's own joules per busy second; the caller says so in the report.
    """
    energy = interpolate_series([(c.at_s, c.counted_j + MEMORY_SHARE.central * c.ram_j) for c in counted])
    first, last = counted[0].at_s, counted[-1].at_s
    edges = _thin_out(readings, WINDOW_S)
    raw = []
    for a, b in pairwise(edges):
        covered_s = max(0.0, min(b.at_s, last) - max(a.at_s, first))
        raw.append((a, b, covered_s, energy(b.at_s) - energy(a.at_s)))
    covered = [(b.busy_s - a.busy_s, s, j) for a, b, s, j in raw if s > 0.5 * (b.at_s - a.at_s)]
    covered = covered or [(b.busy_s - a.busy_s, s, j) for a, b, s, j in raw if s > 0]
    base_w = max(0.0, min(j / s for _, s, j in covered))
    busy = sum(b for b, _, _ in covered)
    j_per_busy_s = sum(j - base_w * s for _, s, j in covered) / busy if busy > 0 else 0.0
    windows = []
    for a, b, covered_s, energy_j in raw:
        span_s, busy_s = b.at_s - a.at_s, max(0.0, b.busy_s - a.busy_s)
        missing_s = span_s - covered_s
        dynamic_j = max(0.0, energy_j - base_w * covered_s) + j_per_busy_s * busy_s * missing_s / span_s
        base_j = max(0.0, min(base_w * covered_s, energy_j)) + base_w * missing_s
        windows.append(EnergyWindow(a.at_s, b.at_s, base_j, dynamic_j, busy_s, max(0.0, b.tool_s - a.tool_s)))
    return windows


def modelled_memory_j(measurement: Measurement) -> float:
    """Return the joules of memory in the windows of ``counter_windows``: modelled, for no counter counts them."""
    first, last = measurement.codecarbon_readings[0], measurement.codecarbon_readings[-1]
    memory_w = (last.ram_j - first.ram_j) / (last.at_s - first.at_s)
    return MEMORY_SHARE.central * memory_w * (measurement.readings[-1].at_s - measurement.readings[0].at_s)


def uses_counter(measurement: Measurement) -> bool:
    """Return whether CodeCarbon read a hardware counter of the CPU that counted joules during the run."""
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


def counter_stands_still(measurement: Measurement) -> bool:
    """Return whether CodeCarbon read a hardware counter of the CPU again and again, and it never moved."""
    counted = measurement.codecarbon_readings
    read = measurement.codecarbon is not None and measurement.codecarbon.cpu_counter
    return read and len(counted) > 1 and counted[-1].cpu_j <= counted[0].cpu_j


def add_gpu_energy(windows: Sequence[EnergyWindow], counted: Sequence[CodeCarbonReading]) -> list[EnergyWindow]:
    """Add counted GPU joules to the base energy of the windows, which goes to the workers in a span at that time."""
    if len(counted) < 2 or counted[-1].gpu_j <= counted[0].gpu_j:
        return list(windows)
    gpu = interpolate_series([(c.at_s, c.gpu_j) for c in counted])
    return [
        EnergyWindow(w.start_s, w.end_s, w.base_j + gpu(w.end_s) - gpu(w.start_s), w.dynamic_j, w.busy_s, w.tool_s)
        for w in windows
    ]


def energy_windows(measurement: Measurement, spec: MachineSpec) -> list[EnergyWindow]:
    """Turn a measurement into energy windows: counted if a counter was read, else modelled with counted GPU joules.

    Readings of a clock that stood still have no windows.
    """
    if measurement.readings[-1].at_s <= measurement.readings[0].at_s:
        return []
    if uses_counter(measurement):
        return counter_windows(measurement.readings, measurement.codecarbon_readings)
    return add_gpu_energy(modelled_windows(measurement.readings, spec), measurement.codecarbon_readings)
