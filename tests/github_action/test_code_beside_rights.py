"""No workflow that we propose or use runs code of a repository or of its dependencies beside a right or a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.attack import Attack
from tests.github_action.code_beside_rights import problems_of_job, problems_of_workflow

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted([*(ROOT / "docs" / "workflows").glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")])
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
CHECKOUT = "{uses: actions/checkout@v4, with: {persist-credentials: false}}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_workflow_runs_no_code_beside_rights(path: Path) -> None:
    """Every workflow of ours obeys the rule, and gives each job its own permissions."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert problems_of_workflow(workflow) == []


def _snippets(path: Path) -> Iterator[Any]:
    for text in re.findall(r"^```ya?ml\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        yield yaml.safe_load(text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_shows_no_code_beside_rights(path: Path) -> None:
    """Every YAML example of the documentation obeys the rule. Steps alone are in a job with default permissions."""
    for snippet in _snippets(path):
        if isinstance(snippet, list):
            assert problems_of_job({"steps": snippet}, None) == []
        elif "jobs" in snippet:
            assert problems_of_workflow(snippet) == []
        else:
            jobs = [snippet] if "steps" in snippet else [job for job in snippet.values() if isinstance(job, dict)]
            assert [problem for job in jobs for problem in problems_of_job(job, job.get("permissions"))] == []


def _workflow(job: str, top: str = "permissions: {}", on: str = "push") -> Any:
    return yaml.safe_load(f"on: {on}\n{top}\njobs:\n  it: {job}\n")


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        ("{permissions: {contents: write}, steps: [{run: python -m pip install .}]}", "contents: write"),
        ("{permissions: {contents: write}, steps: [{run: 'cd app && ./test'}]}", "the command ./test"),
        ("{permissions: {issues: write}, steps: [{run: 'echo a | bash'}]}", "the command bash"),
        ("{permissions: {issues: write}, steps: [{run: 'git status & CI=1 tox -e py'}]}", "the command tox"),
        ("{permissions: {issues: write}, steps: [{run: 'echo \"$(npm test)\"'}]}", "the command npm"),
        ("{permissions: {actions: read}, steps: [{run: pytest}]}", "actions: read"),
        ("{permissions: {id-token: write}, steps: [{run: make}]}", "id-token: write"),
        ("{permissions: write-all, steps: [{run: make}]}", "the permissions write-all"),
        ("{permissions: read-all, steps: [{run: make}]}", "the permissions read-all"),
        (
            "{permissions: {contents: write}, steps: [{uses: pytest-carbon/pytest-carbon@v1, with: {command: tox}}]}",
            "the command that is measured runs beside contents: write",
        ),
        (
            "{permissions: {statuses: write}, steps: [{uses: pytest-carbon/pytest-carbon@v1, with: {stage: measure}}]}",
            "the command that is measured runs beside statuses: write",
        ),
        ("{permissions: {contents: write}, steps: [{uses: ./.github/actions/test}]}", "the action ./.github/actions/"),
        ("{permissions: {contents: write}, steps: [{uses: docker://python}]}", "the action docker://python"),
        ("{permissions: {contents: write}, steps: [{uses: somebody/tests@v1}]}", "the action somebody/tests"),
        ("{permissions: {contents: write}, uses: ./.github/workflows/test.yml}", "uses ./.github/workflows/test.yml"),
        ("{permissions: {}, uses: ./.github/workflows/test.yml, secrets: inherit}", "a secret"),
        ("{permissions: {contents: write}, container: python, steps: [{run: echo}]}", "container python"),
        ("{permissions: {}, steps: [{run: pytest, env: {URL: '${{ secrets.URL }}'}}]}", "a secret"),
        ("{permissions: {}, env: {ALL: '${{ toJSON(secrets) }}'}, steps: [{run: pytest}]}", "a secret"),
        ("{permissions: {}, steps: [{run: pytest}, {uses: a/b@v1, with: {t: '${{ github.token }}'}}]}", "a secret"),
        ("{permissions: {}, steps: [{run: pytest, env: {G: '${{ toJSON( github ) }}'}}]}", "a secret"),
        (
            "{permissions: {contents: read}, steps: [{uses: actions/checkout@v4}, {run: make}]}",
            "actions/checkout leaves",
        ),
    ],
)
@pytest.mark.attack("code-beside-rights")
def test_code_beside_rights_is_found(job: str, problem: str, attack: Attack) -> None:
    """A job that gives code of the repository, or of a package, a right or a secret breaks the rule."""
    assert any(problem in text for text in problems_of_workflow(_workflow(job)))
    attack.ended("refused")


@pytest.mark.parametrize(
    ("top", "on", "problem"),
    [
        ("", "push", "the default permissions"),
        ("permissions: {contents: write}", "push", "contents: write"),
        ("permissions: {}\nenv: {URL: '${{ secrets.URL }}'}", "push", "a secret"),
        ("permissions: {}", "pull_request_target", "the rights of the event pull_request_target"),
        ("permissions: {}", "{workflow_run: {workflows: [a]}}", "the rights of the event workflow_run"),
    ],
)
@pytest.mark.attack("code-beside-rights")
def test_rights_of_the_whole_workflow_are_found(top: str, on: str, problem: str, attack: Attack) -> None:
    """A job without permissions of its own has those of the workflow, or the repository's default."""
    assert problems_of_workflow(_workflow("{steps: [{run: pytest}]}", top, on)) == [
        f"it: the command pytest runs beside {problem}"
    ]
    attack.ended("refused")


@pytest.mark.parametrize(
    "job",
    [
        f"{{permissions: {{contents: read}}, steps: [{CHECKOUT}, {{run: pytest}}]}}",
        f"{{permissions: {{contents: write}}, steps: [{CHECKOUT}, {{run: 'git push origin \"$X\" 2>&1'}}]}}",
        "{permissions: {contents: write}, steps: [{uses: pytest-carbon/pytest-carbon@v1, with: {stage: record}}]}",
        "{permissions: {}, steps: [{uses: pytest-carbon/pytest-carbon@v1, with: {ledger-url: '${{ secrets.URL }}'}}]}",
    ],
)
def test_code_without_rights_and_rights_without_code_are_fine(job: str) -> None:
    """The rule lets a job test without rights, and lets a job write that runs no code."""
    assert problems_of_workflow(_workflow(job)) == []
