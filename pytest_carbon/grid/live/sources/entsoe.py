"""European bidding zones, by ENTSO-E's Transparency Platform, by quarters and hours; it needs the user's token.

The platform tells generation by type; intensity is made from the mix with the life-cycle factors of
``core/signals/source_factors.py``. Types lag by different times, so slots with fewer types than usual are left out.
See https://transparency.entsoe.eu (document A75, process A16).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low
from xml.etree import ElementTree

from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.read_answers import mix_of, moment_of, number_of, reading_of_mix, to_signals
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

KEY = "ENTSOE_TOKEN"
ORIGIN = Origin("ENTSO-E", "average", "lifecycle", "production", "ENTSO-E Transparency Platform, CC BY 4.0")
TYPES = {
    "B01": "biomass", "B02": "lignite", "B03": "gas", "B04": "gas", "B05": "coal", "B06": "oil", "B07": "oil",
    "B08": "coal", "B09": "geothermal", "B11": "hydro", "B12": "hydro", "B13": "wind", "B14": "nuclear",
    "B15": "unknown", "B16": "solar", "B17": "waste", "B18": "wind", "B19": "wind", "B20": "unknown",
}  # fmt: skip
STORES = frozenset(["B10", "B25"])
"""Pumped storage and batteries give back what they took."""
_MOST_POINTS = 200_000
"""A month of quarters of an hour of all types has a third."""
_STEPS = {"PT15M": timedelta(minutes=15), "PT30M": timedelta(minutes=30), "PT60M": timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class EntsoE:
    """ENTSO-E's Transparency Platform."""

    address: str = "https://web-api.tp.entsoe.eu"
    name: str = "entsoe"
    needs: tuple[str, ...] = (KEY,)
    stale_after: timedelta = timedelta(hours=4)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return slots whose mix is whole; there is no forecast."""
        end = min(question.end, question.now)
        if question.start >= end:
            return []
        query: dict[str, str | int] = {
            "securityToken": question.keys[KEY],
            "documentType": "A75",
            "processType": "A16",
            "in_Domain": question.code,
            "periodStart": f"{question.start:%Y%m%d%H%M}",
            "periodEnd": f"{end:%Y%m%d%H%M}",
        }
        headers = {"Accept": "application/xml"}
        body = question.client.get(f"{self.address}/api", query, headers).body
        power: dict[tuple[datetime, datetime], dict[str, float]] = defaultdict(dict)
        for number, (code, start, end_of_slot, megawatts) in enumerate(_points(body, question.code)):
            if number >= _MOST_POINTS:
                raise SourceFaultError(f"the answer has more than {_MOST_POINTS:,} points")
            power[start, end_of_slot][code] = megawatts
        usual = median_low(map(len, power.values())) if power else 0
        readings = [
            reading_of_mix(*slot, mix_of(codes, TYPES)) for slot, codes in sorted(power.items()) if len(codes) >= usual
        ]
        return to_signals(question, self.origin, readings)


def _points(body: bytes, zone: str) -> Iterator[tuple[str, datetime, datetime, float]]:
    """Yield code, start, end and megawatts of every point; omitted points repeat the one before (curve A03)."""
    text = body.decode()  # in no other encoding could a DOCTYPE hide
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SourceFaultError("a document with a DOCTYPE")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - bounded, and without entities, see above
    except ElementTree.ParseError:
        raise SourceFaultError("the answer is no XML") from None
    if _name(root).startswith("Acknowledgement"):
        return
    for series in _children(root, "TimeSeries"):
        if next(_children(series, "outBiddingZone_Domain.mRID"), None) is not None:
            continue  # what the plants used themselves
        if any(child.text != zone for child in _children(series, "inBiddingZone_Domain.mRID")):
            raise SourceFaultError(f"the answer has figures of another zone than {zone}")
        code = _text(_child(series, "MktPSRType"), "psrType")
        if code in STORES:
            continue
        if code not in TYPES:
            raise SourceFaultError(f"a type of plant that is not known ({code!r:.20})")
        for period in _children(series, "Period"):
            for start, end, megawatts in _slots(period):
                yield code, start, end, megawatts


def _slots(period: ElementTree.Element) -> Iterator[tuple[datetime, datetime, float]]:
    interval = _child(period, "timeInterval")
    start, end = moment_of(_text(interval, "start")), moment_of(_text(interval, "end"))
    step = _STEPS[_text(period, "resolution")]
    points = {int(_text(p, "position")): number_of(_text(p, "quantity")) or 0.0 for p in _children(period, "Point")}
    if not points:
        return
    first, power = min(points), 0.0
    if first < 1:
        raise SourceFaultError(f"the answer has a point at position {first}")
    for position in range(first, (end - start) // step + 1):
        power = points.get(position, power)
        yield start + (position - 1) * step, start + position * step, power


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (child for child in element if _name(child) == name)


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element:
    child = next(_children(element, name), None)
    if child is None:
        raise SourceFaultError(f"the answer has a {_name(element)!r:.40} without a {name}")
    return child


def _text(element: ElementTree.Element, name: str) -> str:
    return _child(element, name).text or ""
