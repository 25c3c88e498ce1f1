"""The rules of the house, as docs/architecture.md states them: rooms, names, sizes, tests beside the code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSES = ("pytest_carbon", "github_action")
MOST_MODULES, MOST_LINES = 12, 300
_DECISIONS = (ast.If, ast.IfExp, ast.Match, ast.BoolOp, ast.While, ast.Try)


def _modules() -> list[Path]:
    return [path.relative_to(ROOT) for house in HOUSES for path in sorted((ROOT / house).rglob("*.py"))]


def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _decides(path: Path) -> bool:
    """Return whether a module has a branch inside a function; a value, a table or a straight line has none."""
    functions = (node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(
        isinstance(node, _DECISIONS) or (isinstance(node, ast.comprehension) and node.ifs)
        for function in functions
        for node in ast.walk(function)
    )


def _test_file(path: Path) -> Path:
    folder = path.parent.relative_to("pytest_carbon") if path.parts[0] == "pytest_carbon" else path.parent
    return Path("tests") / folder / f"test_{path.stem.strip('_')}.py"


def test_a_room_has_at_most_twelve_modules() -> None:
    """Thirteen doors side by side are more than a reader looks behind."""
    rooms = Counter(path.parent for path in _modules() if path.name != "__init__.py")
    assert {str(room): count for room, count in rooms.items() if count > MOST_MODULES} == {}


def test_a_module_has_at_most_three_hundred_lines() -> None:
    """A longer module holds more than one idea."""
    lines = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in _modules()}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_a_class_name_stands_once() -> None:
    """One word has one meaning in the whole house."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in _modules():
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_a_room_says_what_it_is_for_and_where_to_begin() -> None:
    """An ``__init__.py`` has two sentences and no code; the second names modules of the room that exist."""
    wrong = {}
    for path in _modules():
        if path.name != "__init__.py" or path.parts == ("pytest_carbon", "__init__.py"):
            continue
        tree = _tree(path)
        text = ast.get_docstring(tree) or ""
        begin = re.search(r"Begin with .*", text, re.DOTALL)
        named = re.findall(r"``(\w+)``", begin.group()) if begin else []
        inside = {other.stem for other in (ROOT / path.parent).iterdir()}
        if len(tree.body) > 1 or not begin or not named or named[0] not in inside or text.count("\n\n") != 1:
            wrong[str(path)] = text
    assert wrong == {}


def test_a_module_with_a_decision_has_a_test_file_of_its_name() -> None:
    """The tests' folders mirror the code's: who changes a module finds its tests without a search."""
    decided = [path for path in _modules() if path.name != "__init__.py" and _decides(path)]
    missing = [str(path) for path in decided if not (ROOT / _test_file(path)).is_file()]
    assert missing == []


def test_every_room_is_in_the_wheel() -> None:
    """A room that pyproject.toml does not list works in a checkout, and is missing for users."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {".".join(path.parent.parts) for path in _modules() if path.parts[0] == "pytest_carbon"}
    assert set(settings["tool"]["setuptools"]["packages"]) == rooms | {"pytest_carbon_hooks"}
