"""The inputs of the Action, read from the variables of action.yml."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_action.event.inputs import ActionInputs, read_inputs, slug
from pytest_carbon.core.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("STAGE", "gait", "the input stage is 'gait'; it must be one of .*did you mean \"gate\""),
        ("COMMENT", "sometimes", "the input comment is 'sometimes'"),
        ("FAIL_JOB", "true", "the input fail-job is 'true'"),
        ("ON_ERROR", "ignore", "the input on-error is 'ignore'"),
        ("WORKING_DIRECTORY", "../other", "must lie below the workspace"),
        ("WORKING_DIRECTORY", "/etc", "must lie below the workspace"),
        ("WORKING_DIRECTORY", "packages\\a", "must lie below the workspace"),
        ("STATUS_CONTEXT", "a\nb", "cannot be printed"),
        ("STATUS_CONTEXT", "a" * 256, "longer than 255"),
    ],
)
def test_wrong_inputs_are_named(name: str, value: str, message: str) -> None:
    """A wrong value is refused, and the error names the input."""
    with pytest.raises(ConfigError, match=message):
        read_inputs({f"CARBON_{name}": value})


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        ({"GITHUB_JOB": "test"}, "test"),
        ({"GITHUB_JOB": "test", "CARBON_MATRIX": '{"python": "3.11", "os": "linux"}'}, "test-3.11-linux"),
        ({"GITHUB_JOB": "test", "CARBON_MATRIX": "null"}, "test"),
        ({"GITHUB_JOB": "test", "CARBON_MATRIX": '{"x": {"deep": ["a/../b"]}}'}, "test-deep-a-..-b"),
        ({"GITHUB_JOB": "test", "CARBON_SHARD": "py 3.11/../x"}, "py-3.11-..-x"),
        ({}, "job"),
    ],
)
def test_part_is_named_by_its_job_and_matrix(environment: dict[str, str], shard: str) -> None:
    """The parts of a run have different names, and no name leads out of the folder that it is written to."""
    assert read_inputs(environment).shard == shard


def test_empty_inputs_are_the_defaults() -> None:
    """An input that is empty or blank counts as not given."""
    blank = dict.fromkeys(("CARBON_STAGE", "CARBON_COMMAND", "CARBON_COMMENT", "CARBON_STATUS_CONTEXT"), " ")
    assert read_inputs(blank) == read_inputs({})
    assert (read_inputs({}).stage, read_inputs({}).status_context) == ("auto", ActionInputs().status_context)


def test_inputs_are_read() -> None:
    """Each input has a variable of its name; lists are split at line ends, and ``shards`` at commas, too."""
    inputs = read_inputs(
        {
            "CARBON_STAGE": "gate",
            "CARBON_REPORTS": " a.json\n\n out/*.json \n",
            "CARBON_SHARDS": "py3.11, py3.12\nlint",
            "CARBON_WORKING_DIRECTORY": "packages/shop",
            "CARBON_FAIL_JOB": "never",
            "CARBON_ON_ERROR": "neutral",
            "CARBON_LOGIN": "carbon[bot]",
            "GITHUB_WORKSPACE": "/work",
        }
    )
    assert (inputs.stage, inputs.fail_job, inputs.on_error, inputs.login) == ("gate", "never", "neutral", "carbon[bot]")
    assert (inputs.reports, inputs.shards) == (("a.json", "out/*.json"), ("py3.11", "py3.12", "lint"))
    assert (inputs.workspace, inputs.working_directory) == (Path("/work"), "packages/shop")


@pytest.mark.parametrize(
    ("variables", "measures"),
    [
        ({}, False),
        ({"CARBON_COMMAND": "pytest"}, True),
        ({"CARBON_REPORTS": "*.json"}, True),
        ({"CARBON_REPORTS": "\n"}, False),
    ],
)
def test_job_measures_with_a_command_or_reports(variables: dict[str, str], measures: bool) -> None:
    """Without both there is nothing to measure."""
    assert read_inputs(variables).measures is measures


@pytest.mark.parametrize(
    ("value", "matrix_jobs"), [("", 1), ("1", 1), ("4", 4), ("-1", 1), ("many", 1), ("4.0", 1), ("0", 0)]
)
def test_number_of_jobs_of_the_matrix(value: str, matrix_jobs: int) -> None:
    """Without a number the job is the only one."""
    assert read_inputs({"CARBON_JOBS": value}).matrix_jobs == matrix_jobs


@pytest.mark.parametrize(
    ("variables", "workflow"),
    [
        ({"CARBON_MEASURE_WORKFLOW": "measure.yml"}, "measure.yml"),
        ({"GITHUB_WORKFLOW_REF": "o/r/.github/workflows/carbon.yml@refs/heads/main"}, "carbon.yml"),
        ({"GITHUB_WORKFLOW_REF": "o/r/.github/workflows/x.yml@refs/heads/a@b/c"}, "x.yml"),
        ({}, ""),
    ],
)
def test_workflow_that_measures_is_the_running_one_by_default(variables: dict[str, str], workflow: str) -> None:
    """The runner names the running workflow with its path and ref."""
    assert read_inputs(variables).measure_workflow == workflow


def test_folder_of_a_job_is_below_the_temporary_folder() -> None:
    """Two parts on one runner do not read each other's files."""
    inputs = read_inputs({"RUNNER_TEMP": "/runner", "CARBON_SHARD": "py 3.11"})
    assert inputs.job_folder == Path("/runner/pytest-carbon/job-py-3.11")


@pytest.mark.parametrize(
    ("text", "name"), [("a b", "a-b"), ("../../x", "x"), ("a" * 100, "a" * 80), ("ü", ""), ("-a.", "a"), ("", "")]
)
def test_slug(text: str, name: str) -> None:
    """A slug is short and has no character that an artifact's name must not have."""
    assert slug(text) == name
