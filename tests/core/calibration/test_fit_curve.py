"""From the readings of a calibration to a power curve with its own error."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.calibration.fit_curve import CalibratedCurve, fit_curve
from pytest_carbon.core.calibration.load_steps import MeterFacts, StepReading, plan_steps
from pytest_carbon.core.energy.power_windows import curve_watts
from pytest_carbon.core.errors import ConfigError

PLUG = MeterFacts("a plug", "all", "nothing", 1.0, 1.0)
FULL = ((0.0, 20.0), (0.25, 40.0), (0.5, 55.0), (1.0, 68.0))


def _readings(drift: float = 0.0, other: float = 0.0, cpus: int = 4) -> list[StepReading]:
    """Return what a machine with the curve ``FULL`` shows; its second pass takes more by ``drift``."""
    steps, _ = plan_steps(cpus, 120)
    shares = [min(1.0, busy / cpus + other) for busy in steps]
    half = len(steps) // 2
    return [
        StepReading(busy, share, curve_watts(FULL, share) * (1 + drift * (n >= half)), other)
        for n, (busy, share) in enumerate(zip(steps, shares, strict=True))
    ]


def test_curve_of_a_steady_machine_is_its_own() -> None:
    """Without noise, the points are the truth, and the error is what lies between them and what no meter can tell."""
    fitted = fit_curve(_readings(), PLUG)
    assert fitted.watts == FULL
    assert 0.9 <= fitted.spread[0] < 1 < fitted.spread[1] <= 1.1
    assert fitted.notes == ("error: repeated steps 0.0%, lines between steps 2.9%, resolution of the meter 0.0%",)


@pytest.mark.parametrize("drift", [0.05, 0.2, 0.4])
def test_drift_is_in_the_spread(drift: float) -> None:
    """A second pass that takes more widens the spread, so that both passes lie inside of it."""
    readings = _readings(drift)
    fitted = fit_curve(readings, PLUG)
    low, high = fitted.spread
    assert all(low <= r.watts / curve_watts(fitted.watts, r.utilisation) <= high for r in readings)
    assert fitted.spread[1] > fit_curve(_readings(), PLUG).spread[1]


def test_coarse_meter_says_so() -> None:
    """Half of the smallest difference that the meter tells, of the idle watts, is a part of the error."""
    fitted = fit_curve(_readings(), replace(PLUG, resolution_w=8.0))
    assert "resolution of the meter 20.0%" in fitted.notes[0]
    assert fitted.spread[1] > 1.2


def test_what_the_meter_does_not_see_widens_the_range() -> None:
    """The factors of the meter multiply its error."""
    fitted = fit_curve(_readings(), replace(PLUG, low=0.5, high=2.0))
    assert fitted.spread == (0.48, 2.07)


def test_steady_other_load_is_taken_off_the_idle_watts() -> None:
    """With 5 % of other load there is no idle step; the curve is continued to 0, and the load is said."""
    fitted = fit_curve(_readings(other=0.05), PLUG)
    assert fitted.watts[0] == (0.0, pytest.approx(20.0, rel=0.05))
    assert any("other processes took up to 5%" in note for note in fitted.notes)


def test_watts_that_fall_are_levelled() -> None:
    """A machine that gets slower when it is hot may take less at full load; the policy's curve never falls."""
    readings = [
        replace(r, watts=60.0) if r.busy_cpus == 4 else replace(r, watts=20.0 + 22 * r.busy_cpus) for r in _readings()
    ]
    assert fit_curve(readings, PLUG).watts == ((0.0, 20.0), (0.25, 42.0), (0.5, 62.0), (1.0, 62.0))


def test_flat_meter_is_doubted() -> None:
    """The same watts at every load are written, with the question whether this is the right meter."""
    fitted = fit_curve([replace(r, watts=20.0) for r in _readings()], PLUG)
    assert {watts for _, watts in fitted.watts} == {20.0}
    assert any("hardly rise with the load" in note for note in fitted.notes)


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        ([replace(r, watts=0.0) for r in _readings()], "a plug told 0 W all the time: it stands still"),
        (
            [replace(r, utilisation=0.5 * r.utilisation) for r in _readings()],
            "was only 50% busy, because a quota, an affinity or the hypervisor",
        ),
        ([replace(r, utilisation=1.0) for r in _readings()], "equally busy in all steps"),
    ],
    ids=["counter stands still", "quota", "always busy"],
)
def test_readings_that_tell_nothing_are_refused(readings: list[StepReading], message: str) -> None:
    """No curve is made up from them."""
    with pytest.raises(ConfigError, match=message):
        fit_curve(readings, PLUG)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 64),
    st.lists(st.floats(0.1, 500), min_size=20, max_size=20),
    st.floats(0, 0.1),
    st.floats(0, 5),
)
def test_every_curve_can_be_read_as_a_policy(cpus: int, watts: list[float], other: float, resolution: float) -> None:
    """Whatever a meter tells, the points rise from 0 to 1, the watts never fall, and all readings are in the spread."""
    steps, _ = plan_steps(cpus, 120)
    readings = [StepReading(n, min(1.0, n / cpus + other), w, other) for n, w in zip(steps, watts, strict=False)]
    fitted: CalibratedCurve = fit_curve(readings, replace(PLUG, resolution_w=resolution))
    assert fitted.watts[0][0] == 0.0
    assert fitted.watts[-1][0] == 1.0
    assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(fitted.watts))
    assert 0 <= fitted.spread[0] <= 1 <= fitted.spread[1]
