"""The chain: the next source answers where one fails, is silent or stale, and each is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.sources.electricity_maps import KEY, ElectricityMaps
from pytest_carbon.grid.live.sources.energy_charts import EnergyCharts
from pytest_carbon.grid.live.sources.neso import Neso
from tests.grid.live.conftest import NOW

SECONDS = int(NOW.timestamp()) - 600
FRESH = {"unix_seconds": [SECONDS, SECONDS + 900], "co2eq": [300, None], "co2eq_forecast": [None, 290]}


@pytest.fixture
def chain(service: Any, tmp_path: Path) -> Chain:
    """Return a chain of three sources on the service, of which the last needs a key."""
    sources = [replace(make(), address=service.url) for make in (Neso, EnergyCharts, ElectricityMaps)]
    return Chain(sources, SignalCache(tmp_path / "cache"), {}, limit_s=2.0)


def test_the_first_that_knows_answers(chain: Chain, service: Any) -> None:
    """A source that does not know the zone is passed over; the answer is for this moment, and what lies ahead."""
    service.answers["/co2eq"] = FRESH
    answer = chain.near_now("DE", NOW)
    assert [signal.g_per_kwh for signal in answer.signals] == [300.0, 290.0]
    assert answer.at(NOW) == answer.signals[0]
    assert answer.at(NOW + timedelta(hours=9)) is None
    assert answer.faults == ("neso: it does not know the zone DE",)
    assert answer.asked == NOW


def test_one_question_in_a_half_hour(chain: Chain, service: Any) -> None:
    """The same half-hour is answered from the disk, also after a failure; without leave, nobody is ever asked."""
    service.answers["/co2eq"] = FRESH
    assert not chain.near_now("DE", NOW, may_ask=False).signals
    assert not service.requests
    for minutes in (0, 5, 19):
        assert chain.near_now("DE", NOW + timedelta(minutes=minutes)).signals
    assert len(service.requests) == 1
    assert chain.near_now("DE", NOW, may_ask=False).signals
    service.answers["/co2eq"] = (500, {})
    later = [chain.near_now("DE", NOW + timedelta(minutes=minutes)) for minutes in (20, 21, 22)]
    assert len(service.requests) == 2
    assert {answer.faults[1] for answer in later} == {"energy-charts: 127.0.0.1/co2eq answered with status 500 ({})"}
    assert [answer.signals[0].g_per_kwh for answer in later] == [300.0] * 3
    assert {answer.signals[0].fetched for answer in later} == {NOW}


def test_stale_and_keyless_sources_are_named(chain: Chain, service: Any) -> None:
    """An answer of yesterday does not stand for now; a source without its key is not asked."""
    service.answers["/co2eq"] = {"unix_seconds": [SECONDS - 80_000], "co2eq": [300], "co2eq_forecast": [None]}
    answer = chain.near_now("DE", NOW)
    assert not answer.signals
    assert answer.faults[1:] == (
        "energy-charts: it knows nothing of now; its newest figure ends at 2026-11-19 12:46 UTC",
        f"electricitymaps: the variable {KEY} is not set",
    )
    with_key = replace(chain, environment={KEY: "Xq7-not-shown"})
    service.answers["/v3/carbon-intensity/history"] = (401, {"error": "Invalid auth-token"})
    assert "status 401" in with_key.near_now("DE", NOW).faults[2]
    assert service.requests[-1][2]["auth-token"] == "Xq7-not-shown"


def test_history_is_asked_each_time(chain: Chain, service: Any) -> None:
    """A time that is over is the first source's that knows; nothing of it is kept as the newest."""
    service.answers["/co2eq"] = FRESH
    start = NOW - timedelta(hours=1)
    assert chain.between("DE", start, NOW, NOW).signals
    assert not chain.between("XX", start, NOW, NOW).signals
    assert chain.cache.read("energy-charts", "DE") is None
