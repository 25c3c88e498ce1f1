"""``devices``: what a change stops supporting, which devices that strands, and whether the policy lets it."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.devices.dependency_drops import PythonNeed
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict
    from pytest_carbon.core.devices.values import Declarations

FORMATS = ("text", "markdown", "json")


def add(verbs: options.Verbs) -> None:
    """Add the verb."""
    devices = verbs.add_parser(
        "devices",
        help="what a change stops supporting, and which devices that strands",
        description="Compare what base and head declare to run on: Python, Node, wheels, images, phones, browsers. Say "
        "what is dropped, whom that strands, how old the newest of them is, and what would keep them alive. Exit "
        'code: 0 pass or warning, 1 fail (only where the policy says devices = "fail"), 2 a mistake in what was asked.',
        epilog="example: pytest-carbon devices --base origin/main",
    )
    devices.add_argument("--base", metavar="REV", help="compare with this commit (default: where this branch began)")
    devices.add_argument("--head", metavar="REV", help="judge this commit (default: the files as they are)")
    devices.add_argument("--policy-from", metavar="COMMIT", help="read the policy from this commit, as a gate must")
    devices.add_argument("--format", choices=FORMATS, default="text", help="how to print it (default: text)")
    devices.add_argument("--json", action="store_true", help="print JSON")
    devices.add_argument("--now", metavar="TIME", help="judge as of this time, such as 2026-01-02T03:04:05Z")
    devices.add_argument("--refresh", action="store_true", help="fetch the facts from endoflife.date and stop")
    devices.set_defaults(do=_devices)


def _devices(arguments: argparse.Namespace) -> int:
    config, now = options.load_project_config(arguments.policy_from), options.read_now(arguments)
    if arguments.refresh:
        return _refresh(config, now)
    verdict = verdict_of(config, now, arguments.base, arguments.head)
    form = "json" if arguments.json else arguments.format
    if form == "json":
        from pytest_carbon.core.devices.verdict_json import to_data

        options.print_json(to_data(verdict))
    elif form == "markdown":
        from pytest_carbon.reporters.verdict import devices_markdown

        sys.stdout.write(devices_markdown.render(verdict))
    else:
        from pytest_carbon.reporters.verdict import devices_terminal

        options.print_rendered(devices_terminal.render, verdict)
    return verdict.exit_code


def verdict_of(config: Config, now: datetime, base: str | None = None, head: str | None = None) -> DevicesVerdict:
    """Judge what head drops of base. Without a base it is where this branch began, without a head the files here.

    Raises ConfigError outside of a git repository, and MeasureError for a commit that is not there.
    """
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.devices.find_drops import SupportChanges, find_support_changes
    from pytest_carbon.core.devices.judge_drops import judge_drops
    from pytest_carbon.core.devices.values import Declarations
    from pytest_carbon.declared.files_at_commit import read_files_at, read_maintained_branches, read_working_tree
    from pytest_carbon.declared.read_project import read_declarations
    from pytest_carbon.device_facts.lifecycles import load_facts
    from pytest_carbon.git.branch_base import find_base, repository_folder
    from pytest_carbon.git.worktree import resolve_commit

    rule, facts = config.policy.devices, load_facts(config.root)
    if rule.mode == "off":
        return judge_drops(SupportChanges(), Declarations(), rule, (), facts, now)
    top, remote = repository_folder(config.root), config.ledger.remote
    base_commit = resolve_commit(top, base) if base else find_base(top, remote, default_branch(config))
    base_declarations = read_declarations(read_files_at(base_commit, top))
    head_files = read_files_at(resolve_commit(top, head), top) if head else read_working_tree(top)
    head_declarations = read_declarations(head_files)
    needs = _needs(config, base_declarations, head_declarations)
    changes = find_support_changes(base_declarations, head_declarations, facts, now, needs)
    names = rule.maintained_branches if changes.drops else ()
    branches = read_maintained_branches(names, top, remote) if names else []
    return judge_drops(changes, base_declarations, rule, branches, facts, now)


# -- packages, and the facts anew --------------------------------------------------------------------------


def _needs(config: Config, base: Declarations, head: Declarations) -> dict[str, tuple[PythonNeed, ...]]:
    """Return which Python packages need whose lower bound was raised: by the policy, and by what is installed here."""
    from packaging.utils import canonicalize_name

    from pytest_carbon.core.devices.dependency_drops import needs_by_policy, raised_dependencies

    told = needs_by_policy(config.policy.devices)
    names = {canonicalize_name(one.name) for one in raised_dependencies(base, head)}
    return {name: (*told.get(name, ()), *_installed(name)) for name in names}


def _installed(name: str) -> list[PythonNeed]:
    """Return what the package of this name needs, if it is installed here and says so."""
    from importlib import metadata

    from pytest_carbon.core.devices.dependency_drops import PythonNeed

    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    if "Requires-Python" not in about or "Version" not in about:
        return []
    of = about["Version"]
    return [PythonNeed(of, about["Requires-Python"], f"{name} {of}, which is installed here,")]


def _refresh(config: Config, now: datetime) -> int:
    from pytest_carbon.device_facts.endoflife_date import refresh_lifecycles
    from pytest_carbon.device_facts.lifecycles import REFRESHED_TABLE

    counts = refresh_lifecycles(config.root / REFRESHED_TABLE, now)
    options.print_line(
        f"wrote {REFRESHED_TABLE}: {sum(counts.values())} releases of {len(counts)} products, as of {now.date()}"
    )
    return 0
