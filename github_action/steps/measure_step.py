"""The step that measures. It has no token."""

from __future__ import annotations

import shutil
from pathlib import Path

from github_action import commands, outputs
from github_action.job import Job
from github_action.measure import forget, kept, measure
from github_action.parts import artifact_name


def run(job: Job) -> int:
    """Measure, and leave what the next steps need; the exit code is the command's own."""
    inputs = job.inputs
    forget(inputs.place)
    found = measure(job.context, inputs, job.environment)
    kept(found, inputs.place)
    if found.trouble:
        commands.warning(found.trouble, "pytest-carbon")
    if found.report is not None:
        report = shutil.copyfile(found.report, inputs.place / "report.json")
        upload = {"artifact-name": artifact_name(inputs), "artifact-path": str(report)}
        outputs.write(Path(job.environment["GITHUB_OUTPUT"]), upload)
    return found.exit_code
