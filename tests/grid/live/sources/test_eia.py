"""EIA: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.eia import Eia
from tests.grid.live.sources.check_source import check_answers, check_fault

EIA = "/v2/electricity/rto/fuel-type-data/data/"


def _fuel(period: str, fuel: str, value: Any) -> dict[str, Any]:
    return {"period": period, "respondent": "CISO", "fueltype": fuel, "value": value, "value-units": "megawatthours"}


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "CISO",
            {
                EIA: {
                    "response": {
                        "total": 5,
                        "data": [
                            _fuel("2026-11-20T09", "NG", "50"),
                            _fuel("2026-11-20T09", "SUN", "50"),
                            _fuel("2026-11-20T09", "BAT", -70),
                            _fuel("2026-11-20T10", "NG", 10),
                            _fuel("2026-11-20T09", "OTH", -3),
                        ],
                    }
                }
            },
            [("09:00", 267.5, "measured")],
            id="eia: texts, a battery, an hour with a part of the fuels",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, Eia(), code, answers, expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param(
            {EIA: {"response": {"total": 99, "data": [_fuel("2026-11-20T09", "NG", 1)]}}},
            "the answer was cut",
            id="a partial mix",
        ),
        pytest.param(
            {EIA: {"response": {"data": [_fuel("2026-11-20T09", "NEW", 1)]}}},
            "a fuel that is not known ('NEW')",
            id="a new fuel",
        ),
        pytest.param({EIA: (403, {"error": {"code": "API_KEY_INVALID"}})}, "status 403", id="bad key"),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, Eia(), "x", answers, said)
