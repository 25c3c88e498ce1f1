"""A workflow that wastes nothing, and the findings of the rules in a text."""

from __future__ import annotations

import yaml
from pytest_carbon_hooks.carbon_workflows import with_lines

from pytest_carbon.core.local_hooks.workflow_model import LinedMapping, Workflow, read_workflow
from pytest_carbon.core.local_hooks.workflow_rules import find_waste

FINE = """on:
  pull_request:
    paths-ignore: ["docs/**"]
  schedule:
    - cron: "17 3 * * 1"
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    runs-on: ${{ matrix.os }}
    timeout-minutes: 20
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest]
        python: ["3.11", "3.14"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: ${{ matrix.python }}
          cache: pip
      - run: pip install tox && tox
      - uses: actions/upload-artifact@v4
        with:
          name: report
          retention-days: 3
"""


def parse(text: str) -> object:
    """Return the values of a YAML text, with their lines."""
    return with_lines(yaml.compose(text, Loader=yaml.SafeLoader), {})


def workflow_of(text: str) -> Workflow:
    """Return the workflow of a YAML text."""
    workflow = read_workflow("ci.yml", parse(text))
    assert workflow is not None
    return workflow


def matrix_of(text: str) -> LinedMapping:
    """Return the matrix of a YAML text."""
    matrix = parse(text)
    assert isinstance(matrix, LinedMapping)
    return matrix


def found(text: str) -> list[tuple[int, str]]:
    """Return line and rule of every finding in a YAML text."""
    workflow = read_workflow("ci.yml", parse(text))
    return [(finding.line, finding.rule) for finding in find_waste(workflow, text.splitlines())] if workflow else []
