"""The step that measures. It has no token."""

from __future__ import annotations

import shutil
from pathlib import Path

from github_action.event import log_commands
from github_action.publish import step_outputs
from github_action.reports.report_parts import artifact_name
from github_action.steps.job import Job
from github_action.steps.run_command import measure, remove_result, save_result


def run(job: Job) -> int:
    """Measure, and leave what the next steps need; the exit code is the command's own."""
    inputs = job.inputs
    remove_result(inputs.job_folder)
    found = measure(job.context, inputs, job.environment)
    save_result(found, inputs.job_folder)
    if found.problem:
        log_commands.warning(found.problem, "pytest-carbon")
    if found.report is not None:
        report = shutil.copyfile(found.report, inputs.job_folder / "report.json")
        upload = {"artifact-name": artifact_name(inputs), "artifact-path": str(report)}
        step_outputs.write(Path(job.environment["GITHUB_OUTPUT"]), upload)
    return found.exit_code
