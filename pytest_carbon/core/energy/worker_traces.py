"""Gathers, in the controller, what workers sent and what became of each test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_carbon.core.model import Span, WorkerTrace

_WORST_FIRST = ("error", "failed", "rerun", "xpassed", "xfailed", "skipped", "passed")


class _OneWorker:
    def __init__(self) -> None:
        self.boot_id = ""
        self.start_s = self.end_s = self.cpu_s = 0.0
        self.spans: list[Span] = []


class WorkerTraces:
    """Outcomes by nodeid and attempt, and the workers' traces so far."""

    def __init__(self) -> None:
        self._outcomes: dict[str, list[str]] = {}
        self._workers: dict[str, _OneWorker] = {}
        self._gaps: list[str] = []
        self._on_other_machines: set[str] = set()

    def note_outcome(self, nodeid: str, phase: str | None, outcome: str) -> None:
        """Note what became of a phase; a test's outcome is the worst of its phases. A setup begins an attempt.

        A test whose phases all just pass need not be told of: without an outcome it has passed.
        """
        attempts = self._outcomes.setdefault(nodeid, [])
        if phase == "setup" or not attempts:
            attempts.append(outcome)
        elif _WORST_FIRST.index(outcome) < _WORST_FIRST.index(attempts[-1]):
            attempts[-1] = outcome

    def outcomes(self) -> dict[str, list[str]]:
        """Return the outcomes of the attempts, in order, of the tests that did more than pass."""
        return self._outcomes

    def add_spans(self, name: str, sent: Sequence[Any]) -> None:
        """Take in what a worker handed over: its boot id, start, end, CPU seconds, and new spans."""
        boot_id, start_s, end_s, cpu_s, spans = sent
        worker = self._workers.setdefault(name, _OneWorker())
        worker.boot_id, worker.start_s, worker.end_s, worker.cpu_s = boot_id, start_s, end_s, cpu_s
        worker.spans += [Span(*span) for span in spans]

    def note_crash(self, name: str) -> None:
        """Note that a worker ended without handing over the rest."""
        self._gaps.append(f"worker {name} crashed: what it did after its last finished test is counted as background")

    def traces(self, boot_id: str) -> list[WorkerTrace]:
        """Return the workers' traces; those from another boot or machine are marked so."""
        self._on_other_machines = {name for name, w in self._workers.items() if w.boot_id != boot_id}
        return [
            WorkerTrace(
                name, w.start_s, w.end_s, w.cpu_s, tuple(w.spans), same_machine=name not in self._on_other_machines
            )
            for name, w in sorted(self._workers.items())
        ]

    def gaps(self) -> list[str]:
        """Return sentences about what did not arrive or cannot be counted."""
        return [
            *self._gaps,
            *(
                f"worker {name} ran on another machine: its tests' energy is not known here, "
                "only their reference energy"
                for name in sorted(self._on_other_machines)
            ),
        ]
