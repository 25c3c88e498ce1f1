"""The reader of GitHub workflows."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.yaml_limits import MAX_LEVELS
from pytest_carbon.declared.read_project import read_declarations
from tests.declared.sample_files import WORKFLOW_FILES, Expected, check_sample, each

PATH = ".github/workflows/ci.yml"


@each(WORKFLOW_FILES)
def test_workflows(path: str, text: str, expected: Expected) -> None:
    """Matrices, variables of cibuildwheel, platform tags, deployment targets and flags are read."""
    check_sample(path, text, expected)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\njobs: *b\n",
        "jobs: {x: {strategy: {matrix: [1]}, steps: 3, env: 4}}",
        "jobs: {x: 1, y: null, z: {strategy: {matrix: {include: 3, python-version: 3.9}}}}",
        "!!python/object/apply:os.abort []\n",
        "- a\n",
        "",
    ],
)
def test_odd_workflows_make_no_objects_and_no_errors(text: str) -> None:
    """Anchors, wrong types and tags of YAML are read as texts."""
    declarations = read_declarations({".github/workflows/x.yml": text})
    assert {statement.family for statement in declarations.statements} <= {"python", "x86-64"}


@pytest.mark.parametrize(
    ("text", "our_limit"),
    [
        ("a: " + "[" * (MAX_LEVELS + 1), True),
        ("- " * 49_000, True),
        ("a: " + "[" * 90_000, False),
        ("a: " + "{" * 90_000, False),
    ],
)
def test_deep_yaml_is_named_and_ends_nothing(text: str, our_limit: bool) -> None:
    """Our limit refuses deep YAML; the parser may refuse very deep YAML first, in words of its own."""
    declarations = read_declarations({PATH: text, ".nvmrc": "18"})
    (file,) = declarations.unread
    assert file.path == PATH
    assert 0 < len(file.why) < 300
    assert "\n" not in file.why
    assert our_limit is False or f"more than {MAX_LEVELS} levels" in file.why
    assert [statement.family for statement in declarations.statements] == ["node"]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("python-version", "3.10", ("python", ("==3.10.*",))),
        ("python", "3.9.1", ("python", ("==3.9.*",))),
        ("py", "~3.8", ("python", ("==3.8.*",))),
        ("python-version", "pypy3.9", None),
        ("python-version", "3.x", None),
        ("other", "3.10", None),
        ("node", "v18.1.0", ("node", ("==18.*",))),
        ("node_version", "lts/*", None),
        ("os", "macos-14", ("os", ("macos",))),
        ("runs-on", "self-hosted", None),
    ],
)
def test_a_matrix_tests_releases_and_systems(key: str, value: str, expected: Any) -> None:
    """The key says what a value of a matrix is about; other keys and values mean nothing."""
    text = f"jobs: {{t: {{strategy: {{matrix: {{{key}: ['{value}'], exclude: ['3.1']}}}}}}}}"
    tested = [statement for statement in read_declarations({PATH: text}).statements if statement.role == "tested"]
    assert [(statement.family, statement.values) for statement in tested] == ([expected] if expected else [])


def test_variables_of_a_step_override_those_of_its_job() -> None:
    """A step that runs cibuildwheel adds its variables to those of its job and of the workflow."""
    step = "{uses: pypa/cibuildwheel@v2, env: {CIBW_ARCHS: x86_64}}"
    job = f"{{env: {{CIBW_ARCHS: i686, CIBW_BUILD: 'cp310-manylinux*'}}, steps: [{step}, {{run: make}}]}}"
    statements = read_declarations({PATH: f"env: {{CIBW_BUILD: 'cp39-*'}}\njobs: {{w: {job}}}"}).statements
    wheels = {statement.values for statement in statements if statement.setting == "CIBW_* variables"}
    assert wheels == {("linux-x86_64",), ("==3.10.*",)}
