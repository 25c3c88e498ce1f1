"""``advise``: what to do about the grams, ranked by what it saves, and what came of earlier advice."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.accounts.select_holder import select_holder
from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts

FORMATS = ("markdown", "json")
MOST_WORKFLOWS, MOST_BYTES = 200, 1_000_000


def add(verbs: Verbs) -> None:
    """Add the verb."""
    advise = add_verb(
        verbs,
        "advise",
        _advise,
        summary="say what would save most, with evidence and effort",
        description="List what would have saved grams in the last window, the largest saving first: each action with "
        "its range, its evidence, its effort, the lines to write, and how the saving will be seen. What was advised a "
        "window ago and followed is told with what it saved. Prints text on a terminal, else Markdown.",
        example="pytest-carbon advise\n  pytest-carbon advise --feature checkout",
        exit_codes={0: "done, also if there is something to do"},
    )
    advise.add_argument("--feature", metavar="NAME", help="for this feature or team (default: for the repository)")
    advise.add_argument("--all", action="store_true", help="for the repository, each team and each feature")
    advise.add_argument(
        "--format", choices=FORMATS, help=f"{', '.join(FORMATS)} (default: markdown; on a terminal, text)"
    )
    options.add_output_option(advise, "write the advice into this file, and print one line")
    options.add_ledger_options(advise)


def _advise(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.accounts.text.advice_lines import advice_headline
    from pytest_carbon.core.advice.workflow_places import with_places
    from pytest_carbon.reporters.accounts import advice_json, advice_markdown
    from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector
    from pytest_carbon.usecases.read_accounts import read_accounts

    config, now = options.load_project_config(judges=True), options.read_now(arguments)
    with paused_garbage_collector():
        accounts = read_accounts(config, options.open_chosen_ledger(arguments, config, now), now)
    accounts = with_places(_chosen(accounts, arguments), _workflows(config.root))
    format_name = "json" if arguments.json else arguments.format
    if format_name is None and arguments.output is None and sys.stdout.isatty():
        from pytest_carbon.reporters.accounts.advice_terminal import render

        output.print_rendered(render, accounts)
        return 0
    text = (advice_json if format_name == "json" else advice_markdown).render(accounts)
    if arguments.output is None:
        output.print_text(text)
    else:
        output.save_text(Path(arguments.output), text, "advice", "--output")
        output.print_line(advice_headline(accounts.accounts[0]))
    return 0


def _chosen(accounts: Accounts, arguments: argparse.Namespace) -> Accounts:
    """Return the accounts to advise. Raises ConfigError for an unknown name, and for a name beside ``--all``."""
    from pytest_carbon.core.budget.budget import REPOSITORY
    from pytest_carbon.core.errors import ConfigError

    if arguments.all and arguments.feature is not None:
        raise ConfigError("--all and --feature are given; keep one of these options")
    return accounts if arguments.all else select_holder(accounts, arguments.feature or REPOSITORY)


def _workflows(root: Path) -> dict[str, str]:
    """Return the texts of the project's workflows by path; a file that cannot be read is left out."""
    from pytest_carbon.files.read_bounded import read_bytes

    texts = {}
    for path in sorted((root / ".github" / "workflows").glob("*.y*ml"))[:MOST_WORKFLOWS]:
        try:
            texts[path.relative_to(root).as_posix()] = read_bytes(path, MOST_BYTES, root).decode("utf-8", "replace")
        except OSError:
            continue
    return texts
