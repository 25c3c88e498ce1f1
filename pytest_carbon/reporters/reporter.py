"""What a reporter can do: write a Verdict, or Accounts, as text."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Value_contra = TypeVar("Value_contra", contravariant=True)


class Reporter(Protocol[Value_contra]):
    """Writes a value, a Verdict or Accounts, as text."""

    @property
    def name(self) -> str:
        """The name of the format, as in ``--format NAME``."""
        ...

    @property
    def file_name(self) -> str:
        """The name of a file in this format, where a folder is to be filled."""
        ...

    def render(self, value: Value_contra, /) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltInReporter:
    """A reporter of ours: ``function`` is "module:function", imported only when the format is asked for."""

    name: str
    file_name: str
    function: str

    def render(self, value: Any, /) -> str:
        """Return the text."""
        return str(pkgutil.resolve_name(self.function)(value))
