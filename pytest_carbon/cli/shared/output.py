"""Prints what the verbs say: lines, tables, JSON, files. A name from outside can command neither terminal nor CI."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pytest_carbon.cli.shared import streams
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.escape import json_for_log, terminal_line, terminal_lines
from pytest_carbon.core.hide_secrets import hide_secrets
from pytest_carbon.files.write_safely import write_whole

MOST_FAULTS = 5
"""The most faults of one kind that are printed one by one."""

if TYPE_CHECKING:
    from pytest_carbon.ledgers.ledger import Skipped


def print_line(line: str) -> None:
    """Print one line to standard output. Control characters in names are shown as escapes."""
    streams.write(sys.stdout, f"{terminal_line(line)}\n")


def print_to_stderr(line: str) -> None:
    """Print one line to standard error: progress, and notes that are no result."""
    streams.write(sys.stderr, f"{terminal_line(line)}\n", flush=True)


def print_error(text: str) -> None:
    """Print an error to standard error. Further lines, such as the output of a failed program, follow behind a bar."""
    streams.write(sys.stderr, terminal_lines(f"pytest-carbon: {hide_secrets(text)}") + "\n")


def print_traceback() -> None:
    """Print the traceback of the exception that is being handled to standard error."""
    streams.write(sys.stderr, terminal_lines(hide_secrets(traceback.format_exc().rstrip())) + "\n", flush=True)


def print_text(text: str, stream: TextIO | None = None) -> None:
    """Print the text of a reporter, which has escaped all names in it, to standard output or another stream."""
    streams.write(stream or sys.stdout, text)


def print_json(value: Any) -> None:
    """Print a JSON value in ASCII; the same value gives the same bytes. Raises ValueError for NaN and infinity."""
    streams.write(sys.stdout, json_for_log(json.dumps(value, indent=2, allow_nan=False)) + "\n")


def first_few(lines: Iterable[str]) -> list[str]:
    """Return the first of many lines on faults, and how many more there are."""
    every = list(lines)
    more = len(every) - MOST_FAULTS
    return [*every[:MOST_FAULTS], f"and {more} more; --json lists all"] if more > 1 else every


def skipped_json(skipped: Iterable[Skipped]) -> list[dict[str, str]]:
    """Return the records that could not be read, and the reasons, as a JSON value."""
    return [{"path": record.path, "reason": record.reason} for record in skipped]


def print_rendered(render: Callable[..., str], *values: Any) -> None:
    """Print the table that ``render`` makes of the values, as wide as the terminal, and coloured if it has colours."""
    width, colour = width_and_colour(sys.stdout)
    print_text(render(*values, width=width, colour=colour))


def width_and_colour(stream: TextIO) -> tuple[int, bool]:
    """Return the width in characters to lay a text out for, and whether the stream takes colours."""
    from rich.console import Console

    from pytest_carbon.reporters.run.terminal import fitting_width

    console = Console(file=stream)
    width = fitting_width(console.width, is_terminal=console.is_terminal)
    return width, console.is_terminal and not console.no_color


def save_text(path: Path, text: str, name: str, option: str) -> None:
    """Write a text into a file. ``name`` and ``option`` are for the message. Raises ReportError."""
    try:
        write_whole(path, text.encode(), Path.cwd())
    except OSError as error:
        raise ReportError(
            f"the {name} could not be written to {path} ({error.strerror}); choose another {option}"
        ) from error
