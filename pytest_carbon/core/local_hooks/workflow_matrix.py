"""The rule about matrices: it finds jobs that only repeat the result of another job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_carbon.core.local_hooks.workflow_finding import WorkflowFinding, unsilenced_lines
from pytest_carbon.core.local_hooks.workflow_model import LinedList, LinedMapping, Workflow, WorkflowJob, is_expression
from pytest_carbon.core.verdict.wording import count_text

MANY_JOBS, MANY_VERSIONS = 12, 4
_LINTERS = ("ruff", "black", "isort", "prettier", "eslint", "shellcheck", "yamllint", "codespell", "markdownlint",
            "actionlint")  # fmt: skip
_PREPARATION = re.compile(
    r"^(python3? -m pip|pip3?|uv|npm|yarn|pnpm|poetry|pipx) (install|i|ci|sync|tool install)\b|^$|^(echo|cd|set) "
)


def find_matrix_waste(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Find repeated entries, linters on several versions, and every version on every system."""
    for job in workflow.jobs:
        yield from _find_repeated_entries(workflow, job, file_lines)
        jobs = job.job_count
        if jobs is None or jobs < 2:
            continue
        lines = unsilenced_lines([job.data.mapping("strategy").line_of("matrix")], file_lines, "matrix")
        for line in lines if _only_lints(job) else []:
            yield WorkflowFinding(
                workflow.path, line, "matrix", f"{job.name} only runs linters, in {jobs} jobs",
                f"{count_text(jobs - 1, 'job')} of {jobs} in every run: these linters give the same result in each",
                ("# without strategy.matrix, on one system and one version",),
            )  # fmt: skip
        needed = None if _only_lints(job) else _jobs_if_only_ends(job)
        for line in lines if needed and workflow.pull_request_trigger else []:
            yield WorkflowFinding(
                workflow.path, line, "matrix", f"{job.name} runs every version on every system: {jobs} jobs per push",
                f"about {jobs - (needed or 0)} of {jobs} jobs, if all versions run on one system and only the oldest "
                "and the newest on the others",
                ("matrix:", "  os: [ubuntu-latest]", "  version: [...]  # all", "  include:  # oldest and newest",
                 "    - {os: windows-latest, version: ...}"),
            )  # fmt: skip


def _find_repeated_entries(
    workflow: Workflow, job: WorkflowJob, file_lines: Sequence[str]
) -> Iterator[WorkflowFinding]:
    for name, line in _repeated_entries(job.matrix):
        for unsilenced in unsilenced_lines([line], file_lines, "matrix"):
            yield WorkflowFinding(
                workflow.path, unsilenced, "matrix", f"{job.name} has {name} twice in its matrix",
                "every job that the second entry repeats, in every run", ("# without this entry",),
            )  # fmt: skip


def _only_lints(job: WorkflowJob) -> bool:
    """Return whether a job runs only linters that give the same result on every version and system."""
    commands = [command.strip() for command in re.split(r"\n|&&|\|\||;", job.commands)]
    linting = [line for line in commands if not _PREPARATION.match(line)]
    is_linter = [any(re.search(rf"\b{linter}\b", line) for linter in _LINTERS) for line in linting]
    return bool(is_linter) and all(is_linter)


def _jobs_if_only_ends(job: WorkflowJob) -> int | None:
    """Return how many jobs remain if the other systems run only the oldest and newest version.

    None if the matrix is not versions times systems, or is too small to matter.
    """
    axes = {key: len(value) for key, value in job.matrix.items() if key not in ("include", "exclude")}
    systems = next((key for key in axes if key in ("os", "platform", "runs-on", "runner")), None)
    versions = next((key for key in axes if "version" in key or key in ("python", "node", "ruby", "go", "java")), None)
    jobs = job.job_count
    if len(axes) != 2 or systems is None or versions is None or jobs is None or jobs < MANY_JOBS:
        return None
    if axes[systems] < 2 or axes[versions] < MANY_VERSIONS:
        return None
    return axes[versions] + 2 * (axes[systems] - 1)


def _repeated_entries(matrix: LinedMapping) -> Iterator[tuple[str, int]]:
    """Yield each repeated entry of a matrix, with the line of its second appearance."""
    for key, value in matrix.items():
        if not isinstance(value, LinedList):
            continue
        seen: list[Any] = []
        for entry, line in zip(value, value.lines, strict=True):
            if entry in seen and not is_expression(entry):
                yield _entry_name(key, entry), line
            seen.append(entry)


def _entry_name(key: str, entry: Any) -> str:
    if isinstance(entry, Mapping):
        return f"{key} of " + ", ".join(str(value) for value in entry.values() if isinstance(value, str))
    return f"{key} {entry}" if isinstance(entry, str) else key
