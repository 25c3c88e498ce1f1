"""What the deciding verbs share: their options, the moment they judge at, how they print."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.run_entry import RunSource
    from pytest_carbon.core.report import Report
    from pytest_carbon.ledgers.ledger import Ledger

Verbs = Any  # argparse's own class of sub-parsers is private
FIRST_YEAR, LAST_YEAR = 2000, 2999
_COMMAND = re.compile(r"^(\s*:)(?=:)|##(?=\[)", re.MULTILINE)


def add_ledger_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which ledger, and as of when."""
    parser.add_argument("--branch", metavar="NAME", help="use the ledger on this branch of the repository")
    parser.add_argument("--folder", metavar="PATH", help="use the ledger in this folder (default: .carbon/ledger)")
    parser.add_argument("--sql", metavar="URL", help="use the ledger in this database (env: that of PYTEST_CARBON_SQL)")
    parser.add_argument(
        "--ledger", metavar="KIND:PLACE", help="use a ledger of another kind, from an installed package"
    )
    parser.add_argument("--repository", metavar="NAME", help="this project in the database (default: owner/name)")
    parser.add_argument("--now", metavar="TIME", help="judge as of this time, such as 2026-01-02T03:04:05Z")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a run came from and who pays for it."""
    parser.add_argument("--label", metavar="LABEL", action="append", default=[], help="a label of the pull request")
    parser.add_argument("--pr", metavar="N", type=int, help="the pull request's number")
    parser.add_argument("--on", metavar="BRANCH", help="the branch the run was made on (default: as in the report)")
    parser.add_argument("--attempt", metavar="N", type=int, default=1, help="which attempt of the CI job this was")
    parser.add_argument("--job", metavar="NAME", default="", help="the CI job")


def add_judging_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which report is judged, by which policy, and who pays for it."""
    parser.add_argument("report", nargs="?", metavar="REPORT", help="the carbon report (default: the configured one)")
    parser.add_argument("--policy-from", metavar="COMMIT", help="read the policy from this commit, as a gate must")
    add_source_options(parser)


def format_type(names: Collection[str], find: Callable[[str], object]) -> Callable[[str], str]:
    """Return the type of a --format option: one of our names, or the name of an extension's format."""

    def read(name: str) -> str:
        try:
            return name if name in names or find(name) else name
        except ConfigError as error:
            raise argparse.ArgumentTypeError(f"invalid choice: {name!r}: {error}") from error

    return read


def read_run_source(arguments: argparse.Namespace) -> RunSource:
    """Return what the options say of where a run came from."""
    from pytest_carbon.core.records.run_entry import RunSource

    return RunSource(arguments.on, arguments.pr, tuple(arguments.label), arguments.attempt, arguments.job)


def read_now(arguments: argparse.Namespace) -> datetime:
    """Return the moment to judge at; LedgerError for a text that is no time, ConfigError for one of another age."""
    from pytest_carbon.core.records.ledger_records import parse_time

    now = parse_time(arguments.now) if arguments.now else datetime.now(UTC)
    if not FIRST_YEAR <= now.year <= LAST_YEAR:
        raise ConfigError(f"--now is {arguments.now!r}; its year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return now


def load_project_config(policy_from: str | None = None) -> Config:
    """Load the configuration of the project we stand in."""
    from pytest_carbon.config.load import find_root, load_config

    return load_config(find_root(Path.cwd()), policy_from=policy_from)


def read_report(arguments: argparse.Namespace, config: Config) -> tuple[Report, Path]:
    """Read the report that is asked for, or the configured one."""
    from pytest_carbon.reporters.run import report_file

    path = Path(arguments.report) if arguments.report else config.report
    return report_file.read(path), path


def open_chosen_ledger(arguments: argparse.Namespace, config: Config, now: datetime) -> Ledger:
    """Open the ledger that is asked for, or the configured one."""
    from pytest_carbon.usecases.open_ledger import open_ledger

    places = _places(arguments)
    return open_ledger(config, now, kind_and_place=places.pop("ledger"), **places, repository=arguments.repository)


def _places(arguments: argparse.Namespace) -> dict[str, Any]:
    places = {name: getattr(arguments, name, None) for name in ("folder", "branch", "sql", "ledger")}
    given = [f"--{name}" for name, place in places.items() if place is not None]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)} are given; a ledger is in one of them")
    return places


def chosen_database(arguments: argparse.Namespace, config: Config) -> str | None:
    """Return the URL of the database that is asked for or configured; None if the ledger is somewhere else."""
    places = _places(arguments)
    url: str | None = places["sql"] if any(places.values()) else config.ledger.sql
    return url


def open_repository_in_database(config: Config, now: datetime, sql: str, name: str) -> Ledger:
    """Open what a database has of one repository."""
    from pytest_carbon.usecases.open_ledger import open_ledger

    return open_ledger(for_one_repository(config), now, sql=sql, repository=name)


def for_one_repository(config: Config) -> Config:
    """Return a configuration with which a database is read for one repository, not for the organisation."""
    return replace(config, ledger=replace(config.ledger, organisation=False))


def width_and_colour(stream: TextIO) -> tuple[int, bool]:
    """Return how wide a stream is and whether it takes colours."""
    from rich.console import Console

    console = Console(file=stream)
    return console.width, console.is_terminal and not console.no_color


def print_rendered(render: Callable[..., str], *what: Any) -> None:
    """Print what ``render`` makes of it, as wide as the terminal is and with colours if it takes them."""
    width, colour = width_and_colour(sys.stdout)
    sys.stdout.write(without_ci_commands(render(*what, width=width, colour=colour)))


def print_json(value: Any) -> None:
    """Print JSON values in ASCII; the same values give the same bytes."""
    print(json.dumps(value, indent=2, allow_nan=False))


def without_ci_commands(text: str) -> str:
    """Return lines that no CI takes for a command: a name may begin with ``::error::``, or hold ``##[error]``."""
    return _COMMAND.sub(r"\g<0> ", text)


def print_line(line: str) -> None:
    """Print one line, whatever names are in it."""
    print(without_ci_commands(visible(line)))


def print_to_stderr(text: str) -> None:
    """Tell on standard error how far something long has come."""
    print(without_ci_commands(visible(text)), file=sys.stderr, flush=True)
