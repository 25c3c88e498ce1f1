"""Finds a reporter or a kind of ledger by its name: first among the built-in ones, then among those of extensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from pytest_carbon.core.errors import ConfigError, no_such_name
from pytest_carbon.extend.extensions import Extensions, installed_extensions


class Named(Protocol):
    """A value that a user asks for by its name, such as a reporter."""

    @property
    def name(self) -> str:
        """The name."""
        ...


NamedT = TypeVar("NamedT", bound=Named)


def find_named(
    kind: str,
    name: str,
    built_in: Sequence[NamedT],
    from_extensions: Callable[[Extensions], Iterable[NamedT]],
    other_names: Sequence[str] = (),
) -> NamedT:
    """Return the value of this name; a built-in value hides one of an extension.

    ``kind`` is what the error calls the values: ``format``, ``kind of ledger``. ``from_extensions`` returns the values
    of extensions; it is called only for a name that is not built in. Raises ConfigError for an unknown name, with the
    known names, ``other_names`` and the extensions that failed.
    """
    built_in_values = {value.name: value for value in built_in}
    if name in built_in_values:
        return built_in_values[name]
    extensions = installed_extensions()
    extension_values = {value.name: value for value in from_extensions(extensions)}
    if name in extension_values:
        return extension_values[name]
    names = sorted({*built_in_values, *extension_values, *other_names})
    faults = "".join(f"; {fault}" for fault in extensions.faults)
    raise ConfigError(f"{no_such_name(kind, name, names)}{faults}")
