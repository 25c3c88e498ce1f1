"""``ledger verify``: reads and checks a whole ledger, and compares it with other ledgers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_carbon.cli.ledger.source_ledgers import UnreadLedger, add_place_options, read_addresses, visit_ledgers
from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.ledgers.ledger import VerifyResult
    from pytest_carbon.ledgers.transfer.copy_and_compare import CompareResult
    from pytest_carbon.ledgers.transfer.sources import LedgerSource


@dataclass(frozen=True, slots=True)
class ComparedLedger:
    """A ledger that was compared with the verified one: the repository's name, the ledger's place, and the result."""

    name: str
    place: str
    result: CompareResult


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "verify",
        _verify,
        summary="read the whole ledger and name its faults",
        description="Read and check every record. With --against, also name the records of other ledgers that are "
        "missing here or have other content here: after a sync there are none. A record that cannot be read there is a "
        "fault, too.",
        example="pytest-carbon ledger verify\n  pytest-carbon ledger verify --sql env --against shop/web=../web",
        exit_codes={0: "no faults", 1: "a fault, or a ledger that could not be read"},
    )
    add_place_options(parser, "--against", nargs="+")
    options.add_ledger_options(parser)


def _verify(arguments: argparse.Namespace) -> int:
    from pytest_carbon.ledgers.transfer.copy_and_compare import compare

    config, now = options.load_project_config(), options.read_now(arguments)
    addresses = read_addresses(arguments.against, arguments.sources)
    url = options.chosen_database(arguments, config) if addresses else None
    single = None if url else options.open_chosen_ledger(arguments, config, now)
    verified = {"": (single.where, single.verify())} if single else {}

    def compare_ledger(source: LedgerSource, progress: Progress) -> ComparedLedger:
        ledger = single or options.open_repository_in_database(config, now, str(url), source.name)
        if url and source.name not in verified:
            verified[source.name] = ledger.where, ledger.verify()
        return ComparedLedger(source.name, source.where, compare(source, ledger, progress))

    compared, unread = visit_ledgers(arguments, addresses, now, compare_ledger)
    total = _add_up([result for _, result in verified.values()])
    faults = [*_own_faults(total), *_differences(compared, unread)]
    where = next((where for where, _ in verified.values()), "ledger")
    if arguments.json:
        against = {"against": [_to_json(ledger) for ledger in compared]} if addresses else {}
        output.print_json(
            {
                "ledger": where,
                "whole": not faults,
                "runs": total.runs,
                "records": dict(total.kinds),
                "baselines": total.baselines,
                "faults": faults,
                **against,
            }
        )
    else:
        _print_lines(where, total, compared, output.first_few(faults))
    return 1 if faults else 0


def _add_up(results: Sequence[VerifyResult]) -> VerifyResult:
    """Return the results of several repositories as one."""
    from pytest_carbon.ledgers.ledger import VerifyResult

    return VerifyResult(
        kinds=dict(sorted(sum((Counter(result.kinds) for result in results), Counter[str]()).items())),
        runs=sum(result.runs for result in results),
        baselines=sum(result.baselines for result in results),
        skipped=tuple(skipped for result in results for skipped in result.skipped),
        twice=tuple(id_ for result in results for id_ in result.twice),
        misplaced=tuple(skipped for result in results for skipped in result.misplaced),
    )


def _own_faults(result: VerifyResult) -> Iterator[str]:
    """Yield a sentence for each fault of the ledger itself."""
    for skipped in (*result.skipped, *result.misplaced):
        yield f"skipped {skipped.path}: {skipped.reason}"
    for id_ in result.twice:
        yield f"{id_} is there twice, with different content"


def _differences(compared: Sequence[ComparedLedger], unread: Sequence[UnreadLedger]) -> Iterator[str]:
    """Yield a sentence for each record that is missing, differs or was not compared, and for each unread ledger."""
    for ledger in compared:
        yield from (f"{ledger.name}: {id_} is missing here" for id_ in ledger.result.lost)
        yield from (f"{ledger.name}: {id_} has other content here" for id_ in ledger.result.different)
        for skipped in ledger.result.skipped:
            yield f"{ledger.name}: {skipped.path} cannot be read there, and was not compared: {skipped.reason}"
    for failure in unread:
        yield f"{failure.address} could not be compared: {failure.reason}"


def _to_json(ledger: ComparedLedger) -> dict[str, Any]:
    result = ledger.result
    return {
        "name": ledger.name,
        "where": ledger.place,
        "records": result.records,
        "baselines": result.baselines,
        "lost": list(result.lost),
        "different": list(result.different),
        "skipped": output.skipped_json(result.skipped),
    }


def _print_lines(where: str, total: VerifyResult, compared: Sequence[ComparedLedger], faults: Sequence[str]) -> None:
    from pytest_carbon.core.verdict.wording import count_text

    kinds = ", ".join(f"{number} {kind}" for kind, number in total.kinds.items()) or "no records"
    output.print_line(f"{where}: {count_text(total.runs, 'run')} ({kinds}), {count_text(total.baselines, 'baseline')}")
    for ledger in compared:
        result = ledger.result
        counts = f"{count_text(result.records, 'record')} and {count_text(result.baselines, 'baseline')}"
        outcome = "are here with the same content" if result.equal else "were compared"
        output.print_line(f"{ledger.name}: {counts} of the {ledger.place} {outcome}")
    for fault in faults:
        output.print_line(fault)
    advice = "records at fault are never counted; restore them from git or a backup"
    output.print_line(f"{count_text(len(faults), 'fault')}; {advice}" if faults else "no faults")
