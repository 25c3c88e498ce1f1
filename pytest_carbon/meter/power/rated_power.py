"""The rated power of a CPU, from the table that CodeCarbon ships. The table is read; CodeCarbon is not imported."""

from __future__ import annotations

import csv
import re
from importlib.util import find_spec
from pathlib import Path

_TABLE = ("data", "hardware", "cpu_power.csv")
_ADDED = re.compile(
    r"\((?:r|tm|c)\)|®|™|@.*|\bcpu\b|\bprocessor\b|\bapu\b|\b\d+(?:st|nd|rd|th) gen\b|\b(?:with|w/) radeon.*"
    r"|\b(?:\d+|dual|triple|quad|six|eight|twelve|sixteen)-cores?\b"
)
"""What the kernel adds to the name of a CPU, and tables of names do not."""
_WORD = re.compile(r"\w*\d\w*")


def rated_watts(cpu: str, table: Path | None = None) -> float | None:
    """Return the rated watts of one CPU; None if the table does not have exactly this name, or has two figures for it.

    Names are compared without case, spaces and what the kernel adds to them. No name is guessed: between neighbours of
    a series lies a factor of three.
    """
    path = table or _codecarbon_table()
    wanted = _plain_name(cpu)
    words = _WORD.findall(wanted)
    if path is None or not words:
        return None
    rarest = max(words, key=len)
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) > 1 and rarest in row[0].casefold().replace(" ", "")]
    except OSError:
        return None
    figures = {_watts(row[1]) for row in rows if _plain_name(row[0]) == wanted}
    return figures.pop() if len(figures) == 1 else None


def _plain_name(cpu: str) -> str:
    return "".join(_ADDED.sub(" ", cpu.casefold()).split())


def _watts(text: str) -> float | None:
    try:
        watts = float(text)
    except ValueError:
        return None
    return watts if 0 < watts < 10_000 else None


def _codecarbon_table() -> Path | None:
    """Return the place of CodeCarbon's table. To look for a package does not import it."""
    try:
        spec = find_spec("codecarbon")
    except (ImportError, ValueError):
        return None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0], *_TABLE) if folders else None
