"""The questions of ``init`` at a terminal. Whoever ends the input, as with Ctrl-D, has answered nothing."""

from __future__ import annotations

from collections.abc import Callable

from pytest_carbon.cli.shared import output
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import terminal_line

_YES, _NO = ("y", "yes"), ("n", "no")


def ask_for_zone(check: Callable[[str], None]) -> str | None:
    """Return the zone that the user names; None if none is named. ``check`` raises CarbonError for an unknown one."""
    output.print_line("The electricity grid of the machines that run the tests, such as DE, US-VA or gcp:us-central1.")
    while True:
        zone = _answer("zone (empty: fill it in later): ")
        if not zone:
            return None
        try:
            check(zone)
        except CarbonError as error:
            output.print_line(str(error))
        else:
            return zone


def ask_for_forks() -> bool:
    """Return whether pull requests come from forks, too."""
    return _agrees("Do pull requests come from forks, too? [y/N] ", otherwise=False)


def ask_to_write(path: str) -> bool:
    """Return whether to write a file."""
    return _agrees(f"Write {path}? [Y/n] ", otherwise=True)


def _agrees(question: str, *, otherwise: bool) -> bool:
    while True:
        answer = _answer(question)
        if answer is None:
            return False
        if answer.casefold() in (*_YES, *_NO, ""):
            return answer.casefold() in _YES if answer else otherwise


def _answer(question: str) -> str | None:
    try:
        return input(terminal_line(question)).strip()
    except EOFError:
        output.print_line("")
        return None
