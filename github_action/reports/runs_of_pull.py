"""Which runs of a commit may have measured a pull request: by base, branch and GitHub's times; no run names its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from github_action.api.client import Client
from github_action.reports.find_pull_request import NothingToJudge
from github_action.reports.pull_request import PullRequest, read_pull_request
from github_action.reports.pull_request_events import BASE_CHANGED, read_events
from github_action.reports.runs_of_head import HeadRun
from pytest_carbon.core.errors import ReportError

MOST_RUNS = 30
"""So many runs of a commit are asked for reports."""
_MOST_PULLS = 1000


class RunReports(Protocol):
    """What was read of the reports of a run."""

    @property
    def found(self) -> bool:
        """Whether there was a report at all, even if it could not be read."""
        ...


ReportsT = TypeVar("ReportsT", bound=RunReports)


@dataclass
class RunsOfPull:
    """The runs of one pull request among those of its head. Each list of GitHub is read once, and only if needed.

    ``sharing`` are the numbers of all open pull requests with this head.
    """

    client: Client
    repository: str
    pull: PullRequest
    sharing: frozenset[int]

    @cached_property
    def base_since(self) -> str:
        """When the pull request got its base, as GitHub writes times; empty if it was opened with it."""
        events = read_events(self.client, self.repository, self.pull.number)
        return max((str(one.get("created_at")) for one in events if one.get("event") in BASE_CHANGED), default="")

    @cached_property
    def _open_times(self) -> dict[int, tuple[str, str]]:
        """When each pull request of the same branch was opened and closed; empty if that is not known."""
        owner = self.pull.head_repository.partition("/")[0]
        if not owner:  # the fork was deleted
            return {}
        head = f"{owner}:{self.pull.head_ref}"
        listed = list(self.client.list_items(f"repos/{self.repository}/pulls", state="all", head=head))
        pulls = [(pull, data) for data in listed if (pull := read_pull_request(data))]
        return {
            pull.number: (str(data.get("created_at") or ""), str(data.get("closed_at") or ""))
            for pull, data in pulls
            if pull.head_repository_id == self.pull.head_repository_id and len(listed) < _MOST_PULLS
        }

    def measured_this_base(self, run: HeadRun) -> bool:
        """Return whether a run began after the pull request got its base: it measured the merge with that base."""
        return run.created_at >= self.base_since

    def may_own(self, run: HeadRun) -> bool:
        """Return whether a run may be of this pull request: of its branch, not before it, and not named for others."""
        named = run.pulls & self.sharing
        on_branch = run.head_branch == self.pull.head_ref and run.created_at >= self.pull.opened
        return on_branch and (not named or self.pull.number in named)

    def owns_alone(self, run: HeadRun) -> bool:
        """Return whether a run is surely of this pull request: it was the only one open on the branch."""
        then_open = {
            number
            for number, (opened, closed) in self._open_times.items()
            if opened <= run.created_at and (not closed or run.created_at <= closed)
        }
        return self.may_own(run) and then_open == {self.pull.number}


def find_measurements(own: RunsOfPull, runs: Iterable[HeadRun], read: Callable[[int], ReportsT]) -> list[ReportsT]:
    """Return what each run measured that may be the pull request's own, the newest first; none if no run did.

    ``runs`` are of the pull request's repository, in the order in which they are asked; ``read`` reads the reports of
    one. A run that is surely its own replaces older ones. Only if none may be its own do those of others count.

    Raises NothingToJudge if the run that counts has not judged yet, ReportError if all measured another base or too
    many runs are in question, and ApiError if a list cannot be read.
    """
    done = [run for run in runs if not run.cancelled]
    now = [run for run in done if own.measured_this_base(run)] if done else []
    mine = [run for run in now if own.may_own(run)] if len(now) > 1 else now
    for group in (mine, [run for run in now if run not in mine]):
        found = _ask(own, group, read)
        if found:
            return found
    if any(run.began_measuring for run in done if run not in now):
        raise _other_base(own.pull)
    return []


def measurements_of_event(
    own: RunsOfPull, run: HeadRun, others: Callable[[], Sequence[HeadRun]], read: Callable[[int], ReportsT]
) -> list[ReportsT]:
    """Return what the run of the event measured; if it may be another pull request's, also what ``others`` measured.

    Raises as ``find_measurements``.
    """
    if not own.measured_this_base(run):
        raise _other_base(own.pull)
    parts = read(run.id)
    if not parts.found or own.owns_alone(run):
        return [parts]
    return find_measurements(own, others(), read) or [parts]


def _other_base(pull: PullRequest) -> ReportError:
    return ReportError(
        f"#{pull.number} got its base {pull.base_ref} after its runs began, so they measured it for another base; run "
        "the measuring workflow again: push a commit, or close the pull request and open it again"
    )


def _ask(own: RunsOfPull, runs: Sequence[HeadRun], read: Callable[[int], ReportsT]) -> list[ReportsT]:
    found: list[ReportsT] = []
    for run in runs[:MOST_RUNS]:
        parts = read(run.id)
        if not parts.found:
            continue
        if run.will_judge:
            sha = own.pull.head_sha[:12]
            raise NothingToJudge(f"{sha} is being measured, and is judged when that run ends")
        found.append(parts)
        if len(runs) > 1 and own.owns_alone(run):
            return found
    if found and len(runs) > MOST_RUNS:
        raise ReportError(
            f"{len(runs)} runs of the commit may have measured #{own.pull.number}, and at most {MOST_RUNS} are asked; "
            "close the other pull requests of the commit, or push another"
        )
    return found
