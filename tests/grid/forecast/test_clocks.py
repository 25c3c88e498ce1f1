"""The clocks of zones."""

from __future__ import annotations

import pytest

from pytest_carbon.grid.forecast.clocks import clock_of
from pytest_carbon.grid.live.zone_codes import live_zones


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("DE", "Europe/Berlin"), ("DK1", "Europe/Copenhagen"), ("GB-17", "Europe/London"), ("SE4", "Europe/Stockholm"),
        ("IT-NO", "Europe/Rome"), ("US-NW-PACE", "America/Denver"), ("US-NW-BPAT", "America/Los_Angeles"),
        ("US-CAL-CISO", "America/Los_Angeles"), ("CA-QC", "America/Montreal"), ("XX", "UTC"),
    ],
)  # fmt: skip
def test_clock_of(zone: str, clock: str) -> None:
    """By the longest beginning of the zone's name."""
    assert str(clock_of(zone)) == clock


def test_every_live_zone_has_a_clock() -> None:
    """A new zone needs a line, or its days begin at the wrong hour."""
    assert [zone for zone in live_zones() if str(clock_of(zone)) == "UTC"] == []
