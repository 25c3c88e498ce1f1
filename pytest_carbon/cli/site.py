"""``site``: a static site of budgets, features, runs and tests, to open from a folder or to publish anywhere."""

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

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.ledger_records import Entry
    from pytest_carbon.ledgers.ledger import Ledger
    from pytest_carbon.reporters.site.pages import Site

MOST_RUNS = 300
LOOK_BACK_D = (3, 30, 430)


def add(verbs: Verbs) -> None:
    """Add the verb."""
    site = add_verb(
        verbs,
        "site",
        _site,
        summary="write a static site of budgets, features, runs and tests",
        description="Write a static site: the budgets with their forecasts, a page for each feature and team, the "
        "newest runs, and the costliest tests. The pages need neither script nor network. The folder is replaced "
        "whole, and only if it is empty or holds an earlier site.",
        example="pytest-carbon site --output public",
    )
    options.add_output_option(site, "the folder of the site; made if it does not exist (needed)", once="out")
    site.add_argument(
        "--address",
        metavar="URL",
        help="the web address of the repository, for links to pull requests (default: its address on GitHub)",
    )
    options.add_ledger_options(site)


def _site(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.progress import Progress
    from pytest_carbon.reporters.site import write_folder
    from pytest_carbon.reporters.site.pages import render_files
    from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector

    out = Path(options.read_output(arguments, "out", "public"))
    write_folder.refuse_foreign_files(out)
    _require_pygal()
    config, now = options.load_project_config(judges=True), options.read_now(arguments)
    address = _repository_address(config, arguments)
    ledger = options.open_chosen_ledger(arguments, config, now)
    with Progress() as progress:
        progress.begin(f"reading the {ledger.where}")
        with paused_garbage_collector():
            site = _make_site(config, ledger, now, address)
        progress.begin("writing pages")
        files = _show_progress(render_files(site), len(site.accounts.accounts), progress)
        file_count = write_folder.write_folder(files, out)
    if arguments.json:
        output.print_json({"ledger": ledger.where, "out": str(out), "files": file_count})
    else:
        output.print_line(f"wrote {file_count} files to {out}; open {out / 'index.html'}")
    return 0


def _require_pygal() -> None:
    from importlib.util import find_spec

    from pytest_carbon.core.errors import ConfigError

    if find_spec("pygal") is None:
        raise ConfigError(
            "the site's charts need pygal, which is not installed; run: pip install 'pytest-carbon[site]'"
        )


def _make_site(config: Config, ledger: Ledger, now: datetime, address: str) -> Site:
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.accounts.findings.test_costs import compute_test_costs
    from pytest_carbon.reporters.site.pages import Site
    from pytest_carbon.usecases.ledger_history import skipped_note
    from pytest_carbon.usecases.read_accounts import read_accounts

    branch = default_branch(config)
    accounts = read_accounts(config, ledger, now)
    baselines, skipped = ledger.baselines(branch, config.ledger.runs)
    notes = [skipped_note(record) for record in skipped]
    return Site(
        title=_title(config),
        branch=branch,
        accounts=replace(accounts, notes=(*accounts.notes, *notes)),
        runs=newest_runs(ledger, now, MOST_RUNS),
        tests=compute_test_costs(baselines),
        teams={budget.team: budget.children for budget in config.budgets if budget.team is not None},
        address=address,
    )


def newest_runs(ledger: Ledger, now: datetime, count: int) -> list[Entry]:
    """Return up to ``count`` runs of the last 14 months, newest first; read only as many days as that takes.

    In the ledger of an organisation, the runs of other repositories are left out: a run has no name of its repository.
    """
    from pytest_carbon.core.records.corrections import apply_corrections
    from pytest_carbon.core.records.ledger_records import parse_time

    runs: list[Entry] = []
    for days in LOOK_BACK_D:
        read = ledger.read((now - timedelta(days=days)).date(), now.date())
        own = [entry for entry in reversed(apply_corrections(read.records)) if not entry.elsewhere]
        runs = [entry for entry in own if parse_time(entry.started) <= now]
        if len(runs) >= count:
            break
    return runs[:count]


def _title(config: Config) -> str:
    from pytest_carbon.usecases.open_ledger import remote_of

    name = (remote_of(config) or "").rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")
    return name or config.root.resolve().name


def _repository_address(
    config: Config, arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> str:
    """Return the repository's web address without a slash at the end.

    The address is empty if the ledger is of many repositories, or if the repository is not known to be on GitHub.
    Raises ConfigError for an ``--address`` that is not a web address.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git
    from pytest_carbon.usecases.open_ledger import remote_of, repository_of

    if arguments.address is not None:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", arguments.address):
            raise ConfigError(
                f"--address is {arguments.address!r}; it must be a web address, such as https://github.com/org/shop"
            )
        return str(arguments.address).rstrip("/")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    remote = remote_of(config) or ""
    on_github = run_git.host_of(remote) == urlsplit(server).hostname and run_git.owner_and_name(remote)
    if config.ledger.organisation or not (on_github or environment.get("GITHUB_REPOSITORY")):
        return ""
    name = arguments.repository or repository_of(config, environment)
    return f"{server}/{name}" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else ""


def _show_progress(files: Iterable[tuple[str, str]], holders: int, progress: Progress) -> Iterator[tuple[str, str]]:
    """Yield the files, and show how many of the holders' pages are done."""
    done = 0
    for path, text in files:
        done += path.endswith(".html") and "/" in path
        progress(done, holders)
        yield path, text
