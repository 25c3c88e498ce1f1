"""Energy windows from CPU readings and from counted joules."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.power_windows import (
    add_gpu_energy,
    counter_windows,
    curve_watts,
    energy_windows,
    interpolate_series,
    machine_watts,
    modelled_memory_j,
    modelled_windows,
    uses_counter,
)
from pytest_carbon.core.model import (
    CodeCarbonInfo,
    CodeCarbonReading,
    CpuReading,
    EnergyWindow,
    MachineSpec,
    Measurement,
    Range,
)

LAW = settings(max_examples=150, deadline=None)
ONE = Range(1.0, 1.0, 1.0)
CURVE = ((0.0, 2.0), (0.5, 8.0), (1.0, 10.0))
SPEC = MachineSpec("test bench", CURVE, (1.0, 1.0), ONE, ONE, "by hand")
SCALING = MachineSpec("laptop", ((0.0, 2.0), (1.0, 10.0)), (1.0, 1.0), ONE, ONE, "by hand", scales_with_frequency=True)


def _info(*, cpu_counter: bool) -> CodeCarbonInfo:
    return CodeCarbonInfo("3.3.2", ("CPU", "RAM"), cpu_counter)


def _reading(at_s: float, busy_s: float, cpus: int = 1, tool_s: float = 0.0) -> CpuReading:
    return CpuReading(at_s, busy_s, 0.0, at_s * cpus, tool_s)


@pytest.mark.parametrize(
    ("utilisation", "expected"),
    [(-1.0, 2.0), (0.0, 2.0), (0.25, 5.0), (0.5, 8.0), (0.75, 9.0), (1.0, 10.0), (7.0, 10.0)],
)
def test_curve_is_read_between_its_points(utilisation: float, expected: float) -> None:
    """The curve is straight between its points and constant beyond its ends."""
    assert curve_watts(CURVE, utilisation) == expected


@pytest.mark.parametrize(
    ("spec", "clock", "expected"),
    [
        pytest.param(SCALING, 0.45, 2 + 4 * 0.5**1.25, id="half of a full clock"),
        pytest.param(SCALING, 0.9, 6.0, id="full clock of all cores"),
        pytest.param(SCALING, 1.3, 6.0, id="above full clock counts as full"),
        pytest.param(SCALING, None, 6.0, id="clock unknown"),
        pytest.param(SPEC, 0.25, 8.0, id="a measured curve is not scaled"),
    ],
)
def test_clock_scales_dynamic_power_only(spec: MachineSpec, clock: float | None, expected: float) -> None:
    """A slow clock lowers the dynamic power at half load, unless the curve was measured."""
    assert machine_watts(spec, 0.5, clock) == pytest.approx(expected)


@given(st.floats(0.01, 1.0))
@LAW
def test_idle_and_full_watts_are_met_at_any_clock(clock: float) -> None:
    """The ends are the watts that were given: the machine had its own clock when they were taken."""
    assert machine_watts(SCALING, 0.0, clock) == 2.0
    assert machine_watts(SCALING, 1.0, clock) == 10.0


@given(st.floats(0.01, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@LAW
def test_watts_rise_with_utilisation_at_any_clock(clock: float, one: float, other: float) -> None:
    """More work at the same clock never takes less power."""
    low, high = sorted((one, other))
    assert machine_watts(SCALING, low, clock) <= machine_watts(SCALING, high, clock) + 1e-9


@pytest.mark.parametrize(
    ("time_s", "expected"),
    [(-1.0, 0.0), (0.0, 0.0), (0.5, 1.0), (1.0, 4.0), (1.5, 4.0), (2.0, 4.0), (9.0, 4.0)],
)
def test_series_is_interpolated(time_s: float, expected: float) -> None:
    """The series is straight between its points and constant beyond its ends; at a jump the later value counts."""
    at = interpolate_series([(0.0, 0.0), (1.0, 2.0), (1.0, 4.0), (2.0, 4.0)])
    assert at(time_s) == expected


def test_modelled_windows_integrate_from_reading_to_reading() -> None:
    """Half busy, then idle within one window is 3 J of dynamic energy; the mean utilisation would give more."""
    readings = [
        _reading(0.0, 0.0),
        _reading(0.5, 0.25),
        _reading(1.0, 0.25),
        _reading(1.5, 0.75, tool_s=0.125),
        _reading(2.0, 1.25, tool_s=0.25),
    ]
    expected = [EnergyWindow(0.0, 1.0, 2.0, 3.0, 0.25, 0.0), EnergyWindow(1.0, 2.0, 2.0, 8.0, 1.0, 0.25)]
    assert modelled_windows(readings, SPEC) == expected


def test_utilisation_is_a_share_of_all_cpus() -> None:
    """With one of two CPUs busy the utilisation is a half."""
    readings = [_reading(0.0, 0.0, cpus=2), _reading(1.0, 1.0, cpus=2)]
    assert modelled_windows(readings, SPEC) == [EnergyWindow(0.0, 1.0, 2.0, 6.0, 1.0, 0.0)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([0.0, 0.25], [(0.0, 0.25)], id="short run"),
        pytest.param([0.0, 0.5, 1.0, 1.25], [(0.0, 1.25)], id="no very short last window"),
        pytest.param([0.0, 0.5, 1.0, 1.5], [(0.0, 1.0), (1.0, 1.5)], id="half a window is enough"),
        pytest.param([0.0, 3.0, 3.5, 4.0], [(0.0, 3.0), (3.0, 4.0)], id="a gap in the readings"),
        pytest.param([0.0], [], id="one reading is no window"),
    ],
)
def test_windows_are_about_a_second(times: list[float], expected: list[tuple[float, float]]) -> None:
    """Readings are summed into windows of about a second that follow each other."""
    windows = modelled_windows([_reading(t, 0.0) for t in times], SPEC)
    assert [(w.start_s, w.end_s) for w in windows] == expected


def test_readings_without_cpu_time_count_as_idle() -> None:
    """Between two readings with the same CPU total no energy is dynamic."""
    readings = [CpuReading(0.0, 5.0, 0.0, 9.0), CpuReading(1.0, 5.0, 0.0, 9.0)]
    assert modelled_windows(readings, SPEC) == [EnergyWindow(0.0, 1.0, 2.0, 0.0, 0.0, 0.0)]


BUSY = [_reading(0.0, 0.0), _reading(1.0, 0.5), _reading(2.0, 1.5), _reading(3.0, 1.5)]


def test_counted_joules_above_the_lowest_window_are_dynamic() -> None:
    """The window of lowest power gives the base power; the remaining energy of each window is dynamic."""
    counted = [
        CodeCarbonReading(0.0, 0.0, 0.0, 0.0),
        CodeCarbonReading(1.0, 4.0, 0.0, 6.0),
        CodeCarbonReading(2.0, 14.0, 0.0, 11.0),
        CodeCarbonReading(3.0, 16.0, 0.0, 14.0),
    ]
    expected = [
        EnergyWindow(0.0, 1.0, 5.0, 5.0, 0.5, 0.0),
        EnergyWindow(1.0, 2.0, 5.0, 10.0, 1.0, 0.0),
        EnergyWindow(2.0, 3.0, 5.0, 0.0, 0.0, 0.0),
    ]
    assert counter_windows(BUSY, counted) == expected


def test_memory_beside_a_counter_is_modelled() -> None:
    """CodeCarbon guesses memory by its modules, which is more than they take: its joules count as a share."""
    counted = (CodeCarbonReading(0.0, 0.0, 0.0, 0.0), CodeCarbonReading(2.0, 40.0, 30.0, 0.0))
    measurement = Measurement(0.0, 3.0, tuple(BUSY), counted, _info(cpu_counter=True))
    windows = energy_windows(measurement, SPEC)
    memory_j = modelled_memory_j(measurement)
    assert memory_j == pytest.approx(0.6 * 15 * 3)
    assert sum(w.base_j + w.dynamic_j for w in windows) == pytest.approx(60 + memory_j)


def test_time_before_the_first_count_is_filled_in() -> None:
    """Time before the first count gets base power and the run's joules per busy second."""
    counted = [
        CodeCarbonReading(1.0, 0.0, 0.0, 0.0),
        CodeCarbonReading(2.0, 15.0, 0.0, 0.0),
        CodeCarbonReading(3.0, 20.0, 0.0, 0.0),
    ]
    windows = counter_windows(BUSY, counted)
    assert windows[0] == EnergyWindow(0.0, 1.0, 5.0, 5.0, 0.5, 0.0)
    assert sum(w.base_j + w.dynamic_j for w in windows) == 30.0


def test_counts_outside_the_run_are_not_used() -> None:
    """Counts outside the time of the readings leave the run to the model."""
    counted = (CodeCarbonReading(50.0, 1.0, 0.0, 0.0), CodeCarbonReading(51.0, 9.0, 0.0, 0.0))
    measurement = Measurement(0.0, 3.0, tuple(BUSY), counted, _info(cpu_counter=True))
    windows = energy_windows(measurement, SPEC)
    assert sum(w.base_j + w.dynamic_j for w in windows) > 0


TWO = (CodeCarbonReading(0.0, 1.0, 0.0, 0.0), CodeCarbonReading(3.0, 31.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("info", "counted", "expected"),
    [
        pytest.param(_info(cpu_counter=True), TWO, True, id="counter"),
        pytest.param(_info(cpu_counter=False), TWO, False, id="CodeCarbon models"),
        pytest.param(None, TWO, False, id="CodeCarbon sent no description"),
        pytest.param(_info(cpu_counter=True), TWO[:1], False, id="one count"),
        pytest.param(_info(cpu_counter=True), (TWO[0], TWO[0]), False, id="counter stands still"),
    ],
)
def test_counter_is_used_when_it_counted(
    info: CodeCarbonInfo | None, counted: tuple[CodeCarbonReading, ...], expected: bool
) -> None:
    """Only a hardware counter whose joules rose during the run is used."""
    measurement = Measurement(0.0, 3.0, tuple(BUSY), counted, info)
    assert uses_counter(measurement) is expected
    total_j = sum(w.base_j + w.dynamic_j for w in energy_windows(measurement, SPEC))
    assert total_j == pytest.approx(30.0 if expected else 2 * 3 + 6 + 8)


def test_gpu_joules_are_added_to_base() -> None:
    """Counted GPU joules are added to the base energy of the windows in which they were spent."""
    windows = [EnergyWindow(0.0, 1.0, 2.0, 1.0, 1.0, 0.0), EnergyWindow(1.0, 2.0, 2.0, 0.0, 0.0, 0.0)]
    counted = [CodeCarbonReading(0.0, 0.0, 0.0, 10.0), CodeCarbonReading(2.0, 0.0, 0.0, 16.0)]
    assert [w.base_j for w in add_gpu_energy(windows, counted)] == [5.0, 5.0]
    assert add_gpu_energy(windows, counted[:1]) == windows
    assert add_gpu_energy(windows, []) == windows


def _steps(limit: float) -> st.SearchStrategy[list[tuple[float, float, float]]]:
    amount = st.one_of(st.just(0.0), st.floats(0.01, limit))  # the kernel counts ticks of 10 ms
    step = st.tuples(st.floats(0.01, 2.0), amount, amount)
    return st.lists(step, min_size=1, max_size=12)


@LAW
@given(_steps(4.0), st.sampled_from([1, 4]))
def test_modelled_windows_have_no_gaps_and_nothing_negative(steps: list[tuple[float, float, float]], cpus: int) -> None:
    """Windows cover the time of the readings without gaps, and no figure is below zero."""
    readings = [CpuReading(0.0, 0.0, 0.0, 0.0)]
    for length, busy, tool in steps:
        last = readings[-1]
        readings.append(
            CpuReading(last.at_s + length, last.busy_s + busy, 0.0, last.total_s + length * cpus, last.tool_s + tool)
        )
    windows = modelled_windows(readings, SPEC)
    assert (windows[0].start_s, windows[-1].end_s) == (0.0, readings[-1].at_s)
    assert all(a.end_s == b.start_s for a, b in pairwise(windows))
    assert min(min(w.base_j, w.dynamic_j, w.busy_s, w.tool_s) for w in windows) >= 0


@LAW
@given(_steps(50.0))
def test_counted_joules_are_neither_lost_nor_made(steps: list[tuple[float, float, float]]) -> None:
    """If the counts cover the run, the windows sum to the counted joules."""
    readings, counted = [CpuReading(0.0, 0.0, 0.0, 0.0)], [CodeCarbonReading(0.0, 0.0, 0.0, 0.0)]
    for length, busy, joules in steps:
        last = readings[-1]
        readings.append(CpuReading(last.at_s + length, last.busy_s + busy, 0.0, last.total_s + length))
        counted.append(CodeCarbonReading(last.at_s + length, counted[-1].cpu_j + joules, 0.0, 0.0))
    windows = counter_windows(readings, counted)
    total_j = sum(w.base_j + w.dynamic_j for w in windows)
    assert total_j == pytest.approx(counted[-1].cpu_j, rel=1e-6, abs=1e-9)
    assert min(min(w.base_j, w.dynamic_j) for w in windows) >= 0


def test_a_clock_that_stood_still_has_no_windows() -> None:
    """The energy of such a run is unknown."""
    stood = (_reading(1.0, 0.0), _reading(1.0, 2.0))
    assert energy_windows(Measurement(1.0, 1.0, stood, (), None), SPEC) == []
