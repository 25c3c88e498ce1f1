"""The rules about workflows: each finds one kind of waste of runs, energy or storage in one workflow.

A rule finds nothing where it cannot know: in expressions, in other workflows and inside actions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_carbon.core.local_hooks.workflow_finding import WorkflowFinding, unsilenced_lines, with_other_lines
from pytest_carbon.core.local_hooks.workflow_matrix import find_matrix_waste
from pytest_carbon.core.local_hooks.workflow_model import LinedMapping, Workflow, WorkflowJob, WorkflowStep
from pytest_carbon.core.verdict.wording import count_text

_TESTS = re.compile(
    r"\b(pytest|tox|nox|unittest|ctest|rspec|phpunit)\b|\b(npm|yarn|pnpm|bun)( run)? t(est)?\b"
    r"|\b(go|dotnet|cargo) test\b|\bcargo nextest\b|\bmvnw?\b.*\b(test|verify)\b"
    r"|\bgradlew?\b.*\b(test|check)\b|\bmake (\S+ )*(test|check|ci)\b"
)
_DOCS = re.compile(r"doc|sphinx|mkdocs|changelog|\bmd\b|markdown", re.IGNORECASE)
_CHANGES = re.compile(r"paths-filter|changed-files|git diff --name-only")
_CANCELS_ITSELF = re.compile(r"(\.|pytest-carbon/pytest-carbon)/\.github/workflows/reusable-carbon[\w-]*\.yml(@|$)")
"""Our own reusable workflows, which cancel the run of an older push."""
_CACHED = re.compile(r"cache|setup-gradle|setup-uv|^[.$]/")


def find_waste(workflow: Workflow, file_lines: Sequence[str]) -> list[WorkflowFinding]:
    """Return the findings of all rules in a workflow, in the order of their lines."""
    findings = [finding for rule in _RULES for finding in rule(workflow, file_lines)]
    return sorted(findings, key=lambda finding: (finding.line, finding.rule))


def _jobs_text(workflow: Workflow) -> str:
    return "its jobs" if workflow.job_count is None else count_text(workflow.job_count, "job")


# -- what starts a run -------------------------------------------------------------------------------------


def _concurrency(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find workflows in which a newer push to a pull request does not cancel the run of the older push."""
    trigger = workflow.pull_request_trigger
    working = [job for job in workflow.jobs if job.does_work and not _CANCELS_ITSELF.match(job.data.text("uses"))]
    if trigger is None or not working or _cancels(workflow.data) or all(_cancels(job.data) for job in working):
        return
    first = workflow.data.lines.get("concurrency", trigger[0])
    for line in unsilenced_lines([first], file_lines, "concurrency"):
        yield WorkflowFinding(
            workflow.path, line, "concurrency",
            "a newer push to a pull request does not cancel the run of the older push",
            f"{_jobs_text(workflow)} for every push that a newer one replaces: nobody reads their results",
            ("concurrency:", "  group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}",
             "  cancel-in-progress: true"),
        )  # fmt: skip


def _cancels(data: LinedMapping) -> bool:
    """Return whether a newer run cancels a workflow or job; an expression may say so."""
    return data.mapping("concurrency").text("cancel-in-progress").lower() not in ("", "false")


def _paths(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find tests that also run for a change of the documentation alone."""
    trigger = workflow.pull_request_trigger
    if trigger is None or {"paths", "paths-ignore"} & trigger[1].keys() or _looks_at_changes(workflow):
        return
    tests = any(_TESTS.search(job.commands) for job in workflow.jobs)
    documents = any(_DOCS.search(job.searchable_text) for job in workflow.jobs)
    for line in unsilenced_lines([trigger[0]] if tests and not documents else [], file_lines, "paths"):
        yield WorkflowFinding(
            workflow.path, line, "paths", "the tests also run for a change of the documentation alone",
            f"{_jobs_text(workflow)} for every push of such a change",
            ("pull_request:", '  paths-ignore: ["docs/**", "**/*.md", "**/*.rst"]',
             "# if a rule requires one of these checks, skip the job by its `if` instead: a required check",
             "# whose workflow did not start blocks the pull request"),
        )  # fmt: skip


def _looks_at_changes(workflow: Workflow) -> bool:
    return any(_CHANGES.search(f"{job.commands} {' '.join(job.uses)} {job.data.text('if')}") for job in workflow.jobs)


def _cron(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find schedules at minute 0."""
    schedule = workflow.data.mapping("on").get("schedule")
    for entry in schedule if isinstance(schedule, list) else []:
        fields = entry.text("cron").split() if isinstance(entry, LinedMapping) else []
        on_the_hour = len(fields) == 5 and fields[0] in ("0", "00")
        for line in unsilenced_lines([entry.line_of("cron")] if on_the_hour else [], file_lines, "cron"):
            yield WorkflowFinding(
                workflow.path, line, "cron",
                "this schedule starts at minute 0, as most do: GitHub calls the start of an hour a time of high load",
                "no run, but waiting, and machines that are kept ready for the peak; if you know your runner's grid, "
                "choose an hour at which it is clean",
                (f'- cron: "{" ".join(["17", *fields[1:]])}"',),
            )  # fmt: skip


# -- what a job takes, and leaves --------------------------------------------------------------------------

_SETUPS = (
    ("actions/setup-python", "cache", r"\b(pip3? install|tox|nox|poetry install|pipenv install)\b",
     ("cache: pip", "cache-dependency-path: pyproject.toml  # the files that name the dependencies")),
    ("actions/setup-node", "cache", r"\b(npm (ci|i|install)|yarn( install)?|pnpm (i|install))\b", ("cache: npm",)),
    ("actions/setup-java", "cache", r"\b(mvnw?|gradlew?)\b", ("cache: maven  # or gradle",)),
    ("ruby/setup-ruby", "bundler-cache", r"\bbundle install\b", ("bundler-cache: true",)),
)  # fmt: skip


def _cache(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find jobs that fetch their dependencies anew. A release is not checked: its cache could be poisoned."""
    if workflow.only_releases_start_it:
        return
    for action, key, installs, fix in _SETUPS:
        steps = [(job, step) for job in workflow.jobs for step in job.steps if step.uses == action]
        bare = [step for job, step in steps if key not in step.inputs and _installs(job, installs)]
        lines = unsilenced_lines([s.line for s in bare if not _caches_itself(s, file_lines)], file_lines, "cache")
        if lines:
            yield WorkflowFinding(
                workflow.path, lines[0], "cache", with_other_lines(lines, f"{action} does not cache the dependencies"),
                "fetching and building the dependencies in every job", ("with:", *(f"  {line}" for line in fix)),
            )  # fmt: skip


def _installs(job: WorkflowJob, pattern: str) -> bool:
    """Return whether a job installs dependencies without a cache and without an action of the project's own."""
    return bool(re.search(pattern, job.commands)) and not any(_CACHED.search(used) for used in job.uses)


def _caches_itself(step: WorkflowStep, file_lines: Sequence[str]) -> bool:
    """Return whether this version of an action may cache by default, as setup-node does from version 5 on."""
    if step.uses != "actions/setup-node":
        return False
    written = file_lines[step.line - 1] if 0 < step.line <= len(file_lines) else ""
    version = re.search(r"@v(\d{1,9})|#\s*v?(\d{1,9})", written)
    return version is None or int(version[1] or version[2]) >= 5


def _retention(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find artifacts that are kept for the repository's default time."""
    steps = [step for job in workflow.jobs for step in job.steps if step.uses == "actions/upload-artifact"]
    lines = unsilenced_lines(
        [step.line for step in steps if "retention-days" not in step.inputs], file_lines, "retention"
    )
    if lines:
        passed_on = any("actions/download-artifact" in job.uses for job in workflow.jobs)
        yield WorkflowFinding(
            workflow.path, lines[0], "retention",
            with_other_lines(lines, "the artifact is kept for the default time, 90 days"),
            "storage, for each run" + ("; an artifact for later jobs is not needed after the run" if passed_on else ""),
            ("with:", "  retention-days: 7" + ("  # 1, if only later jobs of the run read it" if passed_on else "")),
        )  # fmt: skip


def _timeout(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find jobs without a time limit."""
    jobs = [job for job in workflow.jobs if job.commands and "timeout-minutes" not in job.data]
    jobs = [job for job in jobs if any("timeout-minutes" not in step.data for step in job.steps if step.run)]
    lines = unsilenced_lines([job.line for job in jobs], file_lines, "timeout")
    if lines:
        yield WorkflowFinding(
            workflow.path, lines[0], "timeout", with_other_lines(lines, "the job has no time limit"),
            "up to 6 hours of a machine, GitHub's own limit, whenever the job hangs",
            ("timeout-minutes: 20  # a few times the usual duration",),
        )  # fmt: skip


_RULES = (_concurrency, _paths, _cron, find_matrix_waste, _cache, _retention, _timeout)
