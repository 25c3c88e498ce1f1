"""NESO: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.sources.neso import Neso
from tests.grid.live.sources.check_source import START, check_answers, check_fault, question

NESO = "/intensity/2026-11-20T09:00Z/2026-11-20T12:00Z"
REGION = "/regional/intensity/2026-11-20T09:00Z/2026-11-20T12:00Z/regionid/13"


def _half_hour(at: str, until: str, **intensity: Any) -> dict[str, Any]:
    return {"from": f"2026-11-20T{at}Z", "to": f"2026-11-20T{until}Z", "intensity": intensity}


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "national",
            {
                NESO: {
                    "data": [
                        _half_hour("09:30", "10:00", forecast=235, actual=230),
                        _half_hour("10:00", "10:30", forecast=240, actual=None),
                    ]
                }
            },
            [("09:30", 230.0, "measured"), ("10:00", 240.0, "forecast")],
            id="neso",
        ),
        pytest.param(
            "13",
            {
                REGION: {
                    "data": {
                        "regionid": 13,
                        "data": [
                            {
                                **_half_hour("10:00", "10:30", forecast=266),
                                "generationmix": [{"fuel": "gas", "perc": 40}, {"fuel": "wind", "perc": 60}],
                            }
                        ],
                    }
                }
            },
            [("10:00", 266.0, "forecast")],
            id="neso region",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, Neso(), code, answers, expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param({NESO: {}}, "the answer has no 'data'", id="200 with {}"),
        pytest.param({NESO: {"data": []}}, "no figure for ZONE", id="nothing beyond the horizon"),
        pytest.param(
            {NESO: {"data": [_half_hour("09:30", "10:00", forecast=-5, actual=None)]}},
            "the answer has -5 g/kWh",
            id="negative",
        ),
        pytest.param(
            {NESO: {"data": [_half_hour("09:30", "10:00", forecast=10_000, actual=None)]}},
            "the answer has 10000 g/kWh",
            id="far too much",
        ),
        pytest.param(
            {
                NESO: b'{"data": [{"from": "2026-11-20T09:30Z", "to": "2026-11-20T10:00Z",'
                b' "intensity": {"forecast": NaN}}]}'
            },
            "an answer of another shape (ValueError: nan is no number)",
            id="NaN",
        ),
        pytest.param(
            {NESO: {"data": [_half_hour("10:00", "10:30", forecast=5), _half_hour("09:00", "09:30", forecast=5)]}},
            "the answer has times that go back",
            id="time goes back",
        ),
        pytest.param(
            {NESO: {"data": [_half_hour("09:30", "10:00", forecast="\x1b[31mred")]}},
            "an answer of another shape",
            id="escape",
        ),
        pytest.param({NESO: {"data": 5}}, "the answer has no 'data'", id="no list"),
        pytest.param({NESO: {"data": [7]}}, "an answer of another shape", id="no object"),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, Neso(), "national", answers, said)


def test_the_half_hour_at_a_seam_counts_once(service: Any) -> None:
    """A month is asked for in parts; the service repeats the half-hour that ends where a part begins."""
    start, half = START - timedelta(days=14), timedelta(minutes=30)

    def half_hours(begin: datetime, end: datetime) -> Any:
        count = (end - begin) // half + 1
        starts = [begin + (n - 1) * half for n in range(count)]
        return {
            "data": [
                {"from": f"{at:%Y-%m-%dT%H:%MZ}", "to": f"{at + half:%Y-%m-%dT%H:%MZ}", "intensity": {"actual": 9}}
                for at in starts
            ]
        }

    for begin, end in ((start, START), (START, START + 2 * half)):
        service.answers[f"/intensity/{begin:%Y-%m-%dT%H:%MZ}/{end:%Y-%m-%dT%H:%MZ}"] = half_hours(begin, end)
    asked = replace(question("national"), start=start, end=START + 2 * half)
    signals = ask(replace(Neso(), address=service.url), asked)
    assert [signal.start for signal in signals] == [start + n * half for n in range(14 * 48 + 2)]


def test_another_region(service: Any) -> None:
    """A region that was not asked for is refused."""
    answers = {REGION: {"data": {"regionid": 12, "data": [_half_hour("10:00", "10:30", forecast=266)]}}}
    check_fault(service, Neso(), "13", answers, "the answer has figures of another zone than 13")
