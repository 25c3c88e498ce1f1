"""Measures this machine for four seconds, to explain how it is measured."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_carbon.config.load import Config
from pytest_carbon.config.policy_above import ignored_policy
from pytest_carbon.config.unused_paths import unused_paths
from pytest_carbon.core.energy.diagnosis import Diagnosis, diagnose
from pytest_carbon.core.escape import visible
from pytest_carbon.extend.extensions import installed_extensions
from pytest_carbon.extend.grid_providers import ExtensionGridProvider
from pytest_carbon.extend.ledger_kinds import extension_ledger_kinds
from pytest_carbon.extend.reporters import extension_reporters
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.meter import machine_table
from pytest_carbon.meter.sidecar_session import Meter
from pytest_carbon.meter.work_counters.instruction_counter import why_no_counter
from pytest_carbon.usecases.configured_grid import grid_of_run

if TYPE_CHECKING:
    from pytest_carbon.grid.runner.detect_region import RunnerRegion

EXAMINE_S = 4.0


def examine_machine(
    config: Config, environment: Mapping[str, str] = os.environ, detect: Callable[[], RunnerRegion] | None = None
) -> Diagnosis:
    """Measure for four seconds, and return how this machine is measured and which extensions failed.

    ``detect`` is another way to ask for the region of this machine, which is done only if the policy says so.
    """
    meter = Meter()
    meter.start()
    time.sleep(EXAMINE_S)
    measurement = meter.stop()
    facts, spec = machine_table.this_machine(configured=config.machine)
    grid, grid_gap = grid_of_run(config, environment, detect)
    diagnosis = diagnose(
        measurement,
        facts,
        spec,
        grid,
        config.source,
        counter_unreadable=machine_table.counter_unreadable(),
        zone_from=config.zone_from,
        uncounted=why_no_counter(),
    )
    notes = (grid_gap, ignored_policy(config), unused_paths(config, ()), why_git_refuses(config.root))
    details = [*diagnosis.details, *(("note", note) for note in notes if note), *_describe_extensions()]
    return replace(diagnosis, details=details, network=_network(config))


def _network(config: Config) -> list[tuple[str, str]]:
    if not config.grid.detect and not config.grid.is_live:
        return []
    from pytest_carbon.grid.what_is_sent import describe_network

    return describe_network(config.grid)


def _describe_extensions() -> list[tuple[str, str]]:
    """Ask every extension for all that it offers; return a labelled line for each extension and each fault."""
    extensions = installed_extensions()
    ExtensionGridProvider(extensions).zones()
    for hook in ("carbon_verdict_reporters", "carbon_account_reporters"):
        list(extension_reporters(hook, extensions))
    list(extension_ledger_kinds(extensions))
    hooks = [
        f"{name}: {', '.join(names) or 'no hook that this version knows'}" for name, names in extensions.hooks.items()
    ]
    return [("extension", text) for text in (*map(visible, hooks), *map(str, extensions.faults))]
