"""action.yml and the workflows to copy: no logic, no token where strangers' code runs, nothing that drifts apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from github_action.event.inputs import ActionInputs, read_inputs
from github_action.publish import step_outputs
from github_action.publish.publish import PublishResult
from tests.github_action.publish.cases import make_publication

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
INSTALL_LOCKED = (
    "python -m pip install --require-hashes --requirement .ci/locks/test.txt"
    " && python -m pip install --no-deps --no-build-isolation --editable ."
)
WRITING_MAIN = {"record", "nightly", "propose"}
"""Jobs that check out main and write: what main measured, and its renewed locks."""
WORKFLOWS = sorted([*(ROOT / "docs" / "workflows").glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")])


def test_every_input_reaches_a_step_by_its_environment() -> None:
    """An input is told by a variable of its own name, and by nothing else."""
    for name in ACTION["inputs"]:
        told = [
            key
            for step in STEPS.values()
            for key, value in step.get("env", {}).items()
            if value == f"${{{{ inputs.{name} }}}}"
        ]
        by_condition = any(f"inputs.{name} " in step.get("if", "") for step in STEPS.values())
        assert set(told) == {f"CARBON_{name.upper().replace('-', '_')}"} or (by_condition and not told), name


def test_defaults_are_those_of_the_code() -> None:
    """An input that is not given means the same as its default in action.yml."""
    given = {f"CARBON_{name.upper().replace('-', '_')}": about["default"] for name, about in ACTION["inputs"].items()}
    assert read_inputs(given) == read_inputs({})
    assert read_inputs({}).comment_mode == ActionInputs().comment_mode


def test_outputs_are_those_that_are_written() -> None:
    """Every output of action.yml is written by the last step, and no other."""
    written = step_outputs.output_values(make_publication(None), PublishResult(), None, None)
    assert set(ACTION["outputs"]) == set(written)
    for name, about in ACTION["outputs"].items():
        assert about["value"] == f"${{{{ steps.finish.outputs.{name} }}}}"


def test_what_measures_has_no_token() -> None:
    """The step that runs the command is told neither the token, nor where the ledger is, nor all inputs at once."""
    assert not re.search("token|ledger-url|toJSON.inputs|secrets", str(STEPS["measure"]))
    assert STEPS["install"]["env"]["CARBON_DATABASE"] == "${{ inputs.ledger-url != '' }}"


def test_last_step_always_runs() -> None:
    """The status is finished also when a step before it failed or was cancelled."""
    assert "always()" in STEPS["finish"]["if"]


def _strings(value: Any, name: str) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in _strings(item, key)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item, name)]
    return [f"{name}: {value}"]


@pytest.mark.parametrize("path", [ROOT / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_no_expression_reaches_a_shell(path: Path) -> None:
    """``run:`` holds no ``${{ }}``, and whose code runs is pinned by its hash, or is ours."""
    texts = _strings(yaml.safe_load(path.read_text(encoding="utf-8")), "")
    assert not [text for text in texts if text.startswith("run:") and "${{" in text]
    used = [text.removeprefix("uses: ") for text in texts if text.startswith("uses:")]
    assert all(re.search(r"@[0-9a-f]{40}$|^pytest-carbon/pytest-carbon@v1$", one) for one in used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_code_of_a_pull_request_runs_beside_a_token_that_may_write(path: Path) -> None:
    """A job that checks code out has no right to write, except the jobs that check out only main."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        if any("checkout" in step.get("uses", "") for step in job["steps"]) and name not in WRITING_MAIN:
            assert set(job["permissions"].values()) == {"read"}, name


def test_this_repository_uses_the_workflow_that_it_documents() -> None:
    """Ours differs from the one to copy in what it installs."""
    theirs, ours = (
        (ROOT / folder / "carbon.yml").read_text(encoding="utf-8").splitlines()[1:]
        for folder in ("docs/workflows", ".github/workflows")
    )
    different = [(one, other) for one, other in zip(theirs, ours, strict=True) if one != other]
    assert {other.strip() for _, other in different} == {f"- run: {INSTALL_LOCKED}"}
