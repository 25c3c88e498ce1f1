"""Everything as files, for steps after this one and for a run without any permission."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from github_action.judge.judge_subject import Ruling
from pytest_carbon.reporters.run import report_file
from pytest_carbon.reporters.verdict.registry import VERDICT_REPORTERS


class Saved(NamedTuple):
    """Where the report and the verdict are; None where there is none."""

    report: Path | None
    verdict: Path | None


def save(found: Ruling | None, folder: Path) -> Saved:
    """Write the report, and the verdict as JSON, Markdown, JUnit and SARIF, into a folder."""
    if found is None:
        return Saved(None, None)
    folder.mkdir(parents=True, exist_ok=True)
    for reporter in VERDICT_REPORTERS:
        (folder / reporter.file_name).write_text(reporter.render(found.verdict), encoding="utf-8")
    report_file.write(found.report, folder / "report.json")
    return Saved(folder / "report.json", folder / "verdict.json")
