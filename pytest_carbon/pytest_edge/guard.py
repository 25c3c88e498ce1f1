"""Keeps faults of ours away from pytest: what fails becomes lines under the report, and the tests go on.

The object of a guarded hook has a list ``faults`` for these lines, and ``python``, Python as it was before the tests.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import pytest

from pytest_carbon.core.escape import terminal_line

Arguments = ParamSpec("Arguments")


def guarded(hook: Callable[Concatenate[Any, Arguments], None]) -> Callable[Concatenate[Any, Arguments], None]:
    """Keep a fault of a hook that runs for each test. What pytest raises to end a test or the session passes."""

    @wraps(hook)
    def guard(self: Any, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> None:
        try:
            hook(self, *arguments, **named)
        except Exception as fault:
            note_fault(self.faults, fault)

    return guard


def undisturbed(hook: Callable[Concatenate[Any, Arguments], None]) -> Callable[Concatenate[Any, Arguments], None]:
    """Run a hook with Python as it was before code of the project was imported, and keep its faults.

    A mistake of the user (pytest.UsageError) passes.
    """

    @wraps(hook)
    def guard(self: Any, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> None:
        try:
            with self.python.restored():
                hook(self, *arguments, **named)
        except pytest.UsageError:
            raise
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as fault:
            note_fault(self.faults, fault)

    return guard


def note_fault(faults: list[str], fault: BaseException) -> None:
    """Add the lines for a fault, to be pasted into an issue. The first is enough: others may follow from it."""
    if not faults:
        faults += [
            "pytest-carbon: the carbon report could not be made, or is not whole, because of a fault in pytest-carbon "
            "itself. The result of the tests is not affected.",
            "Please report this fault with the following lines:",
            *(line for text in traceback.format_exception(fault) for line in text.splitlines()),
        ]


class FaultHooks:
    """All hooks of a run that could not begin: they tell the fault at the end."""

    def __init__(self, faults: list[str]) -> None:
        self._faults = faults

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the lines in red."""
        terminalreporter.section("carbon", sep="=", green=True)
        for line in self._faults:
            terminalreporter.write_line(terminal_line(line), red=True)
