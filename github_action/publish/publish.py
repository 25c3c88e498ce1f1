"""Publishes a verdict on GitHub: the comment, the check run, and last the status. Failures are noted, never raised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from github_action.api.client import ApiError, Client
from github_action.publish import check_run, commit_status, pr_comment
from github_action.publish.publication import Publication, outcome
from github_action.publish.required_status import may_be_required
from pytest_carbon.core.errors import CarbonError

_NO_TOKEN = "nothing was published on GitHub, because the job has no token; set the Action's input token"  # noqa: S105
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What was published, and a sentence for each problem.

    ``superseded``: a later run judges the commit, so nothing was written. ``status_written``: the commit status shows
    the verdict; otherwise the job's exit code must show it. ``doubtful``: GitHub could not tell whether there is a
    later run, and the verdict is no worse than that run's may be, so nothing was written; or the status could not be
    written, and the commit may wait for it for ever. The job must fail. ``overtaken``: the status was written over that
    of a later run, which judged meanwhile, so all must be judged again; empty if it was not.
    """

    comment_url: str = ""
    check_url: str = ""
    problems: tuple[str, ...] = ()
    superseded: bool = False
    status_written: bool = False
    doubtful: bool = False
    overtaken: str = ""


def publish_pending(client: Client | None, publication: Publication) -> tuple[str, ...]:
    """Set the status to pending. Return a sentence for each problem."""
    if client is None:
        return (_NO_TOKEN,)
    problems: list[str] = []
    set_pending = partial(commit_status.set_pending, client, publication)
    _attempt(problems, "the status was not set to pending", "statuses", set_pending)
    return tuple(problems)


def publish(client: Client | None, publication: Publication, others: Sequence[Publication] = ()) -> PublishResult:
    """Publish a verdict, or that there is none, wherever the token may write.

    ``others`` are those of the other pull requests of the commit: each gets its comment, but only ``publication``, the
    worst, decides the status.
    """
    if client is None:
        return PublishResult(problems=(_NO_TOKEN,))
    problems, may_write, unreadable = list[str](), True, None
    failure = "could not check whether a later run judges this commit"
    try:
        later = commit_status.find_later_run(client, publication)
    except ApiError as error:
        later, may_write, unreadable = None, commit_status.is_worse(publication, "pending"), error
        problems.append(f"{failure}: {error}")
        if not (may_write or error.permission_missing):
            problems.append("so the status stays as it is, and this job fails; run it again")
            return PublishResult(problems=tuple(problems), doubtful=True)
    if later and not later.doubt:
        problem = f"nothing was published, because run {later.name} began to judge this commit later; see its verdict"
        if others:
            _write_comments(client, problems, (publication, *others), began_last=False)
        return PublishResult(problems=(problem, *problems), superseded=True)
    if later:
        problems.append(
            f"could not tell whether run {later.name}, which the status {publication.status_context} names as a later "
            f"one, is a run of this commit: {later.doubt}"
        )
        if not commit_status.is_worse(publication, later.state):
            problems.append(f"so the status stays {later.state}, and this job fails; run it again")
            return PublishResult(problems=tuple(problems), doubtful=True)
    began_last = later is None and not problems
    comment_url = _write_comments(client, problems, (publication, *others), began_last=began_last)
    check_url = None
    if not publication.waits:
        create = partial(check_run.create, client, publication)
        check_url = _attempt(problems, "the check run was not created", "checks", create)
    refusal = _write_status(client, problems, publication) if may_write else unreadable
    result = PublishResult(comment_url or "", check_url or "", tuple(problems), status_written=refusal is None)
    if refusal is not None:
        return _see_who_waits(client, (publication, *others), refusal, result)
    return result if unreadable else _look_below(client, publication, result)


def _look_below(client: Client, publication: Publication, written: PublishResult) -> PublishResult:
    """Look whether a later run wrote its status between our look and our status, and see that its verdict counts.

    A run that only began is waited for again; one that has judged had other facts, so all must be judged again.
    """
    try:
        later = commit_status.find_overtaken_run(client, publication)
        if later is not None and later.state == "pending":
            commit_status.set_waiting(client, publication, later)
    except ApiError as error:
        problem = f"could not check whether another run judged this commit meanwhile: {error}"
        return replace(written, problems=(*written.problems, problem), doubtful=True)
    if later is None:
        return written
    if later.state == "pending":
        problem = f"run {later.name} began to judge this commit meanwhile; see its verdict"
        return replace(written, problems=(*written.problems, problem), status_written=False, superseded=True)
    return replace(written, overtaken=f"run {later.name} judged this commit meanwhile")


def _write_status(client: Client, problems: list[str], publication: Publication) -> ApiError | None:
    """Write the status. Return the error that prevented it, and note it."""
    try:
        commit_status.set_outcome(client, publication)
    except ApiError as error:
        problems.append(f"the status was not set: {error}")
        return error
    return None


def _see_who_waits(
    client: Client, publications: Sequence[Publication], refusal: ApiError, unwritten: PublishResult
) -> PublishResult:
    """Return the result of a status that could not be written: doubtful if the commit may wait for it for ever."""
    if not refusal.permission_missing or refusal.status == 401 or _is_pending(client, publications[0]):
        return replace(unwritten, doubtful=True)
    if outcome(publications[0]) in ("failure", "error"):  # then the job is red, and nothing passes unseen
        return unwritten
    context, repository = publications[0].status_context, publications[0].context.repository
    branches = dict.fromkeys(one.base_branch for one in publications)
    waiting = [branch for branch in branches if may_be_required(client, repository, branch, context)]
    if not waiting:
        return unwritten
    of = f"a rule of {' or '.join(waiting)}" if all(waiting) else "a rule of a branch"
    problem = (
        f"{of} requires the status {context}, or GitHub does not tell, and this token cannot write it: the pull "
        "request would wait for ever, so this job fails; give the job statuses: write, and for forks take two "
        "workflows (docs/github-action.md)"
    )
    return replace(unwritten, problems=(*unwritten.problems, problem), doubtful=True)


def _is_pending(client: Client, publication: Publication) -> bool:
    """Return whether the commit waits for a status of ours.

    A job without the right to write, as of a fork, has the exit code as its gate, if nothing was pending. If statuses
    cannot be read, it is tried whether the job has the right: then it is a fault, and the commit does wait.
    """
    try:
        return commit_status.is_pending(client, publication)
    except ApiError:
        return not publish_pending(client, publication)


def _write_comments(
    client: Client, problems: list[str], publications: Sequence[Publication], *, began_last: bool
) -> str | None:
    """Write the comment of each pull request, and return the URL of the first."""
    urls = []
    for publication in publications:
        if publication.pull_number is not None and not publication.waits:
            update = partial(pr_comment.create_or_update, client, publication, began_last=began_last)
            where = f" on #{publication.pull_number}" if publication.shared else ""
            urls.append(_attempt(problems, f"the comment{where} was not written", "pull-requests", update))
    return urls[0] if urls else None


def _attempt(problems: list[str], failure: str, permission: str, call: Callable[[], T]) -> T | None:
    """Return what ``call`` returns. After an error return None, and note it, with what the writing needs."""
    try:
        return call()
    except CarbonError as error:
        why = "the conversation is locked" if "is locked" in str(error) else error
        refused = isinstance(error, ApiError) and error.permission_missing and f"{permission}: write" not in str(error)
        problems.append(f"{failure}: {why}" + (f"; writing needs {permission}: write" if refused else ""))
        return None
