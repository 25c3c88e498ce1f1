"""What a Python project declares: pyproject.toml, setup.cfg, setup.py (never run), .python-version."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from pytest_carbon.core.devices.values import Dependency, UnreadableFile
from pytest_carbon.declared import wheels
from pytest_carbon.declared.node_ranges import poetry_specifiers
from pytest_carbon.declared.statements import Declaration, declare, declare_lines

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
_SETUP_ARGUMENTS = frozenset({"python_requires", "classifiers", "install_requires"})
_PINNED_VERSION = re.compile(r"(?:python-|cpython-|py)?(\d+\.\d+)(?:\.\d+)?\S*")


def read_pyproject(path: str, text: str) -> Iterator[Declaration]:
    """Read requires-python, classifiers, dependencies, Poetry's own, cibuildwheel and maturin."""
    whole = tomllib.loads(text)
    project, tool = _as_table(whole.get("project")), _as_table(whole.get("tool"))
    old, flit = _as_table(tool.get("poetry")), _as_table(_as_table(tool.get("flit")).get("metadata"))
    for table, setting in ((project, "requires-python"), (flit, "requires-python")):
        yield from _declare_requires_python(path, setting, table.get(setting))
    yield from declare_classifiers(path, [*_as_texts(project.get("classifiers")), *_as_texts(old.get("classifiers"))])
    asked = _as_table(old.get("dependencies"))
    if isinstance(asked.get("python"), str):
        yield from declare(path, "python of [tool.poetry.dependencies]", "python", poetry_specifiers(asked["python"]))
    yield from declare_dependencies(path, _as_texts(project.get("dependencies")))
    for extra, texts in _as_table(project.get("optional-dependencies")).items():
        yield from declare_dependencies(path, _as_texts(texts), extra)
    yield from _declare_poetry_dependencies(path, asked)
    yield from wheels.read_tool_tables(path, tool)


def _as_table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _declare_requires_python(path: str, setting: str, value: Any) -> Iterator[Declaration]:
    if isinstance(value, str) and value.strip():
        yield from declare(path, setting, "python", [value.strip().rstrip(",")])


def declare_classifiers(path: str, texts: Iterable[str]) -> Iterator[Declaration]:
    """Read the Python versions and the systems of some classifiers."""
    given = [text.strip() for text in texts]
    versions = [match[1] for text in given if (match := _PYTHON_CLASSIFIER.fullmatch(text))]
    yield from declare_lines(path, "classifiers", "python", versions, "claimed")
    systems = [text.removeprefix("Operating System :: ") for text in given if text.startswith("Operating System :: ")]
    known = [_SYSTEMS.get(text) or _SYSTEMS.get(" :: ".join(text.split(" :: ")[:2]), ()) for text in systems]
    yield from declare(path, "classifiers", "os", [name for names in known for name in names], "claimed")


def declare_dependencies(path: str, texts: Iterable[str], extra: str = "") -> Iterator[Declaration]:
    """Read requirements of PEP 508, all of one extra or of none; one that is none is passed over, installers say so."""
    for text in texts:
        try:
            one = Requirement(text.partition("#")[0].strip())
        except InvalidRequirement:
            continue
        yield Dependency(one.name, str(one.specifier), path, marker=str(one.marker or ""), extra=extra)


def _declare_poetry_dependencies(path: str, asked: Mapping[str, Any]) -> Iterator[Declaration]:
    for name, value in asked.items():
        ranged = value if isinstance(value, str) else _as_table(value).get("version")
        if name != "python" and isinstance(ranged, str):
            found = poetry_specifiers(ranged)
            if len(found) == 1:
                told = _as_table(value)
                marker = " and ".join(f"{key} {told[key]}" for key in ("python", "markers") if told.get(key))
                yield Dependency(name, found[0], path, marker=marker, extra="an extra" if told.get("optional") else "")


def read_setup_cfg(path: str, text: str) -> Iterator[Declaration]:
    """Read python_requires, classifiers, install_requires and the wheels' platform."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)

    def get(section: str, *keys: str) -> str:
        return next((parser.get(section, key) for key in keys if parser.has_option(section, key)), "")

    yield from _declare_requires_python(path, "python_requires", get("options", "python_requires", "python-requires"))
    yield from _declare_requires_python(
        path, "requires-python", get("metadata", "requires-python")
    )  # as pbr and flit had it
    yield from declare_classifiers(path, get("metadata", "classifiers", "classifier").splitlines())
    yield from declare_dependencies(path, filter(None, map(str.strip, get("options", "install_requires").splitlines())))
    yield from wheels.read_platform_tags(path, "plat_name", get("bdist_wheel", "plat_name", "plat-name"))


def read_setup_py(path: str, text: str) -> Iterator[Declaration]:
    """Read the literal arguments of setup(), also those gathered in a table first; nothing is run."""
    tree = ast.parse(text)
    known = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    arguments = {name: value for name, value in _arguments(tree) if name in _SETUP_ARGUMENTS}
    given = {name: _literal_value(value, known) for name, value in arguments.items()}
    if given.get("python_requires", "") is None:
        yield UnreadableFile(path, "python_requires is computed, so only running the file would tell it")
    yield from _declare_requires_python(path, "python_requires", given.get("python_requires"))
    if "classifiers" in arguments:
        yield from declare_classifiers(path, _text_lines_of(arguments["classifiers"], known))
    yield from declare_dependencies(path, _as_texts(given.get("install_requires")))


def _arguments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the named arguments of setup(), dict() and update(), and the entries of tables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called_name(node) in ("setup", "dict", "update"):
            yield from ((word.arg, word.value) for word in node.keywords if word.arg)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from ((str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))


def _text_lines_of(node: ast.expr, known: Mapping[str, ast.expr]) -> Iterator[str]:
    """Yield the lines of all texts that an expression is made of, also by way of names."""
    left, seen = [node], set[str]()
    while left:
        for part in ast.walk(left.pop()):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from part.value.splitlines()
            elif isinstance(part, ast.Name) and part.id in known and part.id not in seen:
                seen.add(part.id)
                left.append(known[part.id])


def _called_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _literal_value(node: ast.expr, known: Mapping[str, ast.expr]) -> Any:
    """Return the value of a literal, or of a name that stands for one; None for all else."""
    node = known.get(node.id, node) if isinstance(node, ast.Name) else node
    try:
        return ast.literal_eval(node)
    except ValueError:
        if isinstance(node, ast.List | ast.Tuple):
            return [value for part in node.elts if (value := _literal_value(part, {})) is not None]
        return None


def read_python_version(path: str, text: str) -> Iterator[Declaration]:
    """Read the versions of .python-version, or runtime.txt."""
    found = [match[1] for line in text.splitlines() if (match := _PINNED_VERSION.fullmatch(line.strip()))]
    yield from declare_lines(path, "the version", "python", found, "used")
