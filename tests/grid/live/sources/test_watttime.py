"""WattTime: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.watttime import WattTime
from tests.grid.live.sources.check_source import check_answers, check_fault

WT_LOGIN = {"/login": {"token": "abc.def-secret"}}
WT_META = {"units": "lbs_co2_per_mwh", "generated_at": "2026-11-20T10:00:00+00:00"}


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "CAISO_NORTH",
            {
                **WT_LOGIN,
                "/v3/historical": {
                    "meta": WT_META,
                    "data": [{"point_time": "2026-11-20T10:00:00+00:00", "value": 1000.0}],
                },
                "/v3/forecast": (403, {"error": "plan"}),
            },
            [("10:00", 453.59237, "measured")],
            id="watttime: pounds",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, WattTime(), code, answers, expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param({"/login": {"token": "a\r\nb"}}, "the login gave no token", id="a token with a line break"),
        pytest.param(
            {**WT_LOGIN, "/v3/historical": {"meta": {"units": "percentile"}, "data": []}},
            "figures in 'percentile'",
            id="other units",
        ),
        pytest.param(
            {**WT_LOGIN, "/v3/historical": {"meta": {**WT_META, "region": "PJM"}, "data": []}},
            "figures of another zone than x",
            id="another region",
        ),
        pytest.param(
            {**WT_LOGIN, "/v3/historical": (401, b"the token 'ABC.DEF-secret' has ended")},
            "(the token '***' has ended)",
            id="a page that repeats the token",
        ),
        pytest.param(
            {"/login": (403, b"for WHE3LW5vdC1zaG93bjpYcTctbm90LXNob3du")},
            "status 403 (for ***)",
            id="a page that repeats name and password",
        ),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, WattTime(), "x", answers, said)
