"""The step that measures. It has no token."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from github_action import commands, outputs
from github_action.context import Context
from github_action.inputs import Inputs
from github_action.measure import forget, kept, measure
from github_action.parts import artifact_name


def run(context: Context, inputs: Inputs, environment: Mapping[str, str]) -> int:
    """Measure, and leave what the next steps need; the exit code is the command's own."""
    forget(inputs.place)
    found = measure(context, inputs, environment)
    kept(found, inputs.place)
    if found.trouble:
        commands.warning(found.trouble, "pytest-carbon")
    if found.report is not None:
        report = shutil.copyfile(found.report, inputs.place / "report.json")
        upload = {"artifact-name": artifact_name(inputs), "artifact-path": str(report)}
        outputs.write(Path(environment["GITHUB_OUTPUT"]), upload)
    return found.exit_code
