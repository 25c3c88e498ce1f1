"""``ledger sync``: copies the ledgers of many repositories into a database."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_carbon.cli.ledger.source_ledgers import UnreadLedger, add_place_options, read_addresses, visit_ledgers
from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.ledgers.transfer.copy_and_compare import CopyResult
    from pytest_carbon.ledgers.transfer.sources import LedgerSource


@dataclass(frozen=True, slots=True)
class CopiedLedger:
    """A ledger that was copied: the repository's name, the ledger's place, the target, and the result."""

    name: str
    place: str
    target: str
    result: CopyResult


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "sync",
        _sync,
        summary="copy the ledgers of many repositories into a database",
        description="Copy runs, corrections, overrides, self-tests and baselines into the database. Records that are "
        "there already are not read again, and the next sync completes one that was stopped. A ledger that cannot be "
        "read does not stop the others.",
        example="pytest-carbon ledger sync shop/web=../web https://git.example.org/shop/api.git --sql env",
        exit_codes={0: "done", 1: "a ledger could not be read; the others were copied"},
    )
    add_place_options(parser, "places", nargs="*")
    parser.add_argument("--sql", metavar="URL", help="the database; env: the URL in PYTEST_CARBON_SQL")
    parser.add_argument("--now", metavar="TIME", help="skip runs later than this time, such as 2026-01-02T03:04:05Z")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _sync(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.ledgers.transfer.copy_and_compare import copy

    config, now = options.load_project_config(), options.read_now(arguments)
    addresses = read_addresses(arguments.places, arguments.sources)
    if not addresses:
        raise ConfigError("nothing to copy; name a folder or a repository, or a file that lists them with --sources")
    url = options.chosen_database(arguments, config)
    if url is None:
        raise ConfigError('no database to copy into; give --sql URL, or set sql = "postgresql://host/db" in [ledger]')

    def copy_ledger(source: LedgerSource, progress: Progress) -> CopiedLedger:
        target = options.open_repository_in_database(config, now, url, source.name)
        return CopiedLedger(source.name, source.where, target.where, copy(source, target, progress))

    copied, unread = visit_ledgers(arguments, addresses, now, copy_ledger)
    if arguments.json:
        output.print_json(_to_json(copied, unread))
    else:
        _print_lines(copied, unread)
    return 1 if unread else 0


def _to_json(copied: Sequence[CopiedLedger], unread: Sequence[UnreadLedger]) -> dict[str, Any]:
    return {
        "added": sum(ledger.result.added for ledger in copied),
        "known": sum(ledger.result.known for ledger in copied),
        "sources": [
            {
                "name": ledger.name,
                "where": ledger.place,
                "ledger": ledger.target,
                "added": ledger.result.added,
                "known": ledger.result.known,
                "baselines": ledger.result.baselines,
                "skipped": output.skipped_json(ledger.result.skipped),
            }
            for ledger in copied
        ],
        "failed": [{"source": ledger.address, "reason": ledger.reason} for ledger in unread],
    }


def _print_lines(copied: Sequence[CopiedLedger], unread: Sequence[UnreadLedger]) -> None:
    from pytest_carbon.core.verdict.wording import count_text

    for ledger in copied:
        result = ledger.result
        added = f"{count_text(result.added, 'record')} and {count_text(result.baselines, 'baseline')}"
        earlier = f"; {result.known} had been added before" if result.known else ""
        output.print_line(f"{ledger.name}: added {added} to the {ledger.target}{earlier}")
        skipped = (f"{ledger.name}: skipped {one.path} of {ledger.place}: {one.reason}" for one in result.skipped)
        for line in output.first_few(skipped):
            output.print_line(line)
    for failure in unread:
        output.print_line(f"{failure.address} could not be copied: {failure.reason}")
