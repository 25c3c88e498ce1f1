"""How far something long has come, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

EVERY_S = 5.0


class Progress:
    """Says what is done of how many, every so many seconds; to be used in a ``with`` statement."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._what = ""
        self._start = self._said = time.monotonic()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.markup import escape
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = self._stack.enter_context(Bar(*columns, console=Console(stderr=True), transient=True))
            self._task = self._bar.add_task(escape(self._what), total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self, what: str) -> None:
        """Say what is looked at from now on."""
        self._what = visible(what)
        if self._bar is not None and self._task is not None:
            from rich.markup import escape

            self._bar.reset(self._task, total=None, description=escape(self._what))

    def __call__(self, done: int, of: int) -> None:
        """Say how much of it is done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=of)
            return
        now = time.monotonic()
        if now - self._said >= self._every_s:
            self._said = now
            options.print_to_stderr(f"{self._what}: {done} of {of}, {now - self._start:.0f} s so far")
