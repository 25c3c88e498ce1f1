"""``devices``: what a change stops supporting, which devices that strands, and whether the policy allows that."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config

FORMATS = ("text", "markdown", "json")


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "devices",
        _devices,
        summary="show which working devices a change cuts off",
        description="Compare what base and head declare to support: versions of Python and Node, wheels, container "
        "images, phones, browsers. Show what the change drops, which devices that strands, how old the newest of them "
        "is, and what would keep them in use.",
        example="pytest-carbon devices --base origin/main",
        exit_codes={0: "pass, warning or inconclusive", 1: 'fail, if the policy says devices = "fail"'},
    )
    parser.add_argument("--base", metavar="COMMIT", help="compare with this commit (default: where this branch began)")
    parser.add_argument("--head", metavar="COMMIT", help="judge this commit (default: the files as they are)")
    parser.add_argument(
        "--policy-from", metavar="COMMIT", help="read the policy from this commit, so that a change cannot loosen it"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print the verdict (default: text)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--now", metavar="TIME", help="act as of this time, such as 2026-01-02T03:04:05Z")
    parser.add_argument("--refresh", action="store_true", help="only fetch the newest lifecycles from endoflife.date")


def _devices(arguments: argparse.Namespace) -> int:
    from pytest_carbon.usecases.judge_devices import judge_devices

    config, now = options.load_project_config(arguments.policy_from), options.read_now(arguments)
    if arguments.refresh:
        return _refresh(config, now)
    verdict = judge_devices(config, now, arguments.base, arguments.head)
    format_name = "json" if arguments.json else arguments.format
    if format_name == "json":
        from pytest_carbon.core.devices.verdict_json import to_data

        output.print_json(to_data(verdict))
    elif format_name == "markdown":
        from pytest_carbon.reporters.verdict import devices_markdown

        output.print_text(devices_markdown.render(verdict))
    else:
        from pytest_carbon.reporters.verdict import devices_terminal

        output.print_rendered(devices_terminal.render, verdict)
    return verdict.exit_code


def _refresh(config: Config, now: datetime) -> int:
    from pytest_carbon.device_facts.endoflife_date import refresh_lifecycles
    from pytest_carbon.device_facts.lifecycles import REFRESHED_TABLE

    counts = refresh_lifecycles(config.root / REFRESHED_TABLE, now, project=config.root)
    output.print_line(
        f"wrote {REFRESHED_TABLE}: {sum(counts.values())} releases of {len(counts)} products, as of {now.date()}"
    )
    return 0
