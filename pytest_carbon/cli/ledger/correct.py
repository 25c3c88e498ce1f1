"""``ledger correct``: changes who pays for a run that is in the ledger."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.new_record import append_record, format_time, new_record_id
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.core.records.ledger_records import Entry, Record

FIRST_DAY = date(2000, 1, 1)


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "correct",
        _correct,
        summary="change who pays for a run",
        description="Add a correction: the features of these labels pay for a run that is in the ledger. The run's own "
        "record stays as it is; the newest correction of a run counts.",
        example='pytest-carbon ledger correct RUN --label feature:search --reason "the label was wrong"',
    )
    parser.add_argument("entry", metavar="RUN", help="the run's id, as pytest-carbon ledger list prints it")
    parser.add_argument(
        "--label",
        metavar="LABEL",
        action="extend",
        type=options.read_labels,
        default=[],
        help="a label that the run should have had; may be repeated, or several labels with commas between them",
    )
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why the run is corrected")
    options.add_ledger_options(parser)


def _correct(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.policy.labels_to_payers import payers_of_labels, unclaimed_text
    from pytest_carbon.core.records.ledger_records import Correction

    config, now = options.load_project_config(), options.read_now(arguments)
    ledger = options.open_chosen_ledger(arguments, options.for_one_repository(config), now)
    records = ledger.read(FIRST_DAY, now.date() + timedelta(days=1)).records
    entry = _find_entry(records, arguments.entry)
    shares = payers_of_labels(arguments.label, config.policy)
    unclaimed = unclaimed_text(arguments.label, config.policy, config.source)
    if not shares:
        raise ConfigError(unclaimed or "no label of a feature is given; name one with --label feature:checkout")
    correction = Correction(
        id=new_record_id(now, "correction"),
        entry=entry.id,
        entry_started=entry.started,
        made=format_time(now),
        reason=arguments.reason,
        labels=tuple(arguments.label),
        shares=shares,
    )
    if unclaimed:
        output.print_to_stderr(unclaimed)
    append_record(ledger, correction, f"{entry.id} is now paid by {', '.join(shares)}", as_json=arguments.json)
    return 0


def _find_entry(records: Sequence[Record], id_: str) -> Entry:
    """Return the entry of an id. Raises ConfigError for an id that no entry has."""
    from pytest_carbon.core.errors import ConfigError, did_you_mean
    from pytest_carbon.core.records.ledger_records import Entry

    entries = {record.id: record for record in records if isinstance(record, Entry)}
    if id_ not in entries:
        raise ConfigError(f"no run {id_!r} is in the ledger; see pytest-carbon ledger list{did_you_mean(id_, entries)}")
    return entries[id_]
