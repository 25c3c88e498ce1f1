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


class Block(dict[str, Any]):
    """A mapping of a file: ``line`` is where it begins, ``lines`` where each of its keys stands, both from 1."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """Return the line of a key; that of the block where it has no such key."""
        return self.lines.get(key, self.line)

    def block(self, key: str) -> Block:
        """Return the mapping under a key; an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, Block) else Block(self.line_of(key))

    def text(self, key: str) -> str:
        """Return the text under a key; an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, str) else ""


class Items(list[Any]):
    """A list of a file; ``lines`` is where each of its items stands."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job."""

    data: Block

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
    def given(self) -> Block:
        """What the action is given."""
        return self.data.block("with")


@dataclass(frozen=True, slots=True)
class Job:
    """One job, which a matrix may run many times."""

    name: str
    line: int
    data: Block
    steps: tuple[Step, ...] = ()

    @property
    def runs(self) -> str:
        """All of its commands."""
        return "\n".join(step.run for step in self.steps)

    @property
    def uses(self) -> set[str]:
        """The actions of its steps."""
        return {step.uses for step in self.steps if step.uses}

    @property
    def works(self) -> bool:
        """Whether it does more than look at an event: it takes the code, runs a command or calls another workflow."""
        return bool(self.runs) or "actions/checkout" in self.uses or "uses" in self.data

    @property
    def matrix(self) -> Block:
        """What it is run for."""
        return self.data.block("strategy").block("matrix")

    @property
    def words(self) -> str:
        """Its name, its commands and what its matrix gives them."""
        given = [
            value for block in self.matrix.get("include") or () if isinstance(block, Block) for value in block.values()
        ]
        return " ".join([self.name, self.runs, *listed(given), *(t for v in self.matrix.values() for t in listed(v))])

    @property
    def times(self) -> int | None:
        """How often it runs; None where that is only known when it does."""
        if "matrix" not in self.data.block("strategy"):
            return 1
        combinations = combinations_of(self.matrix)
        return None if combinations is None else len(combinations)


@dataclass(frozen=True, slots=True)
class Workflow:
    """One file. ``triggers`` are its events with their line and what is said of them."""

    path: str
    data: Block
    triggers: Mapping[str, tuple[int, Block]] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()

    @property
    def pull_request(self) -> tuple[int, Block] | None:
        """The trigger by the pushes of a pull request, if it is one."""
        for event in ("pull_request", "pull_request_target"):
            line, told = self.triggers.get(event, (0, Block()))
            if line and ("types" not in told or "synchronize" in listed(told["types"])):
                return line, told
        return None

    @property
    def only_releases(self) -> bool:
        """Whether it runs for nothing but tags, releases and people who start it."""
        events = set(self.triggers) - {"release", "workflow_dispatch"}
        _, push = self.triggers.get("push", (0, Block()))
        return events <= {"push"} and (not events or ("tags" in push and "branches" not in push))

    @property
    def times(self) -> int | None:
        """How many jobs a run of it has, conditions left aside; None where a matrix does not say."""
        times = [job.times for job in self.jobs]
        return None if None in times else sum(each or 0 for each in times)


def listed(value: Any) -> list[str]:
    """Return the texts of a list, or the one text that stands in its place."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def workflow_of(path: str, data: Any) -> Workflow | None:
    """Return a file's workflow; None where the file is none."""
    if not isinstance(data, Block) or not data.block("jobs"):
        return None
    jobs = data.block("jobs")
    return Workflow(
        path,
        data,
        _triggers(data),
        tuple(Job(name, jobs.line_of(name), job, _steps(job)) for name, job in jobs.items() if isinstance(job, Block)),
    )


def _triggers(data: Block) -> dict[str, tuple[int, Block]]:
    told = data.get("on")
    if isinstance(told, Block):
        return {event: (told.line_of(event), told.block(event)) for event in told}
    if isinstance(told, Items):
        return {
            event: (line, Block(line)) for event, line in zip(told, told.lines, strict=True) if isinstance(event, str)
        }
    line = data.line_of("on")
    return {told: (line, Block(line))} if isinstance(told, str) else {}


def _steps(job: Block) -> tuple[Step, ...]:
    steps = job.get("steps")
    return tuple(Step(step) for step in steps if isinstance(step, Block)) if isinstance(steps, Items) else ()


def combinations_of(matrix: Block) -> list[Combination] | None:
    """Return what a matrix runs a job for, each combination once for every job; None where that cannot be told.

    As GitHub does it: an ``include`` adds to the combinations of the lists that it overwrites nothing of, and is one of
    its own where there are none.
    """
    axes = {key: value for key, value in matrix.items() if key not in ("include", "exclude")}
    include, exclude = _blocks(matrix, "include"), _blocks(matrix, "exclude")
    known = all(isinstance(value, Items) and not any(is_open(one) for one in value) for value in axes.values())
    if not matrix or not known or include is None or exclude is None or prod(map(len, axes.values())) > MOST_JOBS:
        return None
    made = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    made = [one for one in made if not any(_within(out, one) for out in exclude)]
    original = [dict(one) for one in made]
    for more in include:
        fitting = [at for at, one in enumerate(original) if all(one.get(k, v) == v for k, v in more.items())]
        for at in fitting:
            made[at].update(more)
        made += [] if fitting else [dict(more)]
    return list(made)


def is_open(value: Any) -> bool:
    """Say whether a value is, or holds, an expression."""
    return isinstance(value, str) and "${{" in value


def _blocks(matrix: Block, key: str) -> list[Block] | None:
    value = matrix.get(key, Items())
    if not isinstance(value, Items) or not all(isinstance(one, Block) for one in value):
        return None
    return list(value)


def _within(part: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    """Say whether a combination has all that an ``exclude`` names, in mappings inside as well."""
    return all(
        _within(value, whole[key]) if isinstance(value, Block) and isinstance(whole.get(key), Block) else
        whole.get(key) == value
        for key, value in part.items()
    )  # fmt: skip
