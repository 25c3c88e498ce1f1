"""``ledger export`` and ``ledger import``: a ledger into one file, and the runs of a file into a ledger."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, tzinfo
from errno import EEXIST
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pytest_carbon.cli.shared import options

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.codecarbon_rows import ImportTerms
    from pytest_carbon.ledgers.ledger import Ledger, Skipped
    from pytest_carbon.ledgers.transfer.jsonlines import ImportResult


def add(own: options.Verbs) -> None:
    """Add the two verbs."""
    export = own.add_parser(
        "export",
        help="write all runs into one file",
        description="Write the ledger as JSON lines, which ledger import takes back as they are, or its runs as "
        "Parquet, one row for each run and feature that pays for it. The file is written whole or not at all.",
        epilog="example: pytest-carbon ledger export runs.parquet --format parquet",
    )
    export.add_argument("out", metavar="OUT", help="the file; - is standard output, for JSON lines")
    export.add_argument("--format", choices=("jsonl", "parquet"), default="jsonl", help="default: jsonl")
    options.add_ledger_options(export)
    export.set_defaults(do=_export)

    taking = own.add_parser(
        "import",
        help="add the runs of a file: of an export, or what CodeCarbon has measured",
        description="Add what is not there yet. A run of CodeCarbon's emissions.csv is paid by the features that you "
        "name, by their weight. Exit code 1 if a line was bad; the others are added all the same.",
        epilog="example: pytest-carbon ledger import emissions.csv --format codecarbon --feature search",
    )
    taking.add_argument("file", metavar="FILE", help="the file")
    taking.add_argument("--format", choices=("jsonl", "codecarbon"), default="jsonl", help="default: jsonl")
    taking.add_argument("--feature", metavar="NAME", action="append", default=[], help="codecarbon: who pays")
    taking.add_argument("--timezone", metavar="ZONE", help="codecarbon: that of its times (default: UTC)")
    taking.add_argument(
        "--embodied-g-per-h", metavar="G", type=float, help="codecarbon: grams an hour of the machine's making"
    )
    options.add_ledger_options(taking)
    taking.set_defaults(do=_import)


# -- export ------------------------------------------------------------------------------------------------


def _export(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.verdict.wording import count_text

    config, now = options.load_project_config(), options.read_now(arguments)
    if arguments.out == "-" and (arguments.format == "parquet" or arguments.json):
        raise ConfigError("only JSON lines go to standard output, and nothing beside them; name a file instead of -")
    ledgers = _ledgers(arguments, config, now)
    skipped: list[Skipped] = []
    if arguments.out == "-":
        number = _write(arguments.format, ledgers, sys.stdout.buffer, skipped)
    else:
        with _whole(Path(arguments.out)) as file:
            number = _write(arguments.format, ledgers, file, skipped)
    told = options.print_to_stderr if arguments.out == "-" else options.print_line
    if arguments.json:
        reasons = [{"path": one.path, "reason": one.reason} for one in skipped]
        options.print_json({"file": arguments.out, "lines": number, "skipped": reasons})
    else:
        told(f"wrote {count_text(number, 'row' if arguments.format == 'parquet' else 'line')} to {arguments.out}")
        for one in skipped:
            told(f"skipped {one.path}: {one.reason}")
    return 0


def _ledgers(arguments: argparse.Namespace, config: Config, now: datetime) -> dict[str | None, Ledger]:
    """Open the ledgers to write by their repositories: all of a database where its scope is the organisation."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.usecases.open_ledger import repositories, repository_of

    sql = options.chosen_database(arguments, config)
    if sql is None:
        name: str | None = None
        with suppress(ConfigError):
            name = repository_of(config)
        return {name: options.open_chosen_ledger(arguments, config, now)}
    if arguments.repository or not config.ledger.organisation:
        names = [arguments.repository or repository_of(config)]
    elif arguments.format == "parquet":
        names = repositories(config, now, sql)
    else:
        raise ConfigError("JSON lines do not say whose runs they are; name one repository: --repository org/name")
    return {name: options.open_repository_in_database(config, now, sql, name) for name in names}


def _write(form: str, ledgers: Mapping[str | None, Ledger], file: BinaryIO, skipped: list[Skipped]) -> int:
    from pytest_carbon.ledgers.transfer import jsonlines, parquet

    if form == "parquet":
        return parquet.write(ledgers, file, skipped.append)
    (ledger,) = ledgers.values()
    return sum(bool(file.write(line.encode())) for line in jsonlines.export_lines(ledger, skipped.append))


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of ``path`` when it is written to its end; LedgerError with the reason."""
    import tempfile

    from pytest_carbon.core.errors import LedgerError

    temporary: str | None = None
    try:
        if path.exists() and not path.is_file():
            raise FileExistsError(EEXIST, "something that is no file stands there")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise LedgerError(
            f"{path} could not be written ({error.strerror}); free space, or choose another place"
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


# -- import ------------------------------------------------------------------------------------------------


def _import(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.verdict.wording import count_text

    config, now = options.load_project_config(), options.read_now(arguments)
    terms, clock = _terms(arguments, config)
    ledger = options.open_chosen_ledger(arguments, config, now)
    done = _taken(arguments, ledger, terms, clock, now)
    notes = list(_notes(arguments)) if arguments.format == "codecarbon" else []
    if arguments.json:
        bad = [{"line": one.path, "reason": one.reason} for one in done.bad]
        options.print_json(
            {"ledger": ledger.where, "added": done.added, "known": done.known, "baselines": done.baselines,
             "left_out": bad, "notes": notes}
        )  # fmt: skip
    else:
        baselines = f" and {count_text(done.baselines, 'baseline')}" if done.baselines else ""
        known = f"; {done.known} were there already" if done.known else ""
        options.print_line(f"added {count_text(done.added, 'record')}{baselines} to the {ledger.where}{known}")
        for line in (*notes, *(f"left out {one.path}: {one.reason}" for one in done.bad)):
            options.print_line(line)
    return 1 if done.bad else 0


def _terms(arguments: argparse.Namespace, config: Config) -> tuple[ImportTerms, tzinfo]:
    from pytest_carbon.core.budget.window import parse_window, time_zone
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.records.codecarbon_rows import ImportTerms

    grams = arguments.embodied_g_per_h
    if arguments.format == "jsonl":
        given = [name for name in ("feature", "timezone", "embodied_g_per_h") if getattr(arguments, name)]
        if given:
            raise ConfigError(
                f"--{given[0].replace('_', '-')} is for --format codecarbon; JSON lines say it themselves"
            )
        return ImportTerms({}), UTC
    if grams is not None and not 0 <= grams < math.inf:
        raise ConfigError(f"--embodied-g-per-h is {grams:g}; it must be a number that is not negative")
    clock = time_zone(parse_window("28d", arguments.timezone or "UTC", "--timezone").zone)
    return ImportTerms(_payers(arguments.feature, config), grams), clock


def _payers(names: Sequence[str], config: Config) -> dict[str, float]:
    from pytest_carbon.core.errors import ConfigError, did_you_mean
    from pytest_carbon.core.model import UNATTRIBUTED

    weights = {**{name: feature.weight for name, feature in config.features.items()}, UNATTRIBUTED: 1.0}
    if not names:
        raise ConfigError("nobody pays for these runs; say --feature NAME, which may be given more than once")
    unknown = next((name for name in names if name not in weights), None)
    if unknown is not None:
        near = did_you_mean(unknown, weights)
        raise ConfigError(f"no feature of {config.source} is called {unknown!r}{near}; it has {', '.join(weights)}")
    whole = math.fsum(weights[name] for name in dict.fromkeys(names))
    return {name: weights[name] / whole for name in dict.fromkeys(names)}


def _taken(
    arguments: argparse.Namespace, ledger: Ledger, terms: ImportTerms, clock: tzinfo, now: datetime
) -> ImportResult:
    from pytest_carbon.core.errors import LedgerError
    from pytest_carbon.ledgers.transfer import codecarbon_csv, jsonlines

    path = Path(arguments.file)
    try:
        if arguments.format == "jsonl":
            with path.open("rb") as lines:
                return jsonlines.import_lines(lines, ledger, now)
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as rows:
            return codecarbon_csv.import_rows(rows, ledger, terms, clock, now)
    except OSError as error:
        raise LedgerError(f"{path} cannot be read ({error.strerror}); is it spelt right?") from error


def _notes(arguments: argparse.Namespace) -> Iterator[str]:
    """Say what was assumed, and what CodeCarbon cannot tell."""
    if arguments.timezone is None:
        yield "its times have no zone and are taken as UTC; --timezone names another"
    yield "their reference energy is not known: a limit in reference joules counts these runs as unknown"
    if arguments.embodied_g_per_h is None:
        yield "their embodied grams are not known: a limit in grams does so too; --embodied-g-per-h tells them"
