"""Energy-Charts: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.energy_charts import EnergyCharts
from tests.grid.live.sources.check_source import check_answers, check_fault


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "de",
            {
                "/co2eq": {
                    "unix_seconds": [1795168800, 1795169700, 1795170600, 1795171500],
                    "co2eq": [301.2, None, None, None],
                    "co2eq_forecast": [300.0, 298.1, 295.4, None],
                }
            },
            [("10:00", 301.2, "measured"), ("10:15", 298.1, "forecast"), ("10:30", 295.4, "forecast")],
            id="energy-charts",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, EnergyCharts(), code, answers, expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param(
            {"/co2eq": (400, b"'xx' is not the code for an available country")}, "status 400", id="unknown country"
        ),
        pytest.param(
            {"/co2eq": {"unix_seconds": [1], "co2eq": [], "co2eq_forecast": [3]}},
            "lists of 1, 0 and 1 figures",
            id="lengths",
        ),
        pytest.param(
            {"/co2eq": {"unix_seconds": [1795168800], "co2eq": [None], "co2eq_forecast": [None]}},
            "no figure",
            id="nulls",
        ),
        pytest.param(
            {"/co2eq": {"unix_seconds": [1e300], "co2eq": [1], "co2eq_forecast": [None]}},
            "an answer of another shape",
            id="year 9e292",
        ),
        pytest.param(
            {"/co2eq": {"unix_seconds": [10**17], "co2eq": [1], "co2eq_forecast": [None]}},
            "an answer of another shape",
            id="a time beyond the system's",
        ),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, EnergyCharts(), "x", answers, said)
