"""The branch of a run, as the variables of CI systems name it. They check out a commit, so git alone cannot tell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pytest_carbon.config.load import USUAL_BRANCHES
from pytest_carbon.files.read_bounded import read_bytes


class CiSystem(NamedTuple):
    """The variables of a CI system, each empty if it has none.

    ``pull_request`` is set for a pull request only, ``head`` names the branch that wants to be merged, ``target`` the
    branch that it is merged into. ``branches`` name the branch of other runs, the best first; ``tag`` is set for a tag.
    """

    pull_request: str
    head: str
    target: str
    branches: tuple[str, ...]
    tag: str


GITHUB_AND_GITLAB = (
    CiSystem("GITHUB_HEAD_REF", "GITHUB_HEAD_REF", "GITHUB_BASE_REF", ("GITHUB_REF_NAME",), "GITHUB_REF_TYPE"),
    CiSystem(
        "CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        ("CI_COMMIT_REF_NAME",), "CI_COMMIT_TAG",
    ),
)  # fmt: skip
"""These come before the others."""
OTHER_SYSTEMS = (
    CiSystem(
        "CHANGE_ID", "CHANGE_BRANCH", "CHANGE_TARGET", ("BRANCH_NAME", "GIT_LOCAL_BRANCH", "GIT_BRANCH"), "TAG_NAME"
    ),
    CiSystem(
        "SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_SOURCEBRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH",
        ("BUILD_SOURCEBRANCH", "BUILD_SOURCEBRANCHNAME"), "",
    ),
    CiSystem(
        "BUILDKITE_PULL_REQUEST", "BUILDKITE_BRANCH", "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        ("BUILDKITE_BRANCH",), "BUILDKITE_TAG",
    ),
    CiSystem("TRAVIS_PULL_REQUEST", "TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH", ("TRAVIS_BRANCH",), "TRAVIS_TAG"),
    CiSystem(
        "DRONE_PULL_REQUEST", "DRONE_SOURCE_BRANCH", "DRONE_TARGET_BRANCH",
        ("DRONE_BRANCH", "DRONE_COMMIT_BRANCH"), "DRONE_TAG",
    ),
    CiSystem(
        "CI_COMMIT_PULL_REQUEST", "CI_COMMIT_SOURCE_BRANCH", "CI_COMMIT_TARGET_BRANCH",
        ("CI_COMMIT_BRANCH",), "CI_COMMIT_TAG",
    ),
    CiSystem("CIRCLE_PR_NUMBER", "CIRCLE_BRANCH", "", ("CIRCLE_BRANCH",), "CIRCLE_TAG"),
    CiSystem(
        "BITBUCKET_PR_ID", "BITBUCKET_BRANCH", "BITBUCKET_PR_DESTINATION_BRANCH", ("BITBUCKET_BRANCH",), "BITBUCKET_TAG"
    ),
    CiSystem(
        "APPVEYOR_PULL_REQUEST_NUMBER", "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "APPVEYOR_REPO_BRANCH",
        ("APPVEYOR_REPO_BRANCH",), "APPVEYOR_REPO_TAG_NAME",
    ),
    CiSystem(
        "SEMAPHORE_GIT_PR_NUMBER", "SEMAPHORE_GIT_PR_BRANCH", "SEMAPHORE_GIT_BRANCH",
        ("SEMAPHORE_GIT_BRANCH",), "SEMAPHORE_GIT_TAG_NAME",
    ),
    CiSystem("CIRRUS_PR", "CIRRUS_BRANCH", "CIRRUS_BASE_BRANCH", ("CIRRUS_BRANCH",), "CIRRUS_TAG"),
    CiSystem(
        "BITRISE_PULL_REQUEST", "BITRISE_GIT_BRANCH", "BITRISEIO_GIT_BRANCH_DEST",
        ("BITRISE_GIT_BRANCH",), "BITRISE_GIT_TAG",
    ),
    CiSystem(
        "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_BASE_REF",
        ("CODEBUILD_WEBHOOK_HEAD_REF",), "",
    ),
)  # fmt: skip
"""Jenkins, Azure Pipelines, Buildkite, Travis, Drone, Woodpecker, CircleCI, Bitbucket, AppVeyor, Semaphore, Cirrus,
Bitrise, CodeBuild."""
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA")
VARIABLES = frozenset(
    name
    for system in (*GITHUB_AND_GITLAB, *OTHER_SYSTEMS)
    for name in (system.pull_request, system.head, system.target, *system.branches, system.tag, *_COMMITS)
    if name
)
"""All variables that are read here."""
_UNSET = ("", "false", "0")
_NO_TAG = (*_UNSET, "branch")
_OWN_START = Path("/proc/self/environ")
_MOST_BYTES = 20_000_000


def environment_at_start(kept_by_kernel: Path = _OWN_START) -> dict[str, str]:
    """Return the variables that this process was started with: Linux keeps them. Elsewhere, the variables of now.

    Code that a test run imports may change the variables of its process.
    """
    try:
        return read_variables(kept_by_kernel)
    except OSError:
        return dict(os.environ)


def read_variables(kept_by_kernel: Path) -> dict[str, str]:
    """Return the variables that a process was started with, from its file below /proc. Raises OSError."""
    text = os.fsdecode(read_bytes(kept_by_kernel, _MOST_BYTES))
    pairs = (item.partition("=") for item in text.split("\0") if "=" in item)
    return {name: value for name, _, value in pairs}


def branch_of_pull_request(environment: Mapping[str, str]) -> str | None:
    """Return the branch that a pull request wants to merge; None if this is no run for a pull request.

    A fork's branch may be called as the branch that it is merged into: then ``pull/`` is put before its name, because
    its runs are no runs of that branch.
    """
    for system in (*GITHUB_AND_GITLAB, *OTHER_SYSTEMS):
        number = environment.get(system.pull_request, "")
        if number.strip().lower() in _UNSET:
            continue
        head, target = (_without_prefix(environment.get(name, "")) for name in (system.head, system.target))
        if head in ("", target, *USUAL_BRANCHES):
            return f"pull/{number if number.isdigit() else head or 'unknown'}"
        return head
    return None


def named_branch(systems: tuple[CiSystem, ...], environment: Mapping[str, str]) -> str | None:
    """Return the branch that the variables of one of these systems name; None if none does, and for a tag."""
    for system in systems:
        value = next((value for name in system.branches if (value := environment.get(name, "").strip())), "")
        if value:
            is_tag = environment.get(system.tag, "").strip().lower() not in _NO_TAG or value.startswith("refs/tags/")
            return None if is_tag else _without_prefix(value)
    return None


def is_of_named_commit(commit: str | None, environment: Mapping[str, str]) -> bool:
    """Return whether a commit is the one that GitHub's or GitLab's variables are about, as far as both are known.

    A workflow that another one started may check out a pull request while its variables name the default branch.
    """
    named = next((environment[name] for name in _COMMITS if environment.get(name)), None)
    return commit is None or named is None or commit == named


def _without_prefix(name: str) -> str:
    """Return the short name of a branch: ``main`` for ``refs/heads/main`` and ``origin/main``."""
    for prefix in ("refs/heads/", "refs/", "origin/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
