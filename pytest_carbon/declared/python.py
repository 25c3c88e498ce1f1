"""Reads Python projects: pyproject.toml, setup.cfg, setup.py (never run), .python-version."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from pytest_carbon.config.parse_toml import parse_toml
from pytest_carbon.core.devices.support_values import Dependency, UnreadableFile
from pytest_carbon.declared import wheels
from pytest_carbon.declared.make_statements import Declaration, declare, declare_lines
from pytest_carbon.declared.node_ranges import poetry_specifiers

_PYTHON_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")
_SYSTEMS = {
    "OS Independent": ("linux", "macos", "windows"),
    "Microsoft": ("windows",),
    "Microsoft :: Windows": ("windows",),
    "MacOS": ("macos",),
    "MacOS :: MacOS X": ("macos",),
    "POSIX": ("linux", "macos"),
    "POSIX :: Linux": ("linux",),
    "Unix": ("linux", "macos"),
}
_MAX_LINE_CHARS = 2_000
"""Of setup.cfg: the time of configparser grows with the square of a line."""
_SETUP_ARGUMENTS = frozenset({"python_requires", "classifiers", "install_requires"})
_PINNED_VERSION = re.compile(r"(?:python-|cpython-|py)?(\d+\.\d+)(?:\.\d+)?\S*")


def read_pyproject(path: str, text: str) -> Iterator[Declaration]:
    """Read [project] and the tables of Poetry, flit, cibuildwheel and maturin. Raises ValueError for broken TOML."""
    document = parse_toml(text)
    project, tool = _as_table(document.get("project")), _as_table(document.get("tool"))
    poetry, flit = _as_table(tool.get("poetry")), _as_table(_as_table(tool.get("flit")).get("metadata"))
    for table in (project, flit):
        yield from _declare_requires_python(path, "requires-python", table.get("requires-python"))
    classifiers = [*_as_texts(project.get("classifiers")), *_as_texts(poetry.get("classifiers"))]
    yield from declare_classifiers(path, classifiers)
    poetry_dependencies = _as_table(poetry.get("dependencies"))
    constraint = poetry_dependencies.get("python")
    if isinstance(constraint, str):
        yield from declare(path, "python of [tool.poetry.dependencies]", "python", poetry_specifiers(constraint))
    yield from declare_dependencies(path, _as_texts(project.get("dependencies")))
    for extra, requirements in _as_table(project.get("optional-dependencies")).items():
        yield from declare_dependencies(path, _as_texts(requirements), extra)
    yield from _declare_poetry_dependencies(path, poetry_dependencies)
    yield from wheels.read_tool_tables(path, tool)


def _as_table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def _declare_requires_python(path: str, setting: str, value: Any) -> Iterator[Declaration]:
    if isinstance(value, str) and value.strip():
        yield from declare(path, setting, "python", [value.strip().rstrip(",")])


def declare_classifiers(path: str, texts: Iterable[str]) -> Iterator[Declaration]:
    """Declare the Python versions and the operating systems of classifiers."""
    classifiers = [text.strip() for text in texts]
    versions = [match[1] for text in classifiers if (match := _PYTHON_CLASSIFIER.fullmatch(text))]
    yield from declare_lines(path, "classifiers", "python", versions, "claimed")
    prefix = "Operating System :: "
    systems = [text.removeprefix(prefix) for text in classifiers if text.startswith(prefix)]
    names = [_SYSTEMS.get(text) or _SYSTEMS.get(" :: ".join(text.split(" :: ")[:2]), ()) for text in systems]
    yield from declare(path, "classifiers", "os", [name for group in names for name in group], "claimed")


def declare_dependencies(path: str, texts: Iterable[str], extra: str = "") -> Iterator[Declaration]:
    """Declare requirements of PEP 508, all of one extra or of none. Invalid texts are skipped."""
    for text in texts:
        try:
            requirement = Requirement(text.partition("#")[0].strip())
        except InvalidRequirement:
            continue
        marker = str(requirement.marker or "")
        yield Dependency(requirement.name, str(requirement.specifier), path, marker=marker, extra=extra)


def _declare_poetry_dependencies(path: str, dependencies: Mapping[str, Any]) -> Iterator[Declaration]:
    """Declare the dependencies in the table of Poetry, except Python and constraints with alternatives."""
    for name, value in dependencies.items():
        constraint = value if isinstance(value, str) else _as_table(value).get("version")
        if name == "python" or not isinstance(constraint, str):
            continue
        specifiers, options = poetry_specifiers(constraint), _as_table(value)
        if len(specifiers) == 1:
            marker = " and ".join(f"{key} {options[key]}" for key in ("python", "markers") if options.get(key))
            extra = "an extra" if options.get("optional") else ""
            yield Dependency(name, specifiers[0], path, marker=marker, extra=extra)


def read_setup_cfg(path: str, text: str) -> Iterator[Declaration]:
    """Read python_requires, classifiers, install_requires and the wheel platform.

    Raises configparser.Error, and ValueError for a very long line.
    """
    if any(len(line) > _MAX_LINE_CHARS for line in text.split("\n")):
        raise ValueError(f"a line has more than {_MAX_LINE_CHARS:,} characters")
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)

    def get(section: str, *keys: str) -> str:
        return next((parser.get(section, key) for key in keys if parser.has_option(section, key)), "")

    yield from _declare_requires_python(path, "python_requires", get("options", "python_requires", "python-requires"))
    # pbr and flit once used this setting
    yield from _declare_requires_python(path, "requires-python", get("metadata", "requires-python"))
    yield from declare_classifiers(path, get("metadata", "classifiers", "classifier").splitlines())
    yield from declare_dependencies(path, filter(None, map(str.strip, get("options", "install_requires").splitlines())))
    yield from wheels.read_platform_tags(path, "plat_name", get("bdist_wheel", "plat_name", "plat-name"))


def read_setup_py(path: str, text: str) -> Iterator[Declaration]:
    """Read the literal arguments of setup(), also if a table holds them first. Nothing is run.

    Raises SyntaxError or RecursionError for a file that Python cannot parse.
    """
    tree = ast.parse(text)
    assigned = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    arguments = {name: value for name, value in _arguments(tree) if name in _SETUP_ARGUMENTS}
    values = {name: _literal_value(value, assigned) for name, value in arguments.items()}
    if values.get("python_requires", "") is None:
        yield UnreadableFile(path, "python_requires is computed: only running the file would show its value")
    yield from _declare_requires_python(path, "python_requires", values.get("python_requires"))
    if "classifiers" in arguments:
        yield from declare_classifiers(path, _text_lines_of(arguments["classifiers"], assigned))
    yield from declare_dependencies(path, _as_texts(values.get("install_requires")))


def _arguments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the keyword arguments of setup(), dict() and update(), and the entries of dict literals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called_name(node) in ("setup", "dict", "update"):
            yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from ((str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))


def _text_lines_of(node: ast.expr, assigned: Mapping[str, ast.expr]) -> Iterator[str]:
    """Yield the lines of all string literals in an expression; assigned names are followed."""
    pending, followed = [node], set[str]()
    while pending:
        for part in ast.walk(pending.pop()):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from part.value.splitlines()
            elif isinstance(part, ast.Name) and part.id in assigned and part.id not in followed:
                followed.add(part.id)
                pending.append(assigned[part.id])


def _called_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _literal_value(node: ast.expr, assigned: Mapping[str, ast.expr]) -> Any:
    """Return the value of a literal or of a name that is assigned a literal; None for any other expression.

    The literal items of a list or tuple are returned if others are computed.
    """
    node = assigned.get(node.id, node) if isinstance(node, ast.Name) else node
    try:
        return ast.literal_eval(node)
    except ValueError:
        if isinstance(node, ast.List | ast.Tuple):
            return [value for part in node.elts if (value := _literal_value(part, {})) is not None]
        return None


def read_python_version(path: str, text: str) -> Iterator[Declaration]:
    """Read the versions of .python-version or runtime.txt."""
    versions = [match[1] for line in text.splitlines() if (match := _PINNED_VERSION.fullmatch(line.strip()))]
    yield from declare_lines(path, "the version", "python", versions, "used")
