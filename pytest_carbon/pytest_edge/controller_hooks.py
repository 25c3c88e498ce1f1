"""The hooks of the process that the user started: they run the meter, write the report and judge the budgets."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.config.report_places import place_of_tox
from pytest_carbon.core.energy.worker_traces import WorkerTraces
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import terminal_line
from pytest_carbon.core.model import WorkerTrace
from pytest_carbon.core.records.run_measurements import without_group
from pytest_carbon.core.report import Report
from pytest_carbon.files.write_safely import remove_old
from pytest_carbon.meter.cpu_time import boot_id
from pytest_carbon.pytest_edge.begin_run import BegunRun
from pytest_carbon.pytest_edge.guard import guarded, note_fault, undisturbed
from pytest_carbon.pytest_edge.recording_hooks import RecordingHooks
from pytest_carbon.pytest_edge.terminal_letters import for_stream
from pytest_carbon.pytest_edge.unjudged_limits import UnjudgedLimits

if TYPE_CHECKING:
    from pytest_carbon.meter.sidecar_session import Meter


class ControllerHooks(RecordingHooks):
    """Runs the meter, gathers the spans of all processes, writes the report and judges the per-run budgets."""

    def __init__(self, config: pytest.Config, settings: Config, begun: BegunRun) -> None:
        super().__init__(config, settings, begun.part)
        from pytest_carbon.usecases.configured_grid import configured_grid_factor

        configured_grid_factor(settings)  # so that an unknown zone is an error before the tests run, not after
        self._worker_traces = WorkerTraces()
        self._outcomes = self._worker_traces.outcomes()
        self._begun = begun
        self._tests: set[str] = set()
        self._meter: Meter | None = None
        self._report: Report | None = None
        self._where = ""
        self._user_mistake = ""
        self._messages: list[str] = []
        self._removed_old_report = False
        self._unjudged = UnjudgedLimits(settings)
        self._is_decided = False

    @pytest.hookimpl(tryfirst=True)
    @undisturbed
    def pytest_sessionstart(self) -> None:
        """Remove the report of an earlier run, and record what was done since the run began, such as imports."""
        self._meter = self._begun.meter
        self._remove_old_report()
        super().pytest_sessionstart()

    def _remove_old_report(self) -> None:
        """Let nobody take the report of an earlier run for one of this run, which may end before it writes its own."""
        settings = self.settings
        with suppress(OSError, ValueError):  # then it cannot be written either, which the end of the run says
            if not settings.report_named:
                from pytest_carbon.reporters.run.report_file import refuse_unfit_place

                refuse_unfit_place(settings.report, settings.root)
            remove_old(settings.report, settings.root)
            self._removed_old_report = not settings.report_named
            if place := self._place_of_tox():
                remove_old(place, settings.root)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the outcome, and take in the spans that a worker sent."""
        try:
            attributes = report.__dict__
            nodeid = without_group(report.nodeid) if self._grouped else report.nodeid
            self._tests.add(nodeid)
            if report.outcome != "passed" or nodeid in self._outcomes or "wasxfail" in attributes:
                self._worker_traces.note_outcome(nodeid, report.when, _outcome(report))
            if "carbon" in attributes:  # other plugins write reports down as they are, so it is taken off
                self._worker_traces.add_spans(report.worker_id, attributes.pop("carbon"))
        except Exception as fault:
            note_fault(self.faults, fault)

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take in the last spans of an xdist worker, or note that the worker crashed."""
        worker = str(node.gateway.id)
        output = getattr(node, "workeroutput", {})
        self._user_mistake = output.get("carbon_mistake") or self._user_mistake
        self.code_digests |= output.pop("carbon_code", {})
        self.faults += output.pop("carbon_faults", []) if not self.faults else []
        sent = output.pop("carbon", None)
        if sent is not None:
            self._worker_traces.add_spans(worker, sent)
        elif error:
            self._worker_traces.note_crash(worker)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make and write the report, and fail the run if a budget that fails runs is exceeded, or could not be judged.

        A fault may hide a part of the run, so that a limit only seems to be held.
        """
        self._finish_run(session)
        if not self._is_decided or self.faults:
            self._messages += self._unjudged.tell(session)

    @undisturbed
    def _finish_run(self, session: pytest.Session) -> None:
        if self.recorder.in_child():  # a forked child of a test that ran on to the end
            self._is_decided = True
            return
        if self._meter is None:
            return
        self._begun.marks.send()
        since = self.recorder.read_clocks()
        if self.config.get_verbosity() >= 0:
            import pytest_carbon.reporters.run.terminal  # noqa: F401  # so that its cost is told
        from pytest_carbon.processes.descendants import find_descendants
        from pytest_carbon.processes.left_behind import find_left_behind
        from pytest_carbon.reporters.run import report_file
        from pytest_carbon.usecases.finish_run import finish_run
        from pytest_carbon.usecases.make_report import Invocation
        from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector
        from pytest_carbon.usecases.report_gaps import (
            describe_left_behind,
            describe_left_running,
            describe_unseen_tests,
        )

        self.recorder.add_span("tool", "", "import", since)
        meter, self._meter = self._meter, None
        if self._user_mistake:
            meter.stop()
            self._messages = [self._user_mistake]
            self._is_decided = True
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        self.recorder.probe_if_due()
        running = [(process.name, process.cpu_s) for process in find_descendants()]
        traces = self._traces(sum(cpu_s for _, cpu_s in running))
        facts = Invocation(
            command=("pytest", *map(str, self.config.invocation_params.args)),
            exit_status=int(session.exitstatus),
            root=self.config.rootpath,
            code=self.code_digests,
            start_up_cpu_s=self.recorder.start_up_cpu_s,
            environment=self._begun.environment,
            folder=self.config.invocation_params.dir,
        )
        measurement = meter.stop()
        try:
            with paused_garbage_collector():
                gathered = self._worker_traces
                gaps = [
                    *self.faults[:1],
                    *gathered.gaps(),
                    *describe_left_running([] if self.recorder.running else running),
                    *describe_left_behind(find_left_behind(self._tests, self.recorder.pid)),
                    *describe_unseen_tests(self._tests, traces),
                ]
                settings, place = self.settings, self._place_of_tox()
                replaces = place is not None or not self._removed_old_report
                finished = finish_run(
                    measurement, traces, gathered.outcomes(), gaps, facts, settings, replaces=replaces
                )
                if place:
                    report_file.write(finished.report, place, settings.root, named=False)
        except CarbonError as error:
            self._messages = [f"pytest-carbon: {error}"]
            return
        self._report = finished.report
        self._where = finished.where
        self._messages = finished.problems
        self._is_decided = True
        if finished.failed and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _place_of_tox(self) -> Path | None:
        """Return where the report is kept, too, because the next tox environment replaces it; None without tox."""
        return None if self.settings.report_named else place_of_tox(self.settings.report, os.environ)

    def _traces(self, running_cpu_s: float) -> list[WorkerTrace]:
        workers = self._worker_traces.traces(boot_id())
        workers_cpu_s = sum(w.cpu_s for w in workers if w.same_machine)
        if workers:
            self.recorder.add_workers_end_span(max(w.end_s for w in workers), workers_cpu_s)
        return [self.recorder.trace(workers_cpu_s, running_cpu_s), *workers]

    @pytest.hookimpl
    @undisturbed
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the carbon report, then the messages in red. A quiet pytest gets one line of the report."""
        if self._report is None and not self._messages and not self.faults:
            return
        quiet = self.config.get_verbosity() < 0
        if not quiet:
            terminalreporter.section("carbon", sep="=", green=True)
        if self._report is not None and quiet:
            self._write_line(terminalreporter)
        elif self._report is not None:
            self._write_table(terminalreporter)
        for line in (*self._messages, *self.faults):
            terminalreporter.write_line(for_stream(self._stream(), terminal_line(line)), red=True)

    def _stream(self) -> Any:
        return getattr(self.config.get_terminal_writer(), "_file", sys.stdout)

    @guarded
    def _write_table(self, terminalreporter: Any) -> None:
        terminalreporter.write(for_stream(self._stream(), self._table()))

    @guarded
    def _write_line(self, terminalreporter: Any) -> None:
        from pytest_carbon.reporters.run.headline import short_line

        assert self._report is not None
        terminalreporter.write_line(for_stream(self._stream(), terminal_line(short_line(self._report))))

    def _table(self) -> str:
        from pytest_carbon.reporters.run.terminal import fitting_width, render

        assert self._report is not None
        writer = self.config.get_terminal_writer()
        width = fitting_width(writer.fullwidth, is_terminal=self._stream().isatty())
        top, colour = self.settings.top, writer.hasmarkup
        return render(self._report, top=top, width=width, colour=colour, where=self._where)


def _outcome(report: Any) -> str:
    """Return pytest's word for the outcome of a report: passed, failed, error, skipped, xfailed, xpassed or rerun."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.outcome == "skipped" else "xpassed"
    if report.outcome == "failed" and report.when != "call":
        return "error"
    return str(report.outcome)
