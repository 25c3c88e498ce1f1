"""``init``: proposes a policy and what belongs to it, shows each file, and writes what the user takes."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.project import questions
from pytest_carbon.cli.shared import output
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.proposal.project_facts import Forge

FORGES: Mapping[str, Forge] = {"github": "GitHub", "gitlab": "GitLab", "other": ""}


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "init",
        _init,
        summary="propose a policy, a workflow and hooks for this project",
        description="Look at the project (folders of tests, code, CODEOWNERS, remote, default branch, CI, last report) "
        "and propose a carbon.toml, the workflow for GitHub or the lines for another CI, the labels, and the entry for "
        "pre-commit. Each file is shown before it is written, and none is overwritten. Call it again to add what is "
        "new: a folder of tests, or limits after the first measured run. Without a terminal nothing is asked, and all "
        "files are written; where only the output goes elsewhere, as into a pager, none is.",
        example="pytest-carbon init --zone DE\n  pytest-carbon init --dry-run --diff",
        exit_codes={0: "done, or nothing to add"},
    )
    parser.add_argument(
        "--zone", metavar="ZONE", help="the electricity grid of the machines that run the tests, such as DE or US-VA"
    )
    parser.add_argument("--forge", choices=FORGES, help="where pull requests are made (default: as the remote tells)")
    parser.add_argument(
        "--forks", action="store_true", help="pull requests come from forks, too: two workflows instead of one"
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing, and write all files that are shown")
    parser.add_argument("--dry-run", action="store_true", help="ask nothing, and write nothing")
    parser.add_argument("--diff", action="store_true", help="show new files as differences, too")


def _init(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.project import show_proposal
    from pytest_carbon.usecases.init_project.look_at_project import look_at_project, top_of_repository
    from pytest_carbon.usecases.init_project.make_proposal import (
        make_proposal,
        policy_on_disk,
        wants_workflow,
        wants_zone,
    )
    from pytest_carbon.usecases.init_project.write_file import write_file
    from pytest_carbon.usecases.open_ledger import remote_of

    has_user, is_read_elsewhere = sys.stdin.isatty() and not arguments.yes, not sys.stdout.isatty()
    shows_only = arguments.dry_run or (has_user and is_read_elsewhere)
    asks = has_user and not shows_only
    config = _load_project()
    there, facts, top = policy_on_disk(config), look_at_project(config), top_of_repository(config.root)
    if arguments.forge:
        facts = replace(facts, forge=FORGES[arguments.forge])
    output.print_line(show_proposal.facts_line(facts))
    zone = _new_zone(config, arguments.zone, asks=asks and wants_zone(there))
    forks = arguments.forks or (asks and wants_workflow(facts) and questions.ask_for_forks())
    proposal = make_proposal(config, facts, there, new_zone=zone, forks=forks)
    written = []
    for file in proposal.files:
        show_proposal.show_file(file, as_diff=arguments.diff)
        if not shows_only and (not asks or questions.ask_to_write(file.path)):
            write_file(file, top)
            output.print_line(f"wrote {file.path}")
            written.append(file)
    for text in proposal.texts:
        show_proposal.show_text(text)
    asked_once = there is not None and remote_of(config) is not None
    with_workflow = "" if arguments.forge or facts.forge or asked_once else _command_with_forge(arguments)
    show_proposal.show_next_steps(proposal, written, top, with_workflow)
    return 0


def _command_with_forge(arguments: argparse.Namespace) -> str:
    """Return the command that was called, for GitHub: no remote tells it that pull requests are made there."""
    words = ["pytest-carbon", "init", *(("--zone", arguments.zone) if arguments.zone else ()), "--forge", "github"]
    flags = ("forks", "yes", "dry_run", "diff")
    words += [f"--{flag.replace('_', '-')}" for flag in flags if getattr(arguments, flag)]
    return shlex.join(words)


def _load_project() -> Config:
    """Load the project's policy as its file has it. Raises ConfigError, also if only a folder above has one."""
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.config.policy_above import refuse_ignored_policy

    config = load_config(find_root(Path.cwd()), environment={}, option_prefix="--")
    refuse_ignored_policy(config)
    return config


def _new_zone(config: Config, named: str | None, *, asks: bool) -> str | None:
    """Return the zone to write; None if the policy has one, and if nobody names one. Raises ZoneError."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.policy.spell_zone import spell_zone
    from pytest_carbon.usecases.configured_grid import configured_grid_factor

    def check(zone: str) -> None:
        configured_grid_factor(replace(config, zone=zone, zone_from="--zone"))

    if config.zone is not None:
        if named and named.strip().casefold() != config.zone.casefold():
            raise ConfigError(
                f"{config.source} has the zone {config.zone!r} already, which --zone does not change; change it there"
            )
        return None
    if named is not None:
        if not named.strip():
            raise ConfigError("--zone is empty; name the grid of your machines, such as DE, or leave the option out")
        check(named)
    zone = named or (questions.ask_for_zone(check) if asks else None)
    return spell_zone(zone) if zone else None
