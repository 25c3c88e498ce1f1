"""Joules -> grams: PUE, grid, embodied, each with its range."""

from __future__ import annotations

from pytest_carbon.core.model import Footprint, GridFactor, MachineSpec, Range
from pytest_carbon.core.quantities import J_PER_KWH

COUNTER_SPREAD = (0.95, 1.5)
"""Counted joules are those of CPU package, modelled RAM and GPU: good to some per cent for what they see, and
without board, storage and power supply losses, which the upper bound allows for."""


def footprint(
    energy_j: float,
    duration_s: float,
    spec: MachineSpec,
    grid: GridFactor,
    *,
    counter: bool,
) -> Footprint:
    """Return joules, operational and embodied grams of a run.

    Operational grams are energy x PUE x grid factor and embodied grams the machine share's grams an hour for
    the hours of the run, as in the Software Carbon Intensity specification 1.1 (ISO/IEC 21031:2024), O and
    M; bounds multiply, so a range is as wide as all its parts at their worst.
    """
    low, high = COUNTER_SPREAD if counter else spec.spread
    joules = Range(energy_j, energy_j * low, energy_j * high)
    operational = Range(
        *(j * pue * factor / J_PER_KWH for j, pue, factor in zip(joules, spec.pue, grid.g_per_kwh, strict=True))
    )
    hours = duration_s / 3600
    return Footprint(joules, operational, Range(*(g * hours for g in spec.embodied_g_per_h)))
