"""A workflow of GitHub Actions with its line numbers: triggers, jobs, steps, matrices.

The value of an expression (``${{ }}``) is unknown here. All scalars are texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

Combination = Mapping[str, Any]
MOST_JOBS = 256
"""GitHub refuses a matrix of more jobs (docs.github.com, "Usage limits")."""


class LinedMapping(dict[str, Any]):
    """A mapping of a file: ``line`` is its first line, ``lines`` has the line of each key, both from 1."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """Return the line of a key; the first line of the mapping if it has no such key."""
        return self.lines.get(key, self.line)

    def mapping(self, key: str) -> LinedMapping:
        """Return the mapping under a key; an empty one if there is none."""
        value = self.get(key)
        return value if isinstance(value, LinedMapping) else LinedMapping(self.line_of(key))

    def text(self, key: str) -> str:
        """Return the text under a key; an empty one if there is none."""
        value = self.get(key)
        return value if isinstance(value, str) else ""


class LinedList(list[Any]):
    """A list of a file; ``lines`` has the line of each item, from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One step of a job."""

    data: LinedMapping

    @property
    def line(self) -> int:
        """The line of the step's action or command."""
        return self.data.line_of("uses") if self.uses else self.data.line_of("run")

    @property
    def uses(self) -> str:
        """The step's action, without the version, in small letters; empty for a command."""
        return self.data.text("uses").partition("@")[0].strip().lower()

    @property
    def version(self) -> str:
        """The version of the step's action: a tag or a commit."""
        return self.data.text("uses").partition("@")[2].strip()

    @property
    def run(self) -> str:
        """The step's command; empty for an action."""
        return self.data.text("run")

    @property
    def inputs(self) -> LinedMapping:
        """The inputs of the step's action."""
        return self.data.mapping("with")


@dataclass(frozen=True, slots=True)
class WorkflowJob:
    """One job, which a matrix may run many times."""

    name: str
    line: int
    data: LinedMapping
    steps: tuple[WorkflowStep, ...] = ()

    @property
    def commands(self) -> str:
        """The commands of all the job's steps, one below the other."""
        return "\n".join(step.run for step in self.steps)

    @property
    def uses(self) -> set[str]:
        """The actions of the job's steps."""
        return {step.uses for step in self.steps if step.uses}

    @property
    def does_work(self) -> bool:
        """Whether the job checks out code, runs a command or calls another workflow; else it only reads an event."""
        return bool(self.commands) or "actions/checkout" in self.uses or "uses" in self.data

    @property
    def matrix(self) -> LinedMapping:
        """The job's matrix; empty without a matrix."""
        return self.data.mapping("strategy").mapping("matrix")

    @property
    def searchable_text(self) -> str:
        """The job's name, its commands and the values of its matrix."""
        included = [
            value
            for combination in self.matrix.get("include") or ()
            if isinstance(combination, LinedMapping)
            for value in combination.values()
        ]
        return " ".join(
            [self.name, self.commands, *texts_in(included), *(t for v in self.matrix.values() for t in texts_in(v))]
        )

    @property
    def job_count(self) -> int | None:
        """How many jobs the job's matrix makes; None if only the run decides."""
        if "matrix" not in self.data.mapping("strategy"):
            return 1
        combinations = matrix_combinations(self.matrix)
        return None if combinations is None else len(combinations)


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file. ``triggers`` has the line and the settings of each event."""

    path: str
    data: LinedMapping
    triggers: Mapping[str, tuple[int, LinedMapping]] = field(default_factory=dict)
    jobs: tuple[WorkflowJob, ...] = ()

    @property
    def pull_request_trigger(self) -> tuple[int, LinedMapping] | None:
        """The line and the settings of the event for pushes to a pull request; None without such an event."""
        for event in ("pull_request", "pull_request_target"):
            line, settings = self.triggers.get(event, (0, LinedMapping()))
            if line and ("types" not in settings or "synchronize" in texts_in(settings["types"])):
                return line, settings
        return None

    @property
    def only_releases_start_it(self) -> bool:
        """True if only tags, releases and people start the workflow."""
        events = set(self.triggers) - {"release", "workflow_dispatch"}
        _, push = self.triggers.get("push", (0, LinedMapping()))
        return events <= {"push"} and (not events or ("tags" in push and "branches" not in push))

    @property
    def job_count(self) -> int | None:
        """How many jobs a run has if no condition skips any; None if a matrix is unknown."""
        counts = [job.job_count for job in self.jobs]
        return None if None in counts else sum(count or 0 for count in counts)


def texts_in(value: Any) -> list[str]:
    """Return the texts of a list, or the single text in place of a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def read_workflow(path: str, data: Any) -> Workflow | None:
    """Return the workflow of a file's data; None if the file is no workflow."""
    if not isinstance(data, LinedMapping) or not data.mapping("jobs"):
        return None
    jobs = data.mapping("jobs")
    return Workflow(
        path,
        data,
        _triggers(data),
        tuple(
            WorkflowJob(name, jobs.line_of(name), job, _steps(job))
            for name, job in jobs.items()
            if isinstance(job, LinedMapping)
        ),
    )


def _triggers(data: LinedMapping) -> dict[str, tuple[int, LinedMapping]]:
    events = data.get("on")
    if isinstance(events, LinedMapping):
        return {event: (events.line_of(event), events.mapping(event)) for event in events}
    if isinstance(events, LinedList):
        return {
            event: (line, LinedMapping(line))
            for event, line in zip(events, events.lines, strict=True)
            if isinstance(event, str)
        }
    line = data.line_of("on")
    return {events: (line, LinedMapping(line))} if isinstance(events, str) else {}


def _steps(job: LinedMapping) -> tuple[WorkflowStep, ...]:
    steps = job.get("steps")
    return (
        tuple(WorkflowStep(step) for step in steps if isinstance(step, LinedMapping))
        if isinstance(steps, LinedList)
        else ()
    )


def matrix_combinations(matrix: LinedMapping) -> list[Combination] | None:
    """Return the combinations of a matrix, one for each job; None if an expression hides them or there are too many.

    As in GitHub Actions, an ``include`` extends each combination of the lists whose values it does not overwrite. If
    there is no such combination, the ``include`` becomes a combination of its own.
    """
    axes = {key: value for key, value in matrix.items() if key not in ("include", "exclude")}
    include, exclude = _mappings(matrix, "include"), _mappings(matrix, "exclude")
    known = all(
        isinstance(value, LinedList) and not any(is_expression(item) for item in value) for value in axes.values()
    )
    if not matrix or not known or include is None or exclude is None or prod(map(len, axes.values())) > MOST_JOBS:
        return None
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    combinations = [
        combination
        for combination in combinations
        if not any(_matches_exclude(excluded, combination) for excluded in exclude)
    ]
    original = [dict(combination) for combination in combinations]
    for extra in include:
        extended = [
            number
            for number, combination in enumerate(original)
            if all(combination.get(key, value) == value for key, value in extra.items())
        ]
        for number in extended:
            combinations[number].update(extra)
        combinations += [] if extended else [dict(extra)]
    return list(combinations)


def is_expression(value: Any) -> bool:
    """Return whether a value is or contains an expression."""
    return isinstance(value, str) and "${{" in value


def _mappings(matrix: LinedMapping, key: str) -> list[LinedMapping] | None:
    value = matrix.get(key, LinedList())
    if not isinstance(value, LinedList) or not all(isinstance(item, LinedMapping) for item in value):
        return None
    return list(value)


def _matches_exclude(exclude: Mapping[str, Any], combination: Mapping[str, Any]) -> bool:
    """Return whether a combination has all values of an ``exclude``, also of mappings inside it."""
    return all(
        _matches_exclude(value, combination[key])
        if isinstance(value, LinedMapping) and isinstance(combination.get(key), LinedMapping)
        else combination.get(key) == value
        for key, value in exclude.items()
    )
