"""The branch of a run, as the variables of CI systems name it. They check out a commit, so git alone cannot tell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pytest_carbon.config.load import USUAL_BRANCHES
from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.git.run_git import owner_and_name


class CiSystem(NamedTuple):
    """The variables of a CI system, each empty if it has none.

    ``pull_request`` are set for a pull request only, the one with its number first. ``head`` names the branch that
    wants to be merged, ``target`` the branch that it is merged into. ``branches`` name the branch of other runs, the
    best first; ``tag`` is set for a tag; ``commits`` name the commit. ``fork`` are two variables: the first names the
    repository of a pull request and the second ours; without the second, the first is set for a fork only.
    """

    pull_request: tuple[str, ...]
    head: str
    target: str
    branches: tuple[str, ...]
    tag: str
    commits: tuple[str, ...]
    fork: tuple[str, str] = ("", "")


SYSTEMS: Mapping[str, CiSystem] = {
    "GitHub Actions": CiSystem(
        ("GITHUB_HEAD_REF",), "GITHUB_HEAD_REF", "GITHUB_BASE_REF",
        ("GITHUB_REF_NAME",), "GITHUB_REF_TYPE", ("GITHUB_SHA",),
    ),
    "GitLab": CiSystem(
        ("CI_MERGE_REQUEST_IID",), "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        ("CI_COMMIT_REF_NAME",), "CI_COMMIT_TAG", ("CI_COMMIT_SHA",),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID"),
    ),
    "GitLab, for a repository elsewhere": CiSystem(
        ("CI_EXTERNAL_PULL_REQUEST_IID",), "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
        "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", ("CI_COMMIT_REF_NAME",), "CI_COMMIT_TAG", ("CI_COMMIT_SHA",),
        ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY"),
    ),
    "Jenkins": CiSystem(
        ("CHANGE_ID",), "CHANGE_BRANCH", "CHANGE_TARGET",
        ("BRANCH_NAME", "GIT_LOCAL_BRANCH", "GIT_BRANCH"), "TAG_NAME", ("GIT_COMMIT",), ("CHANGE_FORK", ""),
    ),
    "Azure Pipelines": CiSystem(
        ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID"),
        "SYSTEM_PULLREQUEST_SOURCEBRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH",
        ("BUILD_SOURCEBRANCH", "BUILD_SOURCEBRANCHNAME"), "", ("BUILD_SOURCEVERSION",),
        ("SYSTEM_PULLREQUEST_ISFORK", ""),
    ),
    "Buildkite": CiSystem(
        ("BUILDKITE_PULL_REQUEST",), "BUILDKITE_BRANCH", "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        ("BUILDKITE_BRANCH",), "BUILDKITE_TAG", ("BUILDKITE_COMMIT",),
        ("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO"),
    ),
    "Travis": CiSystem(
        ("TRAVIS_PULL_REQUEST",), "TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH",
        ("TRAVIS_BRANCH",), "TRAVIS_TAG", ("TRAVIS_COMMIT",), ("TRAVIS_PULL_REQUEST_SLUG", "TRAVIS_REPO_SLUG"),
    ),
    "Drone": CiSystem(
        ("DRONE_PULL_REQUEST",), "DRONE_SOURCE_BRANCH", "DRONE_TARGET_BRANCH",
        ("DRONE_BRANCH", "DRONE_COMMIT_BRANCH"), "DRONE_TAG", ("DRONE_COMMIT_SHA", "DRONE_COMMIT"),
    ),
    "Woodpecker": CiSystem(
        ("CI_COMMIT_PULL_REQUEST",), "CI_COMMIT_SOURCE_BRANCH", "CI_COMMIT_TARGET_BRANCH",
        ("CI_COMMIT_BRANCH",), "CI_COMMIT_TAG", ("CI_COMMIT_SHA",),
    ),
    "CircleCI": CiSystem(
        ("CIRCLE_PR_NUMBER", "CIRCLE_PR_REPONAME", "CIRCLE_PR_USERNAME"), "CIRCLE_BRANCH", "",
        ("CIRCLE_BRANCH",), "CIRCLE_TAG", ("CIRCLE_SHA1",), ("CIRCLE_PR_USERNAME", ""),
    ),
    "Bitbucket": CiSystem(
        ("BITBUCKET_PR_ID",), "BITBUCKET_BRANCH", "BITBUCKET_PR_DESTINATION_BRANCH",
        ("BITBUCKET_BRANCH",), "BITBUCKET_TAG", ("BITBUCKET_COMMIT",),
    ),
    "TeamCity": CiSystem(
        ("TEAMCITY_PULLREQUEST_NUMBER",), "TEAMCITY_PULLREQUEST_SOURCE_BRANCH", "TEAMCITY_PULLREQUEST_TARGET_BRANCH",
        ("TEAMCITY_BUILD_BRANCH",), "", ("BUILD_VCS_NUMBER",),
    ),
    "AppVeyor": CiSystem(
        ("APPVEYOR_PULL_REQUEST_NUMBER",), "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "APPVEYOR_REPO_BRANCH",
        ("APPVEYOR_REPO_BRANCH",), "APPVEYOR_REPO_TAG_NAME", ("APPVEYOR_REPO_COMMIT",),
        ("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "APPVEYOR_REPO_NAME"),
    ),
    "Semaphore": CiSystem(
        ("SEMAPHORE_GIT_PR_NUMBER",), "SEMAPHORE_GIT_PR_BRANCH", "SEMAPHORE_GIT_BRANCH",
        ("SEMAPHORE_GIT_BRANCH",), "SEMAPHORE_GIT_TAG_NAME", ("SEMAPHORE_GIT_SHA",),
        ("SEMAPHORE_GIT_PR_SLUG", "SEMAPHORE_GIT_REPO_SLUG"),
    ),
    "Cirrus": CiSystem(
        ("CIRRUS_PR",), "CIRRUS_BRANCH", "CIRRUS_BASE_BRANCH",
        ("CIRRUS_BRANCH",), "CIRRUS_TAG", ("CIRRUS_CHANGE_IN_REPO",),
    ),
    "Bitrise": CiSystem(
        ("BITRISE_PULL_REQUEST",), "BITRISE_GIT_BRANCH", "BITRISEIO_GIT_BRANCH_DEST",
        ("BITRISE_GIT_BRANCH",), "BITRISE_GIT_TAG", ("BITRISE_GIT_COMMIT",),
        ("BITRISEIO_PULL_REQUEST_REPOSITORY_URL", "GIT_REPOSITORY_URL"),
    ),
    "CodeBuild": CiSystem(
        ("CODEBUILD_WEBHOOK_TRIGGER", "CODEBUILD_WEBHOOK_BASE_REF"), "CODEBUILD_WEBHOOK_HEAD_REF",
        "CODEBUILD_WEBHOOK_BASE_REF", ("CODEBUILD_WEBHOOK_HEAD_REF",), "", ("CODEBUILD_RESOLVED_SOURCE_VERSION",),
    ),
}  # fmt: skip
"""The systems by name, in the order in which they are asked."""
VARIABLES = frozenset(
    name
    for system in SYSTEMS.values()
    for name in (
        *system.pull_request, system.head, system.target, *system.branches, system.tag, *system.commits, *system.fork
    )
    if name
)  # fmt: skip
"""All variables that are read here."""
_UNSET = ("", "false", "0")
_NO_TAG = (*_UNSET, "branch")
_MERGE = re.compile(r"(?:refs/pull/)?(\d{1,12})/merge")  # what GitHub and Azure Pipelines check out
_PULL_NUMBER = re.compile(r"(?:pr/)?(\d{1,12})")
_NO_PULL = re.compile(r"(branch|tag)/.*")  # what CodeBuild says of a push
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_OF_JENKINS = "GIT_BRANCH"
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


def branch_of_pull_request(environment: Mapping[str, str], base: str | None = None) -> str | None:
    """Return the branch that a pull request wants to merge; None if this is no run for a pull request.

    It is never that of its target, a usual default branch or ``base``, even if it has that name, and never one of this
    repository if a fork's: ``pull/`` and its number or its name are then returned, because its runs are no runs of that
    branch.
    """
    for system in SYSTEMS.values():
        marks = (environment.get(name, "").strip() for name in system.pull_request)
        mark = next((mark for mark in marks if mark.lower() not in _UNSET), "")
        if not mark or _NO_PULL.fullmatch(mark):
            continue
        head, target = (_without_prefix(environment.get(name, "")) for name in (system.head, system.target))
        if head in ("", target, base, *USUAL_BRANCHES) or _is_of_fork(system, environment):
            number = _MERGE.fullmatch(environment.get(system.branches[0], "")) or _PULL_NUMBER.fullmatch(mark)
            return f"pull/{number[1] if number else head.removeprefix('pull/') or 'unknown'}"
        return head
    return None


def _is_of_fork(system: CiSystem, environment: Mapping[str, str]) -> bool:
    of_pull, ours = (environment.get(name, "").strip().lower() for name in system.fork)
    if of_pull in _UNSET:
        return False
    return not system.fork[1] or (owner_and_name(of_pull) or of_pull) != (owner_and_name(ours) or ours)


def named_branches(environment: Mapping[str, str], remote: str = "origin") -> Iterator[tuple[str, str | None]]:
    """Yield the branch that each system's variables name, and the commit that they are about, if they name it.

    A tag is no branch. Jenkins alone writes the name of a ``remote`` before that of the branch.
    """
    for system in SYSTEMS.values():
        given = ((name, environment.get(name, "").strip()) for name in system.branches)
        name, value = next((one for one in given if one[1] and one != (_OF_JENKINS, "detached")), ("", ""))
        is_tag = environment.get(system.tag, "").strip().lower() not in _NO_TAG or value.startswith("refs/tags/")
        if value and not is_tag:
            branch = value.removeprefix(f"{remote}/") if name == _OF_JENKINS else value
            yield _without_prefix(branch), _commit_of(system, environment)


def named_commit(environment: Mapping[str, str]) -> str | None:
    """Return the full hash of the commit that the variables of a system name; None if none does."""
    commits = (_commit_of(system, environment) for system in SYSTEMS.values())
    return next((commit for commit in commits if commit), None)


def _commit_of(system: CiSystem, environment: Mapping[str, str]) -> str | None:
    values = (environment.get(name, "").strip() for name in system.commits)
    return next((value for value in values if _HASH.fullmatch(value)), None)


def _without_prefix(name: str) -> str:
    """Return the short name of a branch: ``main`` for ``refs/heads/main`` and ``origin/main``."""
    for prefix in ("refs/heads/", "refs/", "origin/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
