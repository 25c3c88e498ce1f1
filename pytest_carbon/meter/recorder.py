"""Records where a process spends its time: spans at the edges of what it does, and speed probes between.

Runs inside the process that runs the tests, so it holds no thread, no file and no handler, and costs a few
microseconds an edge.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from typing import Any

from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.energy.reference_energy import PROBE_REFERENCE_S, reference_j
from pytest_carbon.core.energy.report_rows import OWN_ROW_CPU_S
from pytest_carbon.core.model import Span, WorkerTrace
from pytest_carbon.meter.cpu_time import Clock

try:
    import resource
except ImportError:  # not everywhere: then the time of child processes is not known
    _GETRUSAGE, _CHILDREN = None, 0
else:
    _GETRUSAGE, _CHILDREN = resource.getrusage, resource.RUSAGE_CHILDREN

PROBE_TURNS = 12_000
"""Turns of the probe's loop: about a millisecond of CPU time on a server CPU of the early 2020s."""

PROBE_SPACING = 80
"""A probe runs only after this many times its own cost in CPU time, so that probes stay at 1.25 %."""


def run_probe_loop() -> int:
    """Do a fixed piece of interpreter work: no memory, no calls, nothing that a test can change."""
    x = 0
    for i in range(PROBE_TURNS):
        x = (x * 1103515245 + i) & 0x7FFFFFFF
    return x


class Recorder:
    """The spans of one process. ``pending`` holds those not yet taken away by ``drain``.

    The clocks are held in the object: libraries that freeze time replace them in modules.
    """

    def __init__(self, worker: str = "") -> None:
        self.worker = worker
        self.pid = os.getpid()
        self.pending: list[tuple[Any, ...]] = []
        self._now = Clock.now
        self._cpu = time.process_time
        self._thread = time.thread_time
        self._usage = _GETRUSAGE
        self.start_s = self._now()
        self._before_run = (0.0, 0.0)
        self._open: tuple[float, float] = self.read_clocks()
        self._probe_s = PROBE_REFERENCE_S
        self._probe_due_s = 0.0
        self._test_from = self._phase_from = 0
        self._phase_open = self._open
        self._call_to: tuple[float, float, int] | None = None
        self._info: dict[str, Any] | None = None
        self.fixture_instances: dict[int, tuple[str, str]] = {}
        self.used_instances: list[str] = []
        self._instances_made = 0
        self._tearing_down: dict[str, tuple[str, dict[str, Any], tuple[float, float]]] = {}

    def read_clocks(self) -> tuple[float, float]:
        """Return the time and this process's CPU seconds: own threads and waited children."""
        if self._usage is None:
            return self._now(), self._cpu()
        children = self._usage(_CHILDREN)
        return self._now(), self._cpu() + children.ru_utime + children.ru_stime

    def _children_cpu_s(self) -> float:
        if self._usage is None:
            return 0.0
        children = self._usage(_CHILDREN)
        return children.ru_utime + children.ru_stime

    # -- tests ---------------------------------------------------------------------------------------

    def begin_test(self) -> None:
        """A test begins: its setup runs from here."""
        self._test_from = self._phase_from = len(self.pending)
        self._call_to = None
        self._open = self._phase_open = self.read_clocks()

    def end_phase(self, nodeid: str, phase: str, info: dict[str, Any] | None = None) -> None:
        """A phase of the test ends here, and the next one, if any, begins.

        A setup or teardown that is too small for a row of its own (``OWN_ROW_CPU_S``) becomes part of the span
        of the call, here and not later: most tests are one span, and a report of many thousands stays cheap.
        """
        now = self.read_clocks()
        if phase == "call":
            self._call_to = (*now, len(self.pending))
        else:
            small = now[1] - self._phase_open[1] < OWN_ROW_CPU_S and len(self.pending) == self._phase_from
            if phase == "teardown":
                self._end_test(nodeid, now, small, info)
                if now[1] >= self._probe_due_s:
                    self.probe()
            elif small:
                self._info = info
            else:
                start_s, start_cpu_s = self._open
                self.pending.append(("test", nodeid, phase, start_s, now[0], now[1] - start_cpu_s, info))
                self._open = now
        self._phase_open, self._phase_from = now, len(self.pending)

    def _end_test(self, nodeid: str, now: tuple[float, float], small: bool, info: dict[str, Any] | None) -> None:
        """Put down what the test has not put down yet: its call, and its teardown if that is not small."""
        start_s, start_cpu_s = self._open
        if self._info is not None:
            info = {**self._info, **(info or {})}
            self._info = None
        if self._call_to is None:  # the setup failed or skipped the test
            phase = "teardown" if len(self.pending) > self._test_from else "setup"
            self.pending.append(("test", nodeid, phase, start_s, now[0], now[1] - start_cpu_s, info))
        elif small:
            self.pending.append(("test", nodeid, "call", start_s, now[0], now[1] - start_cpu_s, info))
        else:
            call_s, call_cpu_s, position = self._call_to
            self.pending.insert(position, ("test", nodeid, "call", start_s, call_s, call_cpu_s - start_cpu_s, info))
            self.pending.append(("test", nodeid, "teardown", call_s, now[0], now[1] - call_cpu_s, None))

    def test_cpu_s(self) -> float:
        """Return the CPU seconds of the test so far: its setup and call, without wide fixtures."""
        start_s, start_cpu_s = self._open
        now_s, now_cpu_s = self.read_clocks()
        running = Span("test", "", "call", start_s, now_s, now_cpu_s - start_cpu_s)
        spans = [*(Span(*entry) for entry in self.pending[self._test_from :]), running]
        own = own_totals(spans, [s.cpu_s for s in spans])
        return sum(cpu for cpu, s in zip(own, spans, strict=True) if s.kind == "test")

    def test_reference_j(self) -> float:
        """Return the reference energy of the test so far, at the speed of the last probe."""
        return reference_j(self.test_cpu_s(), self.slowdown)

    # -- wide fixtures -------------------------------------------------------------------------------

    def add_fixture_instance(self, key: int, name: str) -> str:
        """A wide fixture comes to life under an argument name; return a name for this very life.

        ``key`` tells it from others of the same argument name, which may override each other and live together.
        """
        self._instances_made += 1
        life = f"{self.worker}:{self._instances_made}"
        self.fixture_instances[key] = name, life
        return life

    def note_fixture_uses(self, names: Collection[str]) -> None:
        """The running test asks for these fixtures; remember which of them are wide ones."""
        self.used_instances += [life for name, life in self.fixture_instances.values() if name in names]

    def take_fixture_uses(self) -> list[str]:
        """Return the lives that the running test used, and forget them."""
        taken, self.used_instances = self.used_instances, []
        return taken

    def begin_fixture_teardown(self, life: str, nodeid: str, info: dict[str, Any]) -> None:
        """A wide fixture's finalizers begin."""
        self._tearing_down[life] = (nodeid, info, self.read_clocks())

    def end_fixture_teardown(self, key: int) -> None:
        """A wide fixture is gone; it may come to life again."""
        _, life = self.fixture_instances.pop(key, ("", ""))
        if life in self._tearing_down:
            nodeid, info, since = self._tearing_down.pop(life)
            self.add_span("fixture", nodeid, "teardown", since, info)

    # -- anything else -------------------------------------------------------------------------------

    def add_span(
        self,
        kind: str,
        nodeid: str,
        phase: str,
        since: tuple[float, float],
        info: dict[str, Any] | None = None,
    ) -> None:
        """Add a span from an earlier ``read()`` until now."""
        now_s, now_cpu_s = self.read_clocks()
        self.pending.append((kind, nodeid, phase, since[0], now_s, now_cpu_s - since[1], info))

    # -- the speed probe -----------------------------------------------------------------------------

    @property
    def slowdown(self) -> float:
        """How many times longer than on the reference machine the last probe took."""
        return self._probe_s / PROBE_REFERENCE_S

    def probe_if_due(self) -> None:
        """Probe if the CPU time since the last probe is worth one."""
        if self.read_clocks()[1] >= self._probe_due_s:
            self.probe()

    def probe(self) -> float:
        """Run the fixed loop and note how long it took; return the slowdown."""
        start_s, start_thread_s = self._now(), self._thread()
        run_probe_loop()
        self._probe_s = max(self._thread() - start_thread_s, 1e-6)
        self.pending.append(("tool", "", "probe", start_s, self._now(), self._probe_s, None))
        self._probe_due_s = self.read_clocks()[1] + PROBE_SPACING * self._probe_s
        return self.slowdown

    # -- handing over --------------------------------------------------------------------------------

    def take_pending(self) -> list[tuple[Any, ...]]:
        """Take the pending spans away, to be sent to the controller with a report."""
        taken, self.pending = self.pending, []
        self._test_from = self._phase_from = 0
        return taken

    def totals(self) -> tuple[float, float, float]:
        """Return the time and CPU seconds at the start of the record's process and the time now."""
        now_s, cpu_s = self.read_clocks()
        return self.start_s, now_s, cpu_s

    def add_start_up_span(self) -> None:
        """Tell of this process's start (interpreter and imports) as a span; it ends now.

        When it began is not known; it is taken to have computed all the time.
        """
        now_s, cpu_s = self.read_clocks()
        self.pending.append(("collection", "", "start", now_s - cpu_s, now_s, cpu_s, None))
        self.start_s = now_s - cpu_s

    def begin_run(self) -> None:
        """The run begins here: what this process used before is not its."""
        self.start_s = self._now()
        self._before_run = (self._cpu(), self._children_cpu_s())

    def add_workers_end_span(self, since_s: float, workers_cpu_s: float) -> None:
        """Tell of the end of xdist workers as a span: what they used after the last that they told of.

        They are this process's children. ``workers_cpu_s`` is what they told; the kernel knows the rest, for a
        worker that crashed, too.
        """
        rest_s = self._children_cpu_s() - self._before_run[1] - workers_cpu_s
        if rest_s > 0:
            self.pending.append(("collection", "", "stop", since_s, self._now(), rest_s, None))

    def trace(self, workers_cpu_s: float = 0.0) -> WorkerTrace:
        """Return all of it as a trace; what xdist workers told of themselves is not this process's."""
        cpu_s = self._cpu() - self._before_run[0]
        cpu_s += max(0.0, self._children_cpu_s() - self._before_run[1] - workers_cpu_s)
        spans = tuple(Span(*entry) for entry in self.pending)
        return WorkerTrace(self.worker, self.start_s, self._now(), cpu_s, spans)
