"""The line of a workflow at which a job of the ledger is defined."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.advice.workflow_places import with_places
from tests.core.accounts.sample_accounts import named
from tests.core.advice.sample_ledger import advised

CI = """name: ci
on:
  tests:
jobs:  # all of them
  lint:
    tests:
      x: 1
  # a comment
  tests:   # the suite
    steps: []
env:
  nightly: 1
"""
NIGHT = "on: push\njobs:\n    nightly:\n        runs-on: x\n"


@pytest.mark.parametrize(
    ("workflows", "where"),
    [
        ({"ci.yml": CI, "night.yml": NIGHT}, {"tests": "ci.yml:9", "nightly": "night.yml:3"}),
        ({"ci.yml": CI, "other.yml": CI}, {"tests": "", "nightly": ""}),
        ({"ci.yml": CI.replace("  tests:   #", "  test:   #")}, {"tests": "", "nightly": ""}),
        ({"ci.yml": "jobs: [\x00", "b.yml": ""}, {"tests": "", "nightly": ""}),
        ({}, {"tests": "", "nightly": ""}),
    ],
    ids=["each in its file", "in two files", "another name", "no workflow", "no file"],
)
def test_places_of_jobs(bench: Any, workflows: dict[str, str], where: dict[str, str]) -> None:
    """Only advice on jobs gets a place, and only if it is clear."""
    account = named(with_places(advised(bench), workflows), "repository")
    assert {own.place: own.where for own in account.advice if own.place in where} == where
    assert {own.where for own in account.advice if own.place not in where} == {""}


@pytest.mark.parametrize(
    ("job", "line"), [("tests-3.11-ubuntu", 9), ("Tests (3.11)", 9), ("lint", 5), ("testsuite", 0)]
)
def test_a_cell_of_a_matrix(bench: Any, job: str, line: int) -> None:
    """A cell is named for its job and its values."""
    accounts = advised(bench)
    repository = named(accounts, "repository")
    own = replace(repository, advice=(replace(repository.advice[0], place=job),))
    placed = with_places(replace(accounts, accounts=(own,)), {"ci.yml": CI})
    assert placed.accounts[0].advice[0].where == (f"ci.yml:{line}" if line else "")
