"""Keeps faults of ours away from pytest: what fails becomes lines under the report, and the tests go on.

The object of a guarded hook has a list ``faults`` for these lines, and ``python``, Python as it was before the tests.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import pytest

from pytest_carbon.core.escape import terminal_line

if TYPE_CHECKING:
    from pytest_carbon.pytest_edge.unjudged_limits import UnjudgedLimits

Arguments = ParamSpec("Arguments")


def guarded(hook: Callable[Concatenate[Any, Arguments], None]) -> Callable[Concatenate[Any, Arguments], None]:
    """Keep a fault of a hook that runs beside tests. What pytest raises to end a test or the session passes.

    Hooks that every test calls several times catch their faults themselves: one call less for each.
    """

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
    """Add the lines for a fault, to be pasted into an issue. The first is enough: others may follow from it.

    That no file descriptors were left is no fault of ours.
    """
    if faults:
        return
    what = "pytest-carbon: the carbon report could not be made, or is not whole, because"
    if isinstance(fault, OSError) and fault.errno in (errno.EMFILE, errno.ENFILE):
        faults += [
            f"{what} no file descriptors were left ({fault.strerror}). The result of the tests is not affected.",
            "Is a file, socket or process that a test opens never closed? Close it, or raise the limit (ulimit -n).",
        ]
        return
    faults += [
        f"{what} of a fault in pytest-carbon itself. The result of the tests is not affected.",
        "Please report this fault with the following lines:",
        *(line for text in traceback.format_exception(fault) for line in text.splitlines()),
    ]


class FaultHooks:
    """All hooks of a run that could not begin: they tell the fault at the end."""

    def __init__(self, faults: list[str], unjudged: UnjudgedLimits | None) -> None:
        self._faults = faults
        self._unjudged = unjudged

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run if the policy asks for it: nothing was judged."""
        if self._unjudged is not None:
            self._faults[:0] = self._unjudged.tell(session)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the lines in red."""
        terminalreporter.section("carbon", sep="=", green=True)
        for line in self._faults:
            terminalreporter.write_line(terminal_line(line), red=True)
