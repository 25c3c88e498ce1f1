"""Matrices that repeat without need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_carbon.core.hooks.workflow_finding import WorkflowFinding, unsilenced_lines
from pytest_carbon.core.hooks.workflow_model import LinedList, LinedMapping, Workflow, WorkflowJob, is_expression
from pytest_carbon.core.verdict.wording import count_text

MANY_JOBS, MANY_VERSIONS = 12, 4
_LINTERS = ("ruff", "black", "isort", "prettier", "eslint", "shellcheck", "yamllint", "codespell", "markdownlint",
            "actionlint")  # fmt: skip
_PREPARATION = re.compile(
    r"^(python3? -m pip|pip3?|uv|npm|yarn|pnpm|poetry|pipx) (install|i|ci|sync|tool install)\b|^$|^(echo|cd|set) "
)


def find_matrix_waste(workflow: Workflow, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    """Jobs of a matrix that cannot say anything that another one has not said."""
    for job in workflow.jobs:
        yield from _find_repeated_entries(workflow, job, file_lines)
        times = job.job_count
        if times is None or times < 2:
            continue
        lines = unsilenced_lines([job.data.mapping("strategy").line_of("matrix")], file_lines, "matrix")
        for place in lines if _only_lints(job) else []:
            yield WorkflowFinding(
                workflow.path, place, "matrix", f"{job.name} only lints, and does so {times} times",
                f"{count_text(times - 1, 'job')} of {times} in every run: these linters say the same of the same files",
                ("# without strategy.matrix, on one system and one version",),
            )  # fmt: skip
        ends = None if _only_lints(job) else _jobs_if_only_ends(job)
        for place in lines if ends and workflow.pull_request_trigger else []:
            yield WorkflowFinding(
                workflow.path, place, "matrix", f"{job.name} runs every version on every system: {times} jobs a push",
                f"about {times - (ends or 0)} of {times} jobs, if all versions run on one system, and only the oldest "
                "and the newest on the others",
                ("matrix:", "  os: [ubuntu-latest]", "  version: [...]  # all", "  include:  # the ends",
                 "    - {os: windows-latest, version: ...}"),
            )  # fmt: skip


def _find_repeated_entries(workflow: Workflow, job: WorkflowJob, file_lines: Sequence[str]) -> Iterator[WorkflowFinding]:
    for name, line in _repeated_entries(job.matrix):
        for place in unsilenced_lines([line], file_lines, "matrix"):
            yield WorkflowFinding(
                workflow.path, place, "matrix", f"{job.name} has {name} twice in its matrix",
                "every job that it doubles, in every run", ("# without this entry",),
            )  # fmt: skip


def _only_lints(job: WorkflowJob) -> bool:
    """Say whether all that a job runs is linters whose answer no version or system changes."""
    commands = [command.strip() for command in re.split(r"\n|&&|\|\||;", job.commands)]
    linting = [line for line in commands if not _PREPARATION.match(line)]
    known = [any(re.search(rf"\b{linter}\b", line) for linter in _LINTERS) for line in linting]
    return bool(known) and all(known)


def _jobs_if_only_ends(job: WorkflowJob) -> int | None:
    """Return how many jobs are needed if only the ends run on the other systems; None where that is no question."""
    axes = {key: len(value) for key, value in job.matrix.items() if key not in ("include", "exclude")}
    systems = next((key for key in axes if key in ("os", "platform", "runs-on", "runner")), None)
    versions = next((key for key in axes if "version" in key or key in ("python", "node", "ruby", "go", "java")), None)
    times = job.job_count
    if len(axes) != 2 or systems is None or versions is None or times is None or times < MANY_JOBS:
        return None
    if axes[systems] < 2 or axes[versions] < MANY_VERSIONS:
        return None
    return axes[versions] + 2 * (axes[systems] - 1)


def _repeated_entries(matrix: LinedMapping) -> Iterator[tuple[str, int]]:
    """Yield what a matrix names more than once, and the line of the second time."""
    for key, value in matrix.items():
        if not isinstance(value, LinedList):
            continue
        seen: list[Any] = []
        for one, line in zip(value, value.lines, strict=True):
            if one in seen and not is_expression(one):
                yield _entry_name(key, one), line
            seen.append(one)


def _entry_name(key: str, one: Any) -> str:
    if isinstance(one, Mapping):
        return f"{key} of " + ", ".join(str(value) for value in one.values() if isinstance(value, str))
    return f"{key} {one}" if isinstance(one, str) else key
