"""The hooks of every process that runs tests: they record where its time goes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from operator import attrgetter
from typing import Any

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.core.compare.code_digest import code_digest
from pytest_carbon.core.energy.carbon_marker import read_marker
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.records.run_measurements import function_of, without_group
from pytest_carbon.pytest_edge.begin_run import BegunPart
from pytest_carbon.pytest_edge.guard import guarded, note_fault, undisturbed
from pytest_carbon.pytest_edge.limit_hooks import LimitHooks
from pytest_carbon.pytest_edge.terminal_letters import usage_error


class RecordingHooks:
    """Records the collection, tests and wide fixtures of one process, in one object and no module globals."""

    def __init__(self, config: pytest.Config, settings: Config, part: BegunPart) -> None:
        self.config = config
        self.settings = settings
        self.recorder = part.recorder
        self.python = part.python
        self.faults: list[str] = []
        self._since = part.since
        self._recorded_here: set[str] = set()
        self._grouped = bool(config.getoption("loadgroup", False)) or config.getoption("dist", "no") == "loadgroup"
        self.nodeid_of: Callable[[pytest.Item], str] = _nodeid_without_group if self._grouped else attrgetter("nodeid")
        """Returns the name of a test, which is the same with and without xdist's groups."""
        self.code_digests: dict[str, str] = {}
        self._markers: dict[str, dict[str, Any]] = {}
        self._junit = bool(config.getoption("xmlpath", None))

    @pytest.hookimpl(tryfirst=True)
    @undisturbed
    def pytest_sessionstart(self) -> None:
        """Record what was done since the run began: imports of conftest files, of plugins, and their configuration."""
        self.recorder.add_span("collection", "", "collect", self._since)
        if not self.config.pluginmanager.has_plugin("dsession"):
            self.recorder.count_running_children()
        elif self.recorder.counter is not None:  # the children are xdist's workers, which count themselves
            self.recorder.counter.stop()
        self.recorder.probe()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Record the collection, and the imports that it causes, as one span."""
        since = self.recorder.read_clocks()
        try:
            return (yield)
        finally:
            self.recorder.add_span("collection", "", "collect", since)
            self.recorder.probe()

    @guarded
    def pytest_collectstart(self) -> None:
        """Look at the machine's speed between two files or classes of the collection."""
        self.recorder.probe_inside_if_due()

    @pytest.hookimpl(trylast=True)
    @undisturbed
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the ``carbon`` markers once. A wrong marker ends the run before any test."""
        try:
            for item in items:
                for marker in item.iter_markers("carbon"):
                    self._read_marker(item, marker)
        except CarbonError as error:
            self.refuse_to_run(items, f"pytest-carbon: {error}")
        if any("limit_j" in marker for marker in self._markers.values()):
            self.config.pluginmanager.register(LimitHooks(self.marker_of, self.recorder, self.faults), "carbon-limits")

    @pytest.hookimpl(trylast=True)
    @undisturbed
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take a digest of the code of every test function, by which a renamed test is recognised."""
        functions = {function_of(self.nodeid_of(item)): getattr(item, "function", None) for item in session.items}
        digests = {name: code_digest(function) for name, function in functions.items() if function is not None}
        self.code_digests = {name: digest for name, digest in digests.items() if digest is not None}

    def refuse_to_run(self, items: list[pytest.Item], message: str) -> None:  # noqa: ARG002
        """End the run before any test, because of a mistake in a marker. Raises pytest.UsageError."""
        raise usage_error(message)

    def _read_marker(self, item: pytest.Item, marker: pytest.Mark) -> None:
        from pytest_carbon.usecases.configured_grid import grams_to_joules

        nodeid = self.nodeid_of(item)
        settings = read_marker(
            marker.args, marker.kwargs, nodeid, self.settings.features, lambda g: grams_to_joules(g, self.settings)
        )
        self._markers[nodeid] = {**settings, **self._markers.get(nodeid, {})}  # the nearest marker wins

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin a test."""
        try:
            self.recorder.begin_test(self.nodeid_of(item))
        except Exception as fault:
            note_fault(self.faults, fault)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Record a test that another plugin ran in a process of its own, as a fork, as one span of this process."""
        since = self.recorder.roughly_read_clocks()
        try:
            return (yield)
        finally:
            try:
                nodeid = self.nodeid_of(item)
                was_open = self.recorder.forget_test(nodeid)
                if nodeid in self._recorded_here:
                    self._recorded_here.discard(nodeid)
                elif not was_open:
                    self._record_fork(nodeid, since)
            except Exception as fault:
                note_fault(self.faults, fault)

    def _record_fork(self, nodeid: str, since: tuple[float, float]) -> None:
        marker = self._markers.get(nodeid, {})
        info = {"feature": marker["feature"]} if "feature" in marker else None
        self.recorder.add_span("test", nodeid, "call", since, info)
        self.recorder.probe_if_due()

    def marker_of(self, item: pytest.Item) -> dict[str, Any]:
        """Return what the ``carbon`` markers of a test say."""
        return self._markers.get(self.nodeid_of(item), {})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """End a phase: pytest makes a report at the end of each phase, and of each subtest inside a call."""
        try:
            recorder, nodeid, when = self.recorder, self.nodeid_of(item), call.when
            self._recorded_here.add(nodeid)
            if when == "call":
                recorder.end_phase(nodeid, when)
            elif when == "setup":
                marker = self._markers.get(nodeid)
                recorder.end_phase(
                    nodeid, when, {"feature": marker["feature"]} if marker and "feature" in marker else None
                )
                if recorder.fixture_instances:
                    recorder.note_fixture_uses(getattr(item, "fixturenames", ()))
            else:
                recorder.end_phase(
                    nodeid, when, {"uses": recorder.take_fixture_uses()} if recorder.used_instances else None
                )
                if self._junit:
                    properties = [p for p in item.user_properties if p[0] != "carbon_reference_j"]
                    item.user_properties[:] = [
                        *properties,
                        ("carbon_reference_j", f"{recorder.test_use()[1]:.6g}"),
                    ]
        except Exception as fault:
            note_fault(self.faults, fault)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: Any) -> Generator[None, object, object]:
        """Record the setup of a wide fixture, one whose scope is wider than a function, as a span of its own.

        A test with costly fixtures is long, so the machine's speed is looked at after each of them.
        """
        recorder = self.recorder
        if fixturedef.scope == "function":
            try:
                return (yield)
            finally:
                self._look_at_speed()
        name = f"{fixturedef.baseid}::{fixturedef.argname}" if fixturedef.baseid else fixturedef.argname
        if hasattr(request, "param"):
            name += f"[{request.param_index}]"
        instance = recorder.add_fixture_instance(id(fixturedef), fixturedef.argname)
        info = {"scope": fixturedef.scope, "instance": instance}
        fixturedef.addfinalizer(lambda: self._end_fixture_teardown(fixturedef))  # the last one to be called
        since = recorder.read_clocks()
        try:
            return (yield)
        finally:
            recorder.add_span("fixture", name, "setup", since, info)
            fixturedef.addfinalizer(lambda: recorder.begin_fixture_teardown(instance, name, info))
            self._look_at_speed()

    @guarded
    def _end_fixture_teardown(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        self.recorder.end_fixture_teardown(id(fixturedef))
        self.recorder.probe_inside_if_due()

    def _look_at_speed(self) -> None:
        try:
            self.recorder.probe_inside_if_due()
        except Exception as fault:
            note_fault(self.faults, fault)


def _nodeid_without_group(item: pytest.Item) -> str:
    return without_group(item.nodeid)
