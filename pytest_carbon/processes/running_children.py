"""The CPU time of the processes below this one, those included that nobody has waited for yet: servers, pools.

The kernel adds the CPU time of a child to that of its parent when the parent waits for it. Until then, and for the
children of a fork server always, it is only in the files of each process below ``/proc``. Linux only; elsewhere nothing
is added.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_open, _read, _close, _listdir, _own_id = os.open, os.read, os.close, os.listdir, os.getpid
_waitid = getattr(os, "waitid", None)
_ANY_ENDED = (os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) if _waitid else ()
"""Held, because tests may replace them."""
_TICK_S = 0.01
"""The kernel counts the CPU time of a running process in such steps, so that looking more often tells nothing."""
_SPACING = 20
"""Time between two looks, in multiples of what one takes."""
_BYTES = 4096
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)


class RunningChildren:
    """Adds the CPU seconds of running processes to those of waited ones, so that the sum never falls.

    Processes that were below this one before do not count. What was once seen of a process stays counted, also if it
    ends and nobody ever waits for it.
    """

    def __init__(self) -> None:
        self._clock = time.perf_counter
        self._s_per_tick = 1 / os.sysconf("SC_CLK_TCK") if _waitid else 0.0
        self.can_see = bool(self._s_per_tick) and Path(f"/proc/self/task/{os.getpid()}/children").exists()
        self._known: dict[int, int] = {}
        self._known = {pid: start for pid, start, _ in self._look()}
        self._next_look_s = 0.0
        self._waited_s = self._running_s = self._lost_s = self._total_s = 0.0

    def total_s(self, waited_s: float) -> float:
        """Return the CPU seconds of all processes below this one; ``waited_s`` are of those that were waited for.

        Between two looks, and until one more process was waited for, nothing is asked and the last sum holds.
        """
        now_s = self._clock()
        if now_s < self._next_look_s and waited_s == self._waited_s:
            return self._total_s
        self._next_look_s = now_s + _TICK_S
        self._waited_s = waited_s
        if _has_no_child():
            self._running_s = 0.0
        else:
            self._running_s = sum(ticks for _, _, ticks in self._look()) * self._s_per_tick
            self._next_look_s = now_s + max(_TICK_S, _SPACING * (self._clock() - now_s))
        total_s = waited_s + self._running_s + self._lost_s
        self._lost_s += max(0.0, self._total_s - total_s)
        self._total_s = max(self._total_s, total_s)
        return self._total_s

    def _look(self) -> list[tuple[int, int, int]]:
        """Return pid, start, and ticks of work of each process below this one, ended ones among them."""
        if not self.can_see:
            return []
        found = [process for process in _processes(_children(_own_id())) if self._known.get(process[0]) != process[1]]
        for pid, _, _ in found:  # grows while it is walked over
            found += _processes(_children(pid))
        return found


def visible_children() -> RunningChildren | None:
    """Return the processes below this one; None where the system does not tell them."""
    children = RunningChildren()
    return children if children.can_see else None


def _has_no_child() -> bool:
    """Return whether the kernel knows no child of this process: one quick call, which takes nothing away."""
    if _waitid is None:
        return True
    try:
        _waitid(*_ANY_ENDED)
    except ChildProcessError:
        return True
    except OSError:
        return False
    return False


def _children(of: int) -> Iterator[int]:
    for thread in _names(f"/proc/{of}/task"):
        yield from map(int, _content(f"/proc/{of}/task/{thread}/children").split())


def _processes(pids: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    for pid in pids:
        fields = _content(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        if len(fields) > 19:
            yield pid, int(fields[19]), sum(map(int, fields[11:15]))


def _names(folder: str) -> list[str]:
    try:
        return _listdir(folder)
    except OSError:  # it ended meanwhile
        return []


def _content(path: str) -> bytes:
    try:
        file = _open(path, _FLAGS)
    except OSError:
        return b""
    try:
        return b"".join(iter(lambda: _read(file, _BYTES), b""))
    except OSError:
        return b""
    finally:
        _close(file)
