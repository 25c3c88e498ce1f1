"""A misspelt zone suggests one that is near, of the same provider, or none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.grid.near_zone import near_zone
from pytest_carbon.grid.registry import PROVIDERS

KNOWN = [zone for provider in PROVIDERS for zone in provider.zones()] + ["office"]


@pytest.mark.parametrize(
    ("zone", "near"),
    [
        ("us-esat-1", "aws:us-east-1"),
        ("us-east-1", "aws:us-east-1"),
        ("us-east1", "gcp:us-east1"),
        ("us-esat1", "gcp:us-east1"),
        ("US_EAST_1", "aws:us-east-1"),
        ("us-east-1a", "aws:us-east-1"),
        ("us-central1-a", "gcp:us-central1"),
        ("aws:us-east1", "aws:us-east-1"),
        ("aws: eu-centrall-1", "aws:eu-central-1"),
        ("asw:eu-central-1", "aws:eu-central-1"),
        ("gpc:us-central1", "gcp:us-central1"),
        ("gcp:europ-west1", "gcp:europe-west1"),
        ("ap-norhteast-3", "aws:ap-northeast-3"),
        ("us-vaa", "US-VA"),
        ("US_VA", "US-VA"),
        ("us-tex", "US-TX"),
        ("SE-3", "SE3"),
        ("UK", "GBR"),
        ("offce", "office"),
    ],
)
def test_kind_15_a_near_zone(zone: str, near: str) -> None:
    """A letter, a separator or the provider is wrong."""
    assert near_zone(zone, KNOWN) == near


@pytest.mark.parametrize(
    "zone",
    [
        "us-esat-1" * 20_000,
        "XX", "DEE", "EU", "GER", "the moon", "", "日本", "US-XX", "US-CAL", "US-NEY", "SE5", "NO9", "germany",
        "aws:us-central1",  # of another provider
        "gcp:eu-central-1",
        "azure:eastus",
        "aws:eu-west-4",  # one of three others
        "aws:eu-north-2",  # another number
        "aws:eu-east-1",  # east is not west
        "aws:us-north-1",  # the USA is not Europe
        "us-est-1",  # east or west
    ],
)  # fmt: skip
def test_kind_15_no_zone_is_near(zone: str) -> None:
    """A far zone, of another country or provider, would be taken without a thought."""
    assert near_zone(zone, KNOWN) is None


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(KNOWN), st.integers(0, 20), st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
def test_one_wrong_letter_leads_to_no_other_provider(zone: str, at: int, letter: str) -> None:
    """Whatever is suggested for a slip after the colon is of the provider that was written."""
    provider, colon, region = zone.rpartition(":")
    slip = f"{provider}{colon}{region[:at]}{letter}{region[at + 1 :]}"
    near = near_zone(slip, KNOWN)
    if near is not None and colon:
        assert near.casefold().startswith(f"{provider.casefold()}:")
