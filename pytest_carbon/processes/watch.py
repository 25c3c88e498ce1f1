"""Counts from outside what the commands of a block use, and ends or names what they leave running."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType

from pytest_carbon.processes.descendants import RunningProcess, adopt_orphans, find_children, find_descendants
from pytest_carbon.processes.marks import MarkReader

try:
    import resource
except ImportError:  # missing on Windows: the CPU time of child processes is unknown there
    _children_usage = None
else:
    _children_usage = resource.getrusage

SETTLE_S = 2.0
"""How long processes that a command leaves behind may take to end by themselves, as our own sidecar does."""
TERM_S, KILL_S = 1.0, 5.0
_EVERY_S = 0.02
_QUICK_ROUNDS = 500


@dataclass(frozen=True, slots=True)
class CountedOutside:
    """What the commands of a block used. ``cpu_s`` are the CPU seconds of the commands and of all that they waited for.

    ``detached_cpu_s`` are those of processes that ran on when their parent had ended, up to now. ``start_cpu_s`` and
    ``end_cpu_s`` are how many of ``cpu_s`` had been used at the first and at the last mark: pytest sends one before it
    imports code of the project, and one when the session ends. None if unknown.
    ``ended`` and ``kept`` name the processes that were left running: those that we ended, and those that run on.
    ``survived`` are those of ``kept`` that we tried to end, and that are no other user's.
    """

    wall_s: float
    cpu_s: float | None
    detached_cpu_s: float | None
    ended: tuple[str, ...]
    kept: tuple[str, ...]
    start_cpu_s: float | None = None
    end_cpu_s: float | None = None
    survived: tuple[str, ...] = ()


class Watch:
    """Watches a block in which this process starts commands and waits for them; then ``counted`` has the result.

    A command that gets the descriptors and the environment of ``marks`` can send marks. Processes that commands leave
    running have ``settle_s`` to end by themselves. With ``end_left``, they are then asked to end, and killed for up to
    ``kill_s``. Children that this process had before are left alone.
    """

    counted: CountedOutside
    marks: MarkReader

    def __init__(self, *, end_left: bool, settle_s: float = SETTLE_S, kill_s: float = KILL_S) -> None:
        ends = ((signal.SIGTERM, TERM_S), (signal.SIGKILL, kill_s)) if end_left else ()
        self._steps = ((0, settle_s), *ends)
        self._stack = ExitStack()

    def __enter__(self) -> Watch:
        self._known = [(child.pid, child.started) for child in find_descendants() if child.parent == os.getpid()]
        self._stack.enter_context(adopt_orphans())
        self._cpu_s = _children_cpu_s()
        self._start_s = time.monotonic()
        self._at_marks: list[float] = []
        self.marks = MarkReader(self._note_mark)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        wall_s, commands_s = time.monotonic() - self._start_s, _children_cpu_s()
        self.marks.close()
        try:
            ended, kept, survived = self._end_left()
        finally:
            self._stack.close()
        all_s = _children_cpu_s()
        cpu_s = detached_s = None
        if self._cpu_s is not None and commands_s is not None and all_s is not None:
            cpu_s = commands_s - self._cpu_s
            detached_s = all_s - commands_s + sum(process.cpu_s for process in kept)
        start_s, end_s = (self._at_marks[0], self._at_marks[-1]) if self._at_marks else (None, None)
        self.counted = CountedOutside(
            wall_s, cpu_s, detached_s, _names(ended), _names(kept), start_s, end_s, _names(survived)
        )

    def _note_mark(self) -> None:
        """Count the CPU seconds of the command that runs, up to now: the child that started first.

        Other children are processes that ran on when their parent had ended.
        """
        children = [process for process in find_descendants(self._known) if process.parent == os.getpid()]
        children.sort(key=lambda child: (child.started, child.pid))
        left = [(child.pid, child.started) for child in children[1:]]
        before_s, ended_s = self._cpu_s, _children_cpu_s()
        if children and before_s is not None and ended_s is not None:
            running_s = sum(process.cpu_s for process in find_descendants([*self._known, *left]))
            self._at_marks.append(ended_s - before_s + running_s)

    def _end_left(self) -> tuple[list[RunningProcess], list[RunningProcess], list[RunningProcess]]:
        """Wait for what was left running, and end it if asked to.

        Return what we ended, what still runs, and what of this survived although we may end it.
        """
        signalled: dict[int, RunningProcess] = {}
        survived: list[RunningProcess] = []
        left: list[RunningProcess] = []
        for number, limit_s in self._steps:
            until_s = time.monotonic() + limit_s
            while left := self._find_left():
                if number:
                    signalled |= {process.pid: process for process in left}
                    survived = [process for process in left if _signal(process.pid, number)]
                if number == signal.SIGKILL:
                    self._kill_quickly()
                if time.monotonic() > until_s:
                    break
                time.sleep(_EVERY_S)
        running = {process.pid for process in left}
        return [process for process in signalled.values() if process.pid not in running], left, survived if left else []

    def _find_left(self) -> list[RunningProcess]:
        """Wait for the adopted children that have ended, and return the processes that still run.

        Only a second look tells that none do: of a process that forks and ends all the time, it finds the ended ones.
        """
        for process in find_descendants(self._known):
            if process.parent == os.getpid():
                _reap(process.pid)
        return find_descendants(self._known)

    def _kill_quickly(self) -> None:
        """Kill children again and again, so that also one that forks and ends all the time is met."""
        known = {pid for pid, _ in self._known}
        for _ in range(_QUICK_ROUNDS):
            children = set(find_children()) - known
            if not children:
                break
            for pid in children:
                _signal(pid, signal.SIGKILL)
                _reap(pid)


def _signal(pid: int, number: int) -> bool:
    """Send a signal to a process that may have ended; return False if it is another user's."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        return False
    return True


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _children_cpu_s() -> float | None:
    if _children_usage is None:
        return None
    usage = _children_usage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _names(processes: list[RunningProcess]) -> tuple[str, ...]:
    return tuple(f"{process.name} ({process.pid})" for process in processes)
