"""The branch of a run in the variables of CI systems: of its branch, of a pull request, of a tag."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.meter.ci_branch import (
    GITHUB_AND_GITLAB,
    OTHER_SYSTEMS,
    branch_of_pull_request,
    environment_at_start,
)
from pytest_carbon.meter.fingerprint import checked_out_branch, checked_out_commit
from tests.attack import Attack


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"BRANCH_NAME": "main"}, "main"),
        ({"GIT_BRANCH": "origin/main"}, "main"),
        ({"BUILD_SOURCEBRANCH": "refs/heads/feature/main", "BUILD_SOURCEBRANCHNAME": "main"}, "feature/main"),
        ({"BUILD_SOURCEBRANCHNAME": "main"}, "main"),
        ({"BUILDKITE_BRANCH": "main", "BUILDKITE_PULL_REQUEST": "false"}, "main"),
        ({"TRAVIS_BRANCH": "main", "TRAVIS_PULL_REQUEST": "false"}, "main"),
        ({"DRONE_BRANCH": "main"}, "main"),
        ({"CI_COMMIT_BRANCH": "main"}, "main"),
        ({"CIRCLE_BRANCH": "main"}, "main"),
        ({"BITBUCKET_BRANCH": "main"}, "main"),
        ({"APPVEYOR_REPO_BRANCH": "main"}, "main"),
        ({"SEMAPHORE_GIT_BRANCH": "main"}, "main"),
        ({"CIRRUS_BRANCH": "main"}, "main"),
        ({"BITRISE_GIT_BRANCH": "main"}, "main"),
        ({"CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main"}, "main"),
        ({"BUILD_SOURCEBRANCH": "refs/tags/main", "BUILD_SOURCEBRANCHNAME": "main"}, None),
        ({"BUILD_SOURCEBRANCH": "refs/pull/7/merge"}, "pull/7/merge"),
        ({"TRAVIS_BRANCH": "v1", "TRAVIS_TAG": "v1"}, None),
        ({"GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "tag"}, None),
        ({"GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}, "main"),
        ({"CI_COMMIT_REF_NAME": "main", "CI_COMMIT_TAG": "main"}, None),
        ({"BRANCH_NAME": " "}, None),
    ],
)
def test_branch_of_a_detached_head(tmp_path: Path, environment: dict[str, str], expected: str | None) -> None:
    """Every system's variables are read; a tag is no branch, and the last part of a branch's name is not its name."""
    assert checked_out_branch(tmp_path, environment) == expected


@pytest.mark.parametrize("system", [*GITHUB_AND_GITLAB, *OTHER_SYSTEMS], ids=lambda system: system.pull_request)
@pytest.mark.parametrize("head", ["topic", "main", "refs/heads/main", "release"])
def test_pull_request_is_never_a_run_of_its_target(tmp_path: Path, system: object, head: str) -> None:
    """The branch that it is merged into, or one of a fork with that name, would make it a base."""
    assert isinstance(system, tuple)
    pull_request, head_name, target, branches, _ = system
    environment = {**dict.fromkeys(branches, "release"), pull_request: "7"}
    environment |= {target: "release"} if target else {}
    environment[head_name] = head
    if pull_request == target:  # this system sets it for pull requests only
        environment[pull_request] = "release"
    branch = checked_out_branch(tmp_path, environment)
    if head == "topic":
        assert branch == "topic"
    else:
        assert branch is not None
        assert branch.startswith("pull/") or (branch == "release" and not target)


def test_a_commit_that_the_variables_are_not_about(tmp_path: Path) -> None:
    """A workflow on main that checked out a pull request's commit measured no run of main."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    author = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *author, "commit", "-q", "--allow-empty", "-m", "a"], cwd=tmp_path, check=True)
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=tmp_path, check=True)
    commit = checked_out_commit(tmp_path)
    variables = {"GITHUB_REF_NAME": "main", "GITHUB_SHA": str(commit)}
    assert checked_out_branch(tmp_path, variables) == "main"
    assert checked_out_branch(tmp_path, {**variables, "GITHUB_SHA": "e" * 40}) is None


@pytest.mark.attack("lost-base")
def test_what_is_checked_out_for_a_pull_request_is_not_its_branch(tmp_path: Path, attack: Attack) -> None:
    """Drone merges a pull request into the checked-out main; its run must not become a base of main."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True, env={**os.environ})
    assert checked_out_branch(tmp_path, {"DRONE_BRANCH": "other"}) == "main"
    merged = {"DRONE_BRANCH": "main", "DRONE_PULL_REQUEST": "7", "DRONE_SOURCE_BRANCH": "main"}
    branch = checked_out_branch(tmp_path, merged)
    assert branch == branch_of_pull_request(merged) == "pull/7"
    attack.harmless(str(branch))


@pytest.mark.parametrize("named", [{"GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}, {"DRONE_BRANCH": "main"}])
def test_a_branch_that_is_checked_out_goes_before_the_variables(tmp_path: Path, named: dict[str, str]) -> None:
    """What is checked out is what was measured; without it, the variables count."""
    subprocess.run(["git", "init", "-q", "-b", "topic", str(tmp_path)], check=True)
    assert checked_out_branch(tmp_path, named) == "topic"
    author = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *author, "commit", "-q", "--allow-empty", "-m", "a"], cwd=tmp_path, check=True)
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=tmp_path, check=True)
    assert checked_out_branch(tmp_path, named) == "main"


def test_variables_at_the_start_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel keeps the variables of the start; elsewhere the variables of now must do."""
    monkeypatch.setenv("GITHUB_REF_NAME", "changed")
    kept = tmp_path / "environ"
    kept.write_bytes(b"A=1=2\0B=\0C=a\nb\0\xff=\xff\0odd\0")
    assert environment_at_start(kept) == {"A": "1=2", "B": "", "C": "a\nb", "\udcff": "\udcff"}
    assert environment_at_start(tmp_path / "missing")["GITHUB_REF_NAME"] == "changed"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux keeps them")
def test_variables_that_were_changed_later_do_not_count() -> None:
    """Neither a conftest nor a plugin that was loaded before ours can change them."""
    code = (
        "import os; os.environ['GITHUB_REF_NAME'] = 'main'; from pytest_carbon.meter.ci_branch import "
        "environment_at_start as e; print(e()['GITHUB_REF_NAME'])"
    )
    environment = {**os.environ, "GITHUB_REF_NAME": "topic"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "topic\n"
