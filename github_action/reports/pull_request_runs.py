"""The runs of pull requests that have ended and left reports: found in three lists, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, NamedTuple

from github_action.api.client import Client
from github_action.event.github_context import is_sha
from github_action.event.inputs import ARTIFACT_PREFIX
from github_action.reports.download_artifacts import repository_path
from github_action.reports.pull_request import PullRequest, read_pull_request


class PullRequestRun(NamedTuple):
    """One attempt of a run of a pull request, and the artifacts with its reports. Times are GitHub's, in UTC.

    ``merged`` is empty for a pull request that is not; ``conclusion`` for an attempt whose end is not known.
    """

    merged_at: str
    created_at: str
    id: int
    attempt: int
    conclusion: str
    head_sha: str
    pull: PullRequest
    artifacts: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class PullRequestRuns:
    """Runs of our own branches, and how many more there are of forks, or of nobody knows which pull request."""

    runs: list[PullRequestRun] = field(default_factory=list)
    forks: int = 0
    unclear: int = 0


class _Candidate(NamedTuple):
    pull: PullRequest
    created_at: str
    closed_at: str
    merged_at: str


def find_ended_runs(client: Client, repository: str, since: str) -> PullRequestRuns:
    """Return the runs since a time (ISO 8601 in UTC), those of the newest merged pull requests first.

    Raises ApiError where one of the lists cannot be read. Of each list at most 1,000 are looked at.
    """
    path = f"repos/{repository_path(repository)}"
    artifacts = _artifacts_by_run(client, path, since)
    found = PullRequestRuns()
    if not artifacts:
        return found
    listed = client.list_items(f"{path}/pulls", state="all", sort="updated", direction="desc")
    candidates = [_candidate(one) for one in _take_since(listed, "updated_at", since)]
    runs = client.list_items(f"{path}/actions/runs", key="workflow_runs", event="pull_request")
    for run in _take_since(runs, "created_at", since):
        own = artifacts.get(int(run["id"]), [])
        if own and run.get("status") == "completed" and is_sha(run.get("head_sha")):
            _add_run(found, run, own, [one for one in candidates if one])
    found.runs.sort(key=lambda run: (run.merged_at, run.created_at, run.attempt), reverse=True)
    return found


def _add_run(
    found: PullRequestRuns, run: Mapping[str, Any], artifacts: Sequence[dict[str, Any]], pulls: Iterable[_Candidate]
) -> None:
    theirs = (run.get("head_repository") or {}).get("id")
    if theirs != (run.get("repository") or {}).get("id"):
        found.forks += 1
        return
    of = _pull_request_of(run, [one for one in pulls if one.pull.head_repository_id == theirs])
    if of is None:
        found.unclear += 1
        return
    for attempt, conclusion, artifacts in _split_by_attempt(run, artifacts):
        made, sha = str(run.get("created_at")), str(run["head_sha"])
        found.runs.append(
            PullRequestRun(of.merged_at, made, int(run["id"]), attempt, conclusion, sha, of.pull, artifacts)
        )


def _pull_request_of(run: Mapping[str, Any], pulls: Iterable[_Candidate]) -> _Candidate | None:
    """Return the one pull request whose branch it ran on while it was open; a branch may have had several."""
    made = str(run.get("created_at"))
    of_branch = [one for one in pulls if one.pull.head_ref == run.get("head_branch")]
    near = [one for one in of_branch if one.created_at <= made and (not one.closed_at or made <= one.closed_at)]
    exact = [one for one in near if one.pull.head_sha == run["head_sha"]] if len(near) > 1 else near
    return exact[0] if len(exact) == 1 else None


def _split_by_attempt(
    run: Mapping[str, Any], artifacts: Iterable[dict[str, Any]]
) -> Iterator[tuple[int, str, tuple[dict[str, Any], ...]]]:
    """Part the artifacts by attempt. What is older than the newest is taken for that of the one before."""
    newest, began = int(run.get("run_attempt") or 1), str(run.get("run_started_at"))
    older = tuple(one for one in artifacts if newest > 1 and str(one.get("created_at")) < began)
    last = tuple(one for one in artifacts if one not in older)
    if older:
        yield newest - 1, "", older
    if last:
        yield newest, str(run.get("conclusion") or ""), last


def _artifacts_by_run(client: Client, path: str, since: str) -> dict[int, list[dict[str, Any]]]:
    """Return the artifacts with reports, by the run that they are of."""
    found: dict[int, list[dict[str, Any]]] = {}
    for one in _take_since(client.list_items(f"{path}/actions/artifacts", key="artifacts"), "created_at", since):
        if str(one.get("name")).startswith(f"{ARTIFACT_PREFIX}-") and not one.get("expired"):
            found.setdefault(int((one.get("workflow_run") or {}).get("id") or 0), []).append(one)
    return found


def _candidate(data: Mapping[str, Any]) -> _Candidate | None:
    pull = read_pull_request(data)
    times = (str(data.get(name) or "") for name in ("created_at", "closed_at", "merged_at"))
    return _Candidate(pull, *times) if pull else None


def _take_since(listed: Iterable[dict[str, Any]], time_field: str, since: str) -> Iterator[dict[str, Any]]:
    """Yield what is listed newest first, down to a time."""
    return takewhile(lambda one: str(one.get(time_field)) >= since, listed)
