"""A workflow of GitHub Actions as a value that knows its lines: triggers, jobs, steps, matrices.

What is written as an expression (``${{ }}``) is not known here, and nothing is said of it. All scalars are texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

Combination = Mapping[str, Any]
MOST_JOBS = 256
"""GitHub refuses a matrix of more (docs.github.com, "Usage limits")."""


class LinedMapping(dict[str, Any]):
    """A mapping of a file: ``line`` is where it begins, ``lines`` where each of its keys stands, both from 1."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """Return the line of a key; that of the block where it has no such key."""
        return self.lines.get(key, self.line)

    def mapping(self, key: str) -> LinedMapping:
        """Return the mapping under a key; an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, LinedMapping) else LinedMapping(self.line_of(key))

    def text(self, key: str) -> str:
        """Return the text under a key; an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, str) else ""


class LinedList(list[Any]):
    """A list of a file; ``lines`` is where each of its items stands."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One step of a job."""

    data: LinedMapping

    @property
    def line(self) -> int:
        """Where it says what it does."""
        return self.data.line_of("uses") if self.uses else self.data.line_of("run")

    @property
    def uses(self) -> str:
        """The action, without its version, in small letters; empty for a command."""
        return self.data.text("uses").partition("@")[0].strip().lower()

    @property
    def version(self) -> str:
        """The version of the action as it is written: a tag or a commit."""
        return self.data.text("uses").partition("@")[2].strip()

    @property
    def run(self) -> str:
        """The command; empty for an action."""
        return self.data.text("run")

    @property
    def inputs(self) -> LinedMapping:
        """What the action is given."""
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
        """All of its commands."""
        return "\n".join(step.run for step in self.steps)

    @property
    def uses(self) -> set[str]:
        """The actions of its steps."""
        return {step.uses for step in self.steps if step.uses}

    @property
    def does_work(self) -> bool:
        """Whether it does more than look at an event: it takes the code, runs a command or calls another workflow."""
        return bool(self.commands) or "actions/checkout" in self.uses or "uses" in self.data

    @property
    def matrix(self) -> LinedMapping:
        """What it is run for."""
        return self.data.mapping("strategy").mapping("matrix")

    @property
    def searchable_text(self) -> str:
        """Its name, its commands and what its matrix gives them."""
        given = [
            value
            for block in self.matrix.get("include") or ()
            if isinstance(block, LinedMapping)
            for value in block.values()
        ]
        return " ".join(
            [self.name, self.commands, *texts_in(given), *(t for v in self.matrix.values() for t in texts_in(v))]
        )

    @property
    def job_count(self) -> int | None:
        """How often it runs; None where that is only known when it does."""
        if "matrix" not in self.data.mapping("strategy"):
            return 1
        combinations = matrix_combinations(self.matrix)
        return None if combinations is None else len(combinations)


@dataclass(frozen=True, slots=True)
class Workflow:
    """One file. ``triggers`` are its events with their line and what is said of them."""

    path: str
    data: LinedMapping
    triggers: Mapping[str, tuple[int, LinedMapping]] = field(default_factory=dict)
    jobs: tuple[WorkflowJob, ...] = ()

    @property
    def pull_request_trigger(self) -> tuple[int, LinedMapping] | None:
        """The trigger by the pushes of a pull request, if it is one."""
        for event in ("pull_request", "pull_request_target"):
            line, told = self.triggers.get(event, (0, LinedMapping()))
            if line and ("types" not in told or "synchronize" in texts_in(told["types"])):
                return line, told
        return None

    @property
    def only_releases_start_it(self) -> bool:
        """Whether it runs for nothing but tags, releases and people who start it."""
        events = set(self.triggers) - {"release", "workflow_dispatch"}
        _, push = self.triggers.get("push", (0, LinedMapping()))
        return events <= {"push"} and (not events or ("tags" in push and "branches" not in push))

    @property
    def job_count(self) -> int | None:
        """How many jobs a run of it has, conditions left aside; None where a matrix does not say."""
        times = [job.job_count for job in self.jobs]
        return None if None in times else sum(each or 0 for each in times)


def texts_in(value: Any) -> list[str]:
    """Return the texts of a list, or the one text that stands in its place."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def read_workflow(path: str, data: Any) -> Workflow | None:
    """Return a file's workflow; None where the file is none."""
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
    told = data.get("on")
    if isinstance(told, LinedMapping):
        return {event: (told.line_of(event), told.mapping(event)) for event in told}
    if isinstance(told, LinedList):
        return {
            event: (line, LinedMapping(line))
            for event, line in zip(told, told.lines, strict=True)
            if isinstance(event, str)
        }
    line = data.line_of("on")
    return {told: (line, LinedMapping(line))} if isinstance(told, str) else {}


def _steps(job: LinedMapping) -> tuple[WorkflowStep, ...]:
    steps = job.get("steps")
    return (
        tuple(WorkflowStep(step) for step in steps if isinstance(step, LinedMapping))
        if isinstance(steps, LinedList)
        else ()
    )


def matrix_combinations(matrix: LinedMapping) -> list[Combination] | None:
    """Return what a matrix runs a job for, each combination once for every job; None where that cannot be told.

    As GitHub does it: an ``include`` adds to the combinations of the lists that it overwrites nothing of, and is one of
    its own where there are none.
    """
    axes = {key: value for key, value in matrix.items() if key not in ("include", "exclude")}
    include, exclude = _mappings(matrix, "include"), _mappings(matrix, "exclude")
    known = all(
        isinstance(value, LinedList) and not any(is_expression(one) for one in value) for value in axes.values()
    )
    if not matrix or not known or include is None or exclude is None or prod(map(len, axes.values())) > MOST_JOBS:
        return None
    made = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    made = [one for one in made if not any(_matches_exclude(out, one) for out in exclude)]
    original = [dict(one) for one in made]
    for more in include:
        fitting = [at for at, one in enumerate(original) if all(one.get(k, v) == v for k, v in more.items())]
        for at in fitting:
            made[at].update(more)
        made += [] if fitting else [dict(more)]
    return list(made)


def is_expression(value: Any) -> bool:
    """Say whether a value is, or holds, an expression."""
    return isinstance(value, str) and "${{" in value


def _mappings(matrix: LinedMapping, key: str) -> list[LinedMapping] | None:
    value = matrix.get(key, LinedList())
    if not isinstance(value, LinedList) or not all(isinstance(one, LinedMapping) for one in value):
        return None
    return list(value)


def _matches_exclude(exclude: Mapping[str, Any], combination: Mapping[str, Any]) -> bool:
    """Say whether a combination has all that an ``exclude`` names, in mappings inside as well."""
    return all(
        _matches_exclude(value, combination[key]) if isinstance(value, LinedMapping) and isinstance(combination.get(key), LinedMapping) else
        combination.get(key) == value
        for key, value in exclude.items()
    )  # fmt: skip
