"""Turns joules into grams of CO2e: energy, PUE, grid factor and embodied emissions, each with its range."""

from __future__ import annotations

from pytest_carbon.core.energy.power_windows import MEMORY_SHARE
from pytest_carbon.core.model import Footprint, GridFactor, MachineSpec, Range
from pytest_carbon.core.quantities import J_PER_KWH

COUNTER_SPREAD = (0.95, 1.5)
"""Factors from counted joules to the low and high figure. The joules of CPU package and GPU are counted to within some
per cent. Board, storage and power supply losses are missing; the high factor allows for them. Memory has a range of its
own, ``MEMORY_SHARE``."""


def footprint(
    energy_j: float,
    duration_s: float,
    spec: MachineSpec,
    grid: GridFactor,
    *,
    counter: bool,
    memory_j: float = 0.0,
) -> Footprint:
    """Return the joules, operational grams and embodied grams of a run.

    With a ``counter``, ``memory_j`` of the joules are modelled for memory, and all others were counted.

    Operational grams are energy x PUE x grid factor. Embodied grams are the machine's grams per hour x the hours of the
    run. They are O and M of the Software Carbon Intensity specification 1.1 (ISO/IEC 21031:2024). Bounds are
    multiplied, so a range assumes that all its factors are at their worst together.
    """
    joules = (
        _counted_range(energy_j, memory_j)
        if counter
        else Range(energy_j, *(energy_j * factor for factor in spec.spread))
    )
    operational = Range(
        *(j * pue * factor / J_PER_KWH for j, pue, factor in zip(joules, spec.pue, grid.g_per_kwh, strict=True))
    )
    hours = duration_s / 3600
    return Footprint(joules, operational, Range(*(g * hours for g in spec.embodied_g_per_h)))


def _counted_range(energy_j: float, memory_j: float) -> Range:
    """Return the range of counted joules with those of memory; what was counted always lies inside of it."""
    counted_j, (low, high) = energy_j - memory_j, COUNTER_SPREAD
    least, most = (memory_j * bound / MEMORY_SHARE.central for bound in MEMORY_SHARE[1:])
    return Range(energy_j, counted_j * low + least, counted_j * high + most)
