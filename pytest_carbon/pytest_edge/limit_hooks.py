"""The hooks that fail a test over the limit of its ``carbon`` marker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_carbon.core.energy.carbon_marker import limit_exceeded_message
from pytest_carbon.pytest_edge.guard import guarded
from pytest_carbon.pytest_edge.terminal_letters import failure_text

if TYPE_CHECKING:
    from pytest_carbon.pytest_edge.recording_hooks import RecordingHooks


class LimitHooks:
    """Fails tests over their own limit. Registered only if a test has a limit."""

    def __init__(self, hooks: RecordingHooks) -> None:
        self._hooks = hooks
        self.faults = hooks.faults

    @pytest.hookimpl(trylast=True)
    @guarded
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Compare the reference energy of the test's setup and call, after both have passed, with its limit.

        What tests that run at the same time use cannot be told apart: then no limit is judged.
        """
        marker, recorder = self._hooks.marker_of(item), self._hooks.recorder
        if "limit_j" not in marker or not recorder.runs_alone():
            return
        cpu_s = recorder.test_cpu_s()
        slowdown = recorder.probe()
        message = limit_exceeded_message(cpu_s, slowdown, marker["limit_j"], marker["limit"])
        if message:
            pytest.fail(failure_text(message), pytrace=False)
