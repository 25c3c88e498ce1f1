"""Writes the ``[machine]`` table as TOML, and puts it into the text of a policy without touching anything else."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from pytest_carbon.core.calibration.fit_curve import CalibratedCurve
from pytest_carbon.core.errors import ConfigError

_POWER_KEYS = ("name", "watts", "idle-w", "full-w", "spread", "source")
_MARK = "\ufeff"
"""Some editors begin a file of UTF-8 with it: the byte order mark."""
_HEADER = re.compile(r"\s*\[\[?[^\[\],=]+\]\]?\s*(#.*)?", re.DOTALL)


def machine_table_text(header: str, name: str, curve: CalibratedCurve, source: str) -> str:
    """Return the table as TOML, such as ``header`` names it: ``machine``, or ``tool.pytest-carbon.machine``."""
    points = ", ".join(f"[{100 * u:.4g}, {watts:g}]" for u, watts in curve.watts)
    lines = [
        f"[{header}]",
        f"name = {_text(name)}",
        f"watts = [{points}]",
        f"spread = [{curve.spread[0]:g}, {curve.spread[1]:g}]",
        f"source = {_text(source)}",
    ]
    return "\n".join(lines) + "\n"


def put_machine_table(policy: str, header: str, block: str, *, replace: bool) -> str:
    """Return the text of a policy with the table; comments and everything else stay as they are.

    A table that is there is replaced only if asked for, and keeps its keys that are not about power. Raises ConfigError
    if the policy cannot be changed so that this, and nothing else, is what it says.
    """
    if policy.startswith(_MARK):
        return _MARK + put_machine_table(policy[len(_MARK) :], header, block, replace=replace)
    path = header.split(".")
    before = _parse(policy)
    old = _find(before, path)
    if old is not None and not replace:
        raise ConfigError(f"[{header}] is there already; give --replace to replace its watts")
    newline = "\r\n" if "\r\n" in policy else "\n"
    lines = policy.splitlines(keepends=True)
    new = _parse(block)
    kept: dict[str, Any] = {}
    if old is None:
        gap = [newline] if lines and lines[-1].strip() else []
        ended = [*lines[:-1], lines[-1].rstrip("\r\n") + newline] if lines else []
        made = "".join([*ended, *gap, block.replace("\n", newline)])
    else:
        kept = {key: value for key, value in old.items() if key not in _POWER_KEYS} if isinstance(old, dict) else {}
        made = _replaced(lines, header, block, newline, kept)
    wanted = _with(before, path, {**_find(new, path), **kept})
    if _parse(made, wrong=None) != wanted:
        raise ConfigError(
            f"[{header}] could not be put into the file without a change to something else; leave --write out, and put "
            "it there by hand"
        )
    return made


def _replaced(lines: list[str], header: str, block: str, newline: str, kept: dict[str, Any]) -> str:
    """Return the text with the block in the place of the table; kept keys and comments of the table follow it."""
    pattern = re.compile(rf"\s*\[\s*{re.escape(header)}\s*\]\s*(#.*)?", re.DOTALL)
    start = next((n for n, line in enumerate(lines) if pattern.fullmatch(line.rstrip("\r\n"))), None)
    if start is None:
        return ""
    end = next((n for n in range(start + 1, len(lines)) if _HEADER.fullmatch(lines[n])), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1  # blank lines and comments above the next table belong to that
    names = "|".join(re.escape(key) for key in kept)
    mine = [line for line in lines[start + 1 : end] if line.lstrip().startswith("#")]
    mine += [line for line in lines[start + 1 : end] if names and re.match(rf"\s*(?:{names})\s*=", line)]
    whole = [line if line.endswith("\n") else line + newline for line in mine]
    return "".join([*lines[:start], block.replace("\n", newline), *whole, *lines[end:]])


def _parse(text: str, wrong: Any = ...) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if wrong is not ...:
            return wrong
        raise ConfigError(f"the policy is not valid TOML: {error}; correct that line") from error


def _find(table: Any, path: list[str]) -> Any:
    for key in path:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _with(table: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    key, *rest = path
    inner = table.get(key)
    return {**table, key: _with(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def _text(value: str) -> str:
    """Return a basic string of TOML; JSON's escapes are among TOML's."""
    return json.dumps("".join(c if c.isprintable() else " " for c in value), ensure_ascii=False)
