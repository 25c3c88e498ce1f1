"""The Action's inputs, as a user wrote them in a workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args

from pytest_carbon.core.errors import ConfigError, did_you_mean

StageInput = Literal["auto", "begin", "measure", "gate", "record", "summary"]
CommentMode = Literal["always", "changes", "problems", "off"]
FailJob = Literal["auto", "always", "never"]
OnError = Literal["fail", "neutral"]
ARTIFACT_PREFIX = "carbon-report"
"""How the name of every artifact with a report begins."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ActionInputs:
    """The inputs of action.yml, and the folders of the job.

    ``shard`` names the part that this job measures, ``shards`` all expected parts, and ``matrix_jobs`` counts the jobs
    of this job's matrix. ``working_directory`` is below ``workspace``. ``measure_workflow`` is the file name of the
    workflow that measures, ``running_workflow`` of the one that this job is of; both are often the same.
    """

    stage: StageInput = "auto"
    command: str = ""
    confirm_command: str = ""
    reports: tuple[str, ...] = ()
    shard: str = ""
    shards: tuple[str, ...] = ()
    matrix_jobs: int = 1
    working_directory: str = "."
    comment_mode: CommentMode = "changes"
    status_context: str = "carbon/budget"
    fail_job: FailJob = "auto"
    on_error: OnError = "fail"
    login: str = "github-actions[bot]"
    measure_workflow: str = ""
    running_workflow: str = ""
    workspace: Path = Path()
    temporary_folder: Path = Path()

    @property
    def measures(self) -> bool:
        """Whether this job has a command to measure, or reports."""
        return bool(self.command or self.reports)

    @property
    def workflows(self) -> frozenset[str]:
        """The files of the workflows that judge or measure; empty if this job's own is not known."""
        return frozenset({self.running_workflow, self.measure_workflow} - {""} if self.running_workflow else ())

    @property
    def job_folder(self) -> Path:
        """The folder in which one step of this job leaves files for the next."""
        return self.temporary_folder / "pytest-carbon" / f"job-{self.shard}"


def read_inputs(environment: Mapping[str, str]) -> ActionInputs:
    """Read the inputs from the variables of action.yml. Raises ConfigError, which names the wrong input."""

    def text(name: str) -> str:
        return environment.get(f"CARBON_{name.upper().replace('-', '_')}", "").strip()

    def choice(name: str, literal: object, default: str) -> str:
        value, allowed = text(name) or default, get_args(literal)
        if value not in allowed:
            raise ConfigError(
                f"the input {name} is {value!r}; it must be one of {', '.join(allowed)}{did_you_mean(value, allowed)}"
            )
        return value

    working_directory = text("working-directory") or "."
    if Path(working_directory).is_absolute() or ".." in Path(working_directory).parts or "\\" in working_directory:
        raise ConfigError(
            f"the input working-directory is {working_directory!r}; it must lie below the workspace, such as packages/a"
        )
    status_context = text("status-context") or ActionInputs().status_context
    if len(status_context) > 255 or not status_context.isprintable():
        raise ConfigError(
            "the input status-context is longer than 255 characters, or has characters that cannot be printed; "
            "choose a shorter or plainer name"
        )
    return ActionInputs(
        stage=cast(StageInput, choice("stage", StageInput, "auto")),
        command=text("command"),
        confirm_command=text("confirm-command"),
        reports=_lines(text("reports")),
        shard=slug(text("shard")) or _shard_name(environment, text("matrix")),
        shards=_lines(text("shards").replace(",", "\n")),
        working_directory=working_directory,
        comment_mode=cast(CommentMode, choice("comment", CommentMode, "changes")),
        status_context=status_context,
        fail_job=cast(FailJob, choice("fail-job", FailJob, "auto")),
        on_error=cast(OnError, choice("on-error", OnError, "fail")),
        login=text("login") or ActionInputs().login,
        matrix_jobs=int(text("jobs")) if text("jobs").isdecimal() else 1,
        measure_workflow=text("measure-workflow") or _running_workflow(environment),
        running_workflow=_running_workflow(environment),
        workspace=Path(environment.get("GITHUB_WORKSPACE") or "."),
        temporary_folder=Path(environment.get("RUNNER_TEMP") or "/tmp"),  # noqa: S108 (a runner always says where)
    )


def slug(text: str) -> str:
    """Return a text as a safe part of an artifact's name: at most 80 letters, digits, and ``. _ -``."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")[:80]


def _shard_name(environment: Mapping[str, str], matrix: str) -> str:
    """Return the name of the part that this job measures: the job's name, and its values of the matrix."""
    try:
        values = json.loads(matrix or "null")
    except ValueError:
        values = None
    words = [str(value) for value in values.values()] if isinstance(values, dict) else []
    return slug("-".join([environment.get("GITHUB_JOB", ""), *words])) or "job"


def _running_workflow(environment: Mapping[str, str]) -> str:
    """Return the file name of the running workflow: ``x.yml`` of ``o/r/.github/workflows/x.yml@refs/heads/main``."""
    return environment.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2]


def _lines(value: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in value.splitlines() if line.strip())
