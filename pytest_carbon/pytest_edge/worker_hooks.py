"""The hooks of an xdist worker: they send what was recorded to the controller."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.meter.cpu_time import boot_id
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.pytest_edge.recording_hooks import RecordingHooks


class WorkerHooks(RecordingHooks):
    """Records in an xdist worker, and sends the spans to the controller with the last report of each test."""

    def __init__(self, config: Any, settings: Config) -> None:
        super().__init__(config, settings, Recorder(str(config.workerinput["workerid"])))
        self._sends_digests = config.workerinput["workerid"] == "gw0"  # every worker collects the same tests
        self.recorder.add_start_up_span()
        self._boot_id = boot_id()

    def refuse_to_run(self, items: list[pytest.Item], message: str) -> None:
        """Run no test and send the message to the controller: an error raised here would look like a fault of xdist."""
        items.clear()
        self.config.workeroutput["carbon_mistake"] = message  # type: ignore[attr-defined]

    def _take_recorded(self) -> list[Any]:
        recorder = self.recorder
        return [self._boot_id, *recorder.totals(), recorder.take_pending()]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Attach the spans recorded since the last test, so that finished tests survive a crash of this worker."""
        if report.when == "teardown":
            report.carbon = self._take_recorded()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Send the remaining spans, and the code digests."""
        self.recorder.probe_if_due()
        self.config.workeroutput["carbon"] = self._take_recorded()  # type: ignore[attr-defined]
        self.config.workeroutput["carbon_code"] = self.code_digests if self._sends_digests else {}  # type: ignore[attr-defined]
