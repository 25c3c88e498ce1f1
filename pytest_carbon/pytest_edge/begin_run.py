"""Begins the run of the process that the user started, before any code of the project is imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from pytest_carbon.meter.ci_branch import environment_at_start
from pytest_carbon.meter.dropped_variables import with_dropped_variables
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.meter.sidecar_session import Meter
from pytest_carbon.processes.marks import MarkSender


@dataclass(frozen=True, slots=True)
class BegunRun:
    """What measures a run that has begun."""

    recorder: Recorder
    meter: Meter
    marks: MarkSender
    since: tuple[float, float]
    environment: Mapping[str, str]

    def abandon(self) -> None:
        """Stop the sidecar of a session that never finished."""
        if os.getpid() == self.recorder.pid:
            self.meter.abandon()


_BEGUN = pytest.StashKey[BegunRun]()


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
        begun = BegunRun(recorder, meter, marks, recorder.read_clocks(), variables)
        config.stash[_BEGUN] = begun
        config.add_cleanup(begun.abandon)
    return config.stash[_BEGUN]
