"""The step after measuring: judges and publishes, or records the run and updates the issues."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from github_action.api.client import ApiError
from github_action.api.own_login import read_own_login
from github_action.event import log_commands
from github_action.event.choose_stages import ActionStage
from github_action.judge.gate import judge_and_publish
from github_action.judge.judge_context import JudgeContext
from github_action.judge.verdict_files import write_verdict_files
from github_action.publish import job_summary, step_outputs
from github_action.publish.publication import Outcome, outcome, sentence
from github_action.publish.publish import PublishResult
from github_action.record.record_pull_requests import record_pull_requests
from github_action.record.record_run import record_run
from github_action.reports.find_pull_request import NothingToJudge
from github_action.reports.pull_request import with_commented_pull_request
from github_action.steps.command_result import CommandResult, read_result
from github_action.steps.job import Job
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import visible
from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector


def run(job: Job) -> int:
    """Judge and publish, or record and update the issues.

    The exit code is 1 if the verdict must fail the job, or if the run is not in the ledger.
    """
    inputs, stages = job.inputs, job.stages
    command_result = read_result(inputs.job_folder) if "measure" in stages else None
    with ExitStack() as stack:
        stack.enter_context(paused_garbage_collector())
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="pytest-carbon-", dir=inputs.temporary_folder))
        )
        client = job.client()
        if stages & {"gate", "summary"}:
            inputs = replace(inputs, login=read_own_login(client, inputs.login, log_commands.notice))
        context = with_commented_pull_request(client, job.context) if "gate" in stages else job.context
        judge = JudgeContext(context, inputs, client, job.secrets, folder, datetime.now(UTC))
        if "gate" in stages:
            return _judge(judge, stages, command_result, job.environment)
        recorded = "record" not in stages or _record(judge, command_result)
        if "summary" in stages:
            _update_issues(judge)
    return int(not recorded and inputs.fail_job != "never")


def _why_not_measured(
    judge: JudgeContext, should_measure: bool, command_result: CommandResult | None, environment: Mapping[str, str]
) -> str:
    workflow_run = judge.context.payload.get("workflow_run") or {}
    if "cancelled" in (environment.get("CARBON_JOB_STATUS"), workflow_run.get("conclusion")):
        return "the run was cancelled before it ended; run it again"
    if workflow_run.get("conclusion") == "action_required":
        return "the measuring run has not begun: a maintainer must approve it, on its page or on the pull request"
    if should_measure and command_result is None:
        return "the measuring step was stopped before it ended; its log says why"
    return command_result.problem if command_result else ""


def _judge(
    judge: JudgeContext,
    stages: frozenset[ActionStage],
    command_result: CommandResult | None,
    environment: Mapping[str, str],
) -> int:
    problem = _why_not_measured(judge, "measure" in stages, command_result, environment)
    try:
        result = judge_and_publish(judge, command_result.report if command_result else None, problem)
    except NothingToJudge as error:
        log_commands.notice(f"nothing to judge: {error}", "pytest-carbon")
        return 0
    problems = list(result.published.problems)
    shown, judgement = result.judged[0] if result.judged else (result.decisive, None)
    files = write_verdict_files(judgement, judge.inputs.job_folder / "verdict")
    summary, limit = Path(environment["GITHUB_STEP_SUMMARY"]), job_summary.MAX_BYTES // max(1, len(result.judged))
    for publication, _ in result.judged:
        last = publication is result.judged[-1].publication
        summary_problem = job_summary.append(summary, publication, result.published.problems if last else (), limit)
        problems += [summary_problem] if summary_problem else []
    outputs = step_outputs.output_values(shown, result.published, files.report, files.verdict)
    step_outputs.write(Path(environment["GITHUB_OUTPUT"]), outputs)
    for text in problems:
        log_commands.warning(text, "pytest-carbon")
    log = {"failure": log_commands.error, "error": log_commands.error, "neutral": log_commands.warning}
    log.get(outcome(result.decisive), log_commands.notice)(visible(sentence(result.decisive)), "pytest-carbon")
    return _exit_code(judge, outcome(result.decisive), result.published)


def _exit_code(judge: JudgeContext, decided: Outcome, published: PublishResult) -> int:
    """Return 1 if the job must fail: the status does not show the failing verdict, or it is in doubt what it shows."""
    fail_job = judge.inputs.fail_job
    must_show = fail_job == "always" or (fail_job == "auto" and not published.status_written)
    return int((published.doubtful and fail_job != "never") or (must_show and decided in ("failure", "error")))


def _record(judge: JudgeContext, command_result: CommandResult | None) -> bool:
    """Record this run, and on the default branch the runs of pull requests. Return whether this run was recorded.

    Runs of pull requests that could not be recorded are recorded with the next run.
    """
    recorded = False
    try:
        for line in record_run(judge, command_result.report if command_result else None):
            log_commands.notice(line, "pytest-carbon")
        recorded = True
    except CarbonError as error:
        log_commands.error(f"this run is not in the ledger: {error}", "pytest-carbon")
    if not judge.context.on_default_branch:
        return recorded
    try:
        for line in record_pull_requests(judge):
            log_commands.notice(line, "pytest-carbon")
    except CarbonError as error:
        needs = "; in all, this needs actions: read and pull-requests: read" if _permission_missing(error) else ""
        log_commands.notice(f"runs of pull requests are not in the ledger: {error}{needs}", "pytest-carbon")
    return recorded


def _update_issues(judge: JudgeContext) -> None:
    """Update the issues. Problems are in the log and fail nothing.

    A missing permission is a warning only if the workflow asked for issues with the input stage.
    """
    from github_action.issues.update_issues import update_issues

    problems: list[str] = []
    try:
        update_issues(judge, problems)
    except CarbonError as error:
        missing = _permission_missing(error)
        log = log_commands.notice if missing and judge.inputs.stage == "auto" else log_commands.warning
        needs = "; in all, this needs contents: read and issues: write" if missing else ""
        log(f"the issues are not up to date: {error}{needs}", "pytest-carbon")
    except Exception:
        log_commands.print_traceback()
        log_commands.warning(f"the issues are not up to date: {log_commands.INTERNAL_ERROR}", "pytest-carbon")
    for problem in problems:
        log_commands.warning(problem, "pytest-carbon")


def _permission_missing(error: CarbonError) -> bool:
    return isinstance(error, ApiError) and error.permission_missing
