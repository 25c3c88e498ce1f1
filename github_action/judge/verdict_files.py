"""Everything as files, for steps after this one and for a run without any permission."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from github_action.judging import Ruling
from pytest_carbon.reporters import jsonfile, junit, markdown, sarif, verdictfile


class Saved(NamedTuple):
    """Where the report and the verdict are; None where there is none."""

    report: Path | None
    verdict: Path | None


def save(found: Ruling | None, folder: Path) -> Saved:
    """Write the report, and the verdict as JSON, Markdown, JUnit and SARIF, into a folder."""
    if found is None:
        return Saved(None, None)
    folder.mkdir(parents=True, exist_ok=True)
    forms = {
        "verdict.json": verdictfile.text,
        "verdict.md": markdown.render,
        "verdict.junit.xml": junit.render,
        "verdict.sarif": sarif.render,
    }
    for name, form in forms.items():
        (folder / name).write_text(form(found.verdict), encoding="utf-8")
    jsonfile.write(found.report, folder / "report.json")
    return Saved(folder / "report.json", folder / "verdict.json")
