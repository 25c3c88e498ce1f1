"""Switches the measuring on: checks the configuration and registers the hooks of this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import terminal_lines
from pytest_carbon.pytest_edge.begin_run import begin_run

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.pytest_edge.recording_hooks import RecordingHooks

HOOKS_NAME = "carbon-hooks"
"""The name under which pytest's plugin manager knows the hooks of this process."""


def begin(config: pytest.Config) -> None:
    """Begin the run before ``conftest.py`` is imported. An xdist worker, which has no run of its own, does nothing."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        begin_run(config)


def register(config: pytest.Config) -> None:
    """Check the configuration and register the hooks of this process: an xdist worker's or the controller's.

    Raises pytest.UsageError, before any test runs, for a configuration that cannot be used.
    """
    try:
        settings = load_config(
            config.rootpath,
            report=config.getoption("carbon_report"),
            zone=config.getoption("carbon_zone"),
            top=config.getoption("carbon_top"),
        )
        hooks = _hooks_of_this_process(config, settings)
    except CarbonError as error:
        raise pytest.UsageError(terminal_lines(f"pytest-carbon: {error}")) from error
    config.pluginmanager.register(hooks, HOOKS_NAME)


def _hooks_of_this_process(config: pytest.Config, settings: Config) -> RecordingHooks:
    if hasattr(config, "workerinput"):
        from pytest_carbon.pytest_edge.worker_hooks import WorkerHooks

        return WorkerHooks(config, settings)
    from pytest_carbon.pytest_edge.controller_hooks import ControllerHooks

    return ControllerHooks(config, settings, begin_run(config))
