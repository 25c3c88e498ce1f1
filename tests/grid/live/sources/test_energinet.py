"""Energinet: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.energinet import Energinet
from tests.grid.live.sources.check_source import check_answers, check_fault


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "DK1",
            {
                "/dataset/CO2Emis": {
                    "records": [
                        {"Minutes5UTC": "2026-11-20T09:55:00", "PriceArea": "DK1", "CO2Emission": 90},
                        {"Minutes5UTC": "2026-11-20T10:00:00", "PriceArea": "DK1", "CO2Emission": 91},
                        {"Minutes5UTC": "2026-11-20T10:05:00", "PriceArea": "DK1", "CO2Emission": None},
                    ]
                },
                "/dataset/CO2EmisProg": {
                    "records": [
                        {"Minutes5UTC": "2026-11-20T10:00:00", "PriceArea": "DK1", "CO2Emission": 80},
                        {"Minutes5UTC": "2026-11-20T10:05:00", "PriceArea": "DK1", "CO2Emission": 81},
                    ]
                },
            },
            [("09:55", 90.0, "measured"), ("10:00", 91.0, "measured"), ("10:05", 81.0, "forecast")],
            id="energinet",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, Energinet(), code, answers, expected)


def test_another_zone(service: Any) -> None:
    """A service that passes over the filter is refused: its records are of all zones."""
    records = [{"Minutes5UTC": "2026-11-20T09:55:00", "PriceArea": "DK2", "CO2Emission": 90}]
    answers = {"/dataset/CO2Emis": {"records": records}}
    check_fault(service, Energinet(), "DK1", answers, "the answer has figures of another zone than DK1")
