"""Finds the extensions, which are packages of other people, and calls their hooks, one package at a time.

An extension that cannot be imported, or that raises, becomes a ``Fault``, which the report's gaps and ``doctor`` name.
It never ends a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple, TypeVar

import pluggy

from pytest_carbon import hookspecs
from pytest_carbon.core.escape import visible
from pytest_carbon.core.hide_secrets import hide_secrets

MOST_CHARS = 300
Value = TypeVar("Value")


class ExtensionFailed(Exception):
    """An extension failed; the fault is noted."""


class Fault(NamedTuple):
    """An extension that failed: its name, what it was doing, and the error."""

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
                self.attempt(package, "imported", self._register, point, package)
            except ExtensionFailed:
                continue

    def _register(self, point: EntryPoint, package: str) -> None:
        self._manager.register(point.load(), package)

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

    def attempt(
        self,
        package: str,
        doing: str,
        action: Callable[..., Value],
        *arguments: Any,
        passing: tuple[type[Exception], ...] = (),
    ) -> Value:
        """Run code of a package and return its result. Raises ExtensionFailed, with a fault noted, if the code fails.

        Anything may come out of another package's code, pytest's own outcomes among it: only Ctrl-C and the errors of
        ``passing`` are raised as they are.
        """
        try:
            return action(*arguments)
        except KeyboardInterrupt:
            raise
        except passing:
            raise
        except BaseException as error:
            raise ExtensionFailed(str(self._add_fault(package, doing, error))) from error

    def _add_fault(self, package: str, doing: str, error: BaseException) -> Fault:
        try:
            text = f"{type(error).__name__}: {error}"
        except Exception:  # the text of an error is code of the package, too
            text = type(error).__name__
        fault = Fault(visible(package), visible(doing), visible(" ".join(hide_secrets(text).split())[:MOST_CHARS]))
        self._faults[fault] = None
        return fault

    def call(
        self, hook: str, read: Callable[[Any], Value], *, reading: str = "", last: bool | None = None, **arguments: Any
    ) -> Iterator[tuple[str, Value]]:
        """Call a hook of every package that has the hook; yield each package's name and its answer, if not None.

        ``read`` turns an answer into a value, or raises; ``reading`` says in a fault what was read, default the hook.
        ``last`` chooses the implementations with (True) or without (False) ``trylast``. A package that fails is passed
        over.
        """
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            if last not in (None, implementation.trylast):
                continue
            package, asked = implementation.plugin_name, f"asked for {hook}"
            try:
                if implementation.hookwrapper or implementation.wrapper:
                    self.attempt(package, asked, _refuse_wrapper)
                values = [arguments[name] for name in implementation.argnames]
                answer = self.attempt(package, asked, implementation.function, *values)
                if answer is not None:
                    yield package, self.attempt(package, reading or asked, read, answer)
            except ExtensionFailed:
                continue

    def offers(self, hook: str, texts: Sequence[str], functions: Sequence[str]) -> Iterator[tuple[str, Any, list[str]]]:
        """Yield what packages offer by a hook: the package's name, the offered object, and the values of its ``texts``.

        An answer is one object or a list of objects. An object without these members is a fault.
        """
        for package, offered in self.call(hook, lambda answer: list(answer) if _is_list(answer) else [answer]):
            for offer in offered:
                try:
                    values = self.attempt(package, f"asked for {hook}", _members, offer, texts, functions)
                except ExtensionFailed:
                    continue
                yield package, offer, values


def _refuse_wrapper() -> None:
    raise TypeError("a wrapper of this hook is not supported; implement the hook itself")


def _is_list(answer: object) -> bool:
    return isinstance(answer, list | tuple)


def _members(offer: Any, texts: Sequence[str], functions: Sequence[str]) -> list[str]:
    values = [getattr(offer, name, None) for name in texts]
    if not all(isinstance(value, str) for value in values) or not all(
        callable(getattr(offer, name, None)) for name in functions
    ):
        raise TypeError(f"an object with {', '.join([*texts, *functions])} was expected, not {offer!r:.80}")
    return [str(value) for value in values]


@cache
def installed_extensions() -> Extensions:
    """Return the installed extensions; the entry points are searched once per process."""
    return Extensions(entry_points(group=hookspecs.PROJECT))
