"""Adds a verb to the command line, with a help text that has an example and the exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from pytest_carbon.core.errors import did_you_mean, there_are
from pytest_carbon.core.escape import terminal_lines
from pytest_carbon.core.hide_secrets import hide_secrets

Verbs = Any  # argparse's own class of subparsers is private
Handler = Callable[[argparse.Namespace], int]
DONE: Mapping[int, str] = {0: "done"}
_COMMAND = "  pytest"
_WRONG_USE = {2: "wrong use, or input that cannot be read"}


class Parser(argparse.ArgumentParser):
    """A parser whose errors, which name the user's words, show no secret and command neither a terminal nor a CI."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and end with exit code 2."""
        super().error(terminal_lines(hide_secrets(message)))

    def refuse_words(self, words: Sequence[str], hint: str) -> NoReturn:
        """End as ``error`` does, with the option that is nearest to the first of the words if that is one.

        For a word that is no option, with the option that names a feature: ``budget`` takes a feature as a word.
        """
        shown = [name for name, action in self._option_string_actions.items() if action.help != argparse.SUPPRESS]
        option = words[0].partition("=")[0]
        near = did_you_mean(option, shown) if option.startswith("--") else ""
        if "--feature" in shown and not option.startswith("-"):
            near = "; a feature or team is named by --feature"
        self.error(f"unrecognized arguments: {' '.join(words)}{near}{hint}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise ArgumentError for a word that is none of the action's choices, with the nearest choice."""
        if action.choices is not None and value not in action.choices:
            names = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action, f"invalid choice: {value!r}{did_you_mean(str(value), names)}{there_are(names)}"
            )


class HelpParagraphs(argparse.HelpFormatter):
    """Wraps each line of a description or an epilog as a paragraph of its own, with the indent of the line.

    The command of an example stays one line, so that it can be copied.
    """

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        return "\n".join(
            line if line.startswith(_COMMAND) else fill(line, width, indent + " " * (len(line) - len(line.lstrip())))
            for line in text.split("\n")
        )


def add_verb(
    verbs: Verbs,
    name: str,
    handler: Handler,
    summary: str,
    description: str,
    example: str,
    exit_codes: Mapping[int, str] = DONE,
) -> argparse.ArgumentParser:
    """Add a verb and return its parser, which still needs its options.

    ``summary`` stands in the list of verbs, ``description``, ``example`` and ``exit_codes`` in the verb's own help.
    ``exit_codes`` need not have 2: wrong use is the same for all verbs.
    """
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"example:\n  {example}\n{format_exit_codes(exit_codes)}",
        formatter_class=HelpParagraphs,
    )
    parser.set_defaults(handler=handler, parser=parser)
    return parser


def format_exit_codes(exit_codes: Mapping[int, str]) -> str:
    """Return a line for each exit code, 2 among them, in order."""
    codes = sorted({**_WRONG_USE, **exit_codes}.items())
    return "\n".join(["exit codes:", *(f"  {code}: {meaning}" for code, meaning in codes)])
