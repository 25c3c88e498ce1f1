"""All text leaves by a few doors, which take out what could command a terminal or a CI system."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOORS = {
    "pytest_carbon/cli/shared/output.py": "the command line",
    "pytest_carbon/cli/shared/streams.py": "its streams",
    "pytest_carbon/pytest_edge/terminal_letters.py": "errors and failures that pytest shows",
    "github_action/event/log_commands.py": "the log of a job",
}
"""The modules that may print whatever they are given, because they escape it."""
ESCAPED = {"terminal_line", "terminal_lines", "visible", "workflow_command", "failure_text"}
RENDERED = {"self._table"}
"""Functions whose text is escaped already: tables, which all come from ``render_parts``."""
ALONE = {"github_action/install.py", "pytest_carbon/grid/codecarbon_import.py"}
"""Programs of their own, which print only their own words, and numbers."""
PRINTS = {
    "print", "print_exc", "print_exception", "print_stack", "write_line", "warn", "input", "terminalreporter.section",
    "sys.stdout.write", "sys.stderr.write", "terminalreporter.write", "self._stream.write",
    "streams.write",
}  # fmt: skip
SHOWN_ERRORS = {
    "pytest.UsageError", "pytest.fail", "pytest.exit", "pytest.skip", "pytest.xfail", "SystemExit", "sys.exit",
    "argparse.ArgumentTypeError", "ArgumentTypeError",
}  # fmt: skip
"""Errors whose text somebody else prints as it is."""


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("pytest_carbon", "github_action", "pre-commit-hooks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _plain_parsers(tree: ast.Module) -> Iterator[int]:
    """Yield the line of each parser of argparse's own class, whose errors show the user's words as they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "ArgumentParser":
            yield node.lineno


def _is_harmless(node: ast.expr) -> bool:
    """Return whether an expression is our own words, numbers in a fixed format, or the result of an escape."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name == "for_stream":  # it only replaces letters
            return _is_harmless(node.args[1])
        return name.rpartition(".")[2] in ESCAPED or name in RENDERED
    if isinstance(node, ast.JoinedStr):
        return all(_is_harmless(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _is_harmless(node.value) or node.format_spec is not None
    return False


def _doors(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Yield each print, write and shown error: its line, its source, and whether its text is harmless."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if {name, name.rpartition(".")[2]} & (PRINTS | SHOWN_ERRORS):
            texts = node.args[1:] if name == "streams.write" else node.args
            harmless = all(map(_is_harmless, texts)) and (bool(node.args) or name.rpartition(".")[2] == "print")
            yield node.lineno, ast.unparse(node), harmless


def test_every_print_write_and_shown_error_goes_through_a_door() -> None:
    """Outside of the doors, only escaped text and our own words reach a stream, or an error that others print."""
    raw = [
        f"{path}:{line}: {source}"
        for path, tree in _sources()
        if path not in {*DOORS, *ALONE}
        for line, source, harmless in _doors(tree)
        if not harmless and source not in ("sys.exit(main())", "sys.exit(main(sys.argv[1:]))")
    ]
    assert raw == []


def test_every_parser_goes_through_a_door() -> None:
    """A word that the parser does not know is shown in its error, escaped."""
    assert [f"{path}:{line}" for path, tree in _sources() for line in _plain_parsers(tree)] == []
    assert list(_plain_parsers(ast.parse("x = argparse.ArgumentParser()\nArgumentParser(prog='x')"))) == [1, 2]


@pytest.mark.parametrize(
    ("source", "harmless"),
    [
        ("print(name)", False),
        ("print(f'{name}')", False),
        ("print('our own words')", True),
        ("print(terminal_line(name))", True),
        ("sys.stdout.write(text)", False),
        ("reporter.write_line(line)", False),
        ("reporter.write_line(terminal_lines(line), red=True)", True),
        ("traceback.print_exc()", False),
        ("pytest.UsageError(f'pytest-carbon: {error}')", False),
        ("pytest.UsageError(terminal_lines(f'pytest-carbon: {error}'))", True),
        ("pytest.fail(message, pytrace=False)", False),
        ("warnings.warn(text)", False),
    ],
)
def test_the_walk_sees_raw_text(source: str, harmless: bool) -> None:
    """The rule tells raw text from escaped text."""
    assert [found for _, _, found in _doors(ast.parse(source))] == [harmless]
