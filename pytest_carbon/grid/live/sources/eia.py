"""Balancing authorities of the United States, by EIA's Open Data v2, with the user's key: hours, about a day late.

EIA tells the mix. Intensity is made from the mix with the life-cycle factors of ``core/signals/source_factors.py``.
Figures may be texts; batteries and others go below 0. See https://www.eia.gov/opendata.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import ensure_zone, list_of, mix_of, number_of, reading_of_mix, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

KEY = "EIA_API_KEY"
ORIGIN = Origin("EIA", "average", "lifecycle", "production", "U.S. Energy Information Administration, public domain")
FUELS = {
    "COL": "coal", "NG": "gas", "NUC": "nuclear", "OIL": "oil", "SUN": "solar", "WAT": "hydro", "WND": "wind",
    "GEO": "geothermal", "BM": "biomass", "OTH": "unknown", "UNK": "unknown",
}  # fmt: skip
STORES = frozenset(["BAT", "PS", "SNB", "UES", "WNB"])
"""What gives back what it took: no source of its own."""
_HOUR = timedelta(hours=1)
_MOST_ROWS = 5000
_CALL = timedelta(hours=_MOST_ROWS // 20)


@dataclass(frozen=True, slots=True)
class Eia:
    """The U.S. Energy Information Administration."""

    address: str = "https://api.eia.gov"
    name: str = "eia"
    needs: tuple[str, ...] = (KEY,)
    stale_after: timedelta = timedelta(hours=36)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return hours whose mix is whole: hours with fewer fuels than the others are left out."""
        power: dict[datetime, dict[str, float]] = defaultdict(dict)
        start, until = question.start.replace(minute=0, second=0, microsecond=0), min(question.end, question.now)
        while start < until:
            end = min(until, start + _CALL)
            for at, code, megawatts in self._rows(question, start, end):
                power[at][code] = megawatts
            start = end
        most = max((len(codes) for codes in power.values()), default=0)
        readings = [
            reading_of_mix(at, at + _HOUR, mix_of(codes, FUELS))
            for at, codes in sorted(power.items())
            if len(codes) == most
        ]
        return to_signals(question, self.origin, readings)

    def _rows(self, question: Question, start: datetime, end: datetime) -> list[tuple[datetime, str, float]]:
        """Return the hour, fuel and megawatts of rows from ``start``; the hour that begins at ``end`` is none of them.

        EIA counts the hour of its ``end`` in.
        """
        query: dict[str, str | int] = {
            "api_key": question.keys[KEY],
            "frequency": "hourly",
            "data[]": "value",
            "facets[respondent][]": question.code,
            "start": f"{start:%Y-%m-%dT%H}",
            "end": f"{end - timedelta(microseconds=1):%Y-%m-%dT%H}",
            "length": _MOST_ROWS,
        }
        answer = question.client.json(f"{self.address}/v2/electricity/rto/fuel-type-data/data/", query)
        response = answer["response"]
        rows = list_of(response, "data")
        if response.get("warnings") or response.get("warning") or len(rows) < int(response.get("total", len(rows))):
            raise SourceFaultError("the answer was cut, so the mix is not whole")
        ensure_zone(rows, "respondent", question.code)
        return [(_hour(row["period"]), code, power) for row in rows for code, power in _power(row)]


def _power(row: dict[str, object]) -> list[tuple[str, float]]:
    """Return the fuel's code and the megawatts of a row; nothing for what is stored, or not told.

    Raises SourceFaultError for a fuel that is not known: its grams would be missing.
    """
    code, power = str(row["fueltype"]), number_of(row["value"])
    if code in STORES or power is None:
        return []
    if code not in FUELS:
        raise SourceFaultError(f"a fuel that is not known ({code!r:.20})")
    return [(code, max(0.0, power))]


def _hour(text: object) -> datetime:
    return datetime.strptime(str(text), "%Y-%m-%dT%H").replace(tzinfo=UTC)
