"""The ledgers that ``ledger sync`` copies and ``ledger verify`` compares with: their options, and a visit to each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_carbon.files.read_bounded import LIST_BYTES, read_bytes

T = TypeVar("T")
if TYPE_CHECKING:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.ledgers.transfer.sources import LedgerSource, SourceAddress

    Visit = Callable[[LedgerSource, Progress], T]

PLACE_HELP = (
    "the folder of a ledger, or a repository (a path or a URL) with a ledger on a branch; org/name=PLACE gives the "
    "repository's name"
)
MOST_CHARS = 200


@dataclass(frozen=True, slots=True)
class UnreadLedger:
    """A ledger that could not be read: its address, without secrets, and the reason."""

    address: str
    reason: str


def add_place_options(parser: argparse.ArgumentParser, name: str, nargs: str) -> None:
    """Add the options that name other ledgers; the option or argument ``name`` takes their places."""
    parser.add_argument(name, metavar="PLACE", nargs=nargs, default=[], help=PLACE_HELP)
    parser.add_argument("--sources", metavar="FILE", help="a file with more places, one a line; # begins a comment")
    parser.add_argument("--from-branch", metavar="NAME", help="the branch of their ledgers (default: carbon-ledger)")


def read_addresses(places: Sequence[str], sources: str | None) -> list[SourceAddress]:
    """Return the addresses of the places, and of those that the file ``sources`` lists.

    Raises ConfigError for a file that cannot be read and for a place that cannot be understood.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.ledgers.transfer.sources import parse_source

    try:
        lines = read_bytes(Path(sources), LIST_BYTES).decode("utf-8").splitlines() if sources else []
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"--sources is {sources}, which cannot be read ({reason}); is it spelt right?") from error
    texts = [line.strip() for line in (*places, *lines)]
    return [parse_source(text) for text in texts if text and not text.startswith("#")]


def visit_ledgers(
    arguments: argparse.Namespace, addresses: Sequence[SourceAddress], now: datetime, visit: Visit[T]
) -> tuple[list[T], list[UnreadLedger]]:
    """Open one ledger after the other and call ``visit``; return its results, and the ledgers that were not read."""
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH
    from pytest_carbon.ledgers.transfer.sources import SourceError, open_source

    results: list[T] = []
    unread: list[UnreadLedger] = []
    with Progress() as progress:
        for number, address in enumerate(addresses, 1):
            progress.begin(f"{address.name or address.masked} ({number} of {len(addresses)})")
            try:
                with open_source(address, arguments.from_branch or DEFAULT_LEDGER_BRANCH, now) as source:
                    results.append(visit(source, progress))
            except SourceError as error:
                unread.append(UnreadLedger(address.masked[:MOST_CHARS], str(error)))
    return results, unread
