"""RTE: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.rte import Rte
from tests.grid.live.sources.check_source import check_answers

RTE = "/api/explore/v2.1/catalog/datasets/eco2mix-national-tr/records"


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "FR",
            {
                RTE: {
                    "total_count": 2,
                    "results": [
                        {"date_heure": "2026-11-20T10:30:00+01:00", "taux_co2": 22},
                        {"date_heure": "2026-11-20T10:45:00+01:00", "taux_co2": 23},
                    ],
                }
            },
            [("09:30", 22.0, "measured"), ("09:45", 23.0, "measured")],
            id="rte",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, Rte(), code, answers, expected)
