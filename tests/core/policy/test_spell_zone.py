"""Zones have one spelling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.policy.spell_zone import spell_zone
from pytest_carbon.grid.registry import PROVIDERS

KNOWN = ["DE", "SE3", "SE-SE3", "NO1", *(zone for provider in PROVIDERS for zone in provider.zones())]


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("de", "DE"), (" De\n", "DE"), ("deu", "DEU"), ("us-va", "US-VA"), ("ca-QC", "CA-QC"), ("se3", "SE3"),
        ("se-se3", "SE-SE3"), ("GCP:US-Central1", "gcp:us-central1"), ("Aws:us-east-1", "aws:us-east-1"),
        ("Office", "Office"), ("our cellar", "our cellar"), ("world average", "world average"), ("", ""),
    ],
)  # fmt: skip
def test_a_zone_has_its_usual_letters(written: str, zone: str) -> None:
    """Codes have capital letters, regions of clouds small ones; a name that is neither may be an extension's."""
    assert spell_zone(written) == zone


@given(st.sampled_from(KNOWN), st.sampled_from([str.lower, str.upper, str.title]))
def test_every_known_zone_is_the_same_in_any_case(zone: str, change: Callable[[str], str]) -> None:
    """However it is written, and however often."""
    spelt = spell_zone(zone)
    assert spell_zone(change(zone)) == spelt
    assert spell_zone(spelt) == spelt
