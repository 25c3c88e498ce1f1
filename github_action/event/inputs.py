"""The inputs of the step, as a user wrote them in a workflow."""

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
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ActionInputs:
    """What was asked for. ``folder`` is the project's, below the workspace; ``shards`` are the parts expected,
    and ``jobs`` how many the matrix has that this job is of. ``workflow`` names the file of the one that measures.
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
    workspace: Path = Path()
    temporary_folder: Path = Path()

    @property
    def measures(self) -> bool:
        """Whether there is something to measure in this job."""
        return bool(self.command or self.reports)

    @property
    def job_folder(self) -> Path:
        """Where the steps of one job leave things for each other."""
        return self.temporary_folder / "pytest-carbon" / self.shard


def read_inputs(environment: Mapping[str, str]) -> ActionInputs:
    """Read the inputs; ConfigError, naming the input, for what is none of its values."""

    def text(name: str) -> str:
        return environment.get(f"CARBON_{name.upper().replace('-', '_')}", "").strip()

    def one_of(name: str, kind: object, default: str) -> str:
        value, known = text(name) or default, get_args(kind)
        if value not in known:
            raise ConfigError(
                f"the input {name} is {value!r}; it is one of {', '.join(known)}{did_you_mean(value, known)}"
            )
        return value

    folder = text("working-directory") or "."
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise ConfigError(f"the input working-directory is {folder!r}; it must lie below the workspace")
    context = text("status-context") or ActionInputs().status_context
    if len(context) > 255 or not context.isprintable():
        raise ConfigError("the input status-context is longer than 255 characters, or cannot be printed")
    return ActionInputs(
        stage=cast(StageInput, one_of("stage", StageInput, "auto")),
        command=text("command"),
        confirm_command=text("confirm-command"),
        reports=_lines(text("reports")),
        shard=slug(text("shard")) or _shard(environment, text("matrix")),
        shards=_lines(text("shards").replace(",", "\n")),
        working_directory=folder,
        comment_mode=cast(CommentMode, one_of("comment", CommentMode, "changes")),
        status_context=context,
        fail_job=cast(FailJob, one_of("fail-job", FailJob, "auto")),
        on_error=cast(OnError, one_of("on-error", OnError, "fail")),
        login=text("login") or ActionInputs().login,
        matrix_jobs=int(text("jobs")) if text("jobs").isdecimal() else 1,
        measure_workflow=text("measure-workflow") or _workflow(environment),
        workspace=Path(environment.get("GITHUB_WORKSPACE") or "."),
        temporary_folder=Path(environment.get("RUNNER_TEMP") or "/tmp"),  # noqa: S108 (a runner always says where)
    )


def slug(text: str) -> str:
    """Return a text as part of an artifact's name."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")[:80]


def _shard(environment: Mapping[str, str], matrix: str) -> str:
    """Name the part that this job measures: the job, and what of a matrix it is."""
    try:
        values = json.loads(matrix or "null")
    except ValueError:
        values = None
    own = [str(value) for value in values.values()] if isinstance(values, dict) else []
    return slug("-".join([environment.get("GITHUB_JOB", ""), *own])) or "job"


def _workflow(environment: Mapping[str, str]) -> str:
    """Return the file of the running workflow: of ``o/r/.github/workflows/x.yml@refs/heads/main`` it is ``x.yml``."""
    return environment.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2]


def _lines(value: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in value.splitlines() if line.strip())
