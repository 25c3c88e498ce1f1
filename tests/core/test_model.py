"""The computed properties of the shared values."""

from __future__ import annotations

import pytest

from pytest_carbon.core.model import CodeCarbonReading, Footprint, GridFactor, Range


def test_codecarbon_total_is_cpu_ram_and_gpu() -> None:
    """The total joules of a CodeCarbon reading are the sum of its three parts."""
    assert CodeCarbonReading(9.0, 4.0, 2.0, 1.0).total_j == 7.0


@pytest.mark.parametrize(("assumed", "expected"), [(False, 381.0), (True, None)])
def test_assumed_grid_has_no_known_factor(assumed: bool, expected: float | None) -> None:
    """The factor of a configured zone is known; that of the assumed world average is not."""
    factor = GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, assumed)
    assert factor.known_g_per_kwh == expected


def test_emissions_are_operational_and_embodied_with_their_bounds() -> None:
    """The central figures, the low bounds and the high bounds are each added."""
    footprint = Footprint(Range(9.0, 9.0, 9.0), Range(3.0, 1.0, 8.0), Range(0.5, 0.25, 2.0))
    assert footprint.emissions_g == Range(3.5, 1.25, 10.0)
