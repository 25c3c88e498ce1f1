"""More than 200 zones, by Electricity Maps' API v3, by hours; it needs the user's token.

Flow-traced life-cycle figures. A forecast needs a paid plan; without one, what was measured is all there is. See
https://docs.electricitymaps.com.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal, Status
from pytest_carbon.grid.live.read_answers import Reading, list_of, moment_of, number_of, past_and_ahead, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

KEY = "ELECTRICITYMAPS_TOKEN"
ORIGIN = Origin(
    "Electricity Maps", "average", "lifecycle", "consumption", "Electricity Maps, proprietary; your plan's terms"
)
_DAY = timedelta(hours=25)
"""What every plan may read: the last 24 hours, and the hour that has begun."""


@dataclass(frozen=True, slots=True)
class ElectricityMaps:
    """Electricity Maps."""

    address: str = "https://api.electricitymaps.com"
    name: str = "electricitymaps"
    needs: tuple[str, ...] = (KEY,)
    stale_after: timedelta = timedelta(hours=3)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return what was measured or estimated, and the forecast where the plan has one."""
        readings = past_and_ahead(
            question, lambda: self._past(question), lambda: self._ahead(question), without=[401, 403, 404]
        )
        return to_signals(question, self.origin, readings)

    def _past(self, question: Question) -> list[Reading]:
        if question.start >= question.now - _DAY:
            items = list_of(self._ask(question, "history", {}), "history")
        else:
            span = {"start": question.start.isoformat(), "end": min(question.end, question.now).isoformat()}
            items = list_of(self._ask(question, "past-range", span), "data")
        return self._readings(items)

    def _ahead(self, question: Question) -> list[Reading]:
        return self._readings(list_of(self._ask(question, "forecast", {}), "forecast"), "forecast")

    def _ask(self, question: Question, what: str, query: dict[str, str]) -> Any:
        headers = {"auth-token": question.keys[KEY]}
        address = f"{self.address}/v3/carbon-intensity/{what}"
        answer = question.client.json(address, {"zone": question.code, **query}, headers)
        if not isinstance(answer, dict) or answer.get("zone") != question.code:
            raise SourceFaultError(f"no answer for the zone {question.code}")
        return answer

    def _readings(self, items: list[Any], status: Status | None = None) -> list[Reading]:
        kinds = {item.get("emissionFactorType", "lifecycle") for item in items}
        if kinds - {"lifecycle"}:
            raise SourceFaultError("the figures are not of the life cycle")
        slots = with_ends([(moment_of(item["datetime"]), number_of(item["carbonIntensity"])) for item in items])
        return [
            Reading(
                slot.start,
                slot.end,
                slot.g_per_kwh,
                status or ("estimated" if item.get("isEstimated") else "measured"),
                moment_of(item["updatedAt"]) if item.get("updatedAt") else None,
            )
            for slot, item in zip(slots, items, strict=True)
        ]
