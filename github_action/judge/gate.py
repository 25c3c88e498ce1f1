"""The gate: judges what was measured and publishes the verdict, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import Judgement, judge_subject
from github_action.judge.judge_unmeasured import judge_unmeasured
from github_action.judge.label_changes import labels_changed, reason_withdrawn, reasons_changed
from github_action.publish.commit_status import newest_result
from github_action.publish.publication import Publication, passes_without_verdict, worst_first
from github_action.publish.publish import PublishResult, publish
from github_action.reports.expired_reports import VerdictStands, verdict_that_stands
from github_action.reports.find_pull_request import (
    NothingToJudge,
    NotMeasuredYet,
    Subject,
    TooManySharing,
    find_pull_requests_to_judge,
)
from github_action.reports.report_parts import ReportParts, find_parts
from github_action.reports.runs_of_head import refuse_if_measured_anew
from github_action.reports.shared_commit import SharedCommit
from pytest_carbon.core.errors import CarbonError, ReportError

_MOST_TRIES = 3
T = TypeVar("T")


class Judged(NamedTuple):
    """What is to be published of one subject, and its judgement; None without a verdict."""

    publication: Publication
    judgement: Judgement | None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate decided and published.

    ``decisive`` decides the commit's status. ``judged`` are all subjects of the commit that were judged, the worst
    first; it is empty if all are still being measured.
    """

    decisive: Publication
    judged: tuple[Judged, ...]
    published: PublishResult


def judge_and_publish(judge: JudgeContext, report: Path | None, measuring_problem: str) -> GateResult:
    """Judge all subjects of the event's commit, and publish the worst result as the status of the commit.

    ``report`` is the report that this job measured, ``measuring_problem`` says why it has none. Runs of one commit may
    overtake each other, and a run for a label judges nothing while another run measures. So the labels are read again
    just before the verdict is written, and after, as are their reasons: if they are others then, or the verdict was
    written over that of a later run, all is judged again. Raises NothingToJudge if there is nothing to judge, and
    CarbonError if not even the commit is known.
    """
    result: GateResult | None = None
    tries = 0
    while True:
        tries += 1
        try:
            subjects, judged = _judge_event(judge, report, measuring_problem)
        except NothingToJudge:
            if result is None:
                raise
            return result
        if tries < _MOST_TRIES and _labels_changed_before_writing(judge, subjects):
            continue
        result = _publish(judge, judged)
        try:
            reason = _why_judge_again(judge, subjects, result)
        except ApiError as error:
            return _in_doubt(result, f"could not read again what the verdict depends on: {error}")
        if not reason:
            return result
        if tries == _MOST_TRIES:
            return _in_doubt(result, reason)


def _judge_event(
    judge: JudgeContext, report: Path | None, measuring_problem: str
) -> tuple[tuple[Subject, ...], list[Judged]]:
    """Judge all subjects of the event's commit as they are now. There are no subjects if they are not known."""
    judge.reasons.clear()
    try:
        subjects = find_pull_requests_to_judge(judge.client, judge.context)
    except NothingToJudge:
        raise
    except CarbonError as error:
        sha = judge.context.head_sha
        if sha is None:
            raise
        unjudged = make_publication(judge, Subject(sha, sha, "", (), None), None, str(error))
        if isinstance(error, TooManySharing):
            unjudged = replace(unjudged, on_error="fail")
        return (), [Judged(unjudged, None)]
    if len(subjects) > 1:
        commit = SharedCommit(judge.client, judge.context, judge.inputs, subjects, report, measuring_problem)
        return subjects, _judge_all(judge, commit)
    (subject,) = subjects
    try:
        judged = _judge(judge, subject, partial(_find_parts, judge, subject, report, measuring_problem))
    except NotMeasuredYet as error:
        judged = _waiting(judge, subject, str(error))
        if not _has_result(judge, judged.publication, "success"):
            raise
    return subjects, [judged]


def _labels_changed_before_writing(judge: JudgeContext, subjects: Sequence[Subject]) -> bool:
    try:
        return labels_changed(judge.client, judge.context.repository, subjects)
    except ApiError:
        return False  # it is asked again after writing


def _why_judge_again(judge: JudgeContext, subjects: Sequence[Subject], result: GateResult) -> str:
    """Return why the verdict that was written is not the last word; empty if it is. Raises ApiError.

    Two runs of a shared commit that end at the same moment wait for each other: so after this run has said that it
    waits, it looks once more whether somebody is going to come.
    """
    if not result.published.status_written:
        return ""
    if result.published.overtaken:
        return result.published.overtaken
    if result.decisive.waits:
        commit = SharedCommit(judge.client, judge.context, judge.inputs, subjects, None, "")
        return "" if len(subjects) == 1 or _is_awaited(commit) else "no run is going to judge what this one waits for"
    if labels_changed(judge.client, judge.context.repository, subjects):
        return "labels were changed while the verdict was written"
    if reasons_changed(judge):
        return "the reason of a label was changed while the verdict was written"
    return ""


def _in_doubt(result: GateResult, problem: str) -> GateResult:
    problems = (*result.published.problems, f"{problem}; run this job again")
    return replace(result, published=replace(result.published, doubtful=True, problems=problems))


def _find_parts(
    judge: JudgeContext, subject: Subject, report: Path | None, measuring_problem: str
) -> list[ReportParts]:
    if measuring_problem:
        refuse_if_measured_anew(judge.client, judge.context, judge.inputs, subject)
        raise ReportError(measuring_problem)
    return find_parts(judge.client, judge.context, judge.inputs, subject, report)


def _judge(judge: JudgeContext, subject: Subject, find: Callable[[], Sequence[ReportParts]]) -> Judged:
    """Judge a subject by each of the measurements that ``find`` returns, and return the worst result.

    Raises NothingToJudge while the subject is being measured.
    """

    def ways() -> list[Callable[[], Judgement]]:
        try:
            return [partial(_judge_parts, judge, subject, parts) for parts in find()]
        except NothingToJudge:
            raise
        except ReportError as error:
            _refuse_if_verdict_stands(judge, subject, expired=False)
            return [partial(judge_unmeasured, judge, subject, str(error))]

    found, problem = _try(ways)
    results = [_try(way) for way in found] if found is not None else [(None, problem)]
    judged = [Judged(make_publication(judge, subject, verdict, why), verdict) for verdict, why in results]
    return min(judged, key=lambda one: worst_first(one.publication))


def _try(action: Callable[[], T]) -> tuple[T | None, str]:
    """Return what an action returns, or None and the problem that prevented it. Raises NothingToJudge."""
    try:
        return action(), ""
    except NothingToJudge:
        raise
    except CarbonError as error:
        return None, str(error)
    except Exception:  # the status must not stay pending
        log_commands.print_traceback()
        return None, log_commands.INTERNAL_ERROR


def _refuse_if_verdict_stands(judge: JudgeContext, subject: Subject, *, expired: bool) -> None:
    """Raise VerdictStands if the reports have expired, and the labels give no reason to doubt the earlier verdict."""
    if judge.context.commits_changed:
        return
    policy = judge.config_of_base(subject).policy
    payers = [label for feature in policy.features.values() for label in feature.labels]
    excuses = [policy.override_label, policy.devices.approval_label, *policy.security_labels, *payers]
    withdrawn = partial(reason_withdrawn, judge, policy)
    stands = verdict_that_stands(
        judge.client, judge.context, judge.inputs, subject, excuses, withdrawn, expired=expired, now=judge.now
    )
    if stands:
        raise VerdictStands(stands)


def _judge_parts(judge: JudgeContext, subject: Subject, parts: ReportParts) -> Judgement:
    if parts.expired or not parts.reports:
        _refuse_if_verdict_stands(judge, subject, expired=parts.expired)
    if parts.reports:
        return judge_subject(judge, subject, parts)
    return judge_unmeasured(judge, subject, parts.why_no_report(subject), uploaded=bool(parts.notes))


def _judge_all(judge: JudgeContext, commit: SharedCommit) -> list[Judged]:
    """Judge pull requests of one commit: each by its own base and labels, and none for another.

    A run that goes on and is going to judge them again keeps the status pending, unless a result is worse.
    """
    everything = [_judge_one(judge, commit, subject) for subject in commit.subjects]
    subject = commit.subjects[0]
    try:
        run = commit.awaited()
        if run and not any(judged.publication.waits for judged in everything):
            everything.append(_waiting(judge, subject, f"run {run} still measures {subject.head_sha[:12]}"))
    except ApiError as error:
        problem = f"could not tell whether {subject.head_sha[:12]} is still being measured: {error}"
        everything.append(Judged(replace(make_publication(judge, subject, None, problem), pull_number=None), None))
    return everything


def _judge_one(judge: JudgeContext, commit: SharedCommit, subject: Subject) -> Judged:
    try:
        publication, judgement = _judge(judge, subject, partial(commit.parts_of, subject))
    except VerdictStands:
        raise
    except NothingToJudge as error:
        if _is_awaited(commit, [subject]):
            return _waiting(judge, subject, str(error))
        publication, judgement = make_publication(judge, subject, None, f"no run measures it now: {error}"), None
    return Judged(replace(publication, shared=True), judgement)


def _waiting(judge: JudgeContext, subject: Subject, problem: str) -> Judged:
    return Judged(replace(make_publication(judge, subject, None, problem), shared=True, waits=True), None)


def _is_awaited(commit: SharedCommit, subjects: Sequence[Subject] = ()) -> bool:
    try:
        return commit.awaited(subjects) != ""
    except ApiError:
        return True


def _publish(judge: JudgeContext, judged: Sequence[Judged]) -> GateResult:
    ordered = sorted(judged, key=lambda one: worst_first(one.publication))
    decisive, *others = (one.publication for one in ordered)
    if passes_without_verdict(decisive) and _has_result(judge, decisive, "failure", "error"):
        decisive = replace(decisive, on_error="fail")
        ordered[0] = Judged(decisive, ordered[0].judgement)
    published = publish(judge.client, decisive, others)
    return GateResult(decisive, tuple(one for one in ordered if not one.publication.waits), published)


def _has_result(judge: JudgeContext, publication: Publication, *states: str) -> bool:
    """Return whether an earlier run gave the commit such a status, or GitHub has a fault and that is not known."""
    try:
        return newest_result(judge.client, publication) in states
    except ApiError as error:
        return not error.permission_missing


def make_publication(judge: JudgeContext, subject: Subject, judgement: Judgement | None, problem: str) -> Publication:
    """Return what to publish about a subject: the judgement, or the problem that prevented it."""
    return Publication(
        context=judge.context,
        head_sha=subject.head_sha,
        pull_number=subject.pull.number if subject.pull else None,
        verdict=judgement.verdict if judgement else None,
        problem=problem,
        comment_mode=judge.inputs.comment_mode,
        status_context=judge.inputs.status_context,
        on_error=judge.inputs.on_error,
        login=judge.inputs.login,
        working_directory=judge.inputs.working_directory,
        workflows=judge.inputs.workflows,
        label_refused=judgement is not None and judgement.label_refused,
        base_branch=subject.pulls[0].base_ref if subject.pulls else "",
    )
