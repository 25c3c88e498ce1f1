"""The command line, ``pytest-carbon VERB``: the parser of all verbs, and the exit codes.

0: done, or the verdict passes or warns. 1: a budget fails, or a check found faults. 2: wrong use, or input that cannot
be read. 3: the verdict is inconclusive, and the policy says ``on-inconclusive = "fail"``. 130: interrupted by Ctrl-C.
``run`` returns the exit code of its command unless that is 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pytest_carbon import __version__
from pytest_carbon.cli import check, compare, confirm, devices, doctor, hook, report, run, site, summary
from pytest_carbon.cli.accounts import advise
from pytest_carbon.cli.check import VERDICT_CODES
from pytest_carbon.cli.grid import commands as grid
from pytest_carbon.cli.ledger import commands
from pytest_carbon.cli.machine import calibrate
from pytest_carbon.cli.project import init
from pytest_carbon.cli.shared import output, streams
from pytest_carbon.cli.shared.streams import WRONG
from pytest_carbon.cli.shared.verb import Handler, HelpParagraphs, Parser, format_exit_codes
from pytest_carbon.core.errors import CarbonError

INTERRUPTED = 130
_VERBS = (
    init,
    run,
    report,
    doctor,
    calibrate,
    check,
    compare,
    confirm,
    devices,
    hook,
    commands,
    grid,
    site,
    summary,
    advise,
)


def make_parser() -> Parser:
    """Return the parser of all verbs; tests/command_page.py makes docs/cli.md from it."""
    parser = Parser(
        prog="pytest-carbon",
        description="Measures the energy and emissions of test and build runs, for each test and each feature, and "
        "holds them to carbon budgets.",
        epilog="example:\n  pytest --carbon\n  pytest-carbon init --zone DE\n  pytest-carbon check\n"
        f"{format_exit_codes({**VERDICT_CODES, 0: 'done', 1: 'a budget or a check fails'})}\n"
        "pytest-carbon VERB --help explains each verb.",
        formatter_class=HelpParagraphs,
    )
    parser.add_argument("-V", "--version", action="version", version=f"pytest-carbon {__version__}")
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB")
    for module in _VERBS:
        module.add(verbs)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code. The words after -- are the command that the verb runs."""
    return streams.ending(lambda: _run_verb(list(sys.argv[1:] if argv is None else argv)))


def _run_verb(words: list[str]) -> int:
    dashes = words.index("--") if "--" in words else len(words)
    own_words, command = words[:dashes], words[dashes + 1 :]
    parser = make_parser()
    arguments, unknown = parser.parse_known_args(own_words)
    if unknown:
        takes_command = hasattr(arguments, "command")
        hint = "; write the command that it runs after --" if takes_command else ""
        getattr(arguments, "parser", parser).refuse_words(unknown, hint)
    if not hasattr(arguments, "handler"):
        getattr(arguments, "parser", parser).error("no verb is given; --help lists them")
    if command and not hasattr(arguments, "command"):
        parser.error(f"{arguments.verb} runs no command; remove `-- {' '.join(command)}`")
    if command:
        arguments.command = command
    handler: Handler = arguments.handler
    try:
        return handler(arguments)
    except CarbonError as error:
        output.print_error(str(error))
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # Python would print names from outside as they are, and end with the code of a failed budget
        output.print_traceback()
        output.print_error("this is a fault in pytest-carbon; please report it with the lines above")
        return WRONG
