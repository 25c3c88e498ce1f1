"""The hooks of an xdist worker: they send what was recorded to the controller."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.meter.cpu_time import boot_id
from pytest_carbon.pytest_edge.begin_run import BegunPart
from pytest_carbon.pytest_edge.guard import guarded, undisturbed
from pytest_carbon.pytest_edge.recording_hooks import RecordingHooks


class WorkerHooks(RecordingHooks):
    """Records in an xdist worker, and sends the spans to the controller with the last report of each test."""

    def __init__(self, config: Any, settings: Config, part: BegunPart) -> None:
        super().__init__(config, settings, part)
        self.recorder.worker = str(config.workerinput["workerid"])
        self._sends_digests = config.workerinput["workerid"] == "gw0"  # every worker collects the same tests
        self._boot_id = boot_id()

    def refuse_to_run(self, items: list[pytest.Item], message: str) -> None:
        """Run no test and send the message to the controller: an error raised here would look like a fault of xdist."""
        items.clear()
        self.config.workeroutput["carbon_mistake"] = message  # type: ignore[attr-defined]

    def _take_recorded(self) -> list[Any]:
        recorder = self.recorder
        counts = [] if recorder.counter is None else [recorder.counter.take()]
        return [self._boot_id, *recorder.totals(), recorder.take_pending(), *counts]

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Attach the spans recorded since the last test, so that finished tests survive a crash of this worker."""
        if report.when == "teardown":
            report.carbon = self._take_recorded()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """Send the remaining spans, and the code digests, when other plugins have finished their work."""
        try:
            return (yield)
        finally:
            self._send_rest()

    @undisturbed
    def _send_rest(self) -> None:
        self.recorder.probe_if_due()
        output: dict[str, Any] = self.config.workeroutput  # type: ignore[attr-defined]
        output["carbon"] = self._take_recorded()
        output["carbon_code"] = self.code_digests if self._sends_digests else {}
        output["carbon_faults"] = self.faults
