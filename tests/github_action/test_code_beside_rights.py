"""No workflow that we propose or use runs code of a repository or of its dependencies beside a right or a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.attack import Attack
from tests.github_action.code_beside_rights import digest_of_step, problems_of_job, problems_of_workflow
from tests.github_action.workflows import ROOT, WORKFLOWS

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
REVIEWED = {"ec2e1d33d634adab", "f57cd651e855ff3d"}
"""Scripts of this repository that run beside rights: both steps of renew-locks.yml. They call only git, gh and tar."""
CALLED = "pytest-carbon/pytest-carbon/.github/workflows/reusable-carbon.yml"
CHECKOUT = "{uses: actions/checkout@v4, with: {persist-credentials: false}}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parts[-3]}-{path.parts[-2]}-{path.stem}")
def test_workflow_runs_no_code_beside_rights(path: Path) -> None:
    """Every workflow of ours obeys the rule, and gives each job its own permissions."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow.get("permissions") == {} or all("permissions" in job for job in workflow["jobs"].values())
    assert problems_of_workflow(workflow, REVIEWED if path.parts[-3] == ".github" else ()) == []


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
        ("{permissions: {contents: write}, steps: [{run: 'cd app && ./test'}]}", "the command cd app && ./test"),
        ("{permissions: {issues: write}, steps: [{run: 'echo a | bash'}]}", "the command echo a | bash"),
        (
            "{permissions: {issues: write}, steps: [{run: 'git status & CI=1 tox -e py'}]}",
            "the command git status & CI=1 tox -e py",
        ),
        ("{permissions: {issues: write}, steps: [{run: 'echo \"$(npm test)\"'}]}", 'the command echo "$(npm test)"'),
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
        (f"{{permissions: {{contents: write}}, uses: {CALLED}@main}}", f"uses {CALLED}@main"),
        (f"{{permissions: {{contents: write}}, uses: {CALLED}}}", f"uses {CALLED}"),
        (f"{{permissions: {{contents: write}}, uses: {CALLED}@v1, secrets: inherit}}", "secrets inherit"),
        (f"{{permissions: {{contents: write}}, uses: {CALLED.replace('carbon.yml', 'x.yml')}@v1}}", "reusable-x.yml"),
        (f"{{permissions: {{contents: write}}, uses: {CALLED}@v1, steps: [{{run: make}}]}}", "the command make"),
        ("{permissions: {contents: write}, container: python, steps: []}", "container python"),
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


def _ours(**inputs: str) -> dict[str, Any]:
    return {"uses": "pytest-carbon/pytest-carbon@v1", "with": inputs}


@pytest.mark.parametrize(
    "step",
    [
        {"run": '"./test.sh"'},
        {"run": '"$PYTHON" -m pytest'},
        {"run": "tar --to-command=./evil -xf a.tar"},
        {"run": "git bisect run pytest"},
        {"run": "git -c alias.x='!pytest' x"},
        {"run": "PATH=. git x"},
        {"run": "true", "shell": "python evil.py {0}"},
        {"run": "true", "env": {"BASH_ENV": "./evil.sh"}},
        {"run": 'echo "${{ github.event.pull_request.title }}"'},
        {"shell": "python evil.py {0}"},
        {"uses": "actions/setup-python@v5", "with": {"cache": "pip"}},
        *(
            {"uses": f"actions/checkout@{ref}", "with": {"persist-credentials": False}}
            for ref in ("refs/pull/7/head", "pull/7/head", "main", "v4-evil", "a" * 39, "")
        ),
        {**_ours(stage="gate"), "uses": "pytest-carbon/pytest-carbon@refs/pull/7/head"},
        {"uses": "actions/checkout@v4", "with": {"persist-credentials": False, "submodules": True}},
        {"uses": "actions/download-artifact@v4", "with": {"path": "."}},
        {**_ours(stage="record"), "env": {"PYTHONPATH": "."}},
        {**_ours(stage="record"), "uses": "pytest-carbon/pytest-carbon/sub@v1"},
        {**_ours(command="tox"), "uses": "Pytest-Carbon/pytest-carbon@v1"},
        _ours(reports="a"),
        _ours(python="./evil"),
        _ours(Command="tox"),
        _ours(stage="${{ 'measure' }}"),
        _ours(shards="${{ github.event.pull_request.title }}"),
        _ours(**{"token": "${{ secrets.A }}${{ inputs.b }}"}),
    ],
    ids=str,
)
@pytest.mark.attack("code-beside-rights")
def test_only_listed_steps_run_beside_a_right(step: dict[str, Any], attack: Attack) -> None:
    """Beside a right there is no script at all, and no action or input that is not on the list."""
    assert problems_of_job({"steps": [step]}, {"contents": "write"})
    attack.ended("refused")


@pytest.mark.parametrize(
    "more",
    [
        {"if": "secrets.X != ''"},
        {"environment": "production"},
        {"env": {"T": "${{ needs.a.outputs.token }}"}},
        {"env": {"T": "${{ toJSON(needs) }}"}},
        {"env": {"T": "${{ format('{0}', github.token) }}"}},
        {"env": {"T": "${{ GitHub['token'] }}"}},
        {"env": {"T": "${{ join(github.*, ' ') }}"}},
        {"steps": [{"run": "echo ${{ format('}}', secrets.X) }}"}]},
        {"steps": [{"uses": "Actions/Checkout@v4"}, {"run": "pytest"}]},
        {"steps": [{"uses": "actions/checkout@v4", "with": {"persist-credentials": True}}, {"run": "pytest"}]},
        {"steps": [_ours(**{"command": "pytest", "token": "${{ github.token }}"})]},
        {"steps": [_ours(command="pytest", **{"ledger-url": "postgresql://it:secret@db.example"})]},
        {"steps": [{"run": "pytest", "if": "github.token"}]},
    ],
    ids=str,
)
@pytest.mark.attack("code-beside-rights")
def test_every_way_to_a_secret_is_found(more: dict[str, Any], attack: Attack) -> None:
    """Beside code there is no environment, token, secret, object that holds one, nor what another job handed on."""
    assert problems_of_job({"steps": [{"run": "pytest"}], **more}, {"contents": "read"})
    attack.ended("refused")


def test_reviewed_step_is_reviewed_again_after_a_change() -> None:
    """A script that a person has read may run beside rights; any other script, also a changed one, may not."""
    step = {"run": "git push"}
    reviewed = {digest_of_step(step)}
    assert problems_of_job({"steps": [step]}, {"contents": "write"}, reviewed=reviewed) == []
    assert problems_of_job({"steps": [{**step, "shell": "sh"}]}, {"contents": "write"}, reviewed=reviewed)


@pytest.mark.parametrize(
    ("top", "on", "problem"),
    [
        ("", "push", "the default permissions"),
        ("permissions: {contents: write}", "push", "contents: write"),
        ("permissions: {}\nenv: {URL: '${{ secrets.URL }}'}", "push", "a secret"),
        ("permissions: {}", "pull_request_target", "the rights of the event pull_request_target"),
        ("permissions: {}", "{workflow_run: {workflows: [a]}}", "the rights of the event workflow_run"),
        *(
            ("permissions: {}", f"[push, {event}]", f"the rights of the event {event}")
            for event in ("issue_comment", "discussion_comment", "pull_request_review", "watch", "fork", "check_run")
        ),
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
        f"{{permissions: {{contents: write}}, steps: [{CHECKOUT}]}}",
        "{permissions: {contents: write}, steps: [{uses: pytest-carbon/pytest-carbon@v1, with: {stage: record}}]}",
        f"{{permissions: {{contents: read}}, if: \"needs.a.result == 'success'\", steps: [{CHECKOUT}, {{run: make}}]}}",
        "{permissions: {}, steps: [{run: make, env: {N: '${{ github.event.number }}', O: '${{ github.ref_name }}'}}]}",
        "{permissions: {}, steps: [{uses: pytest-carbon/pytest-carbon@v1, with: {ledger-url: '${{ secrets.URL }}'}}]}",
        f"{{permissions: {{contents: write}}, uses: {CALLED}@v1, secrets: {{URL: '${{{{ secrets.URL }}}}'}}}}",
    ],
)
def test_code_without_rights_and_rights_without_code_are_fine(job: str) -> None:
    """The rule lets a job test without rights, and lets a job write that runs no code."""
    assert problems_of_workflow(_workflow(job)) == []


@pytest.mark.parametrize(
    ("condition", "problems"),
    [
        ("", ["workflow_call"]),
        ("github.event_name != 'issue_comment'", ["workflow_call"]),
        ("always() && contains(fromJSON('[\"push\"]'), github.event_name) && true", ["workflow_call"]),
        ("contains(fromJSON('[\"push\"]'), github.event_name) && true || true", ["workflow_call"]),
        ('contains(fromJSON(\'["push", "workflow_run"]\'), github.event_name) && true', ["workflow_run"]),
        ('contains(fromJSON(\'["push", "pull_request"]\'), github.event_name) && (inputs.a || true)', []),
    ],
)
@pytest.mark.attack("code-beside-rights")
def test_called_workflow_names_the_events_with_which_it_runs_code(
    condition: str, problems: list[str], attack: Attack
) -> None:
    """Its caller may name any event, also one that gives a stranger's code rights: only a list of events is safe."""
    found = [f"it: the command pytest runs beside the rights of the event {event}" for event in problems]
    assert problems_of_workflow(_called(condition)) == found
    attack.ended("refused")


def test_called_workflow_that_names_its_events_is_fine() -> None:
    """What else the condition asks for does not matter."""
    condition = 'contains(fromJSON(\'["push", "pull_request"]\'), github.event_name) && (inputs.a || true)'
    assert problems_of_workflow(_called(condition)) == []


def _called(condition: str) -> Any:
    workflow = _workflow("{permissions: {contents: read}, steps: [{run: pytest}]}", on="workflow_call")
    workflow["jobs"]["it"]["if"] = f"${{{{ {condition} }}}}"
    return workflow
