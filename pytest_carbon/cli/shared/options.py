"""The options that several verbs share, and the values that these options stand for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_carbon.core.errors import ConfigError, ReportError
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.run_entry import RunSource
    from pytest_carbon.core.report import Report
    from pytest_carbon.ledgers.ledger import Ledger


def add_ledger_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which ledger is used and as of when, and ``--json``."""
    group = parser.add_argument_group(
        "the ledger", "default: the configured one; else the branch carbon-ledger in CI, and .carbon/ledger elsewhere"
    )
    group.add_argument("--folder", metavar="PATH", help="the ledger in this folder, such as .carbon/ledger")
    group.add_argument("--branch", metavar="NAME", help="the ledger on this git branch, such as carbon-ledger")
    group.add_argument(
        "--sql",
        metavar="URL",
        help="the ledger in this database; env stands for the URL in the variable PYTEST_CARBON_SQL",
    )
    group.add_argument("--ledger", metavar="KIND:PLACE", help="a ledger of any kind, also of an installed package")
    group.add_argument("--repository", metavar="NAME", help="this project's name in the database, such as owner/name")
    parser.add_argument("--now", metavar="TIME", help="act as of this time, such as 2026-01-02T03:04:05Z")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a run came from and who pays for it."""
    group = parser.add_argument_group("where the run came from")
    group.add_argument(
        "--label",
        metavar="LABEL",
        action="extend",
        type=read_labels,
        default=[],
        help="a label of the pull request; may be repeated, or several labels with commas between them",
    )
    group.add_argument("--pr", metavar="N", type=int, help="the number of the pull request")
    group.add_argument("--on", metavar="BRANCH", help="the branch that was measured (default: as in the report)")
    group.add_argument("--attempt", metavar="N", type=int, default=1, help="the attempt of the CI job (default: 1)")
    group.add_argument("--job", metavar="NAME", default="", help="the name of the CI job")


def add_judging_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which report is judged, by which policy, and who pays for the run."""
    parser.add_argument(
        "report",
        nargs="?",
        metavar="REPORT",
        help="the carbon report (default: of the last run, with each tox environment of its commit)",
    )
    parser.add_argument(
        "--policy-from", metavar="COMMIT", help="read the policy from this commit, so that a change cannot loosen it"
    )
    add_source_options(parser)


def add_output_option(parser: argparse.ArgumentParser, text: str, *, once: str = "") -> None:
    """Add ``--output``. The name that it had ``once``, an option or an argument, is still understood, and not shown."""
    parser.add_argument("--output", metavar="PATH", help=text)
    if once.startswith("--"):
        parser.add_argument(once, dest="output", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    elif once:
        parser.add_argument(once, nargs="?", help=argparse.SUPPRESS)


def read_output(arguments: argparse.Namespace, once: str, example: str) -> str:
    """Return the place of ``--output``, or of the argument that it was ``once``.

    Raises ConfigError for none and for both; ``example`` is a place.
    """
    places = [place for place in (arguments.output, getattr(arguments, once)) if place]
    if len(places) == 2:
        raise ConfigError(f"--output is {places[0]!r}, and {places[1]!r} is given, too; keep one of them")
    if not places:
        raise ConfigError(f"no place to write to is given; name it: --output {example}")
    return str(places[0])


def format_type(names: Collection[str], find: Callable[[str], object]) -> Callable[[str], str]:
    """Return the argparse type of a ``--format`` option: a built-in name, or a name that ``find`` accepts."""

    def check_name(name: str) -> str:
        if name not in names:
            try:
                find(name)
            except ConfigError as error:
                raise argparse.ArgumentTypeError(visible(f"invalid choice: {name!r}: {error}")) from error
        return name

    return check_name


def read_labels(text: str) -> list[str]:
    """Return the labels of one option: several labels may have commas between them."""
    return [label.strip() for label in text.split(",") if label.strip()]


def read_run_source(arguments: argparse.Namespace, config: Config) -> RunSource:
    """Return where the run came from, as the options say. Raises ConfigError for a branch that this clone lacks."""
    from pytest_carbon.core.records.run_entry import RunSource

    if arguments.on is not None:
        _refuse_unknown_branch(arguments.on, config)
    return RunSource(arguments.on, arguments.pr, tuple(arguments.label), arguments.attempt, arguments.job)


def _refuse_unknown_branch(name: str, config: Config) -> None:
    """Raise ConfigError for a branch that nobody has here. A detached head, as in a CI, may be of any branch."""
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.errors import did_you_mean
    from pytest_carbon.git.branches import branch_names, checked_out_branch

    here = checked_out_branch(config.root)
    if here is None or name in (here, default_branch(config)):
        return
    known = branch_names(config.root)
    if name not in known:
        raise ConfigError(
            f"--on is {name!r}, and this clone has no such branch{did_you_mean(name, known) or '; is it spelt right?'} "
            "If it is new at the remote, run: git fetch"
        )


def unclaimed_labels(arguments: argparse.Namespace, config: Config, *, only_similar: bool = False) -> str:
    """Return a sentence on labels of ``--label`` that no feature claims; empty if there are none.

    With ``--pr`` they are all labels of a pull request, most of which are for other readers.
    """
    from pytest_carbon.core.policy.labels_to_payers import unclaimed_text

    similar = only_similar or arguments.pr is not None
    return unclaimed_text(arguments.label, config.policy, config.source, only_similar=similar)


def read_now(arguments: argparse.Namespace) -> datetime:
    """Return the time of ``--now``, or the current time. Raises LedgerError for a text that is not a time."""
    from pytest_carbon.core.records.ledger_records import ChosenTime

    return ChosenTime.parse(arguments.now) if arguments.now else datetime.now(UTC)


def load_project_config(policy_from: str | None = None, *, judges: bool = False) -> Config:
    """Load the configuration of the project in the current folder, with the policy of a commit if one is named.

    Raises ConfigError for a verb that ``judges``, if the project has no policy and one lies above it.
    """
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.config.policy_above import refuse_ignored_policy

    config = load_config(find_root(Path.cwd()), policy_from=policy_from)
    if judges:
        refuse_ignored_policy(config)
    return config


def configured_report(config: Config) -> Path:
    """Return the configured place of the report. Raises ReportError if it is empty, and pytest wrote to another one."""
    from pytest_carbon.config.load import DEFAULT_REPORT
    from pytest_carbon.config.report_places import report_of_other_root

    other = report_of_other_root(config.report, Path.cwd(), DEFAULT_REPORT)
    if other is not None:
        raise ReportError(
            f"there is no carbon report at {config.report}, but there is one at {other}: pytest has found another root "
            f"folder than {config.root}. Name that report, or run pytest --carbon --rootdir {config.root}"
        )
    return config.report


def read_named_report(arguments: argparse.Namespace, path: Path) -> Report:
    """Read a report that the options name.

    Raises ReportError for a report that is not sound, or, without ``--now``, that is not of the time of its file.
    """
    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.reporters.run.file_time import refuse_other_file_times

    report = report_file.read(path)
    if arguments.now is None:
        refuse_other_file_times(report.run, path, datetime.now(UTC))
    return report


def open_chosen_ledger(
    arguments: argparse.Namespace, config: Config, now: datetime, *, may_begin: bool = False, may_be_lost: bool = False
) -> Ledger:
    """Open the ledger that the options name, or the configured ledger.

    A place that an option names must be there, unless the verb writes and so ``may_begin`` a ledger, or unless it
    judges a ledger that ``may_be_lost`` and says so. Raises LedgerError for a place that is not there, and for a folder
    that holds something else.
    """
    from pytest_carbon.usecases.open_ledger import open_ledger

    places = _named_places(arguments)
    is_named = any(place is not None for place in places.values())
    ledger = open_ledger(config, now, kind_and_place=places.pop("ledger"), **places, repository=arguments.repository)
    if is_named and not may_begin:
        _refuse_missing(ledger, may_be_lost)
    return ledger


def _refuse_missing(ledger: Ledger, may_be_lost: bool) -> None:
    from pytest_carbon.core.errors import LedgerError
    from pytest_carbon.ledgers.ledger import KnowsItsPast

    if not isinstance(ledger, KnowsItsPast) or ledger.is_there():
        return
    lost = ledger.find_loss(date.min)
    if lost is None:
        raise LedgerError(
            f"there is no {ledger.where}; is it spelt right? To begin a ledger there, run pytest-carbon ledger append "
            "with the same option"
        )
    if not may_be_lost:
        raise LedgerError(f"{lost.seen}; {lost.remedy}")


def _named_places(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the place that each ledger option names. Raises ConfigError if more than one option names a place."""
    places = {name: getattr(arguments, name, None) for name in ("folder", "branch", "sql", "ledger")}
    given = [f"--{name}" for name, place in places.items() if place is not None]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)} are given; a ledger is in one place: keep one of these options")
    return places


def chosen_database(arguments: argparse.Namespace, config: Config) -> str | None:
    """Return the URL of the database that is named or configured; None if the ledger is in no database."""
    places = _named_places(arguments)
    url: str | None = places["sql"] if any(places.values()) else config.ledger.sql
    return url


def open_repository_in_database(config: Config, now: datetime, url: str, name: str) -> Ledger:
    """Open the ledger of one repository in a database."""
    from pytest_carbon.usecases.open_ledger import open_ledger

    return open_ledger(for_one_repository(config), now, sql=url, repository=name)


def for_one_repository(config: Config) -> Config:
    """Return the configuration with the scope of one repository: a database then shows no other repository."""
    return replace(config, ledger=replace(config.ledger, organisation=False))
