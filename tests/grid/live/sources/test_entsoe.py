"""ENTSO-E: documented answers are read, and real faults are told and passed over."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.grid.live.sources.entsoe import EntsoE
from tests.grid.live.sources.check_source import check_answers, check_fault


def _entsoe(*series: tuple[str, dict[int, float]], extra: str = "") -> bytes:
    texts = [
        f"<TimeSeries><MktPSRType><psrType>{code}</psrType></MktPSRType><Period><timeInterval>"
        "<start>2026-11-20T09:00Z</start><end>2026-11-20T10:00Z</end></timeInterval><resolution>PT15M</resolution>"
        + "".join(f"<Point><position>{n}</position><quantity>{q}</quantity></Point>" for n, q in points.items())
        + "</Period></TimeSeries>"
        for code, points in series
    ]
    return f'{extra}<GL_MarketDocument xmlns="urn:x">{"".join(texts)}</GL_MarketDocument>'.encode()


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        pytest.param(
            "10Y",
            {
                "/api": _entsoe(
                    ("B04", {1: 100.0, 3: 300.0}),
                    ("B14", {1: 100.0, 2: 100.0, 3: 100.0, 4: 100.0}),
                    ("B14", {1: 100.0, 2: 100.0, 3: 100.0, 4: 100.0}),
                    ("B10", {1: 999.0}),
                )
            },
            [
                ("09:00", 251.0, "measured"),
                ("09:15", 251.0, "measured"),
                ("09:30", 370.5, "measured"),
                ("09:45", 370.5, "measured"),
            ],
            id="entsoe: omitted points repeat",
        ),
    ],
)
def test_documented_answers(service: Any, code: str, answers: Any, expected: Any) -> None:
    """Signals are in the order of time, with their status."""
    check_answers(service, EntsoE(), code, answers, expected)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param({"/api": b"<Acknowledgement_MarketDocument/>"}, "no figure", id="nothing there"),
        pytest.param({"/api": b"<GL"}, "the answer is no XML", id="cut XML"),
        pytest.param(
            {"/api": _entsoe(extra='<!DOCTYPE x [<!ENTITY a "b">]>')}, "a document with a DOCTYPE", id="entities"
        ),
        pytest.param(
            {"/api": _entsoe(*[("B04", {1: 1.0})] * 3).replace(b"2026-11-20T10:00Z", b"2030-11-20T10:00Z")},
            "the answer has more than 200,000 points",
            id="a few lines that stand for years",
        ),
        pytest.param({"/api": _entsoe(("B04", {}))}, "no figure", id="a type without a point"),
        pytest.param({"/api": _entsoe(("B04", {-5: 1.0}))}, "a point at position -5", id="before the first"),
        pytest.param(
            {
                "/api": _entsoe(("B04", {1: 1.0})).replace(
                    b"<Mkt", b"<inBiddingZone_Domain.mRID>y</inBiddingZone_Domain.mRID><Mkt"
                )
            },
            "figures of another zone than x",
            id="another zone",
        ),
        pytest.param(
            {"/api": _entsoe(("B99", {1: 1.0}))}, "a type of plant that is not known ('B99')", id="a new type"
        ),
    ],
)
def test_faults(service: Any, answers: Any, said: str) -> None:
    """What cannot be true is refused as a whole."""
    check_fault(service, EntsoE(), "x", answers, said)
