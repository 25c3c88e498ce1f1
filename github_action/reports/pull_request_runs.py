"""Finds the ended runs of pull requests that left reports, from three lists of the API, however many runs there are."""

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
    """One attempt of a run of a pull request, with the artifacts of its reports. Times are GitHub's, in UTC.

    ``merged_at`` is empty for a pull request that is not merged, ``conclusion`` for an attempt whose end is not known.
    """

    merged_at: str
    created_at: str
    attempt_started_at: str
    id: int
    attempt: int
    conclusion: str
    head_sha: str
    pull: PullRequest
    artifacts: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class PullRequestRuns:
    """The runs of the repository's own branches; the numbers of runs of forks and of ambiguous pull requests."""

    runs: list[PullRequestRun] = field(default_factory=list)
    forks: int = 0
    ambiguous: int = 0


class _Candidate(NamedTuple):
    pull: PullRequest
    created_at: str
    closed_at: str
    merged_at: str


def find_ended_runs(client: Client, repository: str, since: str) -> PullRequestRuns:
    """Return the runs since a time (ISO 8601 in UTC), runs of the latest merged pull requests first.

    At most 1,000 items of each list are read. Raises ApiError if a list cannot be read.
    """
    path = f"repos/{repository_path(repository)}"
    artifacts = _artifacts_by_run(client, path, since)
    result = PullRequestRuns()
    if not artifacts:
        return result
    listed = client.list_items(f"{path}/pulls", state="all", sort="updated", direction="desc")
    candidates = [_candidate(data) for data in _take_since(listed, "updated_at", since)]
    runs = client.list_items(f"{path}/actions/runs", key="workflow_runs", event="pull_request")
    for run in _take_since(runs, "created_at", since):
        uploaded = artifacts.get(int(run["id"]), [])
        if uploaded and run.get("status") == "completed" and is_sha(run.get("head_sha")):
            _add_run(result, run, uploaded, [candidate for candidate in candidates if candidate])
    result.runs.sort(key=lambda run: (run.merged_at, run.created_at, run.attempt), reverse=True)
    return result


def _add_run(
    result: PullRequestRuns, run: Mapping[str, Any], uploaded: Sequence[dict[str, Any]], pulls: Iterable[_Candidate]
) -> None:
    """Add the attempts of a run to the result, or count the run as one of a fork or of an ambiguous pull request."""
    head_repository = (run.get("head_repository") or {}).get("id")
    if head_repository != (run.get("repository") or {}).get("id"):
        result.forks += 1
        return
    candidate = _pull_request_of(run, [pull for pull in pulls if pull.pull.head_repository_id == head_repository])
    if candidate is None:
        result.ambiguous += 1
        return
    created_at, run_id, sha = str(run.get("created_at")), int(run["id"]), str(run["head_sha"])
    started_at = str(run.get("run_started_at") or created_at)
    for attempt, conclusion, artifacts in _split_by_attempt(run, uploaded):
        result.runs.append(
            PullRequestRun(
                candidate.merged_at, created_at, started_at, run_id, attempt, conclusion, sha, candidate.pull, artifacts
            )
        )


def _pull_request_of(run: Mapping[str, Any], pulls: Iterable[_Candidate]) -> _Candidate | None:
    """Return the pull request that was open on the run's branch when the run began; None if it is not exactly one.

    If several pull requests were open on the branch, the head commit decides.
    """
    began = str(run.get("created_at"))
    on_branch = [pull for pull in pulls if pull.pull.head_ref == run.get("head_branch")]
    then_open = [
        pull for pull in on_branch if pull.created_at <= began and (not pull.closed_at or began <= pull.closed_at)
    ]
    if len(then_open) > 1:
        then_open = [pull for pull in then_open if pull.pull.head_sha == run["head_sha"]]
    return then_open[0] if len(then_open) == 1 else None


def _split_by_attempt(
    run: Mapping[str, Any], artifacts: Iterable[dict[str, Any]]
) -> Iterator[tuple[int, str, tuple[dict[str, Any], ...]]]:
    """Yield each attempt with its conclusion and artifacts.

    Artifacts from before the newest attempt count as those of the attempt before it, whose conclusion is not known.
    """
    newest, began = int(run.get("run_attempt") or 1), str(run.get("run_started_at"))
    older = tuple(artifact for artifact in artifacts if newest > 1 and str(artifact.get("created_at")) < began)
    last = tuple(artifact for artifact in artifacts if artifact not in older)
    if older:
        yield newest - 1, "", older
    if last:
        yield newest, str(run.get("conclusion") or ""), last


def _artifacts_by_run(client: Client, path: str, since: str) -> dict[int, list[dict[str, Any]]]:
    """Return the artifacts that hold reports and have not expired, by the id of their run."""
    artifacts: dict[int, list[dict[str, Any]]] = {}
    listed = client.list_items(f"{path}/actions/artifacts", key="artifacts")
    for artifact in _take_since(listed, "created_at", since):
        if str(artifact.get("name")).startswith(f"{ARTIFACT_PREFIX}-") and not artifact.get("expired"):
            artifacts.setdefault(int((artifact.get("workflow_run") or {}).get("id") or 0), []).append(artifact)
    return artifacts


def _candidate(data: Mapping[str, Any]) -> _Candidate | None:
    pull = read_pull_request(data)
    times = (str(data.get(name) or "") for name in ("created_at", "closed_at", "merged_at"))
    return _Candidate(pull, *times) if pull else None


def _take_since(listed: Iterable[dict[str, Any]], time_field: str, since: str) -> Iterator[dict[str, Any]]:
    """Yield the items of a list, which is sorted newest first, down to a time."""
    return takewhile(lambda item: str(item.get(time_field)) >= since, listed)
