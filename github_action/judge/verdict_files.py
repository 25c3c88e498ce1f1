"""Writes the report and the verdict as files, for later steps of the job and for jobs without any permission."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from github_action.judge.judge_subject import Judgement
from pytest_carbon.files.write_safely import make_folder, write_whole
from pytest_carbon.reporters.run import report_file
from pytest_carbon.reporters.verdict.registry import VERDICT_REPORTERS


class VerdictFiles(NamedTuple):
    """The paths of the report and of the verdict as JSON; None without a report, and without a judgement."""

    report: Path | None
    verdict: Path | None


def write_verdict_files(judgement: Judgement | None, folder: Path) -> VerdictFiles:
    """Write the report, and the verdict in each registered format, into a folder, if there is a judgement."""
    if judgement is None:
        return VerdictFiles(None, None)
    make_folder(folder, folder)
    for reporter in VERDICT_REPORTERS:
        write_whole(folder / reporter.file_name, reporter.render(judgement.verdict).encode(), folder)
    if judgement.report is None:
        return VerdictFiles(None, folder / "verdict.json")
    report_file.write(judgement.report, folder / "report.json", folder)
    return VerdictFiles(folder / "report.json", folder / "verdict.json")
