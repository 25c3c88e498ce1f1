"""``hook``: the local hooks by hand, and ``pytest-carbon-hook``, as pre-commit starts them.

They have a command of their own since they run before every push: it loads no other verb.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib import import_module

from pytest_carbon.cli.shared import options
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.hooks.hook_result import HookResult

HOOKS = {
    "carbon-budget": "budgets near their end, costly tests and growth, for what a change touches",
    "carbon-policy": "mistakes in the policy, and what a change loosens",
    "carbon-workflows": "workflows that waste runs",
    "carbon-devices": "what a change stops supporting",
}
OK, WARNED = 0, 1
_ABOUT = (
    "Run one of the local hooks: " + "; ".join(f"{name} ({what})" for name, what in HOOKS.items()) + ". None measures "
    "anything or needs the network. Exit code: 0, also with warnings; 1 with warnings and --fail; 2 a mistake in what "
    "was asked."
)


def add(verbs: options.Verbs) -> None:
    """Add the verb."""
    hook = verbs.add_parser(
        "hook",
        help="warn before a push, from files alone",
        description=_ABOUT,
        epilog="example: pytest-carbon hook carbon-budget",
    )
    _add_options(hook)
    hook.set_defaults(do=run)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=HOOKS, metavar="NAME", help=", ".join(HOOKS))
    parser.add_argument("files", nargs="*", metavar="FILE", help="the files to look at (default: all that matter)")
    parser.add_argument("--fail", action="store_true", help="fail with exit code 1 where there is a warning")
    parser.add_argument("--now", metavar="TIME", help="judge as of this time, such as 2026-01-02T03:04:05Z")


def run(arguments: argparse.Namespace) -> int:
    """Run a hook and return its exit code. What it cannot work with, such as a broken policy, is a warning too."""
    program = import_module(f"pytest_carbon_hooks.{arguments.name.replace('-', '_')}")
    try:
        told: HookResult = program.run_hook(arguments.files, os.environ, options.read_now(arguments))
    except CarbonError as error:
        told = HookResult(warnings=tuple(str(error).split("\n")))
    for line in (*told.warnings, *told.notes):
        options.print_line(line)
    return WARNED if told.warnings and arguments.fail else OK


def main(argv: Sequence[str] | None = None) -> int:
    """Run a hook as pre-commit starts it, and return its exit code."""
    parser = argparse.ArgumentParser(prog="pytest-carbon-hook", description=_ABOUT)
    _add_options(parser)
    return run(parser.parse_args(argv))
