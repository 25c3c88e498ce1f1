"""European countries, by Fraunhofer ISE's Energy-Charts: quarters of an hour, no key.

The answer has the measured figures first, and forecasts up to the end of the day of the day-ahead market. Both lists
end with nulls. Figures are called CO2 equivalents. The service does not state whether they are of the life cycle, or
whether imports count: both are assumed, and the text beside the figures says so. See https://api.energy-charts.info.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import Reading, list_of, moment_of, number_of, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

ORIGIN = Origin(
    "Energy-Charts",
    "average",
    "lifecycle",
    "production",
    "energy-charts.info, Fraunhofer ISE, CC BY 4.0; lifecycle and production are assumed, the service states neither",
)


@dataclass(frozen=True, slots=True)
class EnergyCharts:
    """Fraunhofer ISE's Energy-Charts."""

    address: str = "https://api.energy-charts.info"
    name: str = "energy-charts"
    needs: tuple[str, ...] = ()
    stale_after: timedelta = timedelta(hours=6)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return quarters of an hour; a measured figure wins over a forecast."""
        query = {
            "country": question.code,
            "start": f"{question.start:%Y-%m-%dT%H:%MZ}",
            "end": f"{question.end:%Y-%m-%dT%H:%MZ}",
        }
        answer = question.client.json(f"{self.address}/co2eq", query)
        times, measured, forecast = (list_of(answer, key) for key in ("unix_seconds", "co2eq", "co2eq_forecast"))
        if not len(times) == len(measured) == len(forecast):
            raise SourceFaultError(f"lists of {len(times)}, {len(measured)} and {len(forecast)} figures")
        slots = with_ends([(moment_of(at), None) for at in times])
        pairs = [(number_of(own), number_of(ahead)) for own, ahead in zip(measured, forecast, strict=True)]
        readings = [
            Reading(slot.start, slot.end, ahead if own is None else own, "forecast" if own is None else "measured")
            for slot, (own, ahead) in zip(slots, pairs, strict=True)
        ]
        return to_signals(question, self.origin, readings)
