"""Switches the measuring on: checks the configuration and registers the hooks of this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.config.looking_options import LOOKING
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.meter.ci_variables.dropped_variables import variables_now
from pytest_carbon.pytest_edge.begin_run import begin_part, begin_run
from pytest_carbon.pytest_edge.guard import FaultHooks, note_fault
from pytest_carbon.pytest_edge.terminal_letters import usage_error
from pytest_carbon.pytest_edge.unjudged_limits import UnjudgedLimits

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.pytest_edge.recording_hooks import RecordingHooks

HOOKS_NAME = "carbon-hooks"
"""The name under which pytest's plugin manager knows the hooks of this process."""
FAULTS_NAME = "carbon-faults"


def begin(config: pytest.Config) -> None:
    """Begin the run, or the part of an xdist worker, before ``conftest.py`` is imported.

    A program that a worker starts has the worker's variables; the worker itself is started by ``python -c``.
    """
    in_worker = "PYTEST_XDIST_WORKER" in os.environ and sys.argv[:1] == ["-c"]
    with _faults_told(config):
        if in_worker:
            begin_part(config)
        elif not runs_no_test(config):
            begin_run(config)


def runs_no_test(config: pytest.Config) -> bool:
    """Return whether the user asks pytest to show something instead of running tests: then nothing is measured.

    Raises pytest.UsageError if a file of the project asks for it: then no test of it would ever run, and the report of
    an earlier run would stay.
    """
    chosen = [name for name in LOOKING if getattr(config.known_args_namespace, name, None)]
    for option in (option for name in chosen for option in LOOKING[name]):
        if any(_holds(word, option) for word in config.getini("addopts")):
            message = f"addopts of the project's settings has {option}, so no test runs; remove it, or omit --carbon"
            raise usage_error(f"pytest-carbon: {message}")
    return bool(chosen)


def _holds(word: str, option: str) -> bool:
    """Return whether a word of a command line may hold an option: short ones may stand together, as in ``-qh``."""
    if option.startswith("--"):
        return word.partition("=")[0] == option
    return word.startswith("-") and not word.startswith("--") and option[1] in word


def register(config: pytest.Config) -> None:
    """Check the configuration and register the hooks of this process: an xdist worker's or the controller's.

    Raises pytest.UsageError, before any test runs, for a configuration that cannot be used.
    """
    with _faults_told(config):
        if hasattr(config, "workerinput"):
            part = begin_part(config)
        elif runs_no_test(config):
            return
        else:
            part = begin_run(config).part
        with part.python.restored():
            _register(config)


@contextmanager
def _faults_told(config: pytest.Config) -> Iterator[None]:
    """Tell a fault of ours under the tests' results, which go on without us. A mistake of the user passes."""
    try:
        yield
    except pytest.UsageError:
        raise
    except Exception as fault:
        faults: list[str] = []
        note_fault(faults, fault)
        if not config.pluginmanager.has_plugin(FAULTS_NAME):
            config.pluginmanager.register(FaultHooks(faults, _unjudged_limits(config)), FAULTS_NAME)


def _unjudged_limits(config: pytest.Config) -> UnjudgedLimits | None:
    """Return the limits that nobody will judge; None in a worker, or if what is broken keeps us from reading them."""
    if hasattr(config, "workerinput"):
        return None
    with suppress(Exception):
        return UnjudgedLimits(load_config(config.rootpath, environment=os.environ))
    return None


def _register(config: pytest.Config) -> None:
    try:
        settings = load_config(
            config.rootpath,
            report=config.getoption("carbon_report"),
            zone=config.getoption("carbon_zone"),
            top=config.getoption("carbon_top"),
            environment=variables_now(),
        )
        hooks = _hooks_of_this_process(config, settings)
    except CarbonError as error:
        raise usage_error(f"pytest-carbon: {error}") from error
    config.pluginmanager.register(hooks, HOOKS_NAME)


def _hooks_of_this_process(config: pytest.Config, settings: Config) -> RecordingHooks:
    if hasattr(config, "workerinput"):
        from pytest_carbon.pytest_edge.worker_hooks import WorkerHooks

        return WorkerHooks(config, settings, begin_part(config))
    from pytest_carbon.pytest_edge.controller_hooks import ControllerHooks

    return ControllerHooks(config, settings, begin_run(config))
