"""Fingrid: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.fingrid import Fingrid
from tests.grid.live.sources.check_source import check_answers

FINGRID = "/api/datasets/265/data"


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "FI",
            {
                FINGRID: {
                    "data": [{"startTime": "2026-11-20T09:57:00Z", "endTime": "2026-11-20T10:00:00Z", "value": 41.5}]
                }
            },
            [("09:57", 41.5, "measured")],
            id="fingrid",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, Fingrid(), code, answers, expected)
