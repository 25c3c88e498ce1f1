"""Tests that run at the same time in one process, as coroutines of one loop or in threads.

A process has one clock of its CPU time, so nobody can know which of them used what. They share it evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_carbon.core.energy.attribution import outermost_spans
from pytest_carbon.core.model import Span

TOGETHER = "together"
"""Key of a span's info: with how many tests it ran at the same time, itself included."""


class TestsTogether:
    """The tests that have begun before one another had ended; none while tests run one after the other."""

    __test__ = False

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        self._running: set[str] = set()
        self._reported: set[str] = set()

    def begin(self, running: str, info: dict[str, Any] | None, nodeid: str) -> None:
        """Note that a test begins while another one runs, whose info is known up to now."""
        new = {nodeid: dict[str, Any]()} if self.tests else {running: dict(info or {}), nodeid: {}}
        self.tests |= new
        self._running.update(new)

    def end_phase(self, nodeid: str, phase: str, info: dict[str, Any] | None) -> bool:
        """Note the end of a phase. Returns True if with it the last of the tests has ended."""
        self.tests.setdefault(nodeid, {}).update(info or {})
        self._reported.add(nodeid)
        if phase == "teardown":
            self._running.discard(nodeid)
        return not self._running

    def forget(self, nodeid: str) -> bool:
        """Let a test be over. What had no report is no test but a group of them. Returns True as ``end_phase``."""
        if nodeid not in self.tests:
            return False
        if nodeid not in self._reported:
            del self.tests[nodeid]
        self._running.discard(nodeid)
        return not self._running

    def spans(
        self, since: tuple[float, float], until: tuple[float, float], inside: Sequence[tuple[Any, ...]]
    ) -> list[tuple[Any, ...]]:
        """Return the spans of the tests, each an equal part of the time and of the CPU seconds, and the spans inside.

        ``since`` and ``until`` are the clocks before and after all of them; ``inside`` are spans recorded meanwhile.
        """
        (start_s, start_cpu_s), (end_s, end_cpu_s) = since, until
        found = [entry for entry in inside if Span(*entry).end_s <= start_s]  # a phase with a span of its own
        others = [Span(*entry) for entry in inside[len(found) :]]
        outermost = outermost_spans(others)
        count = len(self.tests)
        own_cpu_s = max(0.0, end_cpu_s - start_cpu_s - sum(span.cpu_s for span in outermost)) / count
        for number, (nodeid, info) in enumerate(self.tests.items()):
            from_s, to_s = (start_s + (end_s - start_s) * part / count for part in (number, number + 1))
            is_last = number == count - 1
            begun = [span for span in others if from_s <= span.start_s and (span.start_s < to_s or is_last)]
            found += begun
            cpu_s = own_cpu_s + sum(span.cpu_s for span in outermost if span in begun)
            found.append(("test", nodeid, "call", from_s, to_s, cpu_s, {**info, TOGETHER: count}))
        return found
