"""The hooks that record and report when ``--carbon`` is on: one object a process, no module globals."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.compare.code_digest import code_digest
from pytest_carbon.core.energy.carbon_marker import limit_exceeded_message, read_marker
from pytest_carbon.core.energy.worker_traces import WorkerTraces
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.model import WorkerTrace
from pytest_carbon.core.report.report import Report
from pytest_carbon.core.report.run_measurements import function_of
from pytest_carbon.meter.cpu_time import boot_id
from pytest_carbon.meter.recorder import Recorder

if TYPE_CHECKING:
    from pytest_carbon.meter.sidecar_session import Meter

HOOKS_NAME = "carbon-hooks"


def register(config: pytest.Config) -> None:
    """Check the configuration and hook in; UsageError for what is wrong with it, before any test runs."""
    try:
        settings = load_config(
            config.rootpath,
            report=config.getoption("carbon_report"),
            zone=config.getoption("carbon_zone"),
            top=config.getoption("carbon_top"),
        )
        hooks = WorkerHooks(config, settings) if hasattr(config, "workerinput") else ControllerHooks(config, settings)
    except CarbonError as error:
        raise pytest.UsageError(f"pytest-carbon: {error}") from error
    config.pluginmanager.register(hooks, HOOKS_NAME)


class RecordingHooks:
    """What every process that runs tests records. One object a process; nothing lives in module globals."""

    def __init__(self, config: pytest.Config, settings: Config, worker: str) -> None:
        self.config = config
        self.settings = settings
        self.recorder = Recorder(worker)
        self.code: dict[str, str] = {}
        self._markers: dict[str, dict[str, Any]] = {}
        self._junit = bool(config.getoption("xmlpath", None))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Collection and the imports it causes are a phase of their own."""
        since = self.recorder.read_clocks()
        try:
            return (yield)
        finally:
            self.recorder.add_span("collection", "", "collect", since)
            self.recorder.probe()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the markers once; a wrong one is an error before any test runs."""
        try:
            for item in items:
                for mark in item.iter_markers("carbon"):
                    self._read_mark(item, mark)
        except CarbonError as error:
            self.refuse_to_run(items, f"pytest-carbon: {error}")
        if any("limit_j" in told for told in self._markers.values()):
            self.config.pluginmanager.register(LimitHooks(self._markers, self.recorder), "carbon-limits")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what code every test function runs, so that a renamed test is known for the same."""
        functions = {function_of(item.nodeid): getattr(item, "function", None) for item in session.items}
        digests = {name: code_digest(function) for name, function in functions.items() if function is not None}
        self.code = {name: digest for name, digest in digests.items() if digest is not None}

    def refuse_to_run(self, items: list[pytest.Item], message: str) -> None:  # noqa: ARG002
        """End the run before any test, because of a user's mistake."""
        raise pytest.UsageError(message)

    def _read_mark(self, item: pytest.Item, mark: pytest.Mark) -> None:
        from pytest_carbon.usecases.configured_grid import grams_to_joules

        told = read_marker(
            mark.args, mark.kwargs, item.nodeid, self.settings.features, lambda g: grams_to_joules(g, self.settings)
        )
        self._markers[item.nodeid] = {**told, **self._markers.get(item.nodeid, {})}  # the nearest marker wins

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """A test begins."""
        self.recorder.begin_test()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """A phase has ended (or, inside a call, a subtest)."""
        recorder, nodeid, when = self.recorder, item.nodeid, call.when
        if when == "call":
            recorder.end_phase(nodeid, when)
        elif when == "setup":
            mark = self._markers.get(nodeid)
            recorder.end_phase(nodeid, when, {"feature": mark["feature"]} if mark and "feature" in mark else None)
            if recorder.fixture_instances:
                recorder.note_fixture_uses(getattr(item, "fixturenames", ()))
        else:
            recorder.end_phase(
                nodeid, when, {"uses": recorder.take_fixture_uses()} if recorder.used_instances else None
            )
            if self._junit:
                properties = [p for p in item.user_properties if p[0] != "carbon_reference_j"]
                item.user_properties[:] = [*properties, ("carbon_reference_j", f"{recorder.test_reference_j():.6g}")]

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: Any) -> Generator[None, object, object]:
        """A fixture wider than a function has rows of its own."""
        if fixturedef.scope == "function":
            return (yield)
        recorder = self.recorder
        name = f"{fixturedef.baseid}::{fixturedef.argname}" if fixturedef.baseid else fixturedef.argname
        if hasattr(request, "param"):
            name += f"[{request.param_index}]"
        life = recorder.add_fixture_instance(id(fixturedef), fixturedef.argname)
        info = {"scope": fixturedef.scope, "life": life}
        since = recorder.read_clocks()
        try:
            return (yield)
        finally:
            recorder.add_span("fixture", name, "setup", since, info)
            fixturedef.addfinalizer(lambda: recorder.begin_fixture_teardown(life, name, info))

    @pytest.hookimpl(trylast=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """A wide fixture is gone: what its teardown cost is known."""
        if fixturedef.scope != "function":
            self.recorder.end_fixture_teardown(id(fixturedef))


class LimitHooks:
    """Fails tests over their own limit. Registered only when a test has one."""

    def __init__(self, marks: dict[str, dict[str, Any]], recorder: Recorder) -> None:
        self._marks = marks
        self._recorder = recorder

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Judge the test's setup and call, when both have passed."""
        mark = self._marks.get(item.nodeid)
        if mark is None or "limit_j" not in mark:
            return
        cpu_s = self._recorder.test_cpu_s()
        slowdown = self._recorder.probe()
        message = limit_exceeded_message(cpu_s, slowdown, mark["limit_j"], mark["limit"])
        if message:
            pytest.fail(message, pytrace=False)


class WorkerHooks(RecordingHooks):
    """In an xdist worker: sends what was recorded to the controller, with each test's last report."""

    def __init__(self, config: Any, settings: Config) -> None:
        super().__init__(config, settings, str(config.workerinput["workerid"]))
        self._first = config.workerinput["workerid"] == "gw0"  # all of them collect the same
        self.recorder.add_start_up_span()
        self._boot_id = boot_id()

    def refuse(self, items: list[pytest.Item], message: str) -> None:
        """Run nothing, and let the controller say why: an error raised here would look like a fault of xdist."""
        items.clear()
        self.config.workeroutput["carbon_mistake"] = message  # type: ignore[attr-defined]

    def _hand_over(self) -> list[Any]:
        recorder = self.recorder
        return [self._boot_id, *recorder.totals(), recorder.take_pending()]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Attach the spans since the last test, so that finished tests survive a crash of this worker."""
        if report.when == "teardown":
            report.carbon = self._hand_over()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Send the rest."""
        self.recorder.probe_if_due()
        self.config.workeroutput["carbon"] = self._hand_over()  # type: ignore[attr-defined]
        self.config.workeroutput["carbon_code"] = self.code if self._first else {}  # type: ignore[attr-defined]


class ControllerHooks(RecordingHooks):
    """In the process that the user started: runs the meter, gathers, reports and judges."""

    def __init__(self, config: pytest.Config, settings: Config) -> None:
        super().__init__(config, settings, "")
        from pytest_carbon.usecases.configured_grid import grid_of

        grid_of(settings)  # an unknown zone is told before the tests run, not after
        self._gathered = WorkerTraces()
        self._outcomes = self._gathered.outcomes()
        self._meter: Meter | None = None
        self._report: Report | None = None
        self._mistake = ""
        self._lines: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start the meter before anything is collected."""
        from pytest_carbon.meter.sidecar_session import Meter

        self._meter = Meter(() if self.config.getoption("carbon_side", None) else None)
        self.recorder.begin_run()
        self._meter.start()
        self.recorder.probe()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note outcomes, and take in what a worker sent."""
        told = report.__dict__
        if report.outcome != "passed" or report.nodeid in self._outcomes or "wasxfail" in told:
            self._gathered.note_outcome(report.nodeid, report.when, _outcome(report))
        if "carbon" in told:
            self._gathered.add_spans(report.worker_id, report.carbon)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take in the rest of an xdist worker, or note that it crashed."""
        worker = str(node.gateway.id)
        output = getattr(node, "workeroutput", {})
        self._mistake = output.get("carbon_mistake") or self._mistake
        self.code |= output.get("carbon_code", {})
        sent = output.get("carbon")
        if sent is not None:
            self._gathered.add_spans(worker, sent)
        elif error:
            self._gathered.note_crash(worker)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop the meter, make the report, write it, and fail the run if a budget says so."""
        if self._meter is None or os.getpid() != self.recorder.pid:  # a fork of ours that ran on to the end
            return
        from pytest_carbon.usecases.make_report import RunFacts
        from pytest_carbon.usecases.measure_run import finish_run
        from pytest_carbon.usecases.paused_collector import paused_collector

        meter, self._meter = self._meter, None
        if self._mistake:
            meter.stop()
            self._lines = [self._mistake]
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        self.recorder.probe_if_due()
        traces = self._traces()
        facts = RunFacts(
            command=("pytest", *map(str, self.config.invocation_params.args)),
            exit_status=int(session.exitstatus),
            root=self.config.rootpath,
            code=self.code,
        )
        measurement = meter.stop()
        try:
            with paused_collector():
                finished = finish_run(
                    measurement, traces, self._gathered.outcomes(), self._gathered.gaps(), facts, self.settings
                )
        except CarbonError as error:
            self._lines = [f"pytest-carbon: {error}"]
            return
        except Exception:  # whatever is wrong with the measuring, the tests' own result must not be lost by it
            self._lines = _our_fault()
            return
        self._report = finished.report
        self._lines = finished.problems
        if finished.failed and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _traces(self) -> list[WorkerTrace]:
        workers = self._gathered.traces(boot_id())
        told_s = sum(w.cpu_s for w in workers if w.same_machine)
        if workers:
            self.recorder.add_workers_end_span(max(w.end_s for w in workers), told_s)
        return [self.recorder.trace(told_s), *workers]

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table."""
        if self._report is None and not self._lines:
            return
        terminalreporter.section("carbon", sep="=", green=True)
        if self._report is not None:
            terminalreporter.write(self._table(self._report))
        for line in self._lines:
            terminalreporter.write_line(line, red=True)

    def _table(self, report: Report) -> str:
        from pytest_carbon.reporters.run.terminal import render

        writer = self.config.get_terminal_writer()
        try:
            return render(report, top=self.settings.top, width=writer.fullwidth, colour=writer.hasmarkup)
        except Exception:  # as above
            self._lines += _our_fault()
            return ""

    def pytest_unconfigure(self) -> None:
        """End the sidecar also when the session never finished."""
        if self._meter is not None and os.getpid() == self.recorder.pid:
            self._meter.stop()


def _our_fault() -> list[str]:
    """Return what to print of an exception that is a fault of ours, made to be pasted into an issue."""
    import traceback

    return [
        "pytest-carbon: the report could not be made, by a fault of pytest-carbon's own; the tests' result stands.",
        "Please report it with these lines:",
        *traceback.format_exc().splitlines(),
    ]


def _outcome(report: Any) -> str:
    """Return pytest's own word for a report: passed, failed, error, skipped, xfailed, xpassed or rerun."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.outcome == "skipped" else "xpassed"
    if report.outcome == "failed" and report.when != "call":
        return "error"
    return str(report.outcome)
