"""Denmark's two zones, by Energinet's Energi Data Service: every five minutes, no key.

Direct emissions of the power that is used. One record a moment, overwritten by later ones. See
https://www.energidataservice.dk (datasets CO2Emis and CO2EmisProg).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal, Status
from pytest_carbon.grid.live.read_answers import (
    Reading,
    ensure_zone,
    list_of,
    moment_of,
    number_of,
    to_signals,
    until_last_figure,
    utc,
)
from pytest_carbon.grid.live.signal_source import Question

ORIGIN = Origin("Energinet", "average", "direct", "consumption", "Energinet, Energi Data Service, CC BY 4.0")
_STEP = timedelta(minutes=5)
_MOST_RECORDS = 12 * 24 * 40


@dataclass(frozen=True, slots=True)
class Energinet:
    """The Danish system operator."""

    address: str = "https://api.energidataservice.dk"
    name: str = "energinet"
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(hours=2)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return what was measured, and from then on the forecast."""
        measured = until_last_figure(self._read(question, "CO2Emis", "measured", question.start))
        known_until = measured[-1].end if measured else question.start
        ahead = self._read(question, "CO2EmisProg", "forecast", known_until) if known_until < question.end else []
        return to_signals(question, self.origin, [*measured, *(r for r in ahead if r.start >= known_until)])

    def _read(self, question: Question, dataset: str, status: Status, start: datetime) -> list[Reading]:
        query: dict[str, str | int] = {
            "start": f"{start:%Y-%m-%dT%H:%M}",
            "end": f"{question.end:%Y-%m-%dT%H:%M}",
            "timezone": "UTC",
            "filter": json.dumps({"PriceArea": [question.code]}),
            "sort": "Minutes5UTC",
            "limit": _MOST_RECORDS,
        }
        records = list_of(question.client.json(f"{self.address}/dataset/{dataset}", query), "records")
        ensure_zone(records, "PriceArea", question.code)
        points = sorted((moment_of(record["Minutes5UTC"], utc), number_of(record["CO2Emission"])) for record in records)
        return [Reading(slot.start, slot.end, slot.g_per_kwh, status) for slot in with_ends(points, _STEP)]
