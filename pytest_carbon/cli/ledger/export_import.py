"""``ledger export`` and ``ledger import``: writes a ledger into one file, and adds the runs of a file to a ledger."""

from __future__ import annotations

import argparse
import io
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pytest_carbon.cli.shared import options, output, streams
from pytest_carbon.cli.shared.verb import Verbs, add_verb
from pytest_carbon.files.read_bounded import IMPORT_BYTES, open_regular
from pytest_carbon.files.write_safely import replace_when_whole
from pytest_carbon.ledgers.transfer.registry import EXPORTERS

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.codecarbon_rows import ImportTerms
    from pytest_carbon.ledgers.ledger import Ledger, Skipped
    from pytest_carbon.ledgers.transfer.exporter import Exporter
    from pytest_carbon.ledgers.transfer.jsonlines import ImportResult

EXPORT_FORMATS = tuple(exporter.name for exporter in EXPORTERS)
IMPORT_FORMATS = ("jsonl", "codecarbon")
STDOUT = "-"


def add(verbs: Verbs) -> None:
    """Add the two verbs."""
    export = add_verb(
        verbs,
        "export",
        _export,
        summary="write the whole ledger into one file",
        description="Write the ledger into one file, whole or not at all. jsonl: every record as one line of JSON, for "
        "ledger import. parquet: one row for each run and each feature that pays for it, for analysis.",
        example="pytest-carbon ledger export --output runs.parquet --format parquet",
    )
    options.add_output_option(export, "the file; - is standard output, for jsonl only (needed)", once="out")
    export.add_argument("--format", choices=EXPORT_FORMATS, default="jsonl", help="the format (default: jsonl)")
    options.add_ledger_options(export)

    import_ = add_verb(
        verbs,
        "import",
        _import,
        summary="add the runs of a file: of an export, or of CodeCarbon",
        description="Add the runs of a file that the ledger does not have yet. jsonl: the lines of an export. "
        "codecarbon: the emissions.csv of CodeCarbon; the features of --feature pay for its runs, in proportion to "
        "their weights. A bad line does not stop the others.",
        example="pytest-carbon ledger import runs.jsonl\n"
        "  pytest-carbon ledger import emissions.csv --format codecarbon --feature search",
        exit_codes={0: "done", 1: "a line was left out; the others were added"},
    )
    import_.add_argument("file", metavar="FILE", help="the file")
    import_.add_argument("--format", choices=IMPORT_FORMATS, default="jsonl", help="the format (default: jsonl)")
    group = import_.add_argument_group("for --format codecarbon")
    group.add_argument(
        "--feature", metavar="NAME", action="append", default=[], help="a feature that pays; may be repeated"
    )
    group.add_argument("--timezone", metavar="ZONE", help="the time zone of the file's times (default: UTC)")
    group.add_argument(
        "--embodied-g-per-h", metavar="G", type=float, help="embodied emissions of the machine, in grams per hour"
    )
    options.add_ledger_options(import_)


# -- export ------------------------------------------------------------------------------------------------


def _export(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.verdict.wording import count_text

    config, now = options.load_project_config(), options.read_now(arguments)
    exporter = next(exporter for exporter in EXPORTERS if exporter.name == arguments.format)
    place = options.read_output(arguments, "out", "runs.jsonl")
    to_stdout = place in (STDOUT, "/dev/stdout")
    if to_stdout and not exporter.is_text:
        raise ConfigError(f"the format {exporter.name} is not text; name a file instead of -")
    if to_stdout and arguments.json:
        raise ConfigError("--json would print into the export on standard output; name a file instead of -")
    ledgers = _open_ledgers(arguments, exporter, config, now)
    skipped: list[Skipped] = []
    count = 0
    if to_stdout:
        with streams.writing(sys.stdout):
            count = exporter.write(ledgers, sys.stdout.buffer, skipped.append)
    else:
        with _export_file(Path(place)) as file:
            count = exporter.write(ledgers, file, skipped.append)
    if arguments.json:
        output.print_json({"file": place, "lines": count, "skipped": output.skipped_json(skipped)})
        return 0
    print_line = output.print_to_stderr if to_stdout else output.print_line
    print_line(f"wrote {count_text(count, exporter.unit)} to {'standard output' if to_stdout else place}")
    for line in output.first_few(f"skipped {record.path}: {record.reason}" for record in skipped):
        print_line(line)
    return 0


def _open_ledgers(
    arguments: argparse.Namespace, exporter: Exporter, config: Config, now: datetime
) -> dict[str | None, Ledger]:
    """Open the ledgers to write, by repository: all of a database if its scope is the organisation.

    Raises ConfigError for several repositories in a format that does not name them.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.usecases.open_ledger import repositories, repository_of

    url = options.chosen_database(arguments, config)
    if url is None:
        name: str | None = None
        with suppress(ConfigError):
            name = repository_of(config)
        return {name: options.open_chosen_ledger(arguments, config, now)}
    if arguments.repository or not config.ledger.organisation:
        names = [arguments.repository or repository_of(config)]
    elif exporter.names_repositories:
        names = repositories(config, now, url)
    else:
        raise ConfigError(
            f"the format {exporter.name} does not name the repository of a run; export one repository: "
            "--repository org/name"
        )
    return {name: options.open_repository_in_database(config, now, url, name) for name in names}


@contextmanager
def _export_file(path: Path) -> Iterator[BinaryIO]:
    """Open the file of an export, which is written whole or not at all.

    Raises LedgerError for a place that cannot be written.
    """
    from pytest_carbon.core.errors import LedgerError

    try:
        with replace_when_whole(path, Path.cwd(), durable=True) as file:
            yield file
    except OSError as error:
        raise LedgerError(
            f"{path} could not be written ({error.strerror}); free space, or choose another place"
        ) from error


# -- import ------------------------------------------------------------------------------------------------


def _import(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.verdict.wording import count_text

    config, now = options.load_project_config(), options.read_now(arguments)
    terms, time_zone = _import_terms(arguments, config)
    ledger = options.open_chosen_ledger(arguments, config, now, may_begin=True)
    result = _import_file(arguments, ledger, terms, time_zone, now)
    notes = list(_assumptions(arguments)) if arguments.format == "codecarbon" else []
    if arguments.json:
        output.print_json(
            {
                "ledger": ledger.where,
                "added": result.added,
                "known": result.known,
                "baselines": result.baselines,
                "left_out": [{"line": line.path, "reason": line.reason} for line in result.bad],
                "notes": notes,
            }
        )
    else:
        baselines = f" and {count_text(result.baselines, 'baseline')}" if result.baselines else ""
        earlier = f"; {result.known} had been added before" if result.known else ""
        output.print_line(f"added {count_text(result.added, 'record')}{baselines} to the {ledger.where}{earlier}")
        left_out = (f"left out {line.path}: {line.reason}" for line in result.bad)
        for note in (*notes, *output.first_few(left_out)):
            output.print_line(note)
    return 1 if result.bad else 0


def _import_terms(arguments: argparse.Namespace, config: Config) -> tuple[ImportTerms, tzinfo]:
    """Return who pays for the runs of CodeCarbon and their embodied emissions, and the time zone of their times.

    Raises ConfigError for an option of CodeCarbon with JSON lines, and for a value that cannot be used.
    """
    from pytest_carbon.core.budget import window
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.records.codecarbon_rows import ImportTerms

    grams = arguments.embodied_g_per_h
    if arguments.format == "jsonl":
        given = [name for name in ("feature", "timezone", "embodied_g_per_h") if getattr(arguments, name)]
        if given:
            raise ConfigError(
                f"--{given[0].replace('_', '-')} is for --format codecarbon; the lines of an export hold it themselves"
            )
        return ImportTerms({}), UTC
    if grams is not None and not 0 <= grams < math.inf:
        raise ConfigError(f"--embodied-g-per-h is {grams:g}; it must be a number that is not negative")
    time_zone = window.time_zone(window.parse_window("28d", arguments.timezone or "UTC", "--timezone").zone)
    return ImportTerms(_shares(arguments.feature, config), grams), time_zone


def _shares(names: Sequence[str], config: Config) -> dict[str, float]:
    """Return the share of each feature, in proportion to the weights. Raises ConfigError for no or an unknown name."""
    from pytest_carbon.core.errors import ConfigError, no_such_name
    from pytest_carbon.core.model import UNATTRIBUTED

    weights = {**{name: feature.weight for name, feature in config.features.items()}, UNATTRIBUTED: 1.0}
    if not names:
        raise ConfigError("no feature pays for these runs; name it with --feature NAME, which may be repeated")
    unknown = next((name for name in names if name not in weights), None)
    if unknown is not None:
        raise ConfigError(no_such_name(f"feature of {config.source}", unknown, weights))
    total = math.fsum(weights[name] for name in dict.fromkeys(names))
    return {name: weights[name] / total for name in dict.fromkeys(names)}


def _import_file(
    arguments: argparse.Namespace, ledger: Ledger, terms: ImportTerms, time_zone: tzinfo, now: datetime
) -> ImportResult:
    """Add the runs of the file that the ledger lacks. Raises LedgerError for a file that cannot be read."""
    from pytest_carbon.core.errors import LedgerError
    from pytest_carbon.ledgers.transfer import codecarbon_csv, jsonlines

    path = Path(arguments.file)
    try:
        with open_regular(path, IMPORT_BYTES) as file:
            if arguments.format == "jsonl":
                return jsonlines.import_lines(file, ledger, now)
            rows = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
            return codecarbon_csv.import_rows(rows, ledger, terms, time_zone, now)
    except OSError as error:
        raise LedgerError(f"{path} cannot be read ({error.strerror}); is it spelt right?") from error


def _assumptions(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield what is assumed of CodeCarbon's runs, and what CodeCarbon does not know."""
    if arguments.timezone is None:
        yield "the file's times have no time zone and are taken as UTC; --timezone names another zone"
    yield "the reference energy of these runs is unknown: a limit in reference energy counts them as unknown"
    if arguments.embodied_g_per_h is None:
        yield (
            "the embodied emissions of these runs are unknown: a limit in grams counts them as unknown; "
            "--embodied-g-per-h gives them"
        )
