"""Finds the packages that extend pytest-carbon and calls their hooks, one package at a time.

A package that cannot be imported, or that raises, becomes a ``Fault``: a line in the report's gaps and in ``doctor``.
It never ends a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple

import pluggy

from pytest_carbon import hookspecs
from pytest_carbon.core.escape import visible

MOST_CHARS = 300
FAILURES = (Exception, SystemExit)
"""What is caught from an extension's code: everything but Ctrl-C."""


class Fault(NamedTuple):
    """A package that failed: its name, what it was asked to do, and the error."""

    package: str
    doing: str
    error: str

    def __str__(self) -> str:
        return (
            f"the extension {self.package} failed when it was {self.doing} ({self.error}); "
            "its answer was not used; update or uninstall it"
        )


class Extensions:
    """The installed extensions, and their faults so far."""

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._faults: dict[Fault, None] = {}
        for point in points:
            package = f"{point.dist.name}:{point.name}" if point.dist else point.name
            try:
                self._manager.register(point.load(), package)
            except FAILURES as error:
                self.add_fault(package, "imported", error)

    @property
    def hooks(self) -> dict[str, list[str]]:
        """The hooks of each package that could be imported, by the package's name."""
        callers = {
            name: self._manager.get_hookcallers(plugin) or [] for name, plugin in self._manager.list_name_plugin()
        }
        return {name: sorted(caller.name for caller in hooks if caller.spec) for name, hooks in callers.items()}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The packages that have failed so far, each fault once."""
        return tuple(self._faults)

    def add_fault(self, package: str, doing: str, error: BaseException) -> None:
        """Note that a package failed with an error while it was ``doing`` something, such as "imported"."""
        text = visible(" ".join(f"{type(error).__name__}: {error}".split())[:MOST_CHARS])
        self._faults[Fault(visible(package), doing, text)] = None

    def call(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook of every package that has the hook; yield each package's name and answer, if not None.

        A package that raises is noted as a fault and passed over.
        """
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            if implementation.hookwrapper or implementation.wrapper:
                continue
            package = implementation.plugin_name
            try:
                answer = implementation.function(*[arguments[name] for name in implementation.argnames])
            except FAILURES as error:
                self.add_fault(package, f"asked for {hook}", error)
                continue
            if answer is not None:
                yield package, answer


@cache
def installed_extensions() -> Extensions:
    """Return the installed extensions; the entry points are searched once per process."""
    return Extensions(entry_points(group=hookspecs.PROJECT))
