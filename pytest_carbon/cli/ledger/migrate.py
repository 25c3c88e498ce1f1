"""``ledger migrate``: makes or upgrades the ledger of a database, and grants rights to two database roles."""

from __future__ import annotations

import argparse

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "migrate",
        _migrate,
        summary="make the ledger of a database, or upgrade it",
        description="Make the tables of a ledger in a SQLite or PostgreSQL database, or upgrade them to the "
        "version of this program. The owner of the database runs this verb; running it again changes nothing.",
        example="pytest-carbon ledger migrate --sql postgresql://owner@host/carbon --roles carbon_writer carbon_reader",
    )
    parser.add_argument(
        "--sql", metavar="URL", help="the database; env: the URL in PYTEST_CARBON_SQL (default: the configured one)"
    )
    parser.add_argument(
        "--roles",
        nargs=2,
        metavar=("WRITER", "READER"),
        help="the role that may append, and the role that may only read",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def _migrate(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.usecases.open_ledger import migrate

    config = options.load_project_config()
    url = arguments.sql or config.ledger.sql
    if url is None:
        raise ConfigError('no database is named; give --sql URL, or set sql = "postgresql://host/database" in [ledger]')
    where, before, after = migrate(config, url, tuple(arguments.roles) if arguments.roles else None)
    if arguments.json:
        output.print_json({"ledger": where, "before": before, "after": after})
        return 0
    earlier = f"had version {before}" if before else "held no ledger"
    output.print_line(f"the {where} {earlier}, and has version {after} now")
    if arguments.roles:
        output.print_line("{} may append and read, {} may read".format(*arguments.roles))
    return 0
