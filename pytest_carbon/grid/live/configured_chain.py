"""The chain of live sources that a policy names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_carbon.config.grid_settings import FILE, SDK, TABLE, GridSettings
from pytest_carbon.core.errors import ConfigError, did_you_mean, there_are
from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.registry import SOURCES
from pytest_carbon.grid.live.signal_cache import SignalCache, default_folder
from pytest_carbon.grid.live.signal_source import SignalSource
from pytest_carbon.grid.live.sources.carbon_aware_sdk import CarbonAwareSdk
from pytest_carbon.grid.live.sources.signal_file import SignalFile


def configured_chain(
    settings: GridSettings,
    root: Path,
    *,
    sources: Sequence[SignalSource] = SOURCES,
    environment: Mapping[str, str] = os.environ,
    limit_s: float = 20.0,
) -> Chain:
    """Return the chain of ``[grid] sources``, without the yearly tables. Raises ConfigError for an unknown source.

    ``root`` is the folder that the path of an own file is relative to.
    """
    named = {source.name: source for source in (*sources, *_own(settings, root))}
    for name in settings.sources:
        if name not in named and name != TABLE:
            known = [*named, TABLE]
            raise ConfigError(f"[grid] sources has {name!r}{did_you_mean(name, known)}{there_are(known)}")
    chosen = [named[name] for name in settings.sources if name != TABLE]
    return Chain(chosen, SignalCache(default_folder(environment)), environment, limit_s)


def _own(settings: GridSettings, root: Path) -> Iterator[SignalSource]:
    if settings.file is not None:
        yield SignalFile(root / settings.file.place, settings.file.origin, FILE, project=root)
    if settings.carbon_aware_sdk is not None:
        yield CarbonAwareSdk(settings.carbon_aware_sdk.place, settings.carbon_aware_sdk.origin, SDK)
