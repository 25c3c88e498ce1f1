"""Walks over every attack of the tests: each has a line in docs/security.md, and proves how it ended."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attack import Attack

ROOT = Path(__file__).parents[1]
LINE = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)


def _functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.relative_to(ROOT), node


def _lines_of(function: ast.FunctionDef) -> list[str]:
    """Return the lines of the threat model that a test's markers name."""
    calls = [node for node in function.decorator_list if isinstance(node, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func) == "pytest.mark.attack"]
    return [ast.literal_eval(argument) for mark in marks for argument in mark.args]


def test_every_attack_names_its_line_and_says_how_it_ended() -> None:
    """A marked test takes the fixture, which checks the end, and says the end; a test with the fixture is marked."""
    problems = []
    for path, function in _functions():
        takes = "attack" in [argument.arg for argument in function.args.args]
        marked = bool(_lines_of(function))
        calls = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        says = bool(calls & {"attack.ended", "attack.harmless"})
        if (takes or marked) and not (takes and marked and says):
            problems.append(f"{path}::{function.name}: {takes=} {marked=} {says=}")
    assert problems == []


def test_every_line_of_the_threat_model_has_an_attack() -> None:
    """No line without a test, and no test of a line that is not there."""
    lines = LINE.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    named = {line for _, function in _functions() for line in _lines_of(function)}
    assert len(lines) == len(set(lines))
    assert set(lines) == named


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda attack: attack.command, "names no state"),
        (lambda attack: attack.ended("success"), "ended with"),
        (lambda attack: attack.ended(0), "ended with"),
        (lambda attack: attack.ended(1, f"a log with {attack.secret}"), "made a secret visible"),
        (lambda attack: (attack.ended(1), attack.outside.write_text("")), "wrote to a file"),
        (lambda attack: (attack.ended(1), (attack.folder / "ran").touch()), "ran a command"),
    ],
)
def test_an_attack_that_succeeds_is_noticed(tmp_path: Path, change: object, message: str) -> None:
    """The fixture's check fails for each way in which an attack can succeed."""
    attack = Attack(tmp_path / "bait")
    assert callable(change)
    change(attack)
    with pytest.raises(AssertionError, match=message):
        attack.check()
