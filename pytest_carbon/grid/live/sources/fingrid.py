"""Finland, by Fingrid's open data, with the user's free key: three minutes.

Data set 265: the emission factor of the electricity that is consumed, direct, in g/kWh. See https://data.fingrid.fi.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import Reading, list_of, moment_of, number_of, to_signals
from pytest_carbon.grid.live.signal_source import Question

KEY = "FINGRID_API_KEY"
ORIGIN = Origin("Fingrid", "average", "direct", "consumption", "Fingrid, CC BY 4.0")
_DATASET = 265
_PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Fingrid:
    """The Finnish system operator."""

    address: str = "https://data.fingrid.fi"
    name: str = "fingrid"
    needs: tuple[str, ...] = (KEY,)
    stale_after: timedelta = timedelta(hours=1)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return what was measured; there is no forecast."""
        query: dict[str, str | int] = {
            "startTime": f"{question.start:%Y-%m-%dT%H:%M:%SZ}",
            "endTime": f"{min(question.end, question.now):%Y-%m-%dT%H:%M:%SZ}",
            "pageSize": _PAGE,
            "sortOrder": "asc",
        }
        address = f"{self.address}/api/datasets/{_DATASET}/data"
        items = list_of(question.client.json(address, query, {"x-api-key": question.keys[KEY]}), "data")
        return to_signals(question, self.origin, [_reading(item) for item in items])


def _reading(item: Any) -> Reading:
    return Reading(moment_of(item["startTime"]), moment_of(item["endTime"]), number_of(item["value"]), "measured")
