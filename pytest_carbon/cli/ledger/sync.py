"""``ledger sync`` and ``ledger verify``: copy many ledgers into a database, and prove that nothing was lost by it."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_carbon.cli.shared import options

T = TypeVar("T")
if TYPE_CHECKING:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.ledgers.ledger import Skipped, VerifyResult
    from pytest_carbon.ledgers.transfer.copy_and_compare import CompareResult, CopyResult
    from pytest_carbon.ledgers.transfer.sources import LedgerSource, SourceAddress

    Do = Callable[[LedgerSource, Progress], T]
    Done = tuple[str, str, str, CopyResult]
    Failed = list[tuple[str, str]]

PLACE = "a folder ledger, or a repository (a path or a URL) whose branch is one; org/name=PLACE names it"


def add(own: options.Verbs) -> None:
    """Add the two verbs."""
    verify = own.add_parser(
        "verify",
        help="read everything and say what is wrong; exit code 1 if something is",
        description="Read and check everything. With --against, also say what of other ledgers is not in this one, or "
        "is there with other content: after a sync, nothing is.",
        epilog="example: pytest-carbon ledger verify --sql env --against shop/web=../web",
    )
    _add_places(verify, "--against", nargs="+")
    options.add_ledger_options(verify)
    verify.set_defaults(do=_verify)

    sync = own.add_parser(
        "sync",
        help="copy the runs of many repositories' ledgers into a database, as often as you like",
        description="Copy runs, corrections, overrides, self-tests and baselines into the database. What is there "
        "already is not read again, and what was stopped is made whole by the next. Exit code 1 if a ledger could not "
        "be read; the others are copied all the same.",
        epilog="example: pytest-carbon ledger sync shop/web=../web https://git.example.org/shop/api.git --sql env",
    )
    _add_places(sync, "places", nargs="*")
    sync.add_argument("--sql", metavar="URL", help="the database (env: that of PYTEST_CARBON_SQL)")
    sync.add_argument("--now", metavar="TIME", help="believe no run of later than this time")
    sync.add_argument("--json", action="store_true", help="print JSON")
    sync.set_defaults(do=_sync)


def _add_places(parser: argparse.ArgumentParser, name: str, nargs: str) -> None:
    parser.add_argument(name, metavar="PLACE", nargs=nargs, default=[], help=PLACE)
    parser.add_argument("--sources", metavar="FILE", help="a file with more of them, one a line")
    parser.add_argument("--from-branch", metavar="NAME", help="their branch (default: carbon-ledger)")


def _places(given: Sequence[str], listed: str | None) -> list[SourceAddress]:
    """Return the places given, and those that a file lists."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.ledgers.transfer.sources import parse_source

    try:
        lines = Path(listed).read_text(encoding="utf-8").splitlines() if listed else []
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"--sources is {listed}, which cannot be read ({why})") from error
    texts = [line.strip() for line in (*given, *lines)]
    return [parse_source(text) for text in texts if text and not text.startswith("#")]


def _each(
    arguments: argparse.Namespace, places: Sequence[SourceAddress], now: datetime, do: Do[T]
) -> tuple[list[T], Failed]:
    """Return what is to be done with each ledger that can be read, and why the others could not be."""
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH
    from pytest_carbon.ledgers.transfer.sources import SourceError, open_source

    done: list[T] = []
    failed: Failed = []
    with Progress() as progress:
        for number, place in enumerate(places, 1):
            progress.begin(f"{place.name or place.masked} ({number} of {len(places)})")
            try:
                with open_source(place, arguments.from_branch or DEFAULT_LEDGER_BRANCH, now) as source:
                    done.append(do(source, progress))
            except SourceError as error:
                failed.append((place.masked[:200], str(error)))
    return done, failed


# -- sync --------------------------------------------------------------------------------------------------


def _sync(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.ledgers.transfer.copy_and_compare import copy

    config, now = options.load_project_config(), options.read_now(arguments)
    places = _places(arguments.places, arguments.sources)
    if not places:
        raise ConfigError("nothing to copy from; name a folder or a repository, or a file of them with --sources")
    sql = options.chosen_database(arguments, config)
    if sql is None:
        raise ConfigError('no database to copy into; say --sql URL, or set sql = "postgresql://host/db" in [ledger]')

    def one(source: LedgerSource, progress: Progress) -> Done:
        target = options.open_repository_in_database(config, now, sql, source.name)
        return source.name, source.where, target.where, copy(source, target, progress)

    done, failed = _each(arguments, places, now, one)
    if arguments.json:
        options.print_json(_synced(done, failed))
    else:
        _tell_synced(done, failed)
    return 1 if failed else 0


def _synced(done: Sequence[Done], failed: Failed) -> dict[str, Any]:
    return {
        "added": sum(copied.added for _, _, _, copied in done),
        "known": sum(copied.known for _, _, _, copied in done),
        "sources": [
            {"name": name, "where": where, "ledger": target, "added": copied.added, "known": copied.known,
             "baselines": copied.baselines, "skipped": _pairs(copied.skipped)}
            for name, where, target, copied in done
        ],
        "failed": [{"source": at, "reason": reason} for at, reason in failed],
    }  # fmt: skip


def _pairs(skipped: Sequence[Skipped]) -> list[dict[str, str]]:
    return [{"path": one.path, "reason": one.reason} for one in skipped]


def _tell_synced(done: Sequence[Done], failed: Failed) -> None:
    from pytest_carbon.core.verdict.wording import count_text

    for name, where, target, copied in done:
        added = f"{count_text(copied.added, 'record')} and {count_text(copied.baselines, 'baseline')}"
        known = f"; {copied.known} were there already" if copied.known else ""
        options.print_line(f"{name}: added {added} to the {target}{known}")
        for one in copied.skipped:
            options.print_line(f"{name}: skipped {one.path} of {where}: {one.reason}")
    for at, reason in failed:
        options.print_line(f"{at} could not be copied: {reason}")


# -- verify ------------------------------------------------------------------------------------------------


def _verify(arguments: argparse.Namespace) -> int:
    from pytest_carbon.ledgers.transfer.copy_and_compare import compare

    config, now = options.load_project_config(), options.read_now(arguments)
    places = _places(arguments.against, arguments.sources)
    sql = options.chosen_database(arguments, config) if places else None
    whole = None if sql else options.open_chosen_ledger(arguments, config, now)
    verified = {"": (whole.where, whole.verify())} if whole else {}

    def one(source: LedgerSource, progress: Progress) -> tuple[str, str, CompareResult]:
        ledger = whole or options.open_repository_in_database(config, now, str(sql), source.name)
        if sql and source.name not in verified:
            verified[source.name] = ledger.where, ledger.verify()
        return source.name, source.where, compare(source, ledger, progress)

    compared, failed = _each(arguments, places, now, one)
    found = _together([one for _, one in verified.values()])
    faults = [f"skipped {one.path}: {one.reason}" for one in (*found.skipped, *found.misplaced)]
    faults += [f"{id_} is there twice, with different content" for id_ in found.twice]
    faults += [fault for name, _, said in compared for fault in _faults(name, said)]
    faults += [f"{at} could not be compared: {reason}" for at, reason in failed]
    where = next((where for where, _ in verified.values()), "ledger")
    if arguments.json:
        against = {"against": [_compared(*each) for each in compared]} if places else {}
        options.print_json(
            {"ledger": where, "whole": not faults, "runs": found.runs, "records": dict(found.kinds),
             "baselines": found.baselines, "faults": faults, **against}
        )  # fmt: skip
    else:
        _tell_verified(where, found, compared, faults)
    return 1 if faults else 0


def _together(found: Sequence[VerifyResult]) -> VerifyResult:
    from pytest_carbon.ledgers.ledger import VerifyResult

    return VerifyResult(
        kinds=dict(sorted(sum((Counter(one.kinds) for one in found), Counter[str]()).items())),
        runs=sum(one.runs for one in found),
        baselines=sum(one.baselines for one in found),
        skipped=tuple(skip for one in found for skip in one.skipped),
        twice=tuple(id_ for one in found for id_ in one.twice),
        misplaced=tuple(skip for one in found for skip in one.misplaced),
    )


def _faults(name: str, said: CompareResult) -> Iterator[str]:
    yield from (f"{name}: {id_} is not there" for id_ in said.lost)
    yield from (f"{name}: {id_} is there with other content" for id_ in said.different)


def _compared(name: str, where: str, said: CompareResult) -> dict[str, Any]:
    return {
        "name": name, "where": where, "records": said.records, "baselines": said.baselines, "lost": list(said.lost),
        "different": list(said.different), "skipped": _pairs(said.skipped),
    }  # fmt: skip


def _tell_verified(
    where: str, found: VerifyResult, compared: Sequence[tuple[str, str, CompareResult]], faults: Sequence[str]
) -> None:
    from pytest_carbon.core.verdict.wording import count_text

    kinds = ", ".join(f"{number} {kind}" for kind, number in found.kinds.items()) or "no records"
    options.print_line(f"{where}: {count_text(found.runs, 'run')} ({kinds}), {count_text(found.baselines, 'baseline')}")
    for name, source, said in compared:
        held = f"{count_text(said.records, 'record')} and {count_text(said.baselines, 'baseline')} of the {source}"
        options.print_line(f"{name}: {held} {'are there, once and alike' if said.equal else 'were compared'}")
        for one in said.skipped:
            options.print_line(f"{name}: not compared, as it cannot be read there: {one.path}: {one.reason}")
    for fault in faults:
        options.print_line(fault)
    whole = "whole: nothing is wrong with it"
    print(f"{count_text(len(faults), 'fault')}; what is at fault is never counted" if faults else whole)
