"""``doctor``: explains how this machine is measured, and how it could be measured better."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pytest_carbon.cli.shared import output
from pytest_carbon.cli.shared.verb import Verbs, add_verb


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "doctor",
        _doctor,
        summary="explain how the energy of this machine is measured",
        description="Measure this machine for 4 seconds and explain the figures: a counter or a model, the entry of "
        "the machine table and the reason for it, the grid, and what would make the figures better.",
        example="pytest-carbon doctor\n  pytest-carbon doctor --zone DE",
    )
    parser.add_argument("--zone", metavar="ZONE", help="the electricity grid to explain (default: the configured one)")


def _doctor(arguments: argparse.Namespace) -> int:
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.reporters.run.doctor import render
    from pytest_carbon.usecases.examine_machine import examine_machine

    config = load_config(find_root(Path.cwd()), zone=arguments.zone, option_prefix="--")
    if sys.stderr.isatty():
        output.print_text("measuring this machine for 4 s ...\r", sys.stderr)
    diagnosis = examine_machine(config)
    output.print_rendered(render, diagnosis)
    return 0
