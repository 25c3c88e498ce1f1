"""The measuring step: the command's exit code is its own, and result and report reach the next steps."""

from __future__ import annotations

from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps import measure_step
from github_action.steps.command_result import CommandResult, read_result, save_result
from github_action.steps.job import Job
from pytest_carbon.reporters.run import report_file
from tests.github_action.project import read_outputs
from tests.github_action.steps.project_job import COPY, ProjectJob


def _job(project: ProjectJob, command: str) -> Job:
    context = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test")
    temporary = project.folder / "temporary"
    inputs = ActionInputs(command=command, shard="py3.11", workspace=project.shop, temporary_folder=temporary)
    environment = {"PATH": "/usr/bin:/bin", "GITHUB_OUTPUT": str(project.folder / "output")}
    return Job(context, inputs, frozenset({"measure"}), environment, lambda _: None)


def test_report_is_copied_for_the_upload(job: ProjectJob) -> None:
    """The outputs name the artifact and the copy, and the command's exit code is the step's."""
    step = _job(job, f"{COPY}; exit 3")
    assert measure_step.run(step) == 3
    outputs = read_outputs(job.folder / "output")
    assert outputs["artifact-name"] == "carbon-report-py3.11"
    assert Path(outputs["artifact-path"]) == step.inputs.job_folder / "report.json"
    assert report_file.read(Path(outputs["artifact-path"])).rows == report_file.read(job.report).rows
    assert read_result(step.inputs.job_folder) == CommandResult(3, step.inputs.job_folder / "report.json")
    assert job.log == ""


def test_missing_report_is_a_warning(job: ProjectJob) -> None:
    """Without a report there is nothing to upload, and the result of an earlier step does not count."""
    step = _job(job, "true")
    save_result(CommandResult(0, job.kept), step.inputs.job_folder)
    assert measure_step.run(step) == 0
    assert not (job.folder / "output").exists()
    result = read_result(step.inputs.job_folder)
    assert result is not None
    assert (result.exit_code, result.report) == (0, None)
    assert job.log.startswith("::warning title=pytest-carbon::the command ended with exit code 0 and wrote no report")
