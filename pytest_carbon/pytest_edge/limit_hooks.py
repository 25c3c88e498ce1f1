"""The hooks that fail a test over the limit of its ``carbon`` marker."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.energy.carbon_marker import limit_exceeded_message
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.pytest_edge.guard import guarded
from pytest_carbon.pytest_edge.terminal_letters import failure_text


class LimitHooks:
    """Fails tests over their own limit. Registered only if a test has a limit."""

    def __init__(self, marks: dict[str, dict[str, Any]], recorder: Recorder, faults: list[str]) -> None:
        self._markers = marks
        self._recorder = recorder
        self.faults = faults

    @pytest.hookimpl(trylast=True)
    @guarded
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Compare the reference energy of the test's setup and call, after both have passed, with its limit."""
        marker = self._markers.get(item.nodeid)
        if marker is None or "limit_j" not in marker:
            return
        cpu_s = self._recorder.test_cpu_s()
        slowdown = self._recorder.probe()
        message = limit_exceeded_message(cpu_s, slowdown, marker["limit_j"], marker["limit"])
        if message:
            pytest.fail(failure_text(message), pytrace=False)
