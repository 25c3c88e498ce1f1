"""Walks over every place that starts a process: few modules may, and git gets names only where it takes no option."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSES = ("pytest_carbon", "github_action", "pre-commit-hooks")
STARTERS = {
    "pytest_carbon/git/run_git.py": "git, which gets names only behind --end-of-options",
    "pytest_carbon/cli/run.py": "the command that the user wrote behind --",
    "pytest_carbon/meter/sidecar_session.py": "our own module, with words of ours",
    "pytest_carbon/processes/pass_signals.py": "our own module, with numbers of signals",
    "pytest_carbon/meter/machine_table.py": "sysctl, with words of ours",
    "pytest_carbon/meter/codecarbon_start/kernel_cpu_name.py": "lscpu or sysctl, with words of ours",
    "pytest_carbon/meter/power/busy_cpus.py": "our own module, which only computes",
    "pytest_carbon/meter/power/watts_command.py": "the command of --watts-command, without a shell",
    "pytest_carbon/paired_runs/run_command.py": "the command to measure, and [confirm] setup",
    "github_action/install.py": "pip and our own python, with words of ours",
    "github_action/steps/measure_command.py": "the input command, as one word of a shell",
    "github_action/steps/confirm_growth.py": "pytest-carbon: hashes, options with their values, and a whole path",
}
"""The modules that start a process, and what it gets."""
_PROCESS_MODULES = {"subprocess", "pty", "multiprocessing", "concurrent.futures.process"}
_PROCESS_CALLS = re.compile(
    r"os\.(exec\w+|spawn\w+|posix_spawnp?|system|popen|fork|forkpty)|asyncio\.create_subprocess_\w+|runpy\.\w+"
)
_RUNS = re.compile(r"(?:run_git\.)?(?:run|run_text|try_text)")
_WRAPPERS = {
    ("pytest_carbon/ledgers/branch/remote_cache.py", "git"): slice(0, None),
    ("pytest_carbon/ledgers/branch/commit_tree.py", "git"): slice(0, None),
    ("pytest_carbon/ledgers/branch/branch_past.py", "git"): slice(0, None),
    ("pytest_carbon/ledgers/branch/offline_copy.py", "_git"): slice(1, None),
    ("pytest_carbon/ledgers/folder/folder_past.py", "_names_at_head"): slice(1, 2),
    ("pytest_carbon/declared/files_at_commit.py", "_cat_file"): slice(0, 1),
    ("github_action/repository/git_objects.py", "_fetch"): slice(0, 1),
}
"""Functions that hand words on to git: which of their arguments are words."""
_INSIDE = ("run", "run_text", "try_text")
"""In run_git itself, these take the words of their callers."""


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for house in HOUSES:
        for path in sorted((ROOT / house).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _starts(tree: ast.Module) -> bool:
    """Return whether a module can start a process."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and {name.name for name in node.names} & _PROCESS_MODULES:
            return True
        if isinstance(node, ast.ImportFrom) and (node.module in _PROCESS_MODULES or node.module == "os"):
            return True
        if isinstance(node, ast.Attribute) and _PROCESS_CALLS.fullmatch(ast.unparse(node)):
            return True
    return False


def _is_ours(word: ast.expr, function: ast.AST) -> bool:
    """Return whether a word of a command is ours: a constant, ``--option=`` with a value, or a choice of these."""
    match word:
        case ast.Constant(value=str(text)):
            return bool(text)
        case ast.JoinedStr(values=[ast.Constant(value=str(begin)), *values]):
            varies = [
                value
                for value in values
                if not (isinstance(value, ast.FormattedValue) and _is_ours(value.value, function))
            ]
            return not varies or re.fullmatch(r"--[a-z-]+=.*|-[a-z]", begin) is not None
        case ast.IfExp(body=body, orelse=other):
            return _is_ours(body, function) and _is_ours(other, function)
        case ast.List(elts=words) | ast.Tuple(elts=words):
            return all(_is_ours(part, function) for part in words)
        case ast.Starred(value=value):
            return _is_ours(value, function)
        case ast.Attribute(attr=name):
            return name.isupper()
        case ast.Name(id=name):
            values = [
                node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
            ]
            return name.isupper() or (bool(values) and all(_is_ours(value, function) for value in values))
    return False


def _words(path: str, call: ast.Call) -> list[ast.expr] | None:
    """Return the arguments of a call that are words of a git command; None if the call is none of git."""
    name = ast.unparse(call.func)
    wrapped = _WRAPPERS.get((path, name.rpartition(".")[2]))
    if wrapped is not None:
        return call.args[wrapped]
    if "run_git" in name or (_RUNS.fullmatch(name) and path.startswith("pytest_carbon/git/")):
        return call.args[:1] if _RUNS.fullmatch(name) else None
    return None


def _problems(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield the calls of git whose words are not all ours."""
    handed_on = {name for place, name in _WRAPPERS if place == path}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or (path.endswith("git/run_git.py") and function.name in _INSIDE):
            continue
        parameters = {argument.arg for argument in (*function.args.args, *filter(None, [function.args.vararg]))}
        for call in ast.walk(function):
            words = _words(path, call) if isinstance(call, ast.Call) else None
            for word in words or ():
                shown = {node.id for node in ast.walk(word) if isinstance(node, ast.Name)}
                if not (function.name in handed_on and shown & parameters) and not _is_ours(word, function):
                    yield f"{path}:{call.lineno}: {ast.unparse(word)}"


def test_only_these_modules_start_processes() -> None:
    """A new one is stated here, with what its command gets."""
    assert {path for path, tree in _sources() if _starts(tree)} == set(STARTERS)


def test_git_gets_no_name_among_its_options() -> None:
    """Whatever may vary is one of ``names``, or the value of an option in the same word."""
    assert [problem for path, tree in _sources() for problem in _problems(path, tree)] == []


def test_every_call_of_git_is_looked_at() -> None:
    """The walk finds the calls: as many as a search for their text."""
    found = sum(
        _words(path, node) is not None
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path, _ in _sources())
    assert found >= len(re.findall(r"run_git\.(?:run|run_text|try_text)\(|(?:repository|self)\.git\(", text)) > 30


@pytest.mark.parametrize(
    "line",
    [
        'run_git.run(["diff", name], folder)',
        'run_git.run(["diff", f"{name}...HEAD"], folder)',
        'run_git.try_text(["fetch", *refs], folder)',
        'run_git.run_text(["show", "-s", x.commit], folder)',
        "run_git.run(words, folder)",
        'run_git.run(["fetch"] + names, folder)',
        'run_git.run(["fetch", "origin" if x else name], folder)',
    ],
)
def test_a_name_among_options_is_noticed(line: str) -> None:
    """The walk fails for each way in which a name can get there."""
    tree = ast.parse(f"def f(folder, name, refs, x, words, names):\n    {line}\n")
    assert len(list(_problems("x.py", tree))) == 1


@pytest.mark.parametrize("line", ["import subprocess", "from subprocess import run", "import os\nos.execvp('a', [])"])
def test_a_module_that_starts_processes_is_noticed(line: str) -> None:
    """By what it imports or calls."""
    assert _starts(ast.parse(line))
