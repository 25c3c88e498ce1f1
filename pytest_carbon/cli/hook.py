"""``hook`` runs a local hook; ``pytest-carbon-hook`` is the same for pre-commit.

Hooks run before every push. They have a command of their own because that command loads no other verb.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module

from pytest_carbon.cli.shared import options, output, streams
from pytest_carbon.cli.shared.verb import HelpParagraphs, Parser, Verbs, add_verb, format_exit_codes
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.local_hooks.hook_result import HookResult

HOOKS = {
    "carbon-budget": "budgets that are nearly exhausted, costly tests and growth in what a change touches",
    "carbon-policy": "mistakes in the policy, and what a change loosens",
    "carbon-workflows": "workflows that waste runs",
    "carbon-devices": "what a change stops supporting",
}
"""The hooks and what they warn of. The hook ``carbon-x`` is the module ``pre-commit-hooks/carbon_x.py``."""

OK, WARNED, WRONG = 0, 1, 2
_FILE = re.compile(r"-.*/\w+\.(toml|ya?ml)", re.DOTALL)
_DESCRIPTION = "\n".join(
    [
        "Run a local hook. Hooks warn from files alone: they measure nothing and need no network.",
        *(f"  {name}: {subject}" for name, subject in HOOKS.items()),
    ]
)
_EXIT_CODES = {0: "done, also with warnings", 1: "warnings, with --fail"}


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "hook",
        run_hook,
        summary="run a local hook, which warns before a push",
        description=_DESCRIPTION,
        example="pytest-carbon hook carbon-budget",
        exit_codes=_EXIT_CODES,
    )
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=HOOKS, metavar="NAME", help="the hook: " + ", ".join(HOOKS))
    parser.add_argument(
        "files", nargs="*", default=[], metavar="FILE", help="look at these files (default: all that matter)"
    )
    parser.add_argument("--fail", action="store_true", help="end with exit code 1 if there is a warning")
    parser.add_argument("--now", metavar="TIME", help="act as of this time, such as 2026-01-02T03:04:05Z")


def run_hook(arguments: argparse.Namespace) -> int:
    """Run a hook, print its warnings and notes, and return the exit code.

    An error that a user can act on, such as a broken policy, is printed as a warning; a wrong time is wrong use.
    """
    try:
        now = options.read_now(arguments)
    except CarbonError as error:
        output.print_error(f"--now: {error}")
        return WRONG
    program = import_module(f"pytest_carbon_hooks.{arguments.name.replace('-', '_')}")
    try:
        result: HookResult = program.run_hook(arguments.files, os.environ, now)
    except CarbonError as error:
        result = HookResult(warnings=tuple(str(error).split("\n")))
    for line in (*result.warnings, *result.notes):
        output.print_line(line)
    return WARNED if result.warnings and arguments.fail else OK


def main(argv: Sequence[str] | None = None) -> int:
    """Run a hook as pre-commit starts it, and return the exit code."""
    parser = Parser(
        prog="pytest-carbon-hook",
        description=_DESCRIPTION,
        epilog=format_exit_codes(_EXIT_CODES),
        formatter_class=HelpParagraphs,
    )
    _add_options(parser)
    words = sys.argv[1:] if argv is None else argv
    # pre-commit gives names of files as they are, and a folder can have the name of an option
    words = [f"./{word}" if _FILE.fullmatch(word) else word for word in words]
    return streams.ending(lambda: run_hook(parser.parse_intermixed_args(words)))
