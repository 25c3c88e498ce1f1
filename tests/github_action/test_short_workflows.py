"""The short workflows to copy, and the reusable ones that they call: few lines, least rights, the long ones' jobs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.github_action.code_beside_rights import CALLED
from tests.github_action.workflows import (
    BASE,
    COMMENT,
    HEARD,
    ROOT,
    SHORT,
    UNHEARD,
    jobs_that_run,
    read_workflow,
    value,
)

CALLABLE = {path.name: read_workflow(path) for path in (ROOT / ".github" / "workflows").glob("reusable-*.yml")}
DOCUMENTED = {path.name: read_workflow(path) for path in (ROOT / "docs" / "workflows").glob("*.yml")}
OWN, FORKS = (ROOT / "docs" / "workflows" / "short" / name for name in ("own-branches", "forks"))
LEVELS = ("none", "read", "write")
PULL = {"name": "pull_request", "pull_request": {"number": 5}}
TITLE = {"action": "edited", "changes": {"title": {"from": "x"}}}
MEASURED = ["measure", "record", "summary"]


def _call(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the only job of a short workflow, and the workflow that it calls."""
    (job,) = read_workflow(path)["jobs"].values()
    called = CALLED.fullmatch(job["uses"])
    assert called
    return job, CALLABLE[called[1]]


def _ran(path: Path, event: dict[str, Any]) -> list[str]:
    """Return which jobs run if GitHub sends an event to a short workflow; none if the file does not name the event."""
    workflow = read_workflow(path)
    about = workflow["on"].get(event["name"], {"types": ()})
    types = about.get("types") if isinstance(about, dict) else None
    if (types is not None and event.get("action") not in types) or not jobs_that_run(workflow, event):
        return []
    job, called = _call(path)
    return jobs_that_run(called, event, **job.get("with", {}))


@pytest.mark.parametrize("path", SHORT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_short_workflow_has_twelve_lines(path: Path) -> None:
    """A project's own file is short, and its lines are not endless."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 160


@pytest.mark.parametrize("path", [*SHORT, ROOT / ".github/workflows/carbon.yml"], ids=str)
def test_caller_grants_what_the_called_jobs_need_and_no_more(path: Path) -> None:
    """GitHub starts no run if the caller grants less than any called job asks for, even one that would be skipped."""
    job, called = _call(path)
    needed: dict[str, str] = {}
    for part in called["jobs"].values():
        for name, level in part["permissions"].items():
            needed[name] = max(level, needed.get(name, "none"), key=LEVELS.index)
    assert job["permissions"] == needed


@pytest.mark.parametrize("path", SHORT, ids=str)
def test_caller_gives_only_inputs_that_there_are_and_no_secret(path: Path) -> None:
    """No secret is inherited; the input that differs between projects is in the file."""
    job, called = _call(path)
    inputs = (called["on"]["workflow_call"] or {}).get("inputs") or {}
    assert inputs.keys() >= job.get("with", {}).keys()
    assert "secrets" not in job
    assert ("install" in job.get("with", {})) == ("install" in inputs)


def test_every_input_and_secret_is_described_and_used() -> None:
    """No secret is required, every input has a default, and only jobs without code of yours get the secret."""
    for name, called in CALLABLE.items():
        text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
        call = called["on"]["workflow_call"]
        for given, about in (call.get("inputs") or {}).items():
            assert about.keys() == {"description", "type", "default"}
            assert f"inputs.{given}" in text
        assert [(secret, about["required"]) for secret, about in call["secrets"].items()] == [
            ("CARBON_LEDGER_URL", False)
        ]
        with_secret = [job for job, about in called["jobs"].items() if "secrets." in str(about)]
        assert with_secret == [job for job in called["jobs"] if job not in ("start", "measure")]


def test_called_jobs_are_those_of_the_long_workflows() -> None:
    """Rights, actions, stages and groups are the same, so that one may be read for the other."""
    pairs = {"reusable-carbon.yml": "carbon.yml", "reusable-carbon-publish.yml": "carbon-publish.yml"}
    assert pairs.keys() == CALLABLE.keys()
    for called, long in ((CALLABLE[name], DOCUMENTED[long]) for name, long in pairs.items()):
        assert called["jobs"].keys() == long["jobs"].keys()
        assert (called["permissions"], called["concurrency"]) == (long["permissions"], long["concurrency"])
        for name, job in called["jobs"].items():
            other = long["jobs"][name]
            assert (job["permissions"], job.get("needs")) == (other["permissions"], other.get("needs"))
            assert job.get("concurrency") == other.get("concurrency")
            assert [_step(step) for step in job["steps"]] == [_step(step) for step in other["steps"]]
    nightly = DOCUMENTED["carbon-nightly.yml"]["jobs"]
    assert {name: job["permissions"] for name, job in nightly.items()} == {
        name: CALLABLE["reusable-carbon.yml"]["jobs"][name]["permissions"] for name in MEASURED
    }


@pytest.mark.parametrize("name", CALLABLE)
def test_what_a_callers_pin_covers(name: str) -> None:
    """It covers the other actions, each at a commit, and not the Action inside, as the file and its page say."""
    uses = {str(step["uses"]) for job in CALLABLE[name]["jobs"].values() for step in job["steps"] if "uses" in step}
    others = uses - {"pytest-carbon/pytest-carbon@v1"}
    assert others < uses
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", other) for other in others)
    said = (
        "A commit that the caller names pins this file and the other actions in it; the Action inside is the newest v1"
    )
    assert said in (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
    assert "the Action inside, which stays the newest `v1`" in (ROOT / "docs" / "github-action.md").read_text("utf-8")


def _step(step: dict[str, Any]) -> tuple[str, str]:
    return str(step.get("uses", "run")), str(step.get("with", {}).get("stage"))


@pytest.mark.parametrize(
    ("event", "own", "forks", "publish"),
    [
        ({**PULL, "action": "opened"}, ["start", "measure", "publish"], ["measure"], []),
        ({**PULL, "action": "synchronize"}, ["start", "measure", "publish"], ["measure"], []),
        ({**PULL, "action": "edited", "changes": BASE}, ["start", "measure", "publish"], ["measure"], []),
        ({**PULL, **TITLE}, [], [], []),
        ({**PULL, "action": "labeled"}, ["publish"], [], []),
        ({**PULL, "action": "closed"}, ["publish"], [], []),
        ({"name": "merge_group", "action": "checks_requested"}, *[["start", "measure", "publish"]] * 2, []),
        ({"name": "push"}, MEASURED, MEASURED, []),
        ({"name": "schedule"}, MEASURED, MEASURED, []),
        ({**PULL, "name": "pull_request_target", "action": "labeled"}, [], [], ["publish"]),
        ({**PULL, "name": "pull_request_target", "action": "opened"}, [], [], ["publish"]),
        ({"name": "workflow_run", "action": "completed", "workflow_run": {"event": "push"}}, [], [], []),
        (
            {"name": "workflow_run", "action": "completed", "workflow_run": {"event": "pull_request"}},
            [],
            [],
            ["publish"],
        ),
        *(({**COMMENT, **more}, ["publish"], [], ["publish"]) for more in HEARD),
        *(({**COMMENT, **more}, [], [], []) for more in UNHEARD),
    ],
    ids=str,
)
def test_each_event_runs_its_jobs(event: dict[str, Any], own: list[str], forks: list[str], publish: list[str]) -> None:
    """One file measures and judges; of two files, the first measures pull requests, and the second judges them."""
    ran = [_ran(path, event) for path in (OWN / "carbon.yml", FORKS / "carbon.yml", FORKS / "carbon-publish.yml")]
    assert ran == [own, forks, publish]


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment", "discussion_comment"])
def test_tests_never_run_for_an_event_whose_token_may_write_for_a_stranger(event: str) -> None:
    """Whatever events a project's file names, they measure nothing."""
    assert "measure" not in jobs_that_run(CALLABLE["reusable-carbon.yml"], {**PULL, "name": event, "action": "opened"})


def test_two_files_know_each_other() -> None:
    """The second is started by the first one's name, and asks for its runs by its file."""
    first, second = (read_workflow(FORKS / name) for name in ("carbon.yml", "carbon-publish.yml"))
    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]
    (step,) = CALLABLE["reusable-carbon-publish.yml"]["jobs"]["publish"]["steps"]
    assert step["with"]["measure-workflow"] == "carbon.yml"
    assert _call(FORKS / "carbon.yml")[0]["with"]["forks"] is True


@pytest.mark.parametrize(
    ("python", "versions"), [("3.12", ["3.12"]), ("3.10", ["3.10"]), ('["3.11", "3.14t"]', ["3.11", "3.14t"])]
)
def test_python_is_one_version_or_a_list(python: str, versions: list[str]) -> None:
    """A version stays a text: 3.10 is not 3.1."""
    matrix = CALLABLE["reusable-carbon.yml"]["jobs"]["measure"]["strategy"]["matrix"]
    assert value(matrix["python"], PULL, python=python) == str(versions)


@pytest.mark.parametrize(("page", "shown"), [("README.md", SHORT[2:]), ("docs/github-action.md", SHORT)])
def test_pages_show_the_files_to_copy(page: str, shown: list[Path]) -> None:
    """What a page shows is what the file says."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    calls = [block for block in blocks if "/.github/workflows/" in block]
    assert sorted(calls) == sorted(path.read_text(encoding="utf-8") for path in shown)


def test_this_repository_uses_the_workflow_that_it_documents() -> None:
    """Our workflow differs from the documented one only in what it installs, and in that it calls this commit's."""
    documented, used = (
        path.read_text(encoding="utf-8").splitlines()
        for path in (OWN / "carbon.yml", ROOT / ".github" / "workflows" / "carbon.yml")
    )
    changed = [line for line, wanted in zip(used, documented, strict=True) if line != wanted]
    assert [re.split(r"[: ]", line.strip())[0] for line in changed] == ["uses", "with"]
    assert "uses: ./.github/workflows/reusable-carbon.yml" in changed[0]
