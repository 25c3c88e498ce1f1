"""A week of half-hours on three services that drop out in all the ways that services do."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.sources.energy_charts import EnergyCharts
from pytest_carbon.grid.live.sources.entsoe import KEY, EntsoE
from pytest_carbon.grid.live.sources.rte import Rte
from tests.grid.live.conftest import FakeService

WEEK = 7 * 48
BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
HALF_HOUR, QUARTER, HOUR = timedelta(minutes=30), timedelta(minutes=15), timedelta(hours=1)
PATHS = {
    "energy-charts": "/co2eq",
    "rte": "/api/explore/v2.1/catalog/datasets/eco2mix-national-tr/records",
    "entsoe": "/api",
}
GONE_FROM, SLOW_AT = 250, (100, 200)
SAID = {
    "empty": ("the answer has no 'unix_seconds'", "the answer has no 'results'", "the answer is no XML"),
    "error": ("answered with status 500 (no text)",) * 3,
    "gone": ("is gone (status 410): its provider has ended the service",) * 3,
    "slow": ("could not be asked", "did not end its answer"),
    "late": ("it knows nothing of now; its newest figure ends at ",) * 3,
}
"""What is said of a source in each state; a late one has answered, but its newest figures are nulls or half a mix."""


def truth(name: str, at: datetime, status: str) -> float:
    """Return the figure that a service has for a slot: no two services and no forecast have the same."""
    number = int((at - BEGIN) / QUARTER) % 40
    share = (10 + int((at - BEGIN) / HOUR) % 40) / 100
    by_name = {"energy-charts": 100.0, "rte": 200.0}
    mix = 490 * share + 12 * (1 - share)
    return mix if name == "entsoe" else by_name[name] + number + (600 if status == "forecast" else 0)


@dataclass
class Week:
    """The states of the services, by name and half-hour, and the clock."""

    states: dict[str, Sequence[str]]
    step: int = 0

    @property
    def now(self) -> datetime:
        """Ten minutes into the half-hour."""
        return BEGIN + self.step * HALF_HOUR + timedelta(minutes=10)

    def state(self, name: str) -> str:
        """Return how a service is now."""
        return self.states[name][self.step]

    def answers(self, name: str) -> Callable[[dict[str, list[str]]], Any]:
        """Return what a service answers to a query, in its state."""

        def answer(_: dict[str, list[str]]) -> Any:
            state = self.state(name)
            if state == "slow":
                time.sleep(1.5)
            faults = {"empty": {}, "slow": {}, "error": (500, b""), "gone": (410, b"")}
            return faults[state] if state in faults else bodies[name](state == "late")

        bodies = {"energy-charts": self.energy_charts, "rte": self.rte, "entsoe": self.entsoe}
        return answer

    def past(self, step: timedelta) -> list[datetime]:
        """Return the slots of the last day that are over."""
        last = self.now - (self.now - BEGIN) % step
        return [last - n * step for n in range(timedelta(hours=24) // step, 0, -1)]

    def energy_charts(self, late: bool) -> Any:
        """Measured quarters, then forecasts of two hours; nulls from seven hours ago on if it is late."""
        slots = self.past(QUARTER)
        slots += [slots[-1] + n * QUARTER for n in range(1, 9)]
        known = [at for at in slots if at < self.now - 7 * HOUR] if late else slots
        measured = [truth("energy-charts", at, "measured") if at in known[:96] else None for at in slots]
        forecast = [truth("energy-charts", at, "forecast") if at in known else None for at in slots]
        return {"unix_seconds": [int(at.timestamp()) for at in slots], "co2eq": measured, "co2eq_forecast": forecast}

    def rte(self, late: bool) -> Any:
        """A page of the last day's quarters; the last four hours are nulls if it is late."""
        slots = self.past(QUARTER)
        rows = [(at, None if late and at > self.now - 4 * HOUR else truth("rte", at, "measured")) for at in slots]
        return {"results": [{"date_heure": at.isoformat(), "taux_co2": value} for at, value in rows]}

    def entsoe(self, late: bool) -> bytes:
        """Two types of plants; of the last five hours one of them if it is late."""
        series = ""
        for code in ("B04", "B14"):
            slots = [at for at in self.past(HOUR) if code == "B04" or not late or at < self.now - 6 * HOUR]
            shares = [(truth("entsoe", at, "measured") - 12) / 478 for at in slots]
            points = "".join(
                f"<Point><position>{n}</position><quantity>{1000 * share}</quantity></Point>"
                for n, share in enumerate(shares if code == "B04" else [1 - share for share in shares], 1)
            )
            interval = f"<start>{slots[0].isoformat()}</start><end>{(slots[-1] + HOUR).isoformat()}</end>"
            series += (
                f"<TimeSeries><MktPSRType><psrType>{code}</psrType></MktPSRType><Period><timeInterval>{interval}"
                f"</timeInterval><resolution>PT60M</resolution>{points}</Period></TimeSeries>"
            )
        return f"<G>{series}</G>".encode()


def _states(seed: int) -> list[str]:
    """Return a service's states: up to five hours each."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    states: list[str] = []
    while len(states) < WEEK:
        state = chance.choice(["good", "empty", "error", "late", "late"])
        states += [state] * chance.randint(1, 10)
    return states[:WEEK]


@pytest.fixture
def week(service: FakeService) -> Week:
    """Let the services drop out by chance; the first is slow twice, and ends for good in the end."""
    states = {name: _states(seed) for seed, name in enumerate(PATHS)}
    first = states["energy-charts"]
    for step in SLOW_AT:
        first[step] = "slow"
    states["energy-charts"] = [*first[:GONE_FROM], *["gone"] * (WEEK - GONE_FROM)]
    week = Week(states)
    service.answers = {path: week.answers(name) for name, path in PATHS.items()}
    return week


def test_a_week(service: FakeService, week: Week, tmp_path: Path) -> None:
    """Each half-hour is from the first source that has it, each failure is named, and no figure is invented.

    A source has it if it answers with it now, or if what it answered last still reaches up to now.
    """
    sources = [replace(make(), address=service.url) for make in (EnergyCharts, Rte, EntsoE)]
    chain = Chain(sources, SignalCache(tmp_path), {KEY: "Xq7-not-shown"}, clock=lambda: week.now)
    known_until = dict.fromkeys(PATHS, BEGIN - timedelta(days=9))
    met: set[tuple[str, str]] = set()
    for week.step in range(WEEK):
        limited = replace(chain, limit_s=1.0) if week.step in SLOW_AT else chain
        before = len(service.requests)
        answer = limited.near_now("FR", week.now)
        count = len(service.requests) - before
        faults: list[tuple[str, str]] = []
        chosen = ""
        for source in sources:
            state, name = week.state(source.name), source.name
            if state in ("good", "late"):
                known_until[name] = _newest(week, name, state)
            if known_until[name] > week.now - source.stale_after:
                chosen = name
                assert _is_said(answer.fault, name, state) if state not in ("good", "late") else not answer.fault
                break
            faults.append((name, state))
        assert count == len(faults) + bool(chosen)
        assert len(answer.faults) == len(faults)
        assert all(_is_said(text, *fault) for text, fault in zip(answer.faults, faults, strict=True))
        assert {signal.origin for signal in answer.signals} == {s.origin for s in sources if s.name == chosen}
        _check_figures(answer.signals, chosen)
        assert not answer.signals or max(signal.end for signal in answer.signals) == known_until[chosen]
        for may_ask in (True, False):
            again = limited.near_now("FR", week.now, may_ask=may_ask)
            assert [(s.start, s.status, s.origin) for s in again.signals] == [
                (s.start, s.status, s.origin) for s in answer.signals
            ]
            assert (again.asked, again.faults, again.fault) == (answer.asked, answer.faults, answer.fault)
        assert len(service.requests) == before + count
        met |= {*faults, (chosen, week.state(chosen) if chosen else "")}
    assert met >= {(name, state) for name in PATHS for state in ("good", "empty", "error", "late")}
    assert met >= {("energy-charts", "gone"), ("energy-charts", "slow"), ("", "")}


def _newest(week: Week, name: str, state: str) -> datetime:
    """Return the end of the newest figure that a service tells in its state."""
    if state == "good":
        ends = {"energy-charts": week.past(QUARTER)[-1] + 9 * QUARTER, "rte": week.past(QUARTER)[-1] + QUARTER}
        return ends.get(name, week.past(HOUR)[-1] + HOUR)
    late = {"energy-charts": (QUARTER, 7 * HOUR), "rte": (QUARTER, 4 * HOUR), "entsoe": (HOUR, 6 * HOUR)}
    step, lag = late[name]
    return max(at for at in week.past(step) if at <= week.now - lag) + step


def _is_said(text: str, name: str, state: str) -> bool:
    return text.startswith(f"{name}: ") and any(said in text for said in SAID[state if state != "good" else "late"])


def _check_figures(signals: Sequence[Signal], name: str) -> None:
    for signal in signals:
        assert signal.g_per_kwh == pytest.approx(truth(name, signal.start, signal.status), abs=0.001)
