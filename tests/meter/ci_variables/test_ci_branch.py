"""The branch of a run in the variables of CI systems: of its branch, of a pull request, of a tag."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.config.load import Config, LedgerSettings
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.meter.ci_variables.ci_branch import (
    SYSTEMS,
    CiSystem,
    branch_of_pull_request,
    environment_at_start,
    named_commit,
)
from pytest_carbon.meter.fingerprint import branch_of_run, checked_out_branch, checked_out_commit, commit_of_run
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
        ({"TEAMCITY_BUILD_BRANCH": "refs/heads/main"}, "main"),
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


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
@pytest.mark.parametrize("head", ["topic", "main", "refs/heads/main", "release"])
def test_pull_request_is_never_a_run_of_its_target(tmp_path: Path, system: CiSystem, head: str) -> None:
    """The branch that it is merged into, or one of a fork with that name, would make it a base."""
    environment = {**dict.fromkeys(system.branches, "release"), system.pull_request[0]: "7"}
    environment |= {system.target: "release"} if system.target else {}
    environment[system.head] = head
    branch = checked_out_branch(tmp_path, environment)
    if head == "topic":
        assert branch == "topic"
    else:
        assert branch is not None
        assert branch.startswith("pull/") or (branch == "release" and not system.target)


FORKS = {
    "GitHub Actions": {"GITHUB_HEAD_REF": "main", "GITHUB_BASE_REF": "main", "GITHUB_REF_NAME": "7/merge"},
    "GitLab": {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "next",
               "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "12", "CI_MERGE_REQUEST_PROJECT_ID": "3"},
    "GitLab, for a repository elsewhere": {
        "CI_EXTERNAL_PULL_REQUEST_IID": "7", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": "next",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "eve/shop",
        "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "org/shop"},
    "Jenkins": {"CHANGE_ID": "7", "CHANGE_BRANCH": "next", "CHANGE_FORK": "eve", "BRANCH_NAME": "PR-7"},
    "Azure Pipelines": {"SYSTEM_PULLREQUEST_PULLREQUESTID": "1234", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "7",
                        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/next", "SYSTEM_PULLREQUEST_ISFORK": "True"},
    "Buildkite": {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_BRANCH": "next",
                  "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/eve/shop.git",
                  "BUILDKITE_REPO": "git@github.com:org/shop.git"},
    "Travis": {"TRAVIS_PULL_REQUEST": "7", "TRAVIS_PULL_REQUEST_BRANCH": "next", "TRAVIS_BRANCH": "main",
               "TRAVIS_PULL_REQUEST_SLUG": "eve/shop", "TRAVIS_REPO_SLUG": "org/shop"},
    "CircleCI": {"CIRCLE_PR_NUMBER": "7", "CIRCLE_PR_REPONAME": "shop", "CIRCLE_PR_USERNAME": "eve",
                 "CIRCLE_BRANCH": "pull/7"},
    "AppVeyor": {"APPVEYOR_PULL_REQUEST_NUMBER": "7", "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH": "next",
                 "APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME": "eve/shop", "APPVEYOR_REPO_NAME": "org/shop",
                 "APPVEYOR_REPO_BRANCH": "main"},
    "Semaphore": {"SEMAPHORE_GIT_PR_NUMBER": "7", "SEMAPHORE_GIT_PR_BRANCH": "next", "SEMAPHORE_GIT_BRANCH": "main",
                  "SEMAPHORE_GIT_PR_SLUG": "eve/shop", "SEMAPHORE_GIT_REPO_SLUG": "org/shop"},
    "Bitrise": {"BITRISE_PULL_REQUEST": "7", "BITRISE_GIT_BRANCH": "next",
                "GIT_REPOSITORY_URL": "git@host:org/shop.git",
                "BITRISEIO_PULL_REQUEST_REPOSITORY_URL": "https://host/eve/shop.git"},
    "Cirrus": {"CIRRUS_PR": "7", "CIRRUS_BRANCH": "pull/7", "CIRRUS_BASE_BRANCH": "main"},
}  # fmt: skip


@pytest.mark.parametrize("variables", FORKS.values(), ids=FORKS)
def test_kind_14_a_branch_of_a_fork_has_not_the_name_of_one_of_ours(tmp_path: Path, variables: dict[str, str]) -> None:
    """Where a system tells that a pull request is a fork's, its number is the name, whatever the branch is called."""
    assert checked_out_branch(tmp_path, variables) == "pull/7"


@pytest.mark.parametrize(
    "changed",
    [
        {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "3"}, {"CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "org/shop"},
        {"CHANGE_FORK": ""}, {"SYSTEM_PULLREQUEST_ISFORK": "False"},
        {"BUILDKITE_PULL_REQUEST_REPO": "https://github.com/Org/shop.git"}, {"TRAVIS_PULL_REQUEST_SLUG": "org/shop"},
        {"SEMAPHORE_GIT_PR_SLUG": "org/shop"}, {"BITRISEIO_PULL_REQUEST_REPOSITORY_URL": "https://host/org/shop"},
    ],
)  # fmt: skip
def test_a_branch_of_the_own_repository_keeps_its_name(tmp_path: Path, changed: dict[str, str]) -> None:
    """The same repository may have another form of address."""
    (variables,) = (fork for fork in FORKS.values() if changed.keys() <= fork.keys())
    assert checked_out_branch(tmp_path, {**variables, **changed}) == "next"


def test_code_build_says_what_started_a_build(tmp_path: Path) -> None:
    """The base of a push is no pull request."""
    push = {"CODEBUILD_WEBHOOK_TRIGGER": "branch/main", "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main"}
    assert checked_out_branch(tmp_path, push) == "main"
    pull = {**push, "CODEBUILD_WEBHOOK_TRIGGER": "pr/7", "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"}
    assert checked_out_branch(tmp_path, pull) == "pull/7"


@pytest.mark.parametrize("variable", [name for system in SYSTEMS.values() for name in system.commits])
def test_kind_14_the_commit_is_known_without_git(tmp_path: Path, variable: str) -> None:
    """A container may have the files without the repository. A name such as HEAD is no commit."""
    assert commit_of_run(tmp_path, {variable: "e" * 40}) == "e" * 40
    assert named_commit({variable: "HEAD"}) is None


def test_kind_14_a_pull_request_is_never_of_the_configured_branch(tmp_path: Path) -> None:
    """A fork's branch may have the name of a default branch that only the policy knows."""
    config = Config(tmp_path, policy=Policy(default_branch="develop"))
    variables = {"DRONE_PULL_REQUEST": "7", "DRONE_SOURCE_BRANCH": "develop", "DRONE_TARGET_BRANCH": "main"}
    assert branch_of_run(tmp_path, config, variables) == "pull/7"
    assert branch_of_run(tmp_path, config, {**variables, "DRONE_SOURCE_BRANCH": "topic"}) == "topic"
    assert branch_of_run(tmp_path, config, {"DRONE_BRANCH": "develop"}) == "develop"


@pytest.mark.parametrize(
    ("variables", "branch"),
    [
        ({"GIT_BRANCH": "upstream/main"}, "main"),
        ({"GIT_BRANCH": "origin/main"}, "main"),
        ({"GIT_BRANCH": "eve/main"}, "eve/main"),
        ({"GIT_BRANCH": "detached"}, None),
        ({"BRANCH_NAME": "upstream/main", "GIT_BRANCH": "upstream/main"}, "upstream/main"),
        ({"GITHUB_REF_NAME": "upstream/main"}, "upstream/main"),
        ({"GITHUB_REF_NAME": "detached"}, "detached"),
    ],
)
def test_kind_14_jenkins_names_the_remote_before_the_branch(
    tmp_path: Path, variables: dict[str, str], branch: str | None
) -> None:
    """Only the remote of the settings is ours: the plugin for GitLab calls a fork's remote by its owner."""
    config = Config(tmp_path, ledger=LedgerSettings(remote="upstream"))
    assert branch_of_run(tmp_path, config, variables) == branch


@pytest.mark.attack("lost-base")
def test_a_commit_that_the_variables_are_not_about(tmp_path: Path, attack: Attack) -> None:
    """A workflow on main that checked out a pull request's commit measured no run of main."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    author = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *author, "commit", "-q", "--allow-empty", "-m", "a"], cwd=tmp_path, check=True)
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=tmp_path, check=True)
    commit = checked_out_commit(tmp_path)
    variables = {"GITHUB_REF_NAME": "main", "GITHUB_SHA": str(commit)}
    assert checked_out_branch(tmp_path, variables) == "main"
    elsewhere = {**variables, "GITHUB_SHA": "e" * 40}
    assert checked_out_branch(tmp_path, elsewhere) is None
    subprocess.run(["git", "checkout", "-q", "main"], cwd=tmp_path, check=True)
    assert checked_out_branch(tmp_path, variables) == "main"
    attack.harmless(str(checked_out_branch(tmp_path, elsewhere)))
    assert checked_out_branch(tmp_path, elsewhere) is None  # a fork's main, checked out by a workflow of ours
    subprocess.run(["git", "checkout", "-q", "-b", "topic"], cwd=tmp_path, check=True)
    assert checked_out_branch(tmp_path, elsewhere) == "topic"


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
        "import os; os.environ['GITHUB_REF_NAME'] = 'main'; from pytest_carbon.meter.ci_variables.ci_branch import "
        "environment_at_start as e; print(e()['GITHUB_REF_NAME'])"
    )
    environment = {**os.environ, "GITHUB_REF_NAME": "topic"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "topic\n"
