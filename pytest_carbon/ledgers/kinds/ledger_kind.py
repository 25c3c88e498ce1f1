"""What a kind of ledger can do: open a ledger at a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LedgerRequest:
    """What a ledger is opened with.

    ``place`` is the text behind the colon of ``--ledger NAME:PLACE``, ``root`` the project's folder, ``remote`` the
    name of the git remote (None without one), ``baselines_kept`` how many baselines of a branch are kept.
    ``repository`` returns the project's owner/name, or raises ConfigError. ``organisation`` asks a ledger of many
    repositories for the runs of all of them.
    """

    place: str
    root: Path
    now: datetime
    remote: str | None
    baselines_kept: int
    repository: Callable[[], str]
    organisation: bool = False


class LedgerKind(Protocol):
    """A kind of ledger that can be asked for by name."""

    @property
    def name(self) -> str:
        """The name before the colon of ``--ledger NAME:PLACE``."""
        ...

    def open(self, request: LedgerRequest) -> Ledger:
        """Open the ledger. Raises LedgerError if the place cannot be used."""
        ...
