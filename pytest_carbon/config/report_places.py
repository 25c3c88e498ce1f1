"""Where the reports of one project are: one of the last run, and one of each tox environment and of runs at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

TOX_VARIABLE = "TOX_ENV_NAME"
"""tox sets this for what it starts."""
_UNSAFE = re.compile(r"[^\w.-]|^\.")
_MOST_CHARACTERS = 100


def folder_beside(report: Path) -> Path:
    """Return the folder for the reports of several runs: ``.carbon/reports`` beside ``.carbon/report.json``."""
    return report.with_name(f"{report.stem}s")


def place_of_command(report: Path) -> Path:
    """Return where the report of a command is kept, if that of a test run is in the usual place already."""
    return report.with_name("command.json")


def place_of_tox(report: Path, environment: Mapping[str, str]) -> Path | None:
    """Return where a run in a tox environment keeps its report, too: no other environment replaces it there."""
    name = _UNSAFE.sub("-", environment.get(TOX_VARIABLE, ""))[:_MOST_CHARACTERS]
    return folder_beside(report) / f"{name}.json" if name else None


def free_place(report: Path) -> Path:
    """Return a place that no report has, for a run that ends after another one has written its report here."""
    number = 2
    while os.path.lexists(place := folder_beside(report) / f"{report.stem}-{number}.json"):
        number += 1
    return place


def report_of_other_root(report: Path, folder: Path, usual: str) -> Path | None:
    """Return the report in the usual place of a folder, of one above it or of one up to two levels below it.

    Returns None if there is none, and if ``report`` is there. pytest finds its root folder by its own settings, so it
    may write to another folder than that of the policy.
    """
    if os.path.lexists(report):
        return None
    above = (place / usual for place in (folder, *folder.parents))
    below = (place for levels in ("*", "*/*") for place in sorted(folder.glob(f"{levels}/{usual}")))
    return next((place for place in chain(above, below) if place.is_file()), None)


def reports_beside(report: Path) -> list[Path]:
    """Return the reports of several runs, by name. One of them may be of the same run as the report itself."""
    return sorted(folder_beside(report).glob("*.json"))
