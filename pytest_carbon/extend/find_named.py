"""Finds a thing by its name: among those that pytest-carbon brings, then among those of extensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.extend.extensions import Extensions, installed_extensions


class Named(Protocol):
    """Anything that is asked for by its name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


NamedT = TypeVar("Thing", bound=Named)


def find_named(
    kind: str,
    name: str,
    built_in: Sequence[NamedT],
    from_extensions: Callable[[Extensions], Iterable[NamedT]],
    other_names: Sequence[str] = (),
) -> NamedT:
    """Return the thing of a name. ``what`` says in the error what kind of thing is asked for.

    ``added`` returns the things of extensions; it is called only for a name that is not built in. Raises ConfigError
    for an unknown name, with the known names, ``other_names`` and the extensions that failed.
    """
    known = {thing.name: thing for thing in built_in}
    if name in known:
        return known[name]
    extensions = installed_extensions()
    of_extensions = {thing.name: thing for thing in from_extensions(extensions)}
    if name in of_extensions:
        return of_extensions[name]
    names = sorted({*known, *of_extensions, *other_names})
    faults = "".join(f"; {fault}" for fault in extensions.faults)
    raise ConfigError(
        f"no {kind} is called {name!r}{did_you_mean(name, names)} (there are: {', '.join(names)}){faults}"
    )
