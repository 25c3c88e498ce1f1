"""The steps of action.yml: python -I -m github_action begin | measure | finish."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from github_action import commands, outputs, summary
from github_action.client import Client
from github_action.context import Context, context_of
from github_action.fetching import fetch
from github_action.gate import gate, sha_of
from github_action.inputs import Inputs, inputs_of
from github_action.judging import Desk
from github_action.measure import Measured, kept, measure, read_kept
from github_action.parts import artifact_name
from github_action.publication import begin
from github_action.record import record
from github_action.saving import save
from github_action.stages import Stage, stages_of
from github_action.subject import Nothing
from github_action.telling import Publication, outcome
from pytest_carbon.core.errors import CarbonError

OUR_FAULT = "this is a fault of pytest-carbon's own; what went wrong is above, please report it"


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Run one step and return its exit code."""
    steps = {"begin": _begin, "measure": _measure, "finish": _finish}
    try:
        return steps[arguments[0]](context_of(environment), inputs_of(environment), environment)
    except CarbonError as error:
        commands.error(str(error), "pytest-carbon")
    except Exception:
        with commands.stop_commands():
            traceback.print_exc()
        commands.error(OUR_FAULT, "pytest-carbon")
    return 1


def _begin(context: Context, inputs: Inputs, environment: Mapping[str, str]) -> int:
    """Say that this commit is being measured, and fetch what that needs; what goes wrong is only told."""
    sha, stages = sha_of(context), stages_of(context, inputs)
    problems: list[str] = []
    if "begin" in stages and sha:
        told = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        problems += begin(_client(context, environment), told)
    if "measure" in stages:
        problems += fetch(context, inputs, environment.get("CARBON_TOKEN") or None)
    for problem in problems:
        commands.notice(problem, "pytest-carbon")
    return 0


def _measure(context: Context, inputs: Inputs, environment: Mapping[str, str]) -> int:
    """Measure, and leave what the next steps need; the exit code is the command's own."""
    if "measure" not in stages_of(context, inputs):
        return 0
    found = measure(context, inputs, environment)
    kept(found, _place(inputs))
    if found.trouble:
        commands.warning(found.trouble, "pytest-carbon")
    if found.report is not None:
        report = shutil.copyfile(found.report, _place(inputs) / "report.json")
        upload = {"artifact-name": artifact_name(inputs), "artifact-path": str(report)}
        outputs.write(Path(environment["GITHUB_OUTPUT"]), upload)
    return found.exit_code


def _finish(context: Context, inputs: Inputs, environment: Mapping[str, str]) -> int:
    """Judge and publish, or record; the exit code says whether the job may pass."""
    stages = stages_of(context, inputs)
    measured = read_kept(_place(inputs)) if "measure" in stages else None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pytest-carbon-", dir=inputs.temporary)))
        token = environment.get("CARBON_TOKEN") or None
        desk = Desk(context, inputs, _client(context, environment), token, folder, datetime.now(UTC))
        if "gate" in stages:
            return _gated(desk, stages, measured, environment)
        if "record" in stages:
            _recorded(desk, measured)
    return 0


def _trouble(desk: Desk, measures: bool, measured: Measured | None, environment: Mapping[str, str]) -> str:
    run = desk.context.payload.get("workflow_run") or {}
    if "cancelled" in (environment.get("CARBON_JOB_STATUS"), run.get("conclusion")):
        return "the run was cancelled"
    if measures and measured is None:
        return "the step that measures did not come to its end"
    return measured.trouble if measured else ""


def _gated(desk: Desk, stages: frozenset[Stage], measured: Measured | None, environment: Mapping[str, str]) -> int:
    trouble = _trouble(desk, "measure" in stages, measured, environment)
    try:
        told, published, found = gate(desk, measured.report if measured else None, trouble)
    except Nothing as error:
        commands.notice(f"nothing to judge: {error}", "pytest-carbon")
        return 0
    saved = save(found, _place(desk.inputs) / "verdict")
    problem = summary.append(Path(environment["GITHUB_STEP_SUMMARY"]), told, published.problems)
    found_values = outputs.values(told, published, saved.report, saved.verdict)
    outputs.write(Path(environment["GITHUB_OUTPUT"]), found_values)
    for text in (*published.problems, *filter(None, [problem])):
        commands.warning(text, "pytest-carbon")
    result = outcome(told)
    say = {"failure": commands.error, "error": commands.error, "neutral": commands.warning}
    say.get(result, commands.notice)(found_values["sentence"], "pytest-carbon")
    unseen = not published.superseded and not published.status_written
    fails = desk.inputs.fail_job == "always" or (desk.inputs.fail_job == "auto" and unseen)
    return int(fails and result in ("failure", "error"))


def _recorded(desk: Desk, measured: Measured | None) -> None:
    """Record; what goes wrong is told, and fails nothing."""
    try:
        for line in record(desk, measured.report if measured else None):
            commands.notice(line, "pytest-carbon")
    except CarbonError as error:
        commands.warning(f"this run is not in the ledger: {error}", "pytest-carbon")


def _client(context: Context, environment: Mapping[str, str]) -> Client:
    return Client(context.api_url, environment.get("CARBON_TOKEN") or None, say=commands.notice)


def _place(inputs: Inputs) -> Path:
    """Where the steps of one job leave things for each other."""
    return inputs.temporary / "pytest-carbon" / inputs.shard


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
