"""Gathers, in the controller, the spans that the workers sent and the outcomes of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from pytest_carbon.core.model import CountReading, Span, WorkerTrace

_WORST_FIRST = ("error", "failed", "rerun", "xpassed", "xfailed", "skipped", "passed")


def _rank(outcome: str) -> int:
    """Return how bad an outcome is, the worst first. A word of another plugin is kept, as if it were a rerun."""
    return _WORST_FIRST.index(outcome if outcome in _WORST_FIRST else "rerun")


class _OneWorker:
    def __init__(self) -> None:
        self.boot_id = ""
        self.start_s = self.end_s = self.cpu_s = 0.0
        self.spans: list[Span] = []
        self.counts: list[CountReading] = []


class WorkerTraces:
    """The outcomes by nodeid and attempt, and the traces of the workers so far."""

    def __init__(self) -> None:
        self._outcomes: dict[str, list[str]] = {}
        self._workers: dict[str, _OneWorker] = {}
        self._gaps: list[str] = []
        self._on_other_machines: set[str] = set()

    def note_outcome(self, nodeid: str, phase: str | None, outcome: str) -> None:
        """Note the outcome of a phase. An attempt's outcome is the worst of its phases; a setup begins a new attempt.

        Phases of a test that only passes need not be noted: a test without an outcome has passed.
        """
        attempts = self._outcomes.setdefault(nodeid, [])
        if phase == "setup" or not attempts:
            attempts.append(outcome)
        elif _rank(outcome) < _rank(attempts[-1]):
            attempts[-1] = outcome

    def outcomes(self) -> dict[str, list[str]]:
        """Return the outcomes of the attempts, in order, by nodeid. Tests that only passed are missing."""
        return self._outcomes

    def add_spans(self, name: str, sent: Sequence[Any]) -> None:
        """Add what a worker sent: its boot id, start, end, CPU seconds, new spans, and new counts if there are any."""
        boot_id, start_s, end_s, cpu_s, spans, *counts = sent
        worker = self._workers.setdefault(name, _OneWorker())
        worker.boot_id, worker.start_s, worker.end_s, worker.cpu_s = boot_id, start_s, end_s, cpu_s
        worker.spans += [Span(*span) for span in spans]
        worker.counts += chain.from_iterable(counts)

    def note_crash(self, name: str) -> None:
        """Note that a worker crashed before it sent its last spans."""
        self._gaps.append(f"worker {name} crashed: its work after its last finished test is counted as background")

    def traces(self, boot_id: str) -> list[WorkerTrace]:
        """Return the traces of the workers. ``same_machine`` is False for a worker with another boot id."""
        self._on_other_machines = {name for name, w in self._workers.items() if w.boot_id != boot_id}
        return [
            WorkerTrace(
                name,
                w.start_s,
                w.end_s,
                w.cpu_s,
                tuple(w.spans),
                same_machine=name not in self._on_other_machines,
                counts=tuple(w.counts),
            )
            for name, w in sorted(self._workers.items())
        ]

    def gaps(self) -> list[str]:
        """Return sentences about spans that did not arrive and energy that cannot be measured."""
        return [
            *self._gaps,
            *(
                f"worker {name} ran on another machine: the energy of its tests is unknown, "
                "only their reference energy is known"
                for name in sorted(self._on_other_machines)
            ),
        ]
