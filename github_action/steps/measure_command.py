"""Runs the command that measures, or merges reports that other steps wrote. The command gets no token."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps.command_result import CommandResult
from github_action.steps.confirm_growth import confirm_growth
from pytest_carbon.config.load import GATE_VARIABLE, load_config
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.files.follow_links import refuse_outside
from pytest_carbon.files.write_safely import remove_file
from pytest_carbon.reporters.run import report_file


def measure(context: GitHubContext, inputs: ActionInputs, environment: Mapping[str, str] = os.environ) -> CommandResult:
    """Run the command in the project's folder, or merge the given reports, and confirm growth that is in doubt.

    The command's environment lacks all variables ``CARBON_*``, so the token and the ledger's URL.
    """
    folder = inputs.workspace / inputs.working_directory
    if not folder.is_dir():
        problem = (
            f"there is no folder {inputs.working_directory!r} to measure in; is the input working-directory right?"
        )
        return CommandResult(1, None, problem)
    command_environment = {name: value for name, value in environment.items() if not name.startswith("CARBON_")}
    command_environment[GATE_VARIABLE] = "1"
    exit_code, problem = 0, ""
    if inputs.command:
        problem = _remove_old_report(folder)
        exit_code = _run(["bash", "-eo", "pipefail", "-c", inputs.command], folder, command_environment)
    try:
        if problem:
            raise ReportError(problem)
        report = _merge_given_reports(inputs, folder) if inputs.reports else _find_report(folder, exit_code)
        if inputs.command:
            confirm_growth(context, inputs, report, folder, command_environment)
        report_file.read(report)
        return CommandResult(exit_code, report)
    except (CarbonError, OSError, ValueError) as error:
        return CommandResult(exit_code, None, str(error).replace(str(folder), inputs.working_directory))


def _remove_old_report(folder: Path) -> str:
    """Remove the report of an earlier run. Return why that failed: then a report could be of either run."""
    try:
        report = load_config(folder).report
        refuse_outside(report, folder)
        remove_file(report, folder)
    except OSError as error:
        return f"the report of an earlier run cannot be removed: {error.filename}: {error.strerror}"
    except (CarbonError, ValueError) as error:
        return str(error)
    return ""


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command that writes to our output, and return its exit code; after a signal 128 plus its number."""
    code = subprocess.run(command, cwd=folder, env=dict(environment), check=False).returncode
    return code if code >= 0 else 128 - code


def _find_report(folder: Path, exit_code: int) -> Path:
    """Return the path of the command's report. Raises ReportError if there is none."""
    report = load_config(folder).report
    refuse_outside(report, folder)
    if not report.is_file():
        raise ReportError(
            f"the command ended with exit code {exit_code} and wrote no report to {report}; "
            "does it run pytest with --carbon, in the input working-directory?"
        )
    return report


def _merge_given_reports(inputs: ActionInputs, folder: Path) -> Path:
    """Merge the reports that the input's patterns match, and return the path of the merged report."""
    try:
        paths = sorted({path for pattern in inputs.reports for path in folder.glob(pattern) if path.is_file()})
    except (ValueError, NotImplementedError) as error:
        raise ReportError(f"the input reports has a pattern that is not below working-directory: {error}") from error
    if not paths:
        raise ReportError(
            f"no file in {folder} matches the input reports ({', '.join(inputs.reports)}); "
            "did the step that writes the reports run before?"
        )
    merged = inputs.temporary_folder / "pytest-carbon" / "joined" / "report.json"
    report_file.write(
        merge_reports([(path.relative_to(folder).as_posix(), report_file.read(path, folder)) for path in paths]), merged
    )
    return merged
