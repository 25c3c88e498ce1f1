"""``summary``: where every feature's carbon stands, as its product manager is told."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options
from pytest_carbon.reporters.accounts.registry import ACCOUNT_REPORTERS

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts
    from pytest_carbon.reporters.reporter import Reporter

FORMATS = tuple(reporter.name for reporter in ACCOUNT_REPORTERS)


def add(verbs: options.Verbs) -> None:
    """Add the verb."""
    summary = verbs.add_parser(
        "summary",
        help="tell a product manager where each feature's carbon stands",
        description="Tell of the repository, every team and every feature what it used of its carbon budget, month by "
        "month, for a test run and a merged pull request, which pull requests cost and saved most, what came to "
        "nothing, and how sure all that is. On a terminal a table, else Markdown.",
        epilog="example: pytest-carbon summary --feature checkout --format html --out checkout.html",
    )
    summary.add_argument(
        "--format",
        metavar="NAME",
        type=options.format_type(FORMATS, _find_reporter),
        help=f"{', '.join(FORMATS)}, or a format of an installed package (default: a table, or markdown)",
    )
    summary.add_argument("--feature", metavar="NAME", help="only this feature, team, or repository")
    summary.add_argument("--out", metavar="PATH", help="write the summary to this file")
    options.add_ledger_options(summary)
    summary.set_defaults(do=_summary)


def _find_reporter(name: str) -> Reporter[Accounts]:
    from pytest_carbon.usecases.choose_reporter import account_reporter

    return account_reporter(name)


def _summary(arguments: argparse.Namespace) -> int:
    from pytest_carbon.usecases.account_ledger import read_accounts
    from pytest_carbon.usecases.paused_collector import paused_collector

    form = "json" if arguments.json else arguments.format
    reporter = _find_reporter(form or "markdown")
    config, now = options.load_project_config(), options.read_now(arguments)
    with paused_collector():
        accounts = read_accounts(config, options.open_chosen_ledger(arguments, config, now), now)
    if arguments.feature is not None:
        accounts = _only(accounts, arguments.feature)
    if form is None and arguments.out is None and sys.stdout.isatty():
        from pytest_carbon.reporters.accounts.terminal import render

        options.print_rendered(render, accounts)
    elif arguments.out is None:
        sys.stdout.write(reporter.render(accounts))
    else:
        _write(Path(arguments.out), reporter.render(accounts))
        options.print_line(accounts.accounts[0].sentence)
    return 0


def _only(accounts: Accounts, name: str) -> Accounts:
    """Return the account and the objectives of one holder. Raises ConfigError for an unknown name."""
    from pytest_carbon.core.errors import ConfigError, did_you_mean

    names = [account.name for account in accounts.accounts]
    if name not in names:
        raise ConfigError(
            f"no feature or team is called {name!r}{did_you_mean(name, names)} (there are: {', '.join(names)})"
        )
    return replace(
        accounts,
        accounts=tuple(account for account in accounts.accounts if account.name == name),
        objectives=tuple(objective for objective in accounts.objectives if objective.holder == name),
    )


def _write(path: Path, text: str) -> None:
    """Write a summary to a file. Raises ReportError."""
    from pytest_carbon.core.errors import ReportError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"the summary could not be written to {path} ({error.strerror}); choose another --out"
        ) from error
