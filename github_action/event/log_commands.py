"""Commands in the log of a workflow, and a fence around what must not give any."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_carbon.core.escape import visible, workflow_command

INTERNAL_ERROR = "this is a fault of pytest-carbon's own; its log tells what went wrong, please report it"


def notice(text: str, title: str = "") -> None:
    """Show a notice beside the run."""
    _print("notice", text, title)


def warning(text: str, title: str = "") -> None:
    """Show a warning beside the run."""
    _print("warning", text, title)


def error(text: str, title: str = "") -> None:
    """Show an error beside the run; it does not fail the step."""
    _print("error", text, title)


def mask(secret: str) -> None:
    """Hide a secret wherever the log would show it."""
    for line in filter(None, secret.splitlines()):
        _print("add-mask", line)


@contextmanager
def group(title: str) -> Iterator[None]:
    """Fold what is printed meanwhile under a title."""
    _print("group", visible(title))
    try:
        yield
    finally:
        _print("endgroup", "")


@contextmanager
def stop_commands() -> Iterator[None]:
    """Let nothing that is printed meanwhile, by us or by a process of ours, be a command: it comes from strangers."""
    token = f"carbon-{secrets.token_hex(16)}"
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)  # the output may have ended in the middle of a line


def _print(command: str, text: str, title: str = "") -> None:
    shown = workflow_command(title).replace(":", "%3A").replace(",", "%2C")
    print(f"::{command}{f' title={shown}' if title else ''}::{workflow_command(text)}", flush=True)
