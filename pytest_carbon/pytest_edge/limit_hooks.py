"""The hooks that fail a test over the limit of its ``carbon`` marker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_carbon.core.energy.carbon_marker import limit_exceeded_message
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.pytest_edge.guard import guarded
from pytest_carbon.pytest_edge.terminal_letters import failure_text


class LimitHooks:
    """Fails tests over their own limit. Registered only if a test has a limit."""

    def __init__(
        self, marker_of: Callable[[pytest.Item], dict[str, Any]], recorder: Recorder, faults: list[str]
    ) -> None:
        self._marker_of = marker_of
        self._recorder = recorder
        self.faults = faults

    @pytest.hookimpl(trylast=True)
    @guarded
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Compare the reference energy of the test's setup and call, after both have passed, with its limit.

        What tests that run at the same time use cannot be told apart: then no limit is judged.
        """
        marker, recorder = self._marker_of(item), self._recorder
        if "limit_j" not in marker or not recorder.runs_alone():
            return
        recorder.probe()
        message = limit_exceeded_message(*recorder.test_use(), marker["limit_j"], marker["limit"])
        if message:
            pytest.fail(failure_text(message), pytrace=False)
