"""Where a workflow wastes runs, energy or storage: each rule looks at one workflow and returns what it found.

A rule says nothing where it cannot know: of expressions, of other workflows, of what an action does inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_carbon.core.hooks.matrix_rule import find_matrix_waste
from pytest_carbon.core.hooks.workflow_finding import WorkflowFinding, unsilenced_lines, with_other_lines
from pytest_carbon.core.hooks.workflow_model import LinedMapping, Workflow, WorkflowJob, WorkflowStep
from pytest_carbon.core.verdict.wording import count_text

_TESTS = re.compile(
    r"\b(pytest|tox|nox|unittest|ctest|rspec|phpunit)\b|\b(npm|yarn|pnpm|bun)( run)? t(est)?\b"
    r"|\b(go|dotnet|cargo) test\b|\bcargo nextest\b|\bmvnw?\b.*\b(test|verify)\b"
    r"|\bgradlew?\b.*\b(test|check)\b|\bmake (\S+ )*(test|check|ci)\b"
)
_DOCS = re.compile(r"doc|sphinx|mkdocs|changelog|\bmd\b|markdown", re.IGNORECASE)
_CHANGES = re.compile(r"paths-filter|changed-files|git diff --name-only")
_CACHED = re.compile(r"cache|setup-gradle|setup-uv|^[.$]/")


def find_waste(workflow: Workflow, file_lines: Sequence[str]) -> list[WorkflowFinding]:
    """Return what every rule finds in a workflow, in the order of its lines; ``text`` is the file's lines."""
    found = [one for rule in _RULES for one in rule(workflow, file_lines)]
    return sorted(found, key=lambda one: (one.line, one.rule))


def _jobs_text(workflow: Workflow) -> str:
    return "its jobs" if workflow.job_count is None else count_text(workflow.job_count, "job")


# -- what starts a run -------------------------------------------------------------------------------------


def _concurrency(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """A newer push to a pull request ends nothing of what the older one started."""
    trigger = workflow.pull_request_trigger
    working = [job for job in workflow.jobs if job.does_work]
    if trigger is None or not working or _cancels(workflow.data) or all(_cancels(job.data) for job in working):
        return
    line = workflow.data.lines.get("concurrency", trigger[0])
    for place in unsilenced_lines([line], file_lines, "concurrency"):
        yield WorkflowFinding(
            workflow.path, place, "concurrency", "a newer push to a pull request does not end the run of the older one",
            f"{_jobs_text(workflow)} for every push that is overtaken: nobody reads them",
            ("concurrency:", "  group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}",
             "  cancel-in-progress: true"),
        )  # fmt: skip


def _cancels(data: LinedMapping) -> bool:
    """Say whether a workflow or job is cancelled by its successor; an expression may say so."""
    return data.mapping("concurrency").text("cancel-in-progress").lower() not in ("", "false")


def _paths(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Tests run also for a change that touches only the documentation."""
    trigger = workflow.pull_request_trigger
    if trigger is None or {"paths", "paths-ignore"} & trigger[1].keys() or _looks_at_changes(workflow):
        return
    tests = any(_TESTS.search(job.commands) for job in workflow.jobs)
    documents = any(_DOCS.search(job.searchable_text) for job in workflow.jobs)
    for place in unsilenced_lines([trigger[0]] if tests and not documents else [], file_lines, "paths"):
        yield WorkflowFinding(
            workflow.path, place, "paths", "the tests also run for a change of the documentation alone",
            f"{_jobs_text(workflow)} for every push of such a change",
            ("pull_request:", '  paths-ignore: ["docs/**", "**/*.md", "**/*.rst"]',
             "# if a rule requires one of these checks, leave the job out by its `if` instead: a check whose workflow",
             "# did not start keeps the pull request waiting"),
        )  # fmt: skip


def _looks_at_changes(workflow: Workflow) -> bool:
    return any(_CHANGES.search(f"{job.commands} {' '.join(job.uses)} {job.data.text('if')}") for job in workflow.jobs)


def _cron(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """A schedule that starts with most others."""
    times = workflow.data.mapping("on").get("schedule")
    for entry in times if isinstance(times, list) else []:
        fields = entry.text("cron").split() if isinstance(entry, LinedMapping) else []
        on_the_hour = len(fields) == 5 and fields[0] in ("0", "00")
        for place in unsilenced_lines([entry.line_of("cron")] if on_the_hour else [], file_lines, "cron"):
            yield WorkflowFinding(
                workflow.path, place, "cron",
                "this schedule starts at the beginning of an hour, as most do: GitHub calls that its time of high load",
                "no run, but the machines that stand ready for the peak, and waiting; if you know your runner's grid, "
                "choose an hour at which it is clean as well",
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
    """Dependencies are fetched anew by every job. A release is left alone: its cache could be poisoned."""
    if workflow.only_releases_start_it:
        return
    for action, key, installs, mend in _SETUPS:
        steps = [(job, step) for job in workflow.jobs for step in job.steps if step.uses == action]
        bare = [step for job, step in steps if key not in step.inputs and _installs(job, installs)]
        places = unsilenced_lines([s.line for s in bare if not _caches_itself(s, file_lines)], file_lines, "cache")
        if places:
            yield WorkflowFinding(
                workflow.path, places[0], "cache", with_other_lines(places, f"{action} keeps no cache of the dependencies"),
                "fetching and building the dependencies in every job", ("with:", *(f"  {line}" for line in mend)),
            )  # fmt: skip


def _installs(job: WorkflowJob, pattern: str) -> bool:
    """Say whether a job installs dependencies, and neither caches them nor starts an action of the project's own."""
    return bool(re.search(pattern, job.commands)) and not any(_CACHED.search(used) for used in job.uses)


def _caches_itself(step: WorkflowStep, file_lines: Sequence[str]) -> bool:
    """Say whether this version of an action may keep a cache without being told: setup-node does from version 5."""
    if step.uses != "actions/setup-node":
        return False
    written = file_lines[step.line - 1] if 0 < step.line <= len(file_lines) else ""
    found = re.search(r"@v(\d+)|#\s*v?(\d+)", written)
    return found is None or int(found[1] or found[2]) >= 5


def _retention(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Artifacts are kept for as long as the repository's default says."""
    steps = [step for job in workflow.jobs for step in job.steps if step.uses == "actions/upload-artifact"]
    places = unsilenced_lines([step.line for step in steps if "retention-days" not in step.inputs], file_lines, "retention")
    if places:
        passed_on = any("actions/download-artifact" in job.uses for job in workflow.jobs)
        yield WorkflowFinding(
            workflow.path, places[0], "retention",
            with_other_lines(places, "the artifact is kept as long as the default says, 90 days"),
            "storage, for each run" + (": what only its later jobs read need not outlive it" if passed_on else ""),
            ("with:", "  retention-days: 7" + ("  # 1, where only later jobs of the run read it" if passed_on else "")),
        )  # fmt: skip


def _timeout(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """A job that hangs runs for six hours."""
    jobs = [job for job in workflow.jobs if job.commands and "timeout-minutes" not in job.data]
    jobs = [job for job in jobs if any("timeout-minutes" not in step.data for step in job.steps if step.run)]
    places = unsilenced_lines([job.line for job in jobs], file_lines, "timeout")
    if places:
        yield WorkflowFinding(
            workflow.path, places[0], "timeout", with_other_lines(places, "the job has no time limit"),
            "up to 6 hours of a machine, GitHub's own limit, whenever it hangs",
            ("timeout-minutes: 20  # a few times what it usually takes",),
        )  # fmt: skip


_RULES = (_concurrency, _paths, _cron, find_matrix_waste, _cache, _retention, _timeout)
