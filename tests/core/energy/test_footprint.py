"""Joules to grams, with their ranges."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.footprint import footprint
from pytest_carbon.core.model import Footprint, GridFactor, MachineSpec, Range

LAW = settings(max_examples=100, deadline=None)
SPEC = MachineSpec("bench", ((0.0, 1.0), (1.0, 2.0)), (0.5, 2.0), Range(1.2, 1.0, 1.5), Range(3.0, 1.0, 9.0), "by hand")
GRID = GridFactor("DE", Range(400.0, 200.0, 600.0), "by hand", 2024, False)


def _near(actual: Range, expected: tuple[float, float, float]) -> None:
    assert tuple(actual) == pytest.approx(expected, rel=1e-12)


def test_a_kilowatt_hour_in_half_an_hour() -> None:
    """Operational is energy x PUE x grid factor, embodied is grams per hour x hours, and bounds are multiplied."""
    made = footprint(3_600_000.0, 1800.0, SPEC, GRID, counter=False)
    _near(made.energy_j, (3_600_000.0, 1_800_000.0, 7_200_000.0))
    _near(made.operational_g, (480.0, 100.0, 1800.0))
    _near(made.embodied_g, (1.5, 0.5, 4.5))
    _near(made.emissions_g, (481.5, 100.5, 1804.5))


def test_counted_energy_has_the_range_of_a_counter() -> None:
    """The bounds of counted energy come from ``COUNTER_SPREAD``, not from the machine table."""
    made = footprint(1000.0, 10.0, SPEC, GRID, counter=True)
    _near(made.energy_j, (1000.0, 950.0, 1500.0))


@pytest.mark.parametrize("memory_j", [0.0, 60.0, 600.0, 1e6])
def test_what_was_counted_lies_in_the_range(memory_j: float) -> None:
    """Memory beside a counter is modelled: it has a range of its own, and may have taken nothing."""
    made = footprint(1000.0 + memory_j, 10.0, SPEC, GRID, counter=True, memory_j=memory_j)
    _near(made.energy_j, (1000.0 + memory_j, 950.0, 1500.0 + memory_j * 1.3 / 0.6))
    assert made.energy_j.low <= 1000.0 <= made.energy_j.high


def test_run_without_energy_and_time_has_no_footprint() -> None:
    """A run of no energy and no time emits nothing."""
    zero = Range(0.0, 0.0, 0.0)
    assert footprint(0.0, 0.0, SPEC, GRID, counter=False) == Footprint(zero, zero, zero)


@LAW
@given(
    st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e6)), min_size=1, max_size=8),
    st.booleans(),
    st.floats(0, 1),
)
def test_parts_of_a_run_sum_to_its_footprint(parts: list[tuple[float, float]], counter: bool, share: float) -> None:
    """The grams of the parts sum to the grams of the whole, and the central figure lies within its range."""

    def emissions_g(energy_j: float, seconds: float) -> Range:
        return footprint(energy_j, seconds, SPEC, GRID, counter=counter, memory_j=share * energy_j).emissions_g

    whole = emissions_g(sum(j for j, _ in parts), sum(s for _, s in parts))
    each = [emissions_g(j, s) for j, s in parts]
    assert sum(e.central for e in each) == pytest.approx(whole.central, rel=1e-6, abs=1e-12)
    assert 0 <= whole.low <= whole.central <= whole.high
