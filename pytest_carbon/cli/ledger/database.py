"""``ledger migrate``: make a ledger in a database, bring one to this version, and say who may do what with it."""

from __future__ import annotations

import argparse

from pytest_carbon.cli.shared import options


def add(own: options.Verbs) -> None:
    """Add the verb."""
    migrate = own.add_parser(
        "migrate",
        help="make the ledger of a database, or bring it to this version",
        description="Make the tables of a ledger in a SQLite or PostgreSQL database, or change them to what this "
        "version needs. It is the owner's to do. What is done already is not done again.",
        epilog="example: pytest-carbon ledger migrate --sql postgresql://owner@host/carbon --roles carbon_writer "
        "carbon_reader",
    )
    migrate.add_argument("--sql", metavar="URL", help="the database (default: the configured one)")
    migrate.add_argument(
        "--roles", nargs=2, metavar=("WRITER", "READER"), help="the roles that may append, and that may only read"
    )
    migrate.add_argument("--json", action="store_true", help="print JSON")
    migrate.set_defaults(do=_migrate)


def _migrate(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.usecases.open_ledger import migrate

    config = options.load_project_config()
    url = arguments.sql or config.ledger.sql
    if url is None:
        raise ConfigError("no database is named; say --sql URL, or set sql in [ledger]")
    where, before, after = migrate(config, url, tuple(arguments.roles) if arguments.roles else None)
    if arguments.json:
        options.print_json({"ledger": where, "before": before, "after": after})
        return 0
    known = f"was of version {before}" if before else "held no ledger"
    options.print_line(f"the {where} {known}, and is of version {after} now")
    if arguments.roles:
        options.print_line("{} may append and read, {} may read".format(*arguments.roles))
    return 0
