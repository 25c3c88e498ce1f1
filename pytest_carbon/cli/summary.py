"""``summary``: the accounts of the repository, the teams and the features, for product managers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.accounts.select_holder import select_holder
from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb
from pytest_carbon.reporters.accounts.registry import ACCOUNT_REPORTERS

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts
    from pytest_carbon.reporters.reporter import Reporter

FORMATS = tuple(reporter.name for reporter in ACCOUNT_REPORTERS)


def add(verbs: Verbs) -> None:
    """Add the verb."""
    summary = add_verb(
        verbs,
        "summary",
        _summary,
        summary="summarise each feature's carbon for product managers",
        description="Summarise the carbon of the repository, of every team and of every feature: what the budget has "
        "used, month by month, per test run and per merged pull request, the pull requests that cost and saved most, "
        "waste, and how sure the figures are. Prints a table on a terminal, else Markdown.",
        example="pytest-carbon summary\n"
        "  pytest-carbon summary --feature checkout --format html --output checkout.html",
        exit_codes={0: "done, also if a budget is exhausted"},
    )
    summary.add_argument(
        "--format",
        metavar="NAME",
        type=options.format_type(FORMATS, _find_reporter),
        help=f"{', '.join(FORMATS)}, or a format of an installed package (default: markdown; on a terminal a table)",
    )
    summary.add_argument("--feature", metavar="NAME", help="only this feature or team, or repository")
    options.add_output_option(summary, "write the summary into this file, and print one line", once="--out")
    options.add_ledger_options(summary)


def _find_reporter(name: str) -> Reporter[Accounts]:
    from pytest_carbon.extend.choose_reporter import account_reporter

    return account_reporter(name)


def _summary(arguments: argparse.Namespace) -> int:
    from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector
    from pytest_carbon.usecases.read_accounts import read_accounts

    format_name = "json" if arguments.json else arguments.format
    reporter = _find_reporter(format_name or "markdown")
    config, now = options.load_project_config(judges=True), options.read_now(arguments)
    with paused_garbage_collector():
        accounts = read_accounts(config, options.open_chosen_ledger(arguments, config, now), now)
    if arguments.feature is not None:
        accounts = select_holder(accounts, arguments.feature)
    if format_name is None and arguments.output is None and sys.stdout.isatty():
        from pytest_carbon.reporters.accounts.terminal import render

        output.print_rendered(render, accounts)
    elif arguments.output is None:
        output.print_text(reporter.render(accounts))
    else:
        output.save_text(Path(arguments.output), reporter.render(accounts), "summary", "--output")
        output.print_line(accounts.accounts[0].sentence)
    return 0
