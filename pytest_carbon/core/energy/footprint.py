"""Turns joules into grams of CO2e: energy, PUE, grid factor and embodied emissions, each with its range."""

from __future__ import annotations

from pytest_carbon.core.model import Footprint, GridFactor, MachineSpec, Range
from pytest_carbon.core.quantities import J_PER_KWH

COUNTER_SPREAD = (0.95, 1.5)
"""Factors from counted joules to the low and high figure. The joules of CPU package and GPU are counted to within some
per cent and those of RAM are modelled. Board, storage and power supply losses are missing; the high factor allows for
them."""


def footprint(
    energy_j: float,
    duration_s: float,
    spec: MachineSpec,
    grid: GridFactor,
    *,
    counter: bool,
) -> Footprint:
    """Return the joules, operational grams and embodied grams of a run.

    Operational grams are energy x PUE x grid factor. Embodied grams are the machine's grams per hour x the hours of the
    run. They are O and M of the Software Carbon Intensity specification 1.1 (ISO/IEC 21031:2024). Bounds are
    multiplied, so a range assumes that all its factors are at their worst together.
    """
    low, high = COUNTER_SPREAD if counter else spec.spread
    joules = Range(energy_j, energy_j * low, energy_j * high)
    operational = Range(
        *(j * pue * factor / J_PER_KWH for j, pue, factor in zip(joules, spec.pue, grid.g_per_kwh, strict=True))
    )
    hours = duration_s / 3600
    return Footprint(joules, operational, Range(*(g * hours for g in spec.embodied_g_per_h)))
