"""Shows the progress of a long task on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import output
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

LINE_EVERY_S = 5.0


class Progress:
    """A context manager. Call the object with the number of items done and of all items."""

    def __init__(self, line_every_s: float = LINE_EVERY_S) -> None:
        self._line_every_s = line_every_s
        self._task_name = ""
        self._start_s = self._last_line_s = time.monotonic()
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
            self._task = self._bar.add_task(escape(self._task_name), total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self, name: str) -> None:
        """Begin the next task of this name."""
        self._task_name = visible(name)
        if self._bar is not None and self._task is not None:
            from rich.markup import escape

            self._bar.reset(self._task, total=None, description=escape(self._task_name))

    def __call__(self, done: int, total: int) -> None:
        """Show how much of the task is done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
            return
        now = time.monotonic()
        if now - self._last_line_s >= self._line_every_s:
            self._last_line_s = now
            output.print_to_stderr(f"{self._task_name}: {done} of {total}, {now - self._start_s:.0f} s so far")
