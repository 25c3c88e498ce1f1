"""Writes workflow commands to the job's log, and keeps other output from being read as a command."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_carbon.core.escape import terminal_lines, visible, workflow_command

INTERNAL_ERROR = "this is a bug in pytest-carbon; please report it with the traceback in the log of the job"


def notice(text: str, title: str = "") -> None:
    """Show a notice on the page of the run."""
    _print("notice", text, title)


def warning(text: str, title: str = "") -> None:
    """Show a warning on the page of the run."""
    _print("warning", text, title)


def error(text: str, title: str = "") -> None:
    """Show an error on the page of the run. The step does not fail by it."""
    _print("error", text, title)


@contextmanager
def group(title: str) -> Iterator[None]:
    """Fold all output of the ``with`` block under a title."""
    _print("group", visible(title))
    try:
        yield
    finally:
        _print("endgroup", "")


@contextmanager
def stop_commands() -> Iterator[None]:
    """Let the runner read no command from the output of the ``with`` block, which strangers may have written."""
    token = f"carbon-{secrets.token_hex(16)}"
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)  # the output may have ended in the middle of a line


def print_traceback() -> None:
    """Print the traceback of the exception that is being handled, and let the runner read no command from it."""
    with stop_commands():
        print(terminal_lines(traceback.format_exc().rstrip()), flush=True)


def _print(command: str, text: str, title: str = "") -> None:
    escaped_title = workflow_command(title).replace(":", "%3A").replace(",", "%2C")
    print(f"::{command}{f' title={escaped_title}' if title else ''}::{workflow_command(text)}", flush=True)
