"""The step after measuring: judges and publishes, or records and tells product managers."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.event.choose_stages import Stage
from github_action.judge.gate import judge_and_publish
from github_action.judge.judge_context import JudgeContext
from github_action.judge.verdict_files import write_verdict_files
from github_action.publish import job_summary, step_outputs
from github_action.publish.publication import outcome
from github_action.record.record_pull_requests import record_pull_requests
from github_action.record.record_run import record_run
from github_action.reports.find_pull_request import NothingToJudge
from github_action.steps.job import Job
from github_action.steps.run_command import CommandResult, read_result
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector


def run(job: Job) -> int:
    """Judge and publish, or record and report; the exit code says whether the job may pass."""
    inputs, stages = job.inputs, job.stages
    measured = read_result(inputs.job_folder) if "measure" in stages else None
    with ExitStack() as stack:
        stack.enter_context(paused_garbage_collector())
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="pytest-carbon-", dir=inputs.temporary_folder))
        )
        desk = JudgeContext(job.context, inputs, job.client(), job.secrets, folder, datetime.now(UTC))
        if "gate" in stages:
            return _gated(desk, stages, measured, job.environment)
        if "record" in stages:
            _recorded(desk, measured)
        if "summary" in stages:
            _reported(desk)
    return 0


def _trouble(desk: JudgeContext, measures: bool, measured: CommandResult | None, environment: Mapping[str, str]) -> str:
    run = desk.context.payload.get("workflow_run") or {}
    if "cancelled" in (environment.get("CARBON_JOB_STATUS"), run.get("conclusion")):
        return "the run was cancelled"
    if measures and measured is None:
        return "the step that measures did not come to its end"
    return measured.problem if measured else ""


def _gated(
    desk: JudgeContext, stages: frozenset[Stage], measured: CommandResult | None, environment: Mapping[str, str]
) -> int:
    trouble = _trouble(desk, "measure" in stages, measured, environment)
    try:
        told, published, found = judge_and_publish(desk, measured.report if measured else None, trouble)
    except NothingToJudge as error:
        log_commands.notice(f"nothing to judge: {error}", "pytest-carbon")
        return 0
    saved = write_verdict_files(found, desk.inputs.job_folder / "verdict")
    problem = job_summary.append(Path(environment["GITHUB_STEP_SUMMARY"]), told, published.problems)
    found_values = step_outputs.output_values(told, published, saved.report, saved.verdict)
    step_outputs.write(Path(environment["GITHUB_OUTPUT"]), found_values)
    for text in (*published.problems, *filter(None, [problem])):
        log_commands.warning(text, "pytest-carbon")
    result = outcome(told)
    say = {"failure": log_commands.error, "error": log_commands.error, "neutral": log_commands.warning}
    say.get(result, log_commands.notice)(found_values["sentence"], "pytest-carbon")
    unseen = not published.superseded and not published.status_written
    fails = desk.inputs.fail_job == "always" or (desk.inputs.fail_job == "auto" and unseen)
    return int(fails and result in ("failure", "error"))


def _recorded(desk: JudgeContext, measured: CommandResult | None) -> None:
    """Record, and what pull requests have measured as well; what goes wrong is told, and fails nothing."""
    try:
        for line in record_run(desk, measured.report if measured else None):
            log_commands.notice(line, "pytest-carbon")
    except CarbonError as error:
        log_commands.warning(f"this run is not in the ledger: {error}", "pytest-carbon")
    if not desk.context.on_default_branch:
        return
    try:
        for line in record_pull_requests(desk):
            log_commands.notice(line, "pytest-carbon")
    except CarbonError as error:
        permission = (
            " (actions: read, pull-requests: read)" if isinstance(error, ApiError) and error.permission_missing else ""
        )
        log_commands.notice(f"what pull requests measured is not in the ledger: {error}{permission}", "pytest-carbon")


def _reported(desk: JudgeContext) -> None:
    """Bring the issues up to date; what goes wrong is told, and fails nothing.

    That the permission is missing is worth a warning only where issues were asked for.
    """
    from github_action.issues.update_issues import update_issues

    problems: list[str] = []
    try:
        update_issues(desk, problems)
    except CarbonError as error:
        refused = isinstance(error, ApiError) and error.permission_missing
        say = log_commands.notice if refused and desk.inputs.stage == "auto" else log_commands.warning
        needed = " (issues: write)" if refused else ""
        say(f"the issues are not up to date: {error}{needed}", "pytest-carbon")
    except Exception:
        with log_commands.stop_commands():
            traceback.print_exc()
        log_commands.warning(f"the issues are not up to date: {log_commands.INTERNAL_ERROR}", "pytest-carbon")
    for problem in problems:
        log_commands.warning(problem, "pytest-carbon")
