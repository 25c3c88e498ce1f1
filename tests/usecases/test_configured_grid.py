"""The grid of a run: the configured zone, the assumed world average, or an error with a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ZoneError
from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables
from pytest_carbon.grid.registry import PROVIDERS
from pytest_carbon.grid.world_average import WORLD
from pytest_carbon.usecases.configured_grid import configured_grid_factor, grams_to_joules

HERE = Path()


def test_no_zone_is_the_world_average_marked_as_assumed() -> None:
    """There is no default country: without a zone the world average with its wide range is assumed."""
    assert configured_grid_factor(Config(HERE)) is WORLD
    assert WORLD.assumed is True
    assert tuple(WORLD.g_per_kwh) == (475.0, 35.0, 750.0)


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("DEE", "no grid zone is called 'DEE' (from carbon.toml); write a country (DE), a state (US-VA)"),
        ("us-esat-1", "no grid zone is called 'us-esat-1' (from carbon.toml); did you mean \"aws:us-east-1\"?"),
        ("us-vaa", "no grid zone is called 'us-vaa' (from carbon.toml); did you mean \"US-VA\"?"),
        (
            "gcp:us-centrall1",
            "no grid zone is called 'gcp:us-centrall1' (from carbon.toml); did you mean \"gcp:us-central1\"?",
        ),
        ("the moon", "no grid zone is called 'the moon' (from carbon.toml); write a country (DE), a state (US-VA)"),
    ],
)
def test_unknown_zone_is_an_error_with_a_hint(zone: str, message: str) -> None:
    """The error names where the zone was set, and the nearest known zone."""
    with pytest.raises(ZoneError) as caught:
        configured_grid_factor(Config(HERE, zone=zone, zone_from="carbon.toml"))
    assert str(caught.value).startswith(message)


def test_grams_become_joules_on_a_known_grid_only() -> None:
    """With a zone, grams become energy at the grid's factor; without a zone they are refused."""
    germany = CodeCarbonTables().factor("DE")
    assert germany is not None
    joules = grams_to_joules(2.0, Config(HERE, zone="DE", zone_from="carbon.toml"))
    assert joules == pytest.approx(7_200_000 / germany.g_per_kwh.central)
    with pytest.raises(ZoneError, match="a limit in grams needs a grid zone, and no zone is set"):
        grams_to_joules(2.0, Config(HERE))


def test_the_provider_of_the_tables_is_registered() -> None:
    """Each built-in provider has a name of its own and knows zones."""
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS) >= 1
    assert all(provider.zones() for provider in PROVIDERS)
