"""The grid factor of the configured zone."""

from __future__ import annotations

from functools import cache

from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ZoneError, did_you_mean
from pytest_carbon.core.model import GridFactor
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.grid.world_average import WORLD


def grid_of(config: Config) -> GridFactor:
    """Return the factor of the configured zone, or the assumed world average where none is set.

    Raises ZoneError for a zone that no provider knows.
    """
    if config.zone is None:
        return WORLD
    return _factor(config.zone, config.zone_from)


@cache
def _factor(zone: str, zone_from: str) -> GridFactor:
    manager = plugin_manager()
    factor: GridFactor | None = manager.hook.carbon_grid_factor(zone=zone)
    if factor is None:
        known = {zone for zones in manager.hook.carbon_grid_zones() for zone in zones}
        hint = did_you_mean(zone.upper(), known) or (
            "; write a country (DE), a state (US-VA), a province (CA-QC), a bidding zone (SE3) or a cloud's "
            "region (gcp:us-central1)"
        )
        raise ZoneError(f"no grid zone is called {zone!r} (from {zone_from}){hint}")
    return factor


def grams_to_joules(mass_g: float, config: Config) -> float:
    """Return the joules whose operational emissions are so many grams, on the configured grid.

    Raises ZoneError where no zone is set: grams mean nothing without a grid.
    """
    grid = grid_of(config)
    if grid.assumed:
        raise ZoneError(
            'a limit in grams needs a grid zone, and none is set; set zone = "DE" (your own) in carbon.toml, or '
            'give the limit in joules, such as "2 J"'
        )
    return mass_g / grid.g_per_kwh.central * J_PER_KWH
