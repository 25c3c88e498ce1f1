"""``site``: a static page of budgets, features, runs and tests, to be opened from a folder or published anywhere."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_carbon.cli.shared import options

if TYPE_CHECKING:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.ledger_records import Entry
    from pytest_carbon.ledgers.ledger import Ledger
    from pytest_carbon.reporters.site.pages import Site

MOST_RUNS = 300
LOOKS_D = (3, 30, 430)


def add(verbs: options.Verbs) -> None:
    """Add the verb."""
    site = verbs.add_parser(
        "site",
        help="write a static page of budgets, features, runs and tests",
        description="Write a page with budgets and where they will end, a page for each feature and team, the newest "
        "runs, and the tests that cost most. It needs no script and no network, and can be published anywhere. "
        "The folder is replaced whole, and only if it holds nothing but an earlier site.",
        epilog="example: pytest-carbon site public",
    )
    site.add_argument("out", metavar="OUT", help="the folder to write, which need not exist")
    site.add_argument(
        "--address",
        metavar="URL",
        help="where the repository is, for links to its pull requests (default: its address on GitHub, if it is there)",
    )
    options.add_ledger_options(site)
    site.set_defaults(do=_site)


def _site(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.reporters.site import write_folder
    from pytest_carbon.reporters.site.pages import render_files

    out = Path(arguments.out)
    write_folder.refuse_foreign_files(out)
    _need_pygal()
    config, now = options.load_project_config(), options.read_now(arguments)
    address = _address(config, arguments)
    ledger = options.open_chosen_ledger(arguments, config, now)
    with Progress() as progress:
        progress.begin(f"reading the {ledger.where}")
        found = _gathered(config, ledger, now, address)
        progress.begin("writing pages")
        number = write_folder.write_folder(_telling(render_files(found), len(found.accounts.accounts), progress), out)
    if arguments.json:
        options.print_json({"ledger": ledger.where, "out": str(out), "files": number})
    else:
        options.print_line(f"wrote {number} files to {out}; open {out / 'index.html'}")
    return 0


def _need_pygal() -> None:
    from importlib.util import find_spec

    from pytest_carbon.core.errors import ConfigError

    if find_spec("pygal") is None:
        raise ConfigError("the page's charts need pygal, which is not installed; run pip install 'pytest-carbon[site]'")


def _gathered(config: Config, ledger: Ledger, now: datetime, address: str) -> Site:
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.accounts.findings.test_costs import compute_test_costs
    from pytest_carbon.reporters.site.pages import Site
    from pytest_carbon.usecases.account_ledger import read_accounts

    branch = default_branch(config)
    accounts = read_accounts(config, ledger, now)
    baselines, skipped = ledger.baselines(branch, config.ledger.runs)
    notes = [f"skipped in the ledger: {one.path}: {one.reason}" for one in skipped]
    return Site(
        title=_title(config),
        branch=branch,
        accounts=replace(accounts, notes=(*accounts.notes, *notes)),
        runs=newest(ledger, now, MOST_RUNS),
        tests=compute_test_costs(baselines),
        teams={budget.team: budget.children for budget in config.budgets if budget.team is not None},
        address=address,
    )


def newest(ledger: Ledger, now: datetime, count: int) -> list[Entry]:
    """Return the newest runs of the last 14 months, the newest first, reading no more days than it takes.

    Of a ledger of an organisation those of this repository alone: a run does not say of which it is.
    """
    from pytest_carbon.core.records.corrections import apply_corrections
    from pytest_carbon.core.records.ledger_records import parse_time

    found: list[Entry] = []
    for days in LOOKS_D:
        read = ledger.read((now - timedelta(days=days)).date(), now.date())
        own = [entry for entry in reversed(apply_corrections(read.records)) if not entry.elsewhere]
        found = [entry for entry in own if parse_time(entry.started) <= now]
        if len(found) >= count:
            break
    return found[:count]


def _title(config: Config) -> str:
    from pytest_carbon.usecases.open_ledger import remote_of

    name = (remote_of(config) or "").rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")
    return name or config.root.resolve().name


def _address(config: Config, arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> str:
    """Return the repository's address without a slash at its end; empty where pull requests are of many, or unknown."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git
    from pytest_carbon.usecases.open_ledger import remote_of, repository_of

    if arguments.address is not None:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", arguments.address):
            raise ConfigError(f"--address is {arguments.address!r}; it must be one of the web, https://...")
        return str(arguments.address).rstrip("/")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    remote = remote_of(config) or ""
    here = run_git.host_of(remote) == urlsplit(server).hostname and run_git.owner_and_name(remote)
    if config.ledger.organisation or not (here or environment.get("GITHUB_REPOSITORY")):
        return ""
    name = arguments.repository or repository_of(config, environment)
    return f"{server}/{name}" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else ""


def _telling(files: Iterable[tuple[str, str]], holders: int, progress: Progress) -> Iterator[tuple[str, str]]:
    """Pass files on, and say how many of the holders' pages are done."""
    done = 0
    for path, text in files:
        done += path.endswith(".html") and "/" in path
        progress(done, holders)
        yield path, text
