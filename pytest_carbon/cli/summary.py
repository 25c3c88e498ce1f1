"""``summary``: where every feature's carbon stands, as its product manager is told."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts

FORMATS = ("markdown", "html", "json")


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
    summary.add_argument("--format", choices=FORMATS, help="how to write it (default: markdown, or a table here)")
    summary.add_argument("--feature", metavar="NAME", help="only this feature, team, or repository")
    summary.add_argument("--out", metavar="PATH", help="write it to a file")
    options.add_ledger_options(summary)
    summary.set_defaults(do=_summary)


def _summary(arguments: argparse.Namespace) -> int:
    from pytest_carbon.usecases.account_ledger import read_accounts
    from pytest_carbon.usecases.paused_collector import paused_collector

    config, now = options.configured(), options.now_of(arguments)
    with paused_collector():
        found = accounts(config, options.ledger_of(arguments, config, now), now)
    if arguments.feature is not None:
        found = _only(found, arguments.feature)
    form = "json" if arguments.json else arguments.format
    if form is None and arguments.out is None and sys.stdout.isatty():
        from pytest_carbon.reporters.accounts.terminal import render

        options.show(render, found)
    elif arguments.out is None:
        sys.stdout.write(written(found, form or "markdown"))
    else:
        _write(Path(arguments.out), written(found, form or "markdown"))
        options.tell(found.accounts[0].sentence)
    return 0


def _only(found: Accounts, name: str) -> Accounts:
    """Leave one account, and the objectives of its holder; ConfigError where nobody is called so."""
    from pytest_carbon.core.errors import ConfigError, did_you_mean

    names = [account.name for account in found.accounts]
    if name not in names:
        raise ConfigError(
            f"no feature or team is called {name!r}{did_you_mean(name, names)} (there are: {', '.join(names)})"
        )
    return replace(
        found,
        accounts=tuple(account for account in found.accounts if account.name == name),
        objectives=tuple(one for one in found.objectives if one.holder == name),
    )


def written(found: Accounts, form: str) -> str:
    """Return accounts in one of the formats."""
    if form == "json":
        from pytest_carbon.reporters.accounts import json

        return json.render(found)
    if form == "html":
        from pytest_carbon.reporters.accounts import html

        return html.render(found)
    from pytest_carbon.reporters.accounts import markdown

    return markdown.render_all(found)


def _write(path: Path, text: str) -> None:
    from pytest_carbon.core.errors import ReportError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"the summary could not be written to {path} ({error.strerror}); choose another --out"
        ) from error
