"""Reads the table of a folder's policy, from ``carbon.toml`` or ``pyproject.toml``, on disk or at a commit."""

from __future__ import annotations

import codecs
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pytest_carbon.config.parse_toml import parse_toml
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.policy import POLICY_FILES
from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes
from pytest_carbon.git import run_git
from pytest_carbon.git.branches import spelling_hint
from pytest_carbon.git.refusal import why_git_refuses

NO_FILE = "no configuration file"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
(_CARBON_TOML, _PYPROJECT_TOML), _TOOL_TABLE = POLICY_FILES, "pytest-carbon"


def read_policy_table(root: Path, commit: str | None) -> tuple[dict[str, Any], str]:
    """Return the table of a folder's policy and the name of its file; of a commit, if one is named.

    Raises ConfigError for a file that cannot be read, for a policy in both files, and for ``CARBON.TOML``.
    """
    own = _parse(_read_file(root, _CARBON_TOML, commit), root / _CARBON_TOML)
    names = _names_in(root) if commit is None else _names_at(root, commit) if own is None else ()
    refuse_other_case(names, commit or root)
    pyproject = _parse(_read_file(root, _PYPROJECT_TOML, commit), root / _PYPROJECT_TOML)
    table, source = _choose_table(own, pyproject, root)
    return table, f"{source} at {commit[:12]}" if commit else source


def has_policy_file(folder: Path) -> bool:
    """Return whether a folder has a file that may hold a policy, also a ``CARBON.TOML``, which is refused later."""
    return any(os.path.lexists(folder / name) for name in POLICY_FILES) or bool(name_in_other_case(_names_in(folder)))


def find_policy(folder: Path) -> str | None:
    """Return the name of the file of a folder that holds a policy; None if none does."""
    name = next((name for name in POLICY_FILES if _file_holds_policy(folder / name)), None)
    return name or name_in_other_case(_names_in(folder))


def holds_policy(name: str, content: bytes) -> bool:
    """Return whether a file with this name holds a policy; what cannot be parsed does if it looks like one."""
    if name == _CARBON_TOML:
        return True
    try:
        return _TOOL_TABLE in parse_toml(content).get("tool", {})
    except TypeError:
        return False
    except ValueError:
        return f"[tool.{_TOOL_TABLE}".encode() in content


def name_in_other_case(names: Collection[str]) -> str | None:
    """Return the name among those of a folder that is ``carbon.toml`` but for its case; None if that is there, too."""
    same = sorted(name for name in names if name.casefold() == _CARBON_TOML)
    return same[0] if same and _CARBON_TOML not in same else None


def refuse_other_case(names: Collection[str], place: Path | str) -> None:
    """Raise ConfigError for a ``CARBON.TOML`` in a folder or commit: only a disk that ignores case would find it."""
    name = name_in_other_case(names)
    if name is not None:
        raise ConfigError(f"{_not_read(name, place)}; rename it: git mv {name} {_CARBON_TOML}, or mv if it is new")


def other_case_beside(names: Collection[str], place: Path | str) -> str:
    """Return why a ``CARBON.TOML`` beside ``carbon.toml`` is not read; empty if there is none."""
    name = name_in_other_case([name for name in names if name != _CARBON_TOML])
    return f"{_not_read(name, place)}; keep one of them, in small letters" if name and _CARBON_TOML in names else ""


def refuse_policy_beside(root: Path, commit: str | None) -> None:
    """Raise ConfigError for a ``CARBON.TOML`` beside a ``carbon.toml`` without a budget: it may hold the policy."""
    refused = other_case_beside(_names_in(root) if commit is None else _names_at(root, commit), commit or root)
    if refused:
        raise ConfigError(f"{_CARBON_TOML} has no budget, and what is beside it is not read: {refused}")


def _not_read(name: str, place: Path | str) -> str:
    file = place / name if isinstance(place, Path) else f"{name} at {place[:12]}"
    return f"{file} is not read, because the file of the policy is called {_CARBON_TOML}, in small letters"


def _names_in(folder: Path) -> Collection[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return ()


def _names_at(root: Path, commit: str) -> Collection[str]:
    full_hash = run_git.find_commit(commit, root)
    listing = full_hash and run_git.try_text(["ls-tree", "-z", "--name-only"], root, names=[full_hash])
    return (listing or "").split("\0")


def _file_holds_policy(path: Path) -> bool:
    if not os.path.lexists(path):
        return False
    if path.name == _CARBON_TOML:
        return True
    try:
        return holds_policy(path.name, read_bytes(path, POLICY_BYTES))
    except OSError:
        return False


def _choose_table(
    own: dict[str, Any] | None, pyproject: dict[str, Any] | None, root: Path
) -> tuple[dict[str, Any], str]:
    tools = (pyproject or {}).get("tool", {})
    if not isinstance(tools, dict):
        raise ConfigError(f"{_PYPROJECT_TOML}: [tool] is {tools!r}; it must be a table")
    table = tools.get(_TOOL_TABLE)
    if own is not None and table is not None:
        empty = f": {_CARBON_TOML} is empty, so remove it" if table and not own else ""
        raise ConfigError(
            f"both {_CARBON_TOML} and [tool.{_TOOL_TABLE}] of {_PYPROJECT_TOML} exist in {root}; "
            f"keep one of them, so that it is clear which file counts{empty}"
        )
    if own is not None:
        return own, _CARBON_TOML
    if table is not None:
        if not isinstance(table, dict):
            raise ConfigError(f"{_PYPROJECT_TOML}: [tool.{_TOOL_TABLE}] is {table!r}; it must be a table")
        return table, f"[tool.{_TOOL_TABLE}] of {_PYPROJECT_TOML}"
    return {}, NO_FILE


def _read_file(root: Path, name: str, commit: str | None) -> bytes | None:
    path = root / name
    if commit is not None:
        full_hash = run_git.find_commit(commit, root)
        if full_hash is None:
            reason = why_git_refuses(root) or f"there is no such commit here{spelling_hint(commit, root)}"
            raise ConfigError(f"the policy cannot be read at {commit}: {reason}")
        file = f"{full_hash}:./{name}"
        kind = run_git.try_text(["cat-file", "-t"], root, names=[file], fetch_missing=True)
        return run_git.run(["cat-file", "blob"], root, names=[file], fetch_missing=True) if kind == "blob" else None
    try:
        return read_bytes(path, POLICY_BYTES, root)
    except FileNotFoundError:
        if path.is_symlink():
            raise ConfigError(f"{path} is a link to a file that is not there; commit a regular file") from None
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); check what it is, and its permissions") from error


def _parse(content: bytes | None, path: Path) -> dict[str, Any] | None:
    if content is None:
        return None
    if content.startswith(_UTF_16) or b"\0" in content[:2]:
        raise ConfigError(f"{path} is not UTF-8 text (it looks like UTF-16); save it as UTF-8")
    try:
        return parse_toml(content)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except ValueError as error:  # also for numbers of thousands of digits
        raise ConfigError(f"{path} is not valid TOML: {error}; correct that line") from error
