"""Whatever a service answers, its source ends with signals that can be true or with a fault of its name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.registry import SOURCES
from pytest_carbon.grid.live.signal_source import SignalSource, SourceFaultError
from pytest_carbon.grid.live.sources.carbon_aware_sdk import CarbonAwareSdk
from tests.grid.live.sources.check_source import OWN, question

ALL = [*SOURCES, CarbonAwareSdk("http://x", OWN)]
BODIES = {
    "null": b"null",
    "nothing": b"{}",
    "an empty list": b"[]",
    "a list of lists": b"[[[]]]",
    "a list of null": b"[null]",
    "a text": b'"x"',
    "a number": b"1e999",
    "deep": b"[" * 500_000,
    "deep objects": b'{"data":' * 100_000,
    "not Unicode": b"\xff\xfe",
    "NUL": b"\0" * 100,
    "XML of nothing": b"<GL_MarketDocument/>",
    "XML without parts": b"<G><TimeSeries/></G>",
    "XML without a period": b"<G><TimeSeries><MktPSRType/><Period/></TimeSeries></G>",
    "UTF-16 with entities": '<!DOCTYPE x [<!ENTITY a "b">]><G>&a;</G>'.encode("utf-16"),
    "UTF-16 without a mark": '<!DOCTYPE x [<!ENTITY a "b">]><G>&a;</G>'.encode("utf-16-le"),
}
ITEMS: list[Any] = [None, 7, "x", [], {}, {"intensity": None}, {"period": "2026-11-20T09", "fueltype": [], "value": {}}]
KEYS = (
    "data",
    "records",
    "results",
    "history",
    "forecast",
    "response",
    "meta",
    "token",
    "zone",
    "unix_seconds",
    "co2eq",
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["2026-11-20T09:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def _ask(service: Any, source: Any, body: bytes) -> None:
    service.otherwise = body
    said, signals = f"{source.name}: ", []
    try:
        signals = ask(replace(source, address=service.url), question("x"))
    except SourceFaultError as fault:
        said = str(fault)
    assert said.startswith(f"{source.name}: ")
    assert said.isprintable()
    assert all(0 <= signal.g_per_kwh <= 2500 for signal in signals)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bodies(service: Any, source: SignalSource, body: bytes) -> None:
    """No body is a traceback."""
    _ask(service, source, body)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
@pytest.mark.parametrize("item", ITEMS, ids=repr)
def test_items(service: Any, source: SignalSource, item: Any) -> None:
    """No item of a list, under any key, is a traceback."""
    lists = {key: [item] for key in KEYS}
    whole = {**lists, "token": "t", "zone": "x", "response": lists, "meta": {"units": "lbs_co2_per_mwh"}}
    _ask(service, source, json.dumps(whole).encode())
    _ask(service, source, json.dumps([whole]).encode())


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(value=VALUES)
def test_any_json(service: Any, source: SignalSource, value: Any) -> None:
    """No JSON is a traceback."""
    _ask(service, source, json.dumps(value).encode())
