"""France, by RTE's éCO2mix: quarters of an hour, no key, no forecast of carbon intensity.

Direct emissions of production. Later rows hold null. See https://odre.opendatasoft.com (eco2mix-national-tr).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import Reading, list_of, moment_of, number_of, to_signals
from pytest_carbon.grid.live.signal_source import Question

ORIGIN = Origin("RTE éCO2mix", "average", "direct", "production", "RTE, éCO2mix, Licence Ouverte 2.0")
_PAGE = 100
_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Rte:
    """The French system operator."""

    address: str = "https://odre.opendatasoft.com"
    name: str = "rte"
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(hours=3)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return quarters of an hour that were measured, at most ten days of them."""
        rows: list[Any] = []
        for page in range(10):
            query: dict[str, str | int] = {
                "select": "date_heure,taux_co2",
                "where": f"date_heure >= '{question.start:%Y-%m-%dT%H:%MZ}' and "
                f"date_heure < '{question.end:%Y-%m-%dT%H:%MZ}' and taux_co2 is not null",
                "order_by": "date_heure",
                "limit": _PAGE,
                "offset": page * _PAGE,
            }
            path = "/api/explore/v2.1/catalog/datasets/eco2mix-national-tr/records"
            found = list_of(question.client.json(f"{self.address}{path}", query), "results")
            rows += found
            if len(found) < _PAGE:
                break
        points = [(moment_of(row["date_heure"]), number_of(row["taux_co2"])) for row in rows]
        readings = [Reading(slot.start, slot.end, slot.g_per_kwh, "measured") for slot in with_ends(points, _STEP)]
        return to_signals(question, self.origin, readings)
