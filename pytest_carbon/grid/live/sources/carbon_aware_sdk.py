"""A Carbon Aware SDK web API of the user's own (Green Software Foundation): what it says, in g/kWh.

The SDK does not tell what its figures mean; ``[grid.carbon-aware-sdk]`` in the policy does. See
https://github.com/Green-Software-Foundation/carbon-aware-sdk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import Reading, list_of, moment_of, number_of, past_and_ahead, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError


@dataclass(frozen=True, slots=True)
class CarbonAwareSdk:
    """A web API at ``address``, whose figures mean what ``origin`` says."""

    address: str
    origin: Origin
    name: str = "carbon-aware-sdk"
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(hours=3)

    def signals(self, question: Question) -> list[Signal]:
        """Return what was measured up to now, and the current forecast."""
        readings = past_and_ahead(
            question, lambda: self._past(question), lambda: self._ahead(question), without=[400, 404, 501]
        )
        return to_signals(question, self.origin, readings)

    def _past(self, question: Question) -> list[Reading]:
        end = min(question.end, question.now)
        query = {"location": question.code, "time": question.start.isoformat(), "toTime": end.isoformat()}
        items = self._list(question.client.json(f"{self.address}/emissions/bylocation", query))
        points = sorted((moment_of(item["time"]), number_of(item["rating"])) for item in items)
        return [Reading(slot.start, slot.end, slot.g_per_kwh, "measured") for slot in with_ends(points)]

    def _ahead(self, question: Question) -> list[Reading]:
        answer = question.client.json(f"{self.address}/emissions/forecasts/current", {"location": question.code})
        for forecast in self._list(answer):
            issued = moment_of(forecast["generatedAt"])
            return [
                Reading(
                    start,
                    start + timedelta(minutes=float(item["duration"])),
                    number_of(item["value"]),
                    "forecast",
                    issued,
                )
                for item in list_of(forecast, "forecastData")
                for start in [moment_of(item["timestamp"])]
            ]
        return []

    @staticmethod
    def _list(answer: Any) -> list[Any]:
        if not isinstance(answer, list):
            raise SourceFaultError("the answer is no list")
        return answer
