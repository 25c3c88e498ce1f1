"""Intensity of a mix."""

from __future__ import annotations

import pytest

from pytest_carbon.core.signals.source_factors import CARBON_FREE, FACTORS, carbon_free_share, intensity_of, shares_of


def test_mix() -> None:
    """A mix is the mean of its sources; no power is no answer; what is not named is not clean."""
    shares = shares_of({"gas": 50.0, "wind": 50.0})
    assert shares == {"gas": 0.5, "wind": 0.5}
    assert intensity_of(shares) == 250.5
    assert carbon_free_share(shares) == 0.5
    assert shares_of({"gas": 0.0}) is None
    assert shares_of({}) is None
    assert FACTORS["unknown"] == (FACTORS["gas"] + FACTORS["coal"]) / 2
    assert FACTORS.keys() > CARBON_FREE
    with pytest.raises(KeyError):
        intensity_of({"dilithium": 1.0})
