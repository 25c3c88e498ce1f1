"""Writes docs/cli.md from the parsers of the command line: ``python -m tests.command_page``."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytest_carbon import plugin
from pytest_carbon.cli.main import make_parser

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
SHARED = {
    "where the run came from": "of a run",
    "the ledger": "of a ledger",
}
"""Groups of options that many verbs have, and how their link is called."""
TITLE = """# The command line

[All pages](index.md). This page is made from the code: `pytest-carbon VERB --help` says the same.

A word in capitals stands for a value. What an option does not say, [the settings](configuration.md) say. Every verb
ends with exit code 2 if it is used wrongly or cannot read its input, and 130 if Ctrl-C interrupts it. Messages go to
standard error: [what to do about them](troubleshooting.md).
"""
BEGIN = """## pytest

```text
pytest --carbon
```
"""


def page() -> str:
    """Return the whole page."""
    parser = make_parser()
    verbs = _verbs(parser)
    parts = [_list_of_verbs(verbs), BEGIN, _table(_pytest_options()), _markers()]
    shared: dict[str, argparse._ArgumentGroup] = {}
    for name, verb in verbs:
        below = _verbs(verb)
        parts += [_section(f"{name} {inner}", part, shared) for inner, part in below] or [_section(name, verb, shared)]
    for title, called in SHARED.items():
        group = shared[title]
        said = group.description or ""
        text = f"{said[:1].upper()}{said[1:]}.\n\n" if said else ""
        parts.append(f"## Options {called}\n\n{text}{_table(_rows(group._group_actions))}")
    return "\n".join(parts)


def _list_of_verbs(verbs: list[tuple[str, argparse.ArgumentParser]]) -> str:
    """Return the head of the page, with a link to every verb."""
    links = []
    for name, verb in verbs:
        below = [f"{name} {inner}" for inner, _ in _verbs(verb)]
        links += [f"[{full}](#{full.replace(' ', '-')})" for full in below or [name]]
    return f"{TITLE}\n[pytest](#pytest) · {' · '.join(links)}\n"


def _section(name: str, parser: argparse.ArgumentParser, shared: dict[str, argparse._ArgumentGroup]) -> str:
    """Return the section of one verb; remember the groups of options that it shares with others."""
    own = [a for group in parser._action_groups if group.title not in SHARED for a in group._group_actions]
    groups = {group.title: group for group in parser._action_groups if group.title in SHARED}
    shared.update({str(title): group for title, group in groups.items()})
    links = [f"[options {SHARED[str(title)]}](#options-{SHARED[str(title)].replace(' ', '-')})" for title in groups]
    more = f"\nAlso the {' and the '.join(links)}.\n" if links else ""
    example, codes = _epilog(parser)
    described = (parser.description or "").split("\n")[0]
    return f"## {name}\n\n{described}\n\n```text\n{example}\n```\n\n{_table(_rows(own))}{more}\nExit codes: {codes}.\n"


def _epilog(parser: argparse.ArgumentParser) -> tuple[str, str]:
    """Return the example and the exit codes of a verb's help."""
    example, _, codes = (parser.epilog or "").partition("exit codes:\n")
    lines = [line.strip() for line in example.splitlines() if line.strip() and not line.startswith("example")]
    return "\n".join(lines), "; ".join(line.strip() for line in codes.splitlines())


def _rows(actions: list[argparse.Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        if isinstance(action, argparse._HelpAction) or action.help == argparse.SUPPRESS:
            continue
        values = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
        value = " ".join(values) if isinstance(values, tuple) else values
        if action.nargs in ("*", "+"):
            value = f"{value} ..."
        word = " ".join(filter(None, [", ".join(action.option_strings), value if action.nargs != 0 else ""]))
        if "needed" not in str(action.help) and action.required and action.option_strings:
            yield word, f"{action.help} (needed)"
        else:
            yield word, str(action.help)


def _pytest_options() -> Iterator[tuple[str, str]]:
    found: list[tuple[str, dict[str, Any]]] = []
    group = SimpleNamespace(addoption=lambda name, **facts: found.append((name, facts)))
    plugin.pytest_addoption(SimpleNamespace(getgroup=lambda *_: group))  # type: ignore[arg-type]
    for name, facts in found:
        yield f"{name} {facts.get('metavar', '')}".strip(), facts["help"]


def _markers() -> str:
    name, _, text = plugin.MARKER.partition(": ")
    return (
        f"`@pytest.mark.{name}`: {text}.\n\nThe fixture `carbon` measures a block: "
        "`with carbon.measure() as used: ...`, then `used.reference_j`. Without `--carbon`, the marker's "
        "limit does not count.\n"
    )


def _table(rows: Iterator[tuple[str, str]]) -> str:
    lines = [f"| `{_cell(word)}` | {_cell(text)} |" for word, text in rows]
    return "\n".join(["| option or argument | meaning |", "|---|---|", *lines, ""])


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("%%", "%")


def _verbs(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [item for action in found for item in action.choices.items()]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
