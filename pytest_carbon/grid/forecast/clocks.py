"""The clock by which the people of a zone live: their day makes the grid's profile."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

_EUROPE = {
    "AT": "Vienna", "BE": "Brussels", "BG": "Sofia", "CH": "Zurich", "CZ": "Prague", "DE": "Berlin",
    "DK": "Copenhagen", "EE": "Tallinn", "ES": "Madrid", "FI": "Helsinki", "FR": "Paris", "GB": "London",
    "GR": "Athens", "HR": "Zagreb", "HU": "Budapest", "IE": "Dublin", "IT": "Rome", "LT": "Vilnius",
    "LU": "Luxembourg", "LV": "Riga", "NL": "Amsterdam", "NO": "Oslo", "PL": "Warsaw", "PT": "Lisbon",
    "RO": "Bucharest", "SE": "Stockholm", "SI": "Ljubljana", "SK": "Bratislava",
}  # fmt: skip
_OTHERS = {
    "AE": "Asia/Dubai", "AU-NSW": "Australia/Sydney", "AU-VIC": "Australia/Melbourne", "BH": "Asia/Bahrain",
    "BR": "America/Sao_Paulo", "CA-ON": "America/Toronto", "CA-QC": "America/Montreal", "CL": "America/Santiago",
    "HK": "Asia/Hong_Kong", "ID": "Asia/Jakarta", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata", "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul", "MX": "America/Mexico_City", "NZ": "Pacific/Auckland", "SA": "Asia/Riyadh",
    "SG": "Asia/Singapore", "TW": "Asia/Taipei", "US-CAL": "America/Los_Angeles", "US-CAR": "America/New_York",
    "US-CENT": "America/Chicago", "US-MIDA": "America/New_York", "US-MIDW": "America/Chicago",
    "US-NE": "America/New_York", "US-NW-PACE": "America/Denver", "US-NW": "America/Los_Angeles",
    "US-NY": "America/New_York", "US-SE": "America/New_York", "US-SW": "America/Phoenix", "US-TEX": "America/Chicago",
    "ZA": "Africa/Johannesburg",
}  # fmt: skip


def clock_of(zone: str) -> tzinfo:
    """Return the time zone of a grid zone, by the longest beginning of its name that is known; UTC for others.

    UTC also stands where this machine has no table of time zones.
    """
    parts = zone.rstrip("0123456789").rstrip("-").split("-")
    names = {**_OTHERS, **{code: f"Europe/{city}" for code, city in _EUROPE.items()}}
    found = next((names[name] for n in range(len(parts), 0, -1) for name in ["-".join(parts[:n])] if name in names), "")
    try:
        return ZoneInfo(found) if found else UTC
    except (KeyError, OSError):
        return UTC
