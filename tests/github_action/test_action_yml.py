"""action.yml and the workflows to copy: in step with the code, and no token where strangers' code runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from github_action.event.choose_stages import choose_stages
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs, read_inputs
from github_action.publish import step_outputs
from github_action.publish.publish import PublishResult
from tests.github_action.publish.cases import make_publication
from tests.github_action.workflows import (
    BASE,
    COMMENT,
    HEARD,
    LONG,
    ROOT,
    UNHEARD,
    WORKFLOWS,
    jobs_that_run,
    read_workflow,
    value,
)

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}


def test_every_input_reaches_a_step_by_its_environment() -> None:
    """Each input reaches the steps by one variable of its name, or only by a condition."""
    for name in ACTION["inputs"]:
        variables = [
            key
            for step in STEPS.values()
            for key, value in step.get("env", {}).items()
            if value == f"${{{{ inputs.{name} }}}}"
        ]
        by_condition = any(f"inputs.{name} " in step.get("if", "") for step in STEPS.values())
        assert set(variables) == {f"CARBON_{name.upper().replace('-', '_')}"} or (by_condition and not variables), name


def test_defaults_are_those_of_the_code() -> None:
    """A missing input has the same meaning as its default in action.yml."""
    given = {f"CARBON_{name.upper().replace('-', '_')}": about["default"] for name, about in ACTION["inputs"].items()}
    assert read_inputs(given) == read_inputs({})
    assert read_inputs({}).comment_mode == ActionInputs().comment_mode


def test_every_output_is_written() -> None:
    """The last step writes the outputs of action.yml, and the measuring step those for an upload of one's own."""
    written = step_outputs.output_values(make_publication(None), PublishResult(), None, None)
    assert set(ACTION["outputs"]) == {*written, "artifact-name"}
    values = {name: about["value"] for name, about in ACTION["outputs"].items()}
    assert values.pop("artifact-name") == "${{ steps.measure.outputs.artifact-name }}"
    report = values.pop("report-path")
    assert report == "${{ steps.finish.outputs.report-path || steps.measure.outputs.artifact-path }}"
    assert values == {name: f"${{{{ steps.finish.outputs.{name} }}}}" for name in values}


def test_upload_that_fails_is_said_and_judged_all_the_same() -> None:
    """GitHub Enterprise Server refuses version 4 of artifacts: the job is red, says what to do, and still judges."""
    assert STEPS["not-uploaded"]["if"] == "${{ always() && steps.upload.outcome == 'failure' }}"
    assert "continue-on-error" not in STEPS["upload"]
    assert "set the input upload to false, and upload the output report-path yourself" in STEPS["not-uploaded"]["run"]
    assert list(STEPS)[-1] == "finish"
    assert STEPS["finish"]["if"].startswith("${{ always()")


def test_measuring_step_has_no_token() -> None:
    """The step that runs the command gets neither the token, nor the ledger's URL, nor all inputs at once."""
    assert not re.search("token|ledger-url|toJSON.inputs|secrets", str(STEPS["measure"]))
    assert STEPS["install"]["env"]["CARBON_DATABASE"] == "${{ inputs.ledger-url != '' }}"


def test_last_step_always_runs() -> None:
    """The status is set even if an earlier step failed or was cancelled."""
    assert "always()" in STEPS["finish"]["if"]


def _strings(value: Any, name: str) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in _strings(item, key)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item, name)]
    return [f"{name}: {value}"]


@pytest.mark.parametrize("path", [ROOT / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_no_expression_reaches_a_shell(path: Path) -> None:
    """``run:`` holds no ``${{ }}``, and every action is pinned by its hash, or is ours."""
    texts = _strings(yaml.safe_load(path.read_text(encoding="utf-8")), "")
    assert not [text for text in texts if text.startswith("run:") and "${{" in text]
    used = [text.removeprefix("uses: ") for text in texts if text.startswith("uses:")]
    ours = r"^pytest-carbon/pytest-carbon(/.github/workflows/reusable-carbon(-publish)?.yml)?@v1$"
    own = r"^\./\.github/workflows/reusable-carbon\.yml$"
    assert all(re.search(rf"@[0-9a-f]{{40}}$|{ours}|{own}", action) for action in used)


@pytest.mark.parametrize(
    ("workflow", "event", "group", "cancels"),
    [
        ("carbon.yml", {"action": "opened"}, "carbon-5-commit", "True"),
        ("carbon.yml", {"action": "synchronize"}, "carbon-5-commit", "True"),
        ("carbon.yml", {"action": "edited", "changes": BASE}, "carbon-5-commit", "True"),
        ("carbon.yml", {"action": "labeled"}, "carbon-5-labels", "False"),
        ("carbon.yml", {"action": "unlabeled"}, "carbon-5-labels", "False"),
        ("carbon.yml", {"action": "closed"}, "carbon-5-labels", "False"),
        ("carbon.yml", {"action": "edited", "changes": {"title": {"from": "x"}}}, "carbon-5-77", "True"),
        ("carbon.yml", {"name": "push", "pull_request": None}, "carbon-abc-commit", "False"),
        ("carbon-publish.yml", {"action": "labeled"}, "carbon-publish-5-labels", "False"),
        ("carbon-publish.yml", {"action": "closed"}, "carbon-publish-5-labels", "False"),
        ("carbon-publish.yml", {"action": "synchronize"}, "carbon-publish-77", "False"),
        ("carbon-publish.yml", {"action": "completed", "pull_request": None}, "carbon-publish-77", "False"),
        *(("carbon.yml", {**COMMENT, **more}, "carbon-5-labels", "False") for more in HEARD),
        *(("carbon.yml", {**COMMENT, **more}, "carbon-5-77", "False") for more in UNHEARD),
        *(("carbon-publish.yml", {**COMMENT, **more}, "carbon-publish-5-labels", "False") for more in HEARD),
        *(("carbon-publish.yml", {**COMMENT, **more}, "carbon-publish-77", "False") for more in UNHEARD),
    ],
)
def test_runs_for_labels_and_reasons_follow_each_other(
    workflow: str, event: dict[str, Any], group: str, cancels: str
) -> None:
    """Of one pull request they share a group, in which GitHub keeps the newest; they cancel no run that measures."""
    concurrency = read_workflow(ROOT / "docs" / "workflows" / workflow)["concurrency"]
    facts = {"name": "pull_request", "pull_request": {"number": 5}, **event}
    assert value(concurrency["group"], facts) == group
    assert value(concurrency["cancel-in-progress"], facts) == cancels


@pytest.mark.parametrize("name", ["docs/workflows/carbon.yml", "docs/workflows/carbon-publish.yml",
                                  ".github/workflows/reusable-carbon.yml",
                                  ".github/workflows/reusable-carbon-publish.yml"])  # fmt: skip
@pytest.mark.parametrize(("comments", "judged"), [(HEARD, "publish"), (UNHEARD, "")])
def test_run_for_a_reason_only_judges(name: str, comments: list[dict[str, Any]], judged: str) -> None:
    """A comment that is heard runs no other job, and above all measures nothing; any other comment runs none.

    Each run that takes the group of the labels judges: else it would take the place of one that waits, for nothing.
    """
    workflow = read_workflow(ROOT / name)
    for more in comments:
        event = {**COMMENT, **more}
        assert jobs_that_run(workflow, event) == [judged] * bool(judged)
        context = GitHubContext("issue_comment", "o/r", "a" * 40, "refs/heads/main", 1, 1, "publish", payload=event)
        assert {"gate"} >= choose_stages(context, ActionInputs()) >= ({"gate"} if judged else set())


def test_the_merge_queue_is_judged_also_with_two_files() -> None:
    """carbon.yml without pull_request still measures and judges a merge group; the two files do not."""
    events = {path.name: read_workflow(path)["on"].keys() for path in LONG}
    assert [name for name in sorted(events) if "merge_group" in events[name]] == ["carbon.yml"]
    assert "push" in events["carbon.yml"]
    page = (ROOT / "docs" / "github-action.md").read_text(encoding="utf-8")
    assert "for main and the merge queue: take only `pull_request` and `issue_comment` out of its events" in page


def test_issues_are_written_by_one_job_at_a_time() -> None:
    """Two at once would write a comment twice, so all jobs that may write issues wait for each other."""
    jobs = [job for path in WORKFLOWS for job in read_workflow(path)["jobs"].values() if "steps" in job]
    writers = [job for job in jobs if "issues" in (job.get("permissions") or {})]
    assert len(writers) >= 3
    for job in writers:
        assert job["concurrency"] == {"group": "carbon-summary", "cancel-in-progress": False}
        assert [step["with"]["stage"] for step in job["steps"]] == ["summary"]
