"""EIA: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.sources.eia import Eia
from tests.grid.live.sources.check_source import HOUR, NOW, check_answers, check_fault, question

EIA = "/v2/electricity/rto/fuel-type-data/data/"


def _fuel(period: str, fuel: str, value: Any) -> dict[str, Any]:
    return {"period": period, "fueltype": fuel, "value": value, "value-units": "megawatthours"}


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
        pytest.param(
            {EIA: {"response": {"data": [_fuel("2026-11-20T09", "NG", 1) | {"respondent": "PJM"}]}}},
            "figures of another zone than x",
            id="another zone",
        ),
        pytest.param({EIA: (403, {"error": {"code": "API_KEY_INVALID"}})}, "status 403", id="bad key"),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, Eia(), "x", answers, said)


def test_an_hour_at_a_seam_counts_once(service: Any) -> None:
    """A month is asked for in parts, which share no hour, although EIA counts the hour of its end in."""

    def answer(query: dict[str, list[str]]) -> Any:
        first, last = (datetime.strptime(query[key][0], "%Y-%m-%dT%H").replace(tzinfo=UTC) for key in ("start", "end"))
        hours = [first + n * HOUR for n in range((last - first) // HOUR + 1)]
        asked.extend(hours)
        return {"response": {"data": [_fuel(f"{hour:%Y-%m-%dT%H}", "NG", 1) for hour in hours]}}

    asked: list[datetime] = []
    service.answers[EIA] = answer
    begin = NOW - timedelta(days=31)
    signals = ask(replace(Eia(), address=service.url), replace(question("CISO"), start=begin, end=NOW))
    assert len(service.requests) == 3
    assert (
        asked
        == [signal.start for signal in signals]
        == [begin.replace(minute=0) + n * HOUR for n in range(31 * 24 + 1)]
    )


def test_a_row_that_comes_twice_counts_once(service: Any) -> None:
    """The mix is not changed by a repeated row."""
    rows = [_fuel("2026-11-20T09", "NG", 50), _fuel("2026-11-20T09", "SUN", 50), _fuel("2026-11-20T09", "NG", 50)]
    check_answers(service, Eia(), "CISO", {EIA: {"response": {"data": rows}}}, [("09:00", 267.5, "measured")])
