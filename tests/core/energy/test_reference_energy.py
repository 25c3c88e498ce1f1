"""Reference energy, and the speed probes that correct it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.reference_energy import (
    COMPUTING_REFERENCE_S,
    WALKING_REFERENCE_S,
    SpeedTrack,
    clean_share,
    full_speed_of_run,
    probe_cpu_s,
    reference_j,
    slowdown_of,
)
from pytest_carbon.core.model import Probe

LAW = settings(max_examples=100, deadline=None)
TRACK = SpeedTrack([Probe(30.0, 4.0, "w"), Probe(10.0, 1.0, "w"), Probe(20.0, 2.0, "w")])


@pytest.mark.parametrize(
    ("cpu_s", "slowdown", "expected"),
    [
        pytest.param(0.0, 1.5, 0.0, id="no work"),
        pytest.param(2.0, 1.0, 4.09, id="as fast as the reference"),
        pytest.param(2.0, None, 4.09, id="speed unknown"),
        pytest.param(32768.0, 2.0**20, 2.045, id="slow: 2**20 to the power 0.75 is 2**15"),
        pytest.param(1.0, 2.0**-20, 67010.56, id="fast"),
    ],
)
def test_cpu_seconds_become_reference_joules(cpu_s: float, slowdown: float | None, expected: float) -> None:
    """A CPU second is 2.045 J, and less if the machine was slow."""
    assert reference_j(cpu_s, slowdown) == pytest.approx(expected, rel=1e-12)


@LAW
@given(st.floats(0, 1e6), st.floats(0.1, 100), st.floats(0.1, 100))
def test_slower_machine_never_raises_reference_energy(cpu_s: float, first: float, second: float) -> None:
    """The same CPU seconds on a slower machine are less work."""
    assert reference_j(cpu_s, max(first, second)) <= reference_j(cpu_s, min(first, second))


def _probes(slowdowns: list[float]) -> list[Probe]:
    return [Probe(float(at), slowdown, "w") for at, slowdown in enumerate(slowdowns)]


@pytest.mark.parametrize(
    ("slowdowns", "expected"),
    [
        pytest.param([], None, id="no probes"),
        pytest.param([1.5], 1.5, id="one"),
        pytest.param([2.0, 1.0, 3.0], 1.0, id="few: the fastest"),
        pytest.param([float(n) for n in range(100, 0, -1)], 2.0, id="hundred: the second fastest"),
    ],
)
def test_full_speed_is_a_low_percentile(slowdowns: list[float], expected: float | None) -> None:
    """Full speed is the 2nd percentile of the probes, so that a single lucky probe does not set it."""
    assert full_speed_of_run(_probes(slowdowns)) == expected


@pytest.mark.parametrize(
    ("slowdowns", "expected"),
    [([], None), ([3.0], 1.0), ([1.0, 1.12, 1.1201, 2.0], 0.5), ([2.0, 2.2, 2.2, 2.4], 0.75)],
)
def test_clean_share_is_relative_to_this_machine(slowdowns: list[float], expected: float | None) -> None:
    """A probe is clean up to 1.12 times the slowdown at the machine's own full speed."""
    assert clean_share(_probes(slowdowns)) == expected


def test_a_thread_that_waits_is_not_near_full_speed() -> None:
    """Others fill its caches while it waits for a CPU, which the loops do not see; an unknown wait is no wait."""
    probes = [Probe(float(at), 1.0, "w", 1.5, waiting) for at, waiting in enumerate((None, 0.0, 0.5, 0.51))]
    assert clean_share(probes) == 0.75


def test_a_host_whose_memory_is_busy_from_the_first_probe_to_the_last_is_not_near_full_speed() -> None:
    """Each probe is as slow as the others, but the walk takes far longer than the loop that computes."""
    for walking, expected in ((3.9, 1.0), (4.1, 0.0), (30.0, 0.0)):
        probes = [Probe(float(at), slowdown_of(1.0, None, walking), "", walking) for at in range(4)]
        assert clean_share(probes) == expected


@pytest.mark.parametrize(
    ("computing", "waiting", "walking", "expected"),
    [
        pytest.param(1.5, None, None, 1.5, id="computing alone"),
        pytest.param(1.5, 2.0, 4.5, 1.5 * 1.12, id="a usual walk"),
        pytest.param(1.0, None, 24.0, 8**0.3, id="a walk eight times the usual"),
        pytest.param(2.0, 1.0, 48.0, 2.0 * 8**0.3 * 1.06, id="all three"),
        pytest.param(1.0, 1e6, 1e6, 1.48 * (100 / 3) ** 0.3, id="beyond what was recorded"),
    ],
)
def test_slowdown_of_both_probes_and_waiting(
    computing: float, waiting: float | None, walking: float | None, expected: float
) -> None:
    """The loop that computes tells most; waiting and a long walk make it more."""
    assert slowdown_of(computing, waiting, walking) == pytest.approx(expected)


@given(st.floats(0.1, 20), st.none() | st.floats(0, 20), st.floats(0.01, 5000))
def test_cpu_time_of_a_probe_follows_from_what_it_told(computing: float, waiting: float | None, walking: float) -> None:
    """The slowdown holds the duration of the loop that computes, whatever the other two add."""
    probe = Probe(1.0, slowdown_of(computing, waiting, walking), "", walking, waiting)
    assert probe_cpu_s(probe) == pytest.approx(computing * COMPUTING_REFERENCE_S + walking * WALKING_REFERENCE_S)


@pytest.mark.parametrize(
    ("start_s", "end_s", "around", "mean"),
    [
        pytest.param(11.0, 19.0, (1.0, 2.0), 1.5, id="between two"),
        pytest.param(11.0, 21.0, (1.0, 4.0), 2.25, id="one inside"),
        pytest.param(0.0, 5.0, (None, 1.0), 1.0, id="before the first"),
        pytest.param(40.0, 50.0, (4.0, None), 4.0, id="after the last"),
        pytest.param(10.0, 20.0, (1.0, 2.0), 1.5, id="from probe to probe"),
        pytest.param(0.0, 99.0, (None, None), 2.375, id="all inside"),
    ],
)
def test_slowdown_around_and_inside_an_interval(
    start_s: float, end_s: float, around: tuple[float | None, float | None], mean: float
) -> None:
    """The track gives the nearest probes on both sides, and a mean over the times between probes that are touched."""
    assert TRACK.slowdowns_around(start_s, end_s) == around
    assert TRACK.mean_slowdown(start_s, end_s) == pytest.approx(mean)


@pytest.mark.parametrize(
    ("start_s", "end_s", "around", "mean"),
    [
        pytest.param(1.0, 9.0, (None, 1.0), 1.0, id="before the first"),
        pytest.param(11.0, 19.0, (1.06, 2 * 1.06), 1.59, id="waited as long as it ran"),
        pytest.param(21.0, 29.0, (2.0, 2.0), 2.0, id="after that"),
        pytest.param(31.0, 39.0, (2.0, None), 2.0, id="after the last"),
    ],
)
def test_waiting_counts_for_the_time_in_which_the_thread_waited(
    start_s: float, end_s: float, around: tuple[float | None, float | None], mean: float
) -> None:
    """The loop that computes tells of a moment and counts on both sides; the waiting is that since the last probe."""
    waited = SpeedTrack(
        [Probe(10.0, 1.0, "w"), Probe(20.0, slowdown_of(2.0, 1.0), "w", 1.0, 1.0), Probe(30.0, 2.0, "w")]
    )
    assert waited.slowdowns_around(start_s, end_s) == tuple(v and pytest.approx(v) for v in around)
    assert waited.mean_slowdown(start_s, end_s) == pytest.approx(mean)


def test_without_probes_speed_is_unknown() -> None:
    """A worker without probes has an unknown slowdown."""
    empty = SpeedTrack([])
    assert empty.slowdowns_around(0.0, 1.0) == (None, None)
    assert empty.mean_slowdown(0.0, 1.0) is None
