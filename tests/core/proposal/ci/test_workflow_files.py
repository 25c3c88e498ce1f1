"""The short workflows for a project."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from pytest_carbon.core.proposal.ci.workflow_files import BRANCHES, INSTALL, uses_pytest_carbon, workflow_files
from pytest_carbon.core.proposal.project_facts import ProjectFacts

FACTS = ProjectFacts("shop", (), forge="GitHub")
TEMPLATE = f"on:\n  push: {{{BRANCHES}}}\nwith: {{forks: true, {INSTALL}}}\n"


def _made(facts: ProjectFacts) -> str:
    return workflow_files({"carbon.yml": TEMPLATE}, facts)[".github/workflows/carbon.yml"]


def test_a_usual_project_gets_the_workflow_as_it_is() -> None:
    """Its branch is main, and pip installs it from its folder."""
    assert _made(FACTS) == TEMPLATE


@pytest.mark.parametrize("branch", ["develop", "release/1.x", "on", "1.0", "a'b\"c", "x#y", "null", "- x"])
@pytest.mark.parametrize("install", [("--editable", ".[test]"), ("--requirement", "a b.txt"), ()])
def test_whatever_the_names_are_yaml_has_them(branch: str, install: tuple[str, ...]) -> None:
    """A name that YAML would take for something else is quoted."""
    made = yaml.safe_load(_made(replace(FACTS, default_branch=branch, install=install)))
    assert made[True] == {"push": {"branches": [branch]}}  # YAML 1.1 takes the key "on" for true
    words = "".join(f"{word if word.isalnum() or word[0] in '-' else repr(word)} " for word in install)
    assert made["with"]["install"] == f"python -m pip install {words}pytest pytest-carbon"
    assert made["with"]["forks"] is True


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("- uses: pytest-carbon/pytest-carbon@v1", True),
        ('uses: "pytest-carbon/pytest-carbon/.github/workflows/reusable-carbon.yml@v1"', True),
        ("uses: pytest-carbon/pytest-carbon-extra@v1", True),
        ("run: pip install pytest-carbon", False),
        ("", False),
    ],
)
def test_a_workflow_that_runs_pytest_carbon_is_found(text: str, uses: bool) -> None:
    """The Action, and the workflows of this repository."""
    assert uses_pytest_carbon({"a.yml": "", "b.yml": text}) == ("b.yml" if uses else None)
