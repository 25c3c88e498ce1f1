"""Begins the run, or the part of it that a worker does, before any code of the project is imported."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import pytest

from pytest_carbon.meter.ci_variables.ci_branch import environment_at_start
from pytest_carbon.meter.ci_variables.dropped_variables import with_dropped_variables
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.meter.sidecar_session import Meter
from pytest_carbon.meter.work_counters.instruction_counter import counter_here
from pytest_carbon.processes.marks import MarkSender
from pytest_carbon.pytest_edge.untouched_python import UntouchedPython


@dataclass(frozen=True, slots=True)
class BegunPart:
    """What a process of the run records with, and the clocks at which it began to import code of the project."""

    recorder: Recorder
    python: UntouchedPython
    since: tuple[float, float]


@dataclass(frozen=True, slots=True)
class BegunRun:
    """What measures a run that has begun, in the process that the user started."""

    part: BegunPart
    meter: Meter
    marks: MarkSender
    environment: Mapping[str, str]

    def abandon(self) -> None:
        """Stop the sidecar of a session that never finished."""
        if not self.part.recorder.in_child():
            with suppress(Exception), self.part.python.restored():
                self.meter.abandon()


class ImportHooks:
    """Looks at the machine's speed whenever pytest has imported a plugin or a conftest file."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def pytest_plugin_registered(self) -> None:
        """Run the speed probes if they are due. Without them nothing is lost but a probe."""
        with suppress(Exception):
            self._recorder.probe_inside_if_due()


_BEGUN = pytest.StashKey[BegunRun]()
_BEGUN_PART = pytest.StashKey[BegunPart]()


def begin_part(config: pytest.Config) -> BegunPart:
    """Begin the part of an xdist worker, unless it has begun: first comes the start of its process, then imports."""
    if _BEGUN_PART not in config.stash:
        recorder = Recorder()
        recorder.add_start_up_span()
        recorder.count_instructions(counter_here())
        config.stash[_BEGUN_PART] = BegunPart(recorder, UntouchedPython(), recorder.read_clocks())
        config.pluginmanager.register(ImportHooks(recorder))
    return config.stash[_BEGUN_PART]


def begin_run(config: pytest.Config) -> BegunRun:
    """Begin the run, unless it has begun, and return what measures it.

    The clocks are taken before code of the project can change them, and its imports are part of the run. Whoever
    watches the command from outside gets the first mark.
    """
    if _BEGUN not in config.stash:
        variables = with_dropped_variables(environment_at_start())
        recorder = Recorder()
        meter = Meter(() if getattr(config.known_args_namespace, "carbon_side", None) else None)
        marks = MarkSender()
        recorder.begin_run()
        marks.send()
        meter.start()
        recorder.count_instructions(counter_here())  # now that the sidecar is no child that would count, too
        part = BegunPart(recorder, UntouchedPython(), recorder.read_clocks())
        begun = BegunRun(part, meter, marks, variables)
        config.stash[_BEGUN] = begun
        config.add_cleanup(begun.abandon)
        config.pluginmanager.register(ImportHooks(recorder))
    return config.stash[_BEGUN]
