"""The chain: the next source answers where one fails, is silent or stale, and each is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.grid.live.chain import Chain, ChainAnswer, name_in_cache
from pytest_carbon.grid.live.signal_cache import Cached, SignalCache
from pytest_carbon.grid.live.sources.electricity_maps import KEY, ElectricityMaps
from pytest_carbon.grid.live.sources.energy_charts import EnergyCharts
from pytest_carbon.grid.live.sources.neso import Neso
from pytest_carbon.grid.live.sources.signal_file import SignalFile
from tests.core.signals.test_signal import SIGNAL
from tests.grid.live.conftest import NOW

SECONDS = int(NOW.timestamp()) - 600
FRESH = {"unix_seconds": [SECONDS, SECONDS + 900], "co2eq": [300, None], "co2eq_forecast": [None, 290]}


HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def chain(service: Any, tmp_path: Path) -> Chain:
    """Return a chain of three sources on the service, of which the last needs a key; its clock stands at NOW."""
    sources = [replace(make(), address=service.url) for make in (Neso, EnergyCharts, ElectricityMaps)]
    return Chain(sources, SignalCache(tmp_path / "cache"), {}, limit_s=2.0, clock=lambda: NOW)


def _ask_at(chain: Chain, moment: datetime) -> ChainAnswer:
    """Return what is known of a moment at that moment."""
    return replace(chain, clock=lambda: moment).near_now("DE", moment)


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
    """The same half-hour is answered from the disk, also after a failure; without leave, nobody is ever asked.

    A source that fails and whose last answer still stands is the one that is used, and says why it is the last.
    """
    service.answers["/co2eq"] = FRESH
    assert not chain.near_now("DE", NOW, may_ask=False).signals
    assert not service.requests
    for minutes in (0, 5, 19):
        assert _ask_at(chain, NOW + timedelta(minutes=minutes)).signals
    assert len(service.requests) == 1
    assert chain.near_now("DE", NOW + HALF_HOUR, may_ask=False).signals
    service.answers["/co2eq"] = (500, {})
    later = [_ask_at(chain, NOW + timedelta(minutes=minutes)) for minutes in (20, 21, 22)]
    assert len(service.requests) == 2
    assert {answer.fault for answer in later} == {"energy-charts: 127.0.0.1/co2eq answered with status 500 ({})"}
    assert {answer.faults for answer in later} == {("neso: it does not know the zone DE",)}
    assert [answer.signals[0].g_per_kwh for answer in later] == [300.0] * 3
    assert {(answer.asked, answer.signals[0].fetched) for answer in later} == {(NOW, NOW)}


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
    service.answers["/v3/carbon-intensity/history"] = (401, {"error": "Invalid auth-token Xq7-not-shown"})
    fault = with_key.near_now("DE", NOW).faults[2]
    assert fault.endswith('answered with status 401 ({"error": "Invalid auth-token ***"})')
    assert service.requests[-1][2]["auth-token"] == "Xq7-not-shown"


def test_history_is_asked_each_time(chain: Chain, service: Any) -> None:
    """A time that is over is the first source's that knows; nothing of it is kept as the newest."""
    service.answers["/co2eq"] = FRESH
    start = NOW - timedelta(hours=1)
    assert chain.between("DE", start, NOW).signals
    assert not chain.between("XX", start, NOW).signals
    assert chain.cache.read("energy-charts", "DE") is None


def test_a_forecast_is_looked_for_until_a_source_has_one(chain: Chain, service: Any) -> None:
    """A source that knows now and has no forecast does not end the search, and is named."""
    service.answers["/co2eq"] = {"unix_seconds": [SECONDS], "co2eq": [300], "co2eq_forecast": [None]}
    slots = [{"datetime": (NOW + n * HALF_HOUR).isoformat(), "carbonIntensity": 250 + n} for n in range(3)]
    service.answers["/v3/carbon-intensity/history"] = {"zone": "DE", "history": []}
    service.answers["/v3/carbon-intensity/forecast"] = {"zone": "DE", "forecast": slots}
    with_key = replace(chain, environment={KEY: "Xq7-not-shown"})
    assert with_key.near_now("DE", NOW).signals[0].origin.source == "Energy-Charts"
    answer = with_key.ahead("DE", NOW)
    assert [signal.g_per_kwh for signal in answer.signals] == [250.0, 251.0, 252.0]
    assert answer.faults == (
        "neso: it does not know the zone DE",
        "energy-charts: it publishes no forecast for DE",
    )


@pytest.mark.parametrize("moment", [NOW - timedelta(days=200), NOW + timedelta(days=200)])
def test_a_chosen_time_is_asked_and_not_kept(chain: Chain, service: Any, moment: datetime) -> None:
    """What is asked as of another time was received now, and is neither read from nor written to what is kept."""
    service.answers["/co2eq"] = FRESH
    chain.near_now("DE", NOW)
    kept = chain.cache.read("energy-charts", "DE")
    seconds = int((NOW - timedelta(days=200)).timestamp())
    service.answers["/co2eq"] = {"unix_seconds": [seconds], "co2eq": [111], "co2eq_forecast": [None]}
    answer = chain.near_now("DE", moment)
    assert len(service.requests) == 2
    assert [(s.g_per_kwh, s.fetched) for s in answer.signals] == ([(111.0, NOW)] if moment < NOW else [])
    assert chain.cache.read("energy-charts", "DE") == kept


def test_the_time_of_a_kept_answer_is_asked_again_later(chain: Chain, service: Any) -> None:
    """What was known of a half-hour in that half-hour is not what is known of that half-hour now."""
    service.answers["/co2eq"] = FRESH
    chain.near_now("DE", NOW)
    replace(chain, clock=lambda: NOW + HALF_HOUR).near_now("DE", NOW)
    assert len(service.requests) == 2


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])
def test_an_end_of_the_calendar_is_a_fault(chain: Chain, moment: datetime) -> None:
    """No time ends in a traceback."""
    answer = chain.near_now("DE", moment.replace(tzinfo=UTC))
    assert answer.faults[1].startswith(f"energy-charts: the time {moment.year:04}-")
    assert answer.faults[1].endswith("is at an end of the calendar")


def test_what_is_kept_needs_no_key_and_no_zone_code(chain: Chain, service: Any) -> None:
    """Who may not ask reads what was received with a key, without having one."""
    slots = [{"datetime": (NOW - HALF_HOUR).isoformat(), "carbonIntensity": 250}]
    service.answers["/v3/carbon-intensity/history"] = {"zone": "DE", "history": slots}
    service.answers["/v3/carbon-intensity/forecast"] = (401, {})
    assert replace(chain, environment={KEY: "Xq7-not-shown"}).near_now("DE", NOW).signals
    count = len(service.requests)
    answer = chain.near_now("DE", NOW, may_ask=False)
    assert [signal.g_per_kwh for signal in answer.signals] == [250.0]
    assert answer.faults[0] == "neso: nothing is kept of DE"
    assert len(service.requests) == count


def test_a_kept_answer_of_another_meaning_is_none(chain: Chain, service: Any) -> None:
    """What a source's figures mean is ours to say: a file in the cache says nothing else."""
    service.answers["/co2eq"] = FRESH
    kept = chain.near_now("DE", NOW).signals
    other = replace(kept[0].origin, basis="direct")
    chain.cache.keep("energy-charts", "DE", Cached([replace(signal, origin=other) for signal in kept], NOW))
    assert not chain.near_now("DE", NOW, may_ask=False).signals
    assert chain.near_now("DE", NOW).signals == kept


def test_own_sources_of_two_projects_are_two(chain: Chain, tmp_path: Path) -> None:
    """The answers of one project's file are not those of another's; a file that has changed counts at once."""
    for project, figure in (("a", 100), ("b", 200), ("a", 300)):
        path = tmp_path / f"{project}.csv"
        path.write_text(f"start,g_per_kwh\n{NOW.isoformat()},{figure}\n", encoding="utf-8")
        own = replace(chain, sources=[SignalFile(path, SIGNAL.origin)])
        for _ in range(2):
            assert [signal.g_per_kwh for signal in own.near_now("DE", NOW).signals] == [figure]
    issued = chain.cache.issued_since(name_in_cache(SignalFile(tmp_path / "a.csv", SIGNAL.origin)), "DE", NOW)
    assert [signals[0].g_per_kwh for signals in issued] == [100.0, 300.0]
