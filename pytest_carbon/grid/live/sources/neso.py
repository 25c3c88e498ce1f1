"""Great Britain and its 17 regions, by NESO's Carbon Intensity API: half-hours, no key.

Direct emissions of power stations, imports counted in; ``forecast`` stands for half-hours that have not been measured
yet. Regions are only ever forecast. See https://api.carbonintensity.org.uk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import Reading, ensure_zone, list_of, moment_of, number_of, to_signals
from pytest_carbon.grid.live.signal_source import Question

_MOST = timedelta(days=14)
"""The longest time that one question may be about."""
ORIGIN = Origin("NESO Carbon Intensity API", "average", "direct", "consumption", "NESO Carbon Intensity API, CC BY 4.0")


@dataclass(frozen=True, slots=True)
class Neso:
    """National Energy System Operator, Great Britain."""

    address: str = "https://api.carbonintensity.org.uk"
    name: str = "neso"
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(hours=2)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return national half-hours for zone GB, regional ones for GB-1 to GB-17."""
        readings: list[Reading] = []
        start = question.start
        while start < question.end:
            end = min(question.end, start + _MOST)
            # the half-hour that ends where a later part begins is the part's before
            readings += [r for r in self._read(question, start, end) if r.start >= start or start == question.start]
            start = end
        return to_signals(question, self.origin, readings)

    def _read(self, question: Question, start: datetime, end: datetime) -> list[Reading]:
        span = f"{start:%Y-%m-%dT%H:%MZ}/{end:%Y-%m-%dT%H:%MZ}"
        if question.code == "national":
            answer = question.client.json(f"{self.address}/intensity/{span}")
            return [_half_hour(item) for item in list_of(answer, "data")]
        answer = question.client.json(f"{self.address}/regional/intensity/{span}/regionid/{question.code}")
        region = answer.get("data") if isinstance(answer, dict) else None
        ensure_zone([region or {}], "regionid", question.code)
        return [_half_hour(item) for item in list_of(region, "data")]


def _half_hour(item: Any) -> Reading:
    intensity = item["intensity"]
    actual = number_of(intensity.get("actual"))
    value = number_of(intensity.get("forecast")) if actual is None else actual
    mix = {part["fuel"]: (number_of(part["perc"]) or 0.0) / 100 for part in item.get("generationmix", ())}
    return Reading(
        moment_of(item["from"]),
        moment_of(item["to"]),
        value,
        "forecast" if actual is None else "measured",
        mix=mix or None,
    )
