"""``ledger``: adds all verbs of ``ledger``; append, list and compact are here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.ledger import correct, export_import, migrate, override, sync, verify
from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import HelpParagraphs, Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.core.report import Report

LISTED_DAYS = 28


def add(verbs: Verbs) -> None:
    """Add ``ledger`` and the verbs below."""
    ledger = verbs.add_parser(
        "ledger",
        help="keep the runs that budgets count: append, list, export, ...",
        description="The ledger stores every run that budgets count: in a folder (.carbon/ledger), on a git branch "
        "without common history with your code (carbon-ledger, the default in CI), or in a database. No record of it "
        "is ever changed.",
        epilog="example:\n  pytest-carbon ledger append\n  pytest-carbon ledger list\n"
        "pytest-carbon ledger VERB --help explains each verb.",
        formatter_class=HelpParagraphs,
    )
    ledger.set_defaults(parser=ledger)
    ledger_verbs = ledger.add_subparsers(title="verbs", dest="ledger_verb", metavar="VERB")

    append = add_verb(
        ledger_verbs,
        "append",
        _append,
        summary="add a run",
        description="Add the runs of carbon reports. A run that is in the ledger already is not added again. A run of "
        "the default branch also becomes a baseline, with which later runs are compared.",
        example="pytest-carbon ledger append\n  pytest-carbon ledger append --label feature:checkout --pr 7",
        exit_codes={0: "done, also if the run was there already"},
    )
    append.add_argument(
        "reports",
        nargs="*",
        metavar="REPORT",
        help="carbon reports (default: of the last run, and of each tox environment of its commit)",
    )
    options.add_source_options(append)
    options.add_ledger_options(append)

    list_ = add_verb(
        ledger_verbs,
        "list",
        _list,
        summary="list the newest runs",
        description="List runs, newest first: the time, the cost, and the features that pay.",
        example="pytest-carbon ledger list\n  pytest-carbon ledger list --since 2026-01-02 --feature checkout",
    )
    list_.add_argument("--since", metavar="DAY", help=f"the first day (default: {LISTED_DAYS} days ago)")
    list_.add_argument("--feature", metavar="NAME", help="only runs that this feature pays for")
    options.add_ledger_options(list_)

    verify.add(ledger_verbs)
    sync.add(ledger_verbs)
    export_import.add(ledger_verbs)
    migrate.add(ledger_verbs)

    compact = add_verb(
        ledger_verbs,
        "compact",
        _compact,
        summary="make old runs quicker to read; nothing is lost",
        description="Pack each month that is over into one file; in a database, sum up each day that is over. What is "
        "counted does not change.",
        example="pytest-carbon ledger compact --before 2026-01-01",
    )
    compact.add_argument("--before", metavar="DAY", help="only what ended before this day (default: today)")
    options.add_ledger_options(compact)

    correct.add(ledger_verbs)
    override.add(ledger_verbs)


def _append(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.last_job import read_last_job
    from pytest_carbon.core.verdict.wording import count_text
    from pytest_carbon.usecases.append_run import append_run, notes_of_append, why_no_base

    config, now = options.load_project_config(), options.read_now(arguments)
    source = options.read_run_source(arguments, config)
    job = None if arguments.reports else read_last_job(arguments, config)
    named = [options.read_named_report(arguments, Path(report)) for report in arguments.reports]
    runs = [(job.merged, job.reports)] if job else [(report, [report]) for report in named]
    ledger = options.open_chosen_ledger(arguments, config, now, may_begin=True)
    added = [id_ for run, parts in runs for id_ in append_run(config, run, source, ledger, parts)]
    number = sum(len(parts) for _, parts in runs)
    already_there = number - len(added)
    notes = [f"{_ids_are(parts)} {why}" for run, parts in runs if (why := why_no_base(config, run, source))]
    notes += dict.fromkeys(note for run, _ in runs for note in notes_of_append(config, run, source, ledger))
    if job and job.left_out:
        notes.append(job.left_out_text)
    if unclaimed := options.unclaimed_labels(arguments, config):
        notes.append(f"{unclaimed}; to name another, run pytest-carbon ledger correct {runs[0][1][0].run.id}")
    if arguments.json:
        more = {"notes": notes} if notes else {}
        output.print_json({"ledger": ledger.where, "added": added, "known": already_there, **more})
    else:
        for id_ in added:
            output.print_line(f"added {id_} to the {ledger.where}")
        if already_there:
            output.print_line(f"{already_there} of {count_text(number, 'run')} had been added before")
        for note in notes:
            output.print_line(note)
    return 0


def _ids_are(reports: Sequence[Report]) -> str:
    return f"{', '.join(report.run.id for report in reports)} {'is' if len(reports) == 1 else 'are'}"


def _parse_day(text: str | None, default: date) -> date:
    """Return the day of a text; ``default`` without a text. Raises ConfigError for a text that is not a day."""
    from pytest_carbon.core.errors import ConfigError

    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise ConfigError(f"{text!r} is not a day; write it as 2026-01-02") from None


def _refuse_unknown_feature(feature: str, known: set[str]) -> None:
    """Raise ConfigError for a feature that neither the policy nor the ledger knows."""
    from pytest_carbon.core.errors import ConfigError, no_such_name
    from pytest_carbon.core.model import UNATTRIBUTED

    names = sorted({*known, UNATTRIBUTED})
    if feature not in names:
        raise ConfigError(f"--feature: {no_such_name('feature', feature, names)}")


def _list(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.records.corrections import apply_corrections
    from pytest_carbon.core.records.record_json import to_data
    from pytest_carbon.reporters.run.ledger_table import render

    config, now = options.load_project_config(), options.read_now(arguments)
    since = _parse_day(arguments.since, (now - timedelta(days=LISTED_DAYS)).date())
    ledger = options.open_chosen_ledger(arguments, config, now)
    content = ledger.read(since, now.date() + timedelta(days=1))
    entries = apply_corrections(content.records)[::-1]
    if arguments.feature:
        _refuse_unknown_feature(arguments.feature, {*config.features, *(name for e in entries for name in e.shares)})
        entries = [entry for entry in entries if entry.shares.get(arguments.feature)]
    if arguments.json:
        output.print_json(
            {
                "ledger": ledger.where,
                "entries": [to_data(entry) for entry in entries],
                "skipped": output.skipped_json(content.skipped),
            }
        )
    else:
        notes = output.first_few(f"skipped {skipped.path}: {skipped.reason}" for skipped in content.skipped)
        output.print_rendered(render, ledger.where, entries, notes)
    return 0


def _compact(arguments: argparse.Namespace) -> int:
    config, now = options.load_project_config(), options.read_now(arguments)
    ledger = options.open_chosen_ledger(arguments, config, now)
    packed = ledger.compact(_parse_day(arguments.before, now.date()))
    if arguments.json:
        output.print_json({"ledger": ledger.where, "packed": packed})
    elif packed:
        for path in packed:
            output.print_line(f"packed {path}")
    else:
        in_files = options.chosen_database(arguments, config) is None
        reason = "no month that is over has unpacked runs" if in_files else "no day that is over has changed"
        output.print_line(f"nothing to pack: {reason}")
    return 0
