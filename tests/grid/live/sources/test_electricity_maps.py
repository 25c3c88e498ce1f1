"""Electricity Maps: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.electricity_maps import ElectricityMaps
from tests.grid.live.sources.check_source import check_answers, check_fault

PAST = "/v3/carbon-intensity/history"
AHEAD = "/v3/carbon-intensity/forecast"


def _em(at: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"carbonIntensity": value, "datetime": f"2026-11-20T{at}:00.000Z", **more}


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "DE",
            {
                PAST: {"zone": "DE", "history": [_em("09:00", 318, emissionFactorType="lifecycle", isEstimated=True)]},
                AHEAD: {"zone": "DE", "forecast": [_em("10:00", 302), _em("11:00", 288)]},
            },
            [("09:00", 318.0, "estimated"), ("10:00", 302.0, "forecast"), ("11:00", 288.0, "forecast")],
            id="electricitymaps",
        ),
        pytest.param(
            "DE",
            {
                PAST: {"zone": "DE", "history": [_em("09:00", 318), _em("10:00", None)]},
                AHEAD: {"zone": "DE", "forecast": [_em("10:00", 302)]},
            },
            [("09:00", 318.0, "measured"), ("10:00", 302.0, "forecast")],
            id="a forecast of the hour that has no figure yet",
        ),
        pytest.param(
            "DE",
            {PAST: {"zone": "DE", "history": [_em("09:00", 318)]}, AHEAD: (403, {"error": "plan"})},
            [("09:00", 318.0, "measured")],
            id="electricitymaps without a forecast in the plan",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, ElectricityMaps(), code, answers, expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param({PAST: (401, {"error": "Invalid auth-token"})}, "status 401", id="bad token"),
        pytest.param({PAST: {"zone": "FR", "history": []}}, "no answer for the zone x", id="another zone"),
        pytest.param(
            {
                PAST: {"zone": "x", "history": [_em("09:00", 1, emissionFactorType="direct")]},
                AHEAD: {"zone": "x", "forecast": []},
            },
            "the figures are not of the life cycle",
            id="another basis",
        ),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, ElectricityMaps(), "x", answers, said)
