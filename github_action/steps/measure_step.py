"""The measuring step. It has no token."""

from __future__ import annotations

from pathlib import Path

from github_action.event import log_commands
from github_action.publish import step_outputs
from github_action.reports.report_parts import artifact_name
from github_action.steps.command_result import remove_result, save_result
from github_action.steps.job import Job
from github_action.steps.measure_command import measure


def run(job: Job) -> int:
    """Measure, and leave result and report for the next steps. Return the command's exit code."""
    inputs = job.inputs
    remove_result(inputs.job_folder)
    result = measure(job.context, inputs, job.environment)
    save_result(result, inputs.job_folder)
    if result.problem:
        log_commands.warning(result.problem, "pytest-carbon")
    if result.report is not None:
        outputs = {"artifact-name": artifact_name(inputs), "artifact-path": str(result.report)}
        step_outputs.write(Path(job.environment["GITHUB_OUTPUT"]), outputs)
    return result.exit_code
