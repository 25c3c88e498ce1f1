"""The regions of Amazon Web Services are zones."""

from __future__ import annotations

import pytest

from pytest_carbon.grid.aws_regions import AwsRegions

REGIONS = AwsRegions()


@pytest.mark.parametrize(
    ("zone", "least", "most"),
    [
        ("aws:us-east-1", 300, 450),
        ("aws:eu-north-1", 10, 60),
        ("AWS:EU-CENTRAL-1 ", 250, 480),
        ("aws:ap-south-1", 600, 900),
        ("aws:ca-west-1", 300, 700),
        ("aws:cn-north-1", 300, 900),
    ],
)
def test_kind_15_a_region_of_aws_is_a_zone(zone: str, least: float, most: float) -> None:
    """The figure is in grams per kilowatt hour, in any case of letters, with a range and a source."""
    factor = REGIONS.factor(zone)
    assert factor is not None
    assert least < factor.g_per_kwh.central < most
    assert factor.g_per_kwh.low < factor.g_per_kwh.central < factor.g_per_kwh.high
    assert (factor.zone, factor.year, factor.assumed) == (zone, 2023, False)
    assert factor.source.startswith("AWS, ")


@pytest.mark.parametrize("zone", ["us-east-1", "gcp:us-east-1", "aws:", "aws:us-east-9", "", "DE"])
def test_what_is_no_region_of_aws(zone: str) -> None:
    """Without its provider a region is no zone: several providers have regions of nearly the same name."""
    assert REGIONS.factor(zone) is None


def test_every_region_that_is_listed_is_known() -> None:
    """No region has an empty figure, also if it has the zone of its place."""
    zones = REGIONS.zones()
    factors = [REGIONS.factor(zone) for zone in zones]
    assert len(zones) >= 35
    assert all(factor is not None and 0 < factor.g_per_kwh.central < 1000 for factor in factors)
