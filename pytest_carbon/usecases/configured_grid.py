"""The grid factor of the configured zone, from the first provider that knows the zone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ZoneError
from pytest_carbon.core.model import GridFactor
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.extend.extensions import installed_extensions
from pytest_carbon.extend.grid_providers import ExtensionGridProvider
from pytest_carbon.grid.grid_provider import GridProvider
from pytest_carbon.grid.near_zone import near_zone
from pytest_carbon.grid.registry import PROVIDERS
from pytest_carbon.grid.world_average import WORLD

if TYPE_CHECKING:
    from pytest_carbon.grid.runner.detect_region import RunnerRegion


def configured_grid_factor(config: Config) -> GridFactor:
    """Return the factor of the configured zone; the assumed world average if no zone is set.

    Raises ZoneError for a zone that no provider knows. If an extension has failed, the zone may be the extension's: the
    assumed world average is then returned, on which no limit in grams is judged.
    """
    return _factor_of_zone(config.zone, config.zone_from) if config.zone is not None else WORLD


def grid_of_run(
    config: Config, environment: Mapping[str, str], detect: Callable[[], RunnerRegion] | None = None
) -> tuple[GridFactor, str]:
    """Return the factor for a run on this machine, and a gap: why the region is unknown; empty if there is no gap.

    Without a zone, in CI and only if the policy says ``detect``, the cloud's metadata service is asked, with another
    ``detect`` if given.
    """
    if config.zone is not None or not config.grid.detect or not environment.get("CI"):
        return configured_grid_factor(config), ""
    from pytest_carbon.grid.runner.detect_region import detect_region
    from pytest_carbon.grid.runner.metadata_service import MetadataError

    step = 'set the zone of the machine, such as zone = "NL", or remove detect from [grid]'
    try:
        found = (detect or detect_region)()
    except MetadataError as error:
        return WORLD, f"the region of this machine is unknown, because {error}; {step}"
    place = f"region {found.region} ({found.cloud} metadata)"
    try:
        factor = _factor_of_zone(found.zone, place) if found.zone else WORLD
    except ZoneError:
        factor = WORLD
    if factor.assumed:
        return WORLD, f"this machine is in {place}, whose grid no table has; {step}"
    return replace(factor, source=f"{place} -> zone {found.zone}: {factor.source}"), ""


def grid_factor_to_judge(config: Config) -> GridFactor:
    """Return the factor to judge with, as ``configured_grid_factor`` does, but never the average in place of a zone.

    Raises ZoneError, with the extensions that failed, if a zone is set and no provider could give its factor: a verdict
    without the zone would not be the policy's.
    """
    factor = configured_grid_factor(config)
    if config.zone is not None and factor.zone == WORLD.zone:
        faults = "; ".join(map(str, installed_extensions().faults))
        raise ZoneError(
            f"no provider knows the factor of the grid zone {config.zone!r} (from {config.zone_from}), and {faults}; "
            "is the zone spelt right?"
        )
    return factor


@cache
def _factor_of_zone(zone: str, zone_from: str) -> GridFactor:
    extensions = installed_extensions()
    first, last = ExtensionGridProvider(extensions), ExtensionGridProvider(extensions, last=True)
    providers: tuple[GridProvider, ...] = (first, *PROVIDERS, last)
    factor = next((factor for provider in providers if (factor := provider.factor(zone))), None)
    if factor is not None:
        return factor
    near = near_zone(zone, [name for provider in providers for name in provider.zones()])
    if extensions.faults:
        return replace(WORLD, source=f"assumed: world average, because no provider knows the factor of {zone!r}")
    hint = (
        f'; did you mean "{near}"?'
        if near
        else "; write a country (DE), a state (US-VA), a province (CA-QC), a bidding zone (SE3) or a cloud's region "
        "(gcp:us-central1, aws:us-east-1)"
    )
    raise ZoneError(f"no grid zone is called {zone!r} (from {zone_from}){hint}")


def grams_to_joules(mass_g: float, config: Config) -> float:
    """Return the joules whose operational emissions are ``mass_g`` grams on the configured grid.

    Raises ZoneError if no zone is set: grams mean nothing without a grid. Returns infinity if a zone is set and its
    factor is only assumed, because an extension failed: a limit in grams is then never exceeded.
    """
    grid = configured_grid_factor(config)
    if grid.assumed and config.zone is not None:
        return math.inf
    if grid.assumed:
        raise ZoneError(
            "a limit in grams needs a grid zone, and no zone is set; set the zone of your machines, such as "
            'zone = "DE" in carbon.toml, or give the limit in joules, such as "2 J"'
        )
    return mass_g / grid.g_per_kwh.central * J_PER_KWH
