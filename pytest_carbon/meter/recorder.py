"""Records where a process spends its time: a span for each phase of a test, and speed probes between tests.

It runs inside the process of the tests. Therefore it holds no thread, file or handler, and reading the clocks at the
start and end of a phase costs a few microseconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from typing import Any

from pytest_carbon.core.energy.counted_work.instruction_counts import use_of_tests
from pytest_carbon.core.energy.report_rows import OWN_ROW_CPU_S
from pytest_carbon.core.model import Span, WorkerTrace
from pytest_carbon.meter.cpu_time import Clock, children_usage
from pytest_carbon.meter.speed_probes import SpeedProbes
from pytest_carbon.meter.tests_together import TestsTogether
from pytest_carbon.meter.work_counters.instruction_counter import InstructionCounter
from pytest_carbon.processes.running_children import RunningChildren, visible_children


class Recorder:
    """Records the spans of one process. ``pending`` holds the spans since the last ``take_pending``.

    The clocks are held in the object, because libraries that freeze time replace them in modules.
    """

    def __init__(self, worker: str = "") -> None:
        self.worker = worker
        self._process_id = os.getpid
        self.pid = self._process_id()
        self.pending: list[tuple[Any, ...]] = []
        self._now = Clock.now
        self._cpu = time.process_time
        self._children_usage = children_usage
        self.counter: InstructionCounter | None = None
        self.running: RunningChildren | None = None
        self.start_s = self._now()
        self._before_run = (0.0, 0.0)
        self._open: tuple[float, float] = self.read_clocks()
        self.probes = SpeedProbes(self.read_clocks, time.thread_time)
        self._test = ""
        self._together = TestsTogether()
        self._test_from = self._phase_from = 0
        self._phase_open = self._open
        self._call_to: tuple[float, float, int] | None = None
        self._info: dict[str, Any] | None = None
        self.fixture_instances: dict[int, tuple[str, str]] = {}
        self.used_instances: list[str] = []
        self._instances_made = 0
        self._tearing_down: dict[str, tuple[str, dict[str, Any], tuple[float, float]]] = {}

    def read_clocks(self) -> tuple[float, float]:
        """Return the time (s) and the CPU seconds of this process: of its threads and its children.

        Children that still run count, too, if ``count_running_children`` was called.
        """
        now = self._now(), self._cpu() + self._children_cpu_s()
        self._last_read = now
        return now

    def roughly_read_clocks(self) -> tuple[float, float]:
        """Return the time (s), and the CPU seconds when they were last read, which costs next to nothing."""
        return self._now(), self._last_read[1]

    def _children_cpu_s(self) -> float:
        used = self._children_usage()
        waited_s = used[0] + used[1]
        return waited_s if self.running is None else self.running.total_s(waited_s)

    def count_running_children(self) -> None:
        """Count children that still run, too. Not for xdist's controller, whose children count themselves."""
        self.running = visible_children()

    def count_instructions(self, counter: InstructionCounter | None) -> None:
        """Read a counter, too, whenever the clocks are read from now on. None, where nothing counts, costs nothing."""
        if counter is not None:
            self.counter, self._now = counter, counter.now

    def in_child(self) -> bool:
        """Return whether this is a forked child of the process that this object was made in."""
        return self._process_id() != self.pid

    # -- tests ---------------------------------------------------------------------------------------

    def begin_test(self, nodeid: str = "") -> None:
        """Begin a test: its setup starts now. If another one has not ended, the two are measured together."""
        if self._test and self._test != nodeid:
            self._together.begin(self._test, self._info, nodeid)
            return
        self._test = nodeid
        self._test_from = self._phase_from = len(self.pending)
        self._call_to = None
        self._open = self._phase_open = self.read_clocks()

    def end_phase(self, nodeid: str, phase: str, info: dict[str, Any] | None = None) -> None:
        """End a phase of the test; the next phase starts now.

        A setup or teardown below ``OWN_ROW_CPU_S`` has no row of its own in the report. It is merged into the span of
        the call already here: then most tests are one span, and a report of many thousand tests stays cheap. No CPU
        time is read at the end of a setup that was shorter than that.
        """
        is_first = phase == "setup" and nodeid == self._test and not self._together.tests
        if is_first and len(self.pending) == self._phase_from and self._now() - self._phase_open[0] < OWN_ROW_CPU_S:
            self._info = info
            return
        now = self.read_clocks()
        if self._test and self._test != nodeid and nodeid not in self._together.tests:
            self._together.begin(self._test, self._info, nodeid)
        if self._together.tests:
            if self._together.end_phase(nodeid, phase, info):
                self._end_tests_together(now)
            return
        if phase == "call":
            self._call_to = (*now, len(self.pending))
        else:
            small = now[1] - self._phase_open[1] < OWN_ROW_CPU_S and len(self.pending) == self._phase_from
            if phase == "teardown":
                self._test = ""
                self._end_test(nodeid, now, small, info)
            elif small:
                self._info = info
            else:
                start_s, start_cpu_s = self._open
                self.pending.append(("test", nodeid, phase, start_s, now[0], now[1] - start_cpu_s, info))
                self._open = now
        self._phase_open, self._phase_from = now, len(self.pending)
        if self.probes.are_due(now[1]) and (phase == "teardown" or self.probes.are_watched_as_before()):
            self.probe()
            self._phase_open = self.read_clocks()
            if self._open is now:  # the setup has a span of its own: the probe is neither in that nor in the next
                self._open = self._phase_open

    def _end_test(self, nodeid: str, now: tuple[float, float], small: bool, info: dict[str, Any] | None) -> None:
        """Add the spans that the test still lacks: its call, and its teardown if the teardown is not small."""
        start_s, start_cpu_s = self._open
        if self._info is not None:
            info = {**self._info, **(info or {})}
            self._info = None
        if self._call_to is None:  # no call: the setup failed, or skipped the test
            phase = "teardown" if any(entry[0] == "test" for entry in self.pending[self._test_from :]) else "setup"
            self.pending.append(("test", nodeid, phase, start_s, now[0], now[1] - start_cpu_s, info))
        elif small:
            self.pending.append(("test", nodeid, "call", start_s, now[0], now[1] - start_cpu_s, info))
        else:
            call_s, call_cpu_s, position = self._call_to
            self.pending.insert(position, ("test", nodeid, "call", start_s, call_s, call_cpu_s - start_cpu_s, info))
            since_s, since_cpu_s = self._phase_open
            self.pending.append(("test", nodeid, "teardown", since_s, now[0], now[1] - since_cpu_s, None))

    def forget_test(self, nodeid: str) -> bool:
        """Let a test be over that may have had no teardown. Returns whether it had begun here and not ended."""
        was_open = nodeid in self._together.tests or self._test == nodeid
        if self._together.forget(nodeid):
            self._end_tests_together(self.read_clocks())
        elif self._test == nodeid and not self._together.tests:
            self._test = ""
        return was_open

    def _end_tests_together(self, now: tuple[float, float]) -> None:
        self.pending[self._test_from :] = self._together.spans(self._open, now, self.pending[self._test_from :])
        self._test, self._together, self._info = "", TestsTogether(), None
        self.probe_if_due()

    def runs_alone(self) -> bool:
        """Return whether no other test runs in this process at the same time as the running one."""
        return not self._together.tests

    def test_use(self) -> tuple[float, float]:
        """Return the CPU seconds and the reference energy (J) of the test up to now, without those of wide fixtures."""
        start_s, start_cpu_s = self._open
        now_s, now_cpu_s = self.read_clocks()
        running = Span("test", "", "call", start_s, now_s, now_cpu_s - start_cpu_s)
        spans = [*(Span(*entry) for entry in self.pending[self._test_from :]), running]
        readings = () if self.counter is None else self.counter.readings_of(spans)
        return use_of_tests(spans, readings, self.probes.slowdown)

    # -- wide fixtures -------------------------------------------------------------------------------

    def add_fixture_instance(self, key: int, name: str) -> str:
        """Note that a wide fixture is set up now. Returns an id of this instance, which lasts until its teardown.

        ``name`` is the fixture's argument name. ``key`` identifies the fixture: fixtures of the same name may override
        each other and exist at the same time.
        """
        self._instances_made += 1
        instance = f"{self.worker}:{self._instances_made}"
        self.fixture_instances[key] = name, instance
        return instance

    def note_fixture_uses(self, names: Collection[str]) -> None:
        """Note which wide fixtures the running test uses; ``names`` are all fixtures that it asks for."""
        self.used_instances += [instance for name, instance in self.fixture_instances.values() if name in names]

    def take_fixture_uses(self) -> list[str]:
        """Return the fixture instances that the running test used, and forget them."""
        taken, self.used_instances = self.used_instances, []
        return taken

    def begin_fixture_teardown(self, instance: str, nodeid: str, info: dict[str, Any]) -> None:
        """Begin the teardown of a wide fixture: its finalizers start now."""
        self._tearing_down[instance] = (nodeid, info, self.read_clocks())

    def end_fixture_teardown(self, key: int) -> None:
        """End the teardown of a wide fixture, and add its span. The fixture may be set up again later."""
        _, instance = self.fixture_instances.pop(key, ("", ""))
        if instance in self._tearing_down:
            nodeid, info, since = self._tearing_down.pop(instance)
            self.add_span("fixture", nodeid, "teardown", since, info)

    # -- other spans --------------------------------------------------------------------------------

    def add_span(
        self,
        kind: str,
        nodeid: str,
        phase: str,
        since: tuple[float, float],
        info: dict[str, Any] | None = None,
    ) -> None:
        """Add a span that began at an earlier ``read_clocks()`` and ends now."""
        now_s, now_cpu_s = self.read_clocks()
        self.pending.append((kind, nodeid, phase, since[0], now_s, now_cpu_s - since[1], info))

    # -- the speed probes ----------------------------------------------------------------------------

    def probe_if_due(self) -> None:
        """Run the probes if enough CPU time has passed since they last ran."""
        if self.probes.are_due(self.read_clocks()[1]):
            self.probe()

    def probe_inside_if_due(self) -> None:
        """Run the probes inside of something long if they are due. Asking costs a look at the clock, if they are not.

        Not while a profiler or the like is on that was off when they last ran: they would tell of the profiler.
        """
        if self._now() >= self.probes.not_before_s and self.probes.are_watched_as_before():
            self.probe_if_due()

    def probe(self) -> float:
        """Run the probes, record their durations and return the slowdown (see SpeedProbes)."""
        self.pending += self.probes.run()
        return self.probes.slowdown

    # -- handing over --------------------------------------------------------------------------------

    def take_pending(self) -> list[tuple[Any, ...]]:
        """Return the pending spans and forget them; a worker sends them to the controller with a report."""
        taken, self.pending = self.pending, []
        self._test_from = self._phase_from = 0
        return taken

    def totals(self) -> tuple[float, float, float]:
        """Return the start time, the time now and the CPU seconds of this process."""
        now_s, cpu_s = self.read_clocks()
        return self.start_s, now_s, cpu_s

    def add_start_up_span(self) -> None:
        """Add the start of this process (interpreter and imports) as a span that ends now.

        The time at which the process began is unknown. It is taken to have computed without a pause since then.
        """
        now_s, cpu_s = self.read_clocks()
        self.pending.append(("collection", "", "start", now_s - cpu_s, now_s, cpu_s, None))
        self.start_s = now_s - cpu_s

    def begin_run(self) -> None:
        """Begin the run now: CPU time that this process used before does not count."""
        self.start_s = self._now()
        self._before_run = (self._cpu(), self._children_cpu_s())

    @property
    def start_up_cpu_s(self) -> float:
        """The CPU seconds that this process and its waited children used before the run began."""
        return sum(self._before_run)

    def add_workers_end_span(self, since_s: float, workers_cpu_s: float) -> None:
        """Add the end of the xdist workers as a span: the CPU seconds that they used and did not report.

        ``since_s`` is the time of their last report and ``workers_cpu_s`` the CPU seconds they reported. The kernel
        counts the rest, for a crashed worker too, because workers are child processes of this one.
        """
        rest_s = self._children_cpu_s() - self._before_run[1] - workers_cpu_s
        if rest_s > 0:
            self.pending.append(("collection", "", "stop", since_s, self._now(), rest_s, None))

    def trace(self, workers_cpu_s: float = 0.0, running_cpu_s: float = 0.0) -> WorkerTrace:
        """Return the spans and totals of this process, without the CPU seconds that xdist workers have reported.

        ``running_cpu_s`` are those of child processes that still run, which the kernel does not count as ours yet.
        """
        running_cpu_s = running_cpu_s if self.running is None else 0.0  # else they are in the spans that they ran in
        cpu_s = self._cpu() - self._before_run[0]
        cpu_s += max(0.0, self._children_cpu_s() + running_cpu_s - self._before_run[1] - workers_cpu_s)
        spans = tuple(Span(*entry) for entry in self.pending)
        end_s, counts = self._now(), () if self.counter is None else tuple(self.counter.readings)
        return WorkerTrace(self.worker, self.start_s, end_s, cpu_s, spans, counts=counts)
