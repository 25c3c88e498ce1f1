"""A workflow as a value: its lines, triggers, jobs and matrices."""

from __future__ import annotations

import pytest

from pytest_carbon.core.local_hooks.workflow_model import is_expression, matrix_combinations, read_workflow, texts_in
from tests.core.local_hooks.workflows import FINE, matrix_of, parse, workflow_of

MATRICES = [
    ("{a: [1, 2], b: [3, 4]}", 4),
    ("{a: [1, 2], b: [3, 4], exclude: [{a: 1, b: 3}]}", 3),
    ("{a: [1, 2], include: [{a: 1, c: 5}]}", 2),
    ("{a: [1, 2], include: [{a: 3}]}", 3),
    ("{a: [1, 2], include: [{c: 5}, {a: 3, c: 5}, {a: 3, c: 5}]}", 4),
    ("{include: [{a: 1}, {a: 2}]}", 2),
    ("{p: [{os: mac, x: 1}, {os: win, x: 2}], v: [1], exclude: [{p: {os: mac}}]}", 1),
    ("{a: '${{ fromJSON(x) }}'}", None),
    ("{a: ['${{ x }}']}", None),
]


@pytest.mark.parametrize(("text", "jobs"), MATRICES)
def test_matrices_are_counted_as_github_does(text: str, jobs: int | None) -> None:
    """Lists multiply, an exclude removes, an include extends the combinations it fits or adds one."""
    combinations = matrix_combinations(matrix_of(text))
    assert (None if combinations is None else len(combinations)) == jobs


def test_a_matrix_of_too_many_jobs_is_not_counted() -> None:
    """GitHub refuses more than 256 jobs."""
    axis = "[" + ", ".join(map(str, range(16))) + "]"
    assert len(matrix_combinations(matrix_of(f"{{a: {axis}, b: {axis}}}")) or ()) == 256
    assert matrix_combinations(matrix_of(f"{{a: {axis}, b: {axis}, c: [1, 2]}}")) is None


def test_workflow_knows_its_lines() -> None:
    """Jobs, steps and triggers have the line at which they stand."""
    workflow = workflow_of(FINE)
    (job,) = workflow.jobs
    assert (job.name, job.line, job.job_count, workflow.job_count) == ("test", 10, 4, 4)
    assert [step.line for step in job.steps] == [18, 19, 23, 24]
    assert {event: line for event, (line, _) in workflow.triggers.items()} == {"pull_request": 2, "schedule": 4}
    assert job.uses == {"actions/checkout", "actions/setup-python", "actions/upload-artifact"}
    assert (job.steps[1].version, job.steps[1].inputs["cache"]) == ("v5", "pip")


@pytest.mark.parametrize(
    ("on", "by_pushes", "only_releases"),
    [
        ("push", False, False),
        ("pull_request", True, False),
        ("[push, pull_request_target]", True, False),
        ("{pull_request: {types: [labeled]}}", False, False),
        ("{pull_request: {types: [labeled, synchronize]}}", True, False),
        ("{pull_request: {types: synchronize}}", True, False),
        ("release", False, True),
        ("{push: {tags: ['v*']}}", False, True),
        ("{push: {tags: ['v*'], branches: [main]}}", False, False),
        ("{push: {tags: ['v*']}, schedule: [{cron: '1 2 * * *'}]}", False, False),
        ("workflow_dispatch", False, True),
    ],
)
def test_triggers(on: str, by_pushes: bool, only_releases: bool) -> None:
    """An event starts a run for pushes to a pull request, for releases alone, or for neither."""
    workflow = workflow_of(f"on: {on}\njobs: {{a: {{steps: [{{run: make}}]}}}}\n")
    assert (workflow.pull_request_trigger is not None, workflow.only_releases_start_it) == (by_pushes, only_releases)


@pytest.mark.parametrize(("text", "works"), [("{run: make}", True), ("{uses: actions/checkout@v4}", True),
                                             ("{uses: actions/labeler@v5}", False)])  # fmt: skip
def test_job_does_work(text: str, works: bool) -> None:
    """A job that only labels a pull request does no work; a checkout and a command are work."""
    (job,) = workflow_of(f"on: push\njobs: {{a: {{steps: [{text}]}}}}\n").jobs
    assert job.does_work is works


@pytest.mark.parametrize("text", ["", "jobs", "[1, 2]", "jobs: {}", "on: push\njobs: [a]"])
def test_other_yaml_is_no_workflow(text: str) -> None:
    """A file without jobs is no workflow."""
    assert read_workflow("ci.yml", parse(text)) is None


def test_texts_and_expressions() -> None:
    """A single text counts as a list of one; an expression may be a part of a text."""
    assert [texts_in(value) for value in ("a", ["a", 1, "b"], None, {})] == [["a"], ["a", "b"], [], []]
    assert [is_expression(value) for value in ("v${{ x }}", "v1", None)] == [True, False, False]
