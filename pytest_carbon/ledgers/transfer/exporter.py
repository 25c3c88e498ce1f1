"""What an exporter can do: write ledgers into one file, in one format."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from pytest_carbon.ledgers.ledger import Ledger, Skipped


class Exporter(Protocol):
    """Writes ledgers into one file, in one format."""

    @property
    def name(self) -> str:
        """The name of the format, as in ``--format NAME``."""
        ...

    @property
    def unit(self) -> str:
        """What the file is a sequence of, for messages: ``line``, ``row``."""
        ...

    @property
    def is_text(self) -> bool:
        """Whether the file is text, which may also go to standard output."""
        ...

    @property
    def names_repositories(self) -> bool:
        """Whether each unit names its repository, so that one file can hold the ledgers of several repositories."""
        ...

    def write(self, ledgers: Mapping[str | None, Ledger], file: BinaryIO, on_skipped: Callable[[Skipped], None]) -> int:
        """Write the ledgers, which are given by repository, and return the number of units.

        ``on_skipped`` is called for each record that cannot be read. Raises LedgerError if the format needs a package
        that is not installed.
        """
        ...


@dataclass(frozen=True, slots=True)
class BuiltInExporter:
    """An exporter of ours: ``function`` is "module:function", imported only when the format is asked for."""

    name: str
    unit: str
    function: str
    is_text: bool = False
    names_repositories: bool = False

    def write(self, ledgers: Mapping[str | None, Ledger], file: BinaryIO, on_skipped: Callable[[Skipped], None]) -> int:
        """Write the ledgers and return the number of units."""
        return int(pkgutil.resolve_name(self.function)(ledgers, file, on_skipped))
