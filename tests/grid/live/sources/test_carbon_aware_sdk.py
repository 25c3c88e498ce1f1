"""The Carbon Aware SDK: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.carbon_aware_sdk import CarbonAwareSdk
from tests.grid.live.sources.check_source import OWN, check_answers


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "IE",
            {
                "/emissions/bylocation": [{"time": "2026-11-20T09:00:00Z", "rating": 400.0}],
                "/emissions/forecasts/current": [
                    {
                        "generatedAt": "2026-11-20T10:00:00Z",
                        "forecastData": [{"timestamp": "2026-11-20T10:00:00Z", "duration": 30, "value": 448.4}],
                    }
                ],
            },
            [("09:00", 400.0, "measured"), ("10:00", 448.4, "forecast")],
            id="carbon aware sdk",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, CarbonAwareSdk("http://x", OWN), code, answers, expected)
