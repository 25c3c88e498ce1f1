"""``ledger``: put runs, corrections and overrides into the ledger; list and compact it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_carbon.cli.ledger import database, files, sync
from pytest_carbon.cli.shared import options

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.budget.budget import Budget
    from pytest_carbon.core.records.ledger_records import Entry, Record

LISTED_DAYS = 28


def add(verbs: options.Verbs) -> None:
    """Add the verb and its own verbs."""
    ledger = verbs.add_parser(
        "ledger",
        help="the runs that budgets are counted from: append, list, verify, compact, correct, override, move",
        description="The ledger holds one small file a run, in a folder (.carbon/ledger) or on a branch that shares no "
        "history with your code (carbon-ledger, the default in CI). Nothing in it is ever rewritten.",
        epilog="example: pytest-carbon ledger append --branch carbon-ledger .carbon/report.json",
    )
    own = ledger.add_subparsers(dest="ledger_verb", metavar="VERB", required=True)

    append = own.add_parser("append", help="add a run, once, however often it is asked")
    append.add_argument("reports", nargs="*", metavar="REPORT", help="carbon reports (default: the configured one)")
    options.add_source_options(append)
    options.add_ledger_options(append)
    append.set_defaults(do=_append)

    listing = own.add_parser("list", help="list the runs of a window")
    listing.add_argument("--since", metavar="DAY", help=f"the first day, 2026-01-02 (default: {LISTED_DAYS} days ago)")
    listing.add_argument("--feature", metavar="NAME", help="only runs that this feature pays for")
    options.add_ledger_options(listing)
    listing.set_defaults(do=_list)

    sync.add(own)
    files.add(own)
    database.add(own)

    compact = own.add_parser("compact", help="pack the months that are over into one file each; nothing is lost")
    compact.add_argument("--before", metavar="DAY", help="pack months that ended before this day (default: today)")
    options.add_ledger_options(compact)
    compact.set_defaults(do=_compact)

    correct = own.add_parser("correct", help="say who pays for a run that is in the ledger")
    correct.add_argument("entry", metavar="RUN", help="the run's id, as ledger list prints it")
    correct.add_argument("--label", metavar="LABEL", action="append", default=[], help="the labels it should have had")
    correct.add_argument("--reason", metavar="TEXT", required=True, help="why")
    options.add_ledger_options(correct)
    correct.set_defaults(do=_correct)

    override = own.add_parser(
        "override",
        help="let a feature pass in spite of its budget, for some days, as debt on its next window",
        description="Grant an override. It needs a reason, an approver other than the author, and an amount of at most "
        "10 % of the budget, and holds for at most 7 days. What it allows is taken off the next window.",
    )
    override.add_argument("feature", metavar="NAME", help="the feature, the team, or repository")
    override.add_argument("--reason", metavar="TEXT", required=True, help="why it cannot wait")
    override.add_argument("--author", metavar="NAME", required=True, help="who asks for it")
    override.add_argument("--approver", metavar="NAME", required=True, help="who approves it: somebody else")
    override.add_argument("--amount", metavar="AMOUNT", required=True, help="how much it may use, such as 5 g")
    override.add_argument("--days", metavar="N", type=int, default=7, help="how long it holds (default: 7)")
    override.add_argument("--commit", metavar="COMMIT", help="for this commit only")
    override.add_argument("--pr", metavar="N", type=int, help="the pull request")
    options.add_ledger_options(override)
    override.set_defaults(do=_override)


def _append(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.usecases.record_run import append_run

    config, now = options.load_project_config(), options.read_now(arguments)
    paths = [Path(report) for report in arguments.reports] or [config.report]
    reports = [report_file.read(path) for path in paths]
    ledger = options.open_chosen_ledger(arguments, config, now)
    added = [id_ for report in reports for id_ in append_run(config, report, options.read_run_source(arguments), ledger)]
    known = len(reports) - len(added)
    if arguments.json:
        options.print_json({"ledger": ledger.where, "added": added, "known": known})
    else:
        for id_ in added:
            options.print_line(f"added {id_} to the {ledger.where}")
        if known:
            options.print_line(f"{known} of {len(reports)} were there already; nothing was added for them")
    return 0


def _day(text: str | None, default: date) -> date:
    from pytest_carbon.core.errors import ConfigError

    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise ConfigError(f"{text!r} is no day; write it as 2026-01-02") from None


def _list(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.records.corrections import apply_corrections
    from pytest_carbon.core.records.record_json import to_data
    from pytest_carbon.reporters.run.ledger_table import render

    config, now = options.load_project_config(), options.read_now(arguments)
    since = _day(arguments.since, (now - timedelta(days=LISTED_DAYS)).date())
    ledger = options.open_chosen_ledger(arguments, config, now)
    found = ledger.read(since, now.date() + timedelta(days=1))
    entries = [e for e in apply_corrections(found.records) if not arguments.feature or e.shares.get(arguments.feature)]
    if arguments.json:
        skipped = [{"path": one.path, "reason": one.reason} for one in found.skipped]
        options.print_json(
            {"ledger": ledger.where, "entries": [to_data(entry) for entry in entries], "skipped": skipped}
        )
    else:
        notes = [f"skipped {one.path}: {one.reason}" for one in found.skipped]
        options.print_rendered(render, ledger.where, entries, notes)
    return 0


def _compact(arguments: argparse.Namespace) -> int:
    config, now = options.load_project_config(), options.read_now(arguments)
    ledger = options.open_chosen_ledger(arguments, config, now)
    packed = ledger.compact(_day(arguments.before, now.date()))
    if arguments.json:
        options.print_json({"ledger": ledger.where, "packed": packed})
    else:
        in_files = options.chosen_database(arguments, config) is None
        why = "no month with loose runs is over" if in_files else "no day that is over has changed"
        print("\n".join(f"packed {path}" for path in packed) or f"nothing to pack: {why}")
    return 0


def _correct(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
    from pytest_carbon.core.records.ledger_records import Correction

    config, now = options.load_project_config(), options.read_now(arguments)
    ledger = options.open_chosen_ledger(arguments, options.for_one_repository(config), now)
    entry = _entry(ledger.read(date(2000, 1, 1), now.date() + timedelta(days=1)).records, arguments.entry)
    shares = payers_of_labels(arguments.label, config.policy)
    if not shares:
        raise ConfigError(f"no feature of {config.source} claims any of the labels {arguments.label}")
    made = written_time(now)
    correction = Correction(
        new_id(now, "correction"), entry.id, entry.started, made, arguments.reason, tuple(arguments.label), shares
    )
    return _added(arguments, ledger, correction, f"{entry.id} is now paid by {', '.join(shares)}")


def _entry(records: Sequence[Record], id_: str) -> Entry:
    from pytest_carbon.core.errors import ConfigError, did_you_mean
    from pytest_carbon.core.records.ledger_records import Entry

    entries = {record.id: record for record in records if isinstance(record, Entry)}
    if id_ not in entries:
        raise ConfigError(f"no run {id_!r} is in the ledger{did_you_mean(id_, entries)}; see pytest-carbon ledger list")
    return entries[id_]


def _override(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.budget.budget import holder_name
    from pytest_carbon.core.budget.overrides import LONGEST_OVERRIDE, accept_overrides
    from pytest_carbon.core.errors import ConfigError, did_you_mean
    from pytest_carbon.core.quantities import parse_quantity
    from pytest_carbon.core.records.ledger_records import Override
    from pytest_carbon.usecases.ledger_history import read_history

    config, now = options.load_project_config(), options.read_now(arguments)
    budgets: dict[str, Budget] = {holder_name(b): b for b in config.budgets if b.limit is not None}
    budget = budgets.get(arguments.feature)
    if budget is None or budget.limit is None:
        near = did_you_mean(arguments.feature, budgets)
        raise ConfigError(f"{arguments.feature!r} has no budget for a window{near}; there is nothing to override")
    amount = parse_quantity(arguments.amount, "--amount")
    if not 1 <= arguments.days <= LONGEST_OVERRIDE.days:
        raise ConfigError(
            f"--days is {arguments.days}; an override holds for at least 1 and at most {LONGEST_OVERRIDE.days} days"
        )
    override = Override(
        id=new_id(now, "override"),
        feature=arguments.feature,
        granted=written_time(now),
        expires=written_time(now + timedelta(days=arguments.days)),
        reason=arguments.reason,
        author=arguments.author,
        approver=arguments.approver,
        amount=amount.value,
        kind=amount.kind,
        commit=_full_commit(arguments.commit, config),
        pr=arguments.pr,
    )
    ledger = options.open_chosen_ledger(arguments, config, now)
    known = read_history(ledger, config.budgets, now + timedelta(seconds=1)).overrides
    before = accept_overrides(budget, known).refusals
    after = accept_overrides(budget, [*known, override]).refusals
    refused = next((why for why in after if why not in before), None)
    if refused:
        raise ConfigError(refused)
    return _added(arguments, ledger, override, f"{arguments.feature} may use {amount.text} until {override.expires}")


def _full_commit(text: str | None, config: Config) -> str | None:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git

    found = text and run_git.find_commit(text, config.root)
    if text and not found and len(text) not in (40, 64):
        raise ConfigError(f"--commit is {text!r}, and no commit is called so here; fetch it, or write it in full")
    return found or text


def _added(arguments: argparse.Namespace, ledger: Any, record: Record, told: str) -> int:
    ledger.append([record])
    if arguments.json:
        options.print_json({"ledger": ledger.where, "added": [record.id]})
    else:
        options.print_line(f"added {record.id} to the {ledger.where}: {told}")
    return 0


def written_time(at: datetime) -> str:
    """Write a time as records have it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def new_id(now: datetime, what: str) -> str:
    """Return an id for a record that is no run."""
    import uuid

    return f"{now:%Y%m%dT%H%M%SZ}-{what}-{uuid.uuid4().hex[:12]}"
