"""The whole proposal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.core.proposal.project_facts import MeasuredRun, ProjectFacts
from pytest_carbon.core.proposal.propose_files import (
    PolicyOnDisk,
    propose_addition,
    propose_hooks,
    propose_labels,
    propose_policy,
    propose_workflows,
)

FILES = ("tests/pay/test_a.py", "tests/ship/test_a.py", "shop/pay.py")
FACTS = ProjectFacts("shop", FILES, forge="GitHub", code_owners="* @all\n/web/tests/pay/ @pay\n")
RUN = MeasuredRun("2026-06-15T12:00:00+00:00", {FILES[0]: (4.0, 5), FILES[1]: (2.0, 5)})
WORKFLOW = {"carbon.yml": "name: carbon\n"}
OLD = 'zone = "DE"\n[features.pay]\npaths = ["tests/pay/**"]\n'
PAY = {"pay": Feature("pay", (), ("tests/pay/**",))}
BOTH = {**PAY, "ship": Feature("ship", ("feature:ship",), ("tests/ship/**",))}


def _there(
    text: str = OLD, features: dict[str, Feature] | None = None, *budgets: Budget, file: str = "carbon.toml"
) -> PolicyOnDisk:
    return PolicyOnDisk(file, text, Policy(features=PAY if features is None else features, budgets=budgets))


def test_a_new_policy_lies_in_the_project_and_has_owners() -> None:
    """The paths of CODEOWNERS begin at the top of the repository, those of the policy in the project."""
    file, features = propose_policy(replace(FACTS, folder="web", measured=RUN), "DE")
    assert (file.path, file.before) == ("web/carbon.toml", None)
    assert [feature.name for feature in features] == ["pay", "ship"]
    assert 'owners = ["@pay"]' in file.after
    assert 'paths = ["tests/pay/**", "shop/pay.py"]' in file.after


def test_a_new_folder_is_a_table_behind_the_policy() -> None:
    """The rest of the file stays; without figures there is no budget."""
    addition = propose_addition(FACTS, _there(), None)
    assert addition.file is not None
    assert (addition.file.path, addition.file.before) == ("carbon.toml", OLD)
    assert addition.file.after.removeprefix(OLD) == (
        '\n[features.ship]  # 1 file of tests\nlabels = ["feature:ship"]\npaths = ["tests/ship/**"]\n'
    )
    assert [feature.name for feature in addition.features] == ["ship"]


def test_limits_come_once_with_the_first_measured_run() -> None:
    """A policy in which a feature has a limit gets none for the others, because that may be meant."""
    measured = replace(FACTS, measured=RUN)
    addition = propose_addition(measured, _there(OLD, BOTH), None)
    assert addition.file is not None
    added = addition.file.after.removeprefix(OLD)
    assert [line for line in added.splitlines() if line.startswith("[")] == [
        "[features.pay.budget]",
        "[features.ship.budget]",
    ]
    assert addition.file.after.count("per-run") == 2
    limited = propose_addition(measured, _there(OLD, BOTH, Budget("pay", None, "warn", growth=0.1)), None)
    assert limited.file is None
    assert propose_addition(FACTS, _there(OLD, BOTH), None).file is None


def test_a_policy_of_other_tables_alone_gets_all() -> None:
    """As calibrate leaves it, with a machine and nothing else."""
    addition = propose_addition(FACTS, _there("[machine]\nidle-w = 20\nfull-w = 60\n", {}), None)
    assert addition.file is not None
    assert [line.partition("  #")[0] for line in addition.file.after.splitlines() if line.startswith("[")] == [
        "[machine]", "[budget]", "[features.pay]", "[features.ship]",
    ]  # fmt: skip


def test_tables_of_pyproject_have_its_names() -> None:
    """In pyproject.toml a policy is below [tool.pytest-carbon]."""
    text = "[tool.pytest-carbon.features]\npay = { paths = ['tests/pay/**'] }\n"
    addition = propose_addition(FACTS, _there(text, file="pyproject.toml"), None)
    assert addition.file is not None
    assert "[tool.pytest-carbon.features.ship]" in addition.file.after


def test_what_cannot_be_added_is_shown() -> None:
    """An inline table takes no more tables; a zone belongs at the top."""
    text = "features = { pay = { paths = ['tests/pay/**'] } }\n"
    addition = propose_addition(FACTS, _there(text), "DE")
    assert addition.file is None
    assert addition.tables_by_hand[0].startswith("[features.ship]")
    assert addition.zone_by_hand


def test_a_zone_is_filled_in_together_with_what_is_new() -> None:
    """One file has both."""
    text = OLD.replace('zone = "DE"', '# zone = "..."')
    addition = propose_addition(FACTS, _there(text), "DE")
    assert addition.file is not None
    assert addition.file.after.startswith(OLD)
    assert "[features.ship]" in addition.file.after
    assert not addition.zone_by_hand


@pytest.mark.parametrize(
    ("facts", "paths"),
    [
        (FACTS, [".github/workflows/carbon.yml"]),
        (replace(FACTS, workflows={".github/workflows/ci.yml": "on: push"}), [".github/workflows/carbon.yml"]),
        (replace(FACTS, workflows={".github/workflows/x.yml": "uses: 'pytest-carbon/pytest-carbon@v1'"}), []),
        (replace(FACTS, workflows={".github/workflows/carbon.yml": "name: coal"}), []),
        (replace(FACTS, forge="GitLab"), []),
        (replace(FACTS, folder="web"), []),
        (replace(FACTS, forge=""), []),
    ],
)  # fmt: skip
def test_workflows_are_for_github_and_overwrite_none(facts: ProjectFacts, paths: list[str]) -> None:
    """Who runs pytest-carbon already needs no second workflow."""
    files = propose_workflows(facts, WORKFLOW)
    assert [file.path for file in files] == paths
    assert all(file.before is None for file in files)


def test_hooks_are_a_new_file_or_an_entry_to_add() -> None:
    """A file that is there is not touched; what it has already is not proposed."""
    file, entry = propose_hooks(None, "1.2.3")
    assert file is not None
    assert (file.path, file.before, entry) == (".pre-commit-config.yaml", None, ())
    assert file.after.startswith("repos:\n  - repo: https://github.com/pytest-carbon/pytest-carbon\n    rev: v1.2.3\n")
    assert propose_hooks("repos: []\n", "1.2.3") == (None, tuple(file.after.splitlines()[1:]))
    assert propose_hooks(file.after, "1.2.3") == (None, ())


def test_labels_are_those_of_the_features() -> None:
    """With a new policy also those that every policy has."""
    features = propose_policy(FACTS, None)[1]
    assert len(propose_labels(FACTS, features, is_new=False)) == 2
    assert len(propose_labels(FACTS, features, is_new=True)) == 5
