"""Tells from GitHub whether a ledger without a base is new, or has lost what earlier verdicts were recorded with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from github_action.api.client import ApiError
from github_action.judge.judge_context import JudgeContext
from github_action.publish.check_run import NAME as CHECK_RUN
from github_action.publish.publication import tells_of_base
from github_action.reports.find_pull_request import Subject
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.judge.evaluate import NOTHING_TO_MEASURE
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.verdict.wording import count_text

JUDGED_WITHOUT_BASE = 10
"""So many merged pull requests that were judged without a base tell a beginning."""
MOST_READ = 30
"""The statuses of so many pull requests are read, the latest opened first."""
_NOT_IN_USE = 10
"""If none of the last so many that were read has a status of ours, nothing was judged before the others."""
_MOST_PAGES = 3
_VERDICTS = ("success", "failure")
_KNOWN_AUTHORS = ("OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR")
"""How GitHub calls authors of whom something is in the repository, also if it was merged by other means than GitHub's:
anybody can open and close pull requests, but not under such a name."""


@dataclass(frozen=True)
class EarlierVerdicts:
    """What was judged before on the base of a subject, and on pull requests that were merged into its branch.

    A verdict that had runs to compare with says so. The ledger then had a base, whatever the verdict was.
    """

    judge: JudgeContext
    subject: Subject
    branch: str

    def lost_runs(self, runs: int) -> LostRuns | None:
        """Return what shows that a ledger with so few ``runs`` of the branch has lost some; None for a beginning.

        If GitHub cannot be asked, nobody knows which of the two it is.
        """
        remedy = (
            f"restore the ledger, or see in the log of the job that records {self.branch} why it did not; "
            f"{LEAST_BASELINE} new runs of {self.branch} begin it anew"
        )
        if not self._trace:
            return None
        few = f"the ledger has {count_text(runs, 'run')}" if runs else "no run"
        few += f" of {self.branch}" if runs else f" of {self.branch} is in the ledger"
        return LostRuns(f"{few}, {self._trace}", remedy, until_new_base=True)

    @cached_property
    def _trace(self) -> str:
        """What shows that there was a base, as the end of a sentence; empty if nothing does."""
        try:
            return self._find_trace()
        except ApiError as error:
            return f"and whether it had more could not be asked: {error}"

    def _find_trace(self) -> str:
        """Look at the base, then at merged pull requests. What needed no measurement, or was not judged, tells nothing.

        The order in which they were opened is one that nobody can change by a comment. Where too few were merged by
        GitHub, as with a bot that pushes to the branch, the closed ones of known authors count.
        """
        base = self.subject.base_sha
        if any(map(_had_base, self._statuses(base))) or self._has_check_run(base):
            return f"although the base {base[:12]} was judged with more runs before"
        query = {"state": "closed", "base": self.branch, "sort": "created", "direction": "desc"}
        own = {pull.number for pull in self.subject.pulls}
        listed, merged, known = 0, list[Mapping[str, Any]](), list[Mapping[str, Any]]()
        for pull in self.judge.client.list_items(f"repos/{self._repository}/pulls", max_pages=_MOST_PAGES, **query):
            listed += 1
            if pull.get("number") in own:
                continue
            if pull.get("merged_at"):
                merged.append(pull)
            if pull.get("merged_at") or pull.get("author_association") in _KNOWN_AUTHORS:
                known.append(pull)
            if len(merged) == MOST_READ:
                break
        if listed == 100 * _MOST_PAGES and len(merged) < _NOT_IN_USE:
            return self._trace_of_pulls("closed", known[:MOST_READ], is_cut=True)
        is_cut = len(merged) == MOST_READ or listed == 100 * _MOST_PAGES
        return self._trace_of_pulls("merged", merged, is_cut=is_cut)

    def _trace_of_pulls(self, kind: str, pulls: Sequence[Mapping[str, Any]], *, is_cut: bool) -> str:
        judged, used = 0, list[bool]()
        for pull in pulls:
            statuses = self._statuses(str((pull.get("head") or {}).get("sha")))
            if any(map(_had_base, statuses)):
                return f"although pull request #{pull.get('number')} was judged and {kind} with more runs before"
            used.append(bool(statuses))
            judged += any(map(_is_verdict, statuses))
            if judged == JUDGED_WITHOUT_BASE:
                return ""
        if not is_cut or (len(used) >= _NOT_IN_USE and not any(used[-_NOT_IN_USE:])):
            return ""
        unknown = "and whether it had more is not known"
        if not used:
            return f"{unknown}: of the last {100 * _MOST_PAGES} closed pull requests, none is of a known author"
        return (
            f"{unknown}: only {count_text(judged, f'{kind} pull request')} of the last {len(used)} were judged by a "
            "measurement, and older ones are not read"
        )

    @property
    def _repository(self) -> str:
        return self.judge.context.repository

    def _statuses(self, sha: str) -> list[Mapping[str, Any]]:
        """Return the newest statuses of a commit that are ours."""
        path, context = f"repos/{self._repository}/commits/{sha}/statuses", self.judge.inputs.status_context
        return [
            status for status in self.judge.client.list_items(path, max_pages=1) if status.get("context") == context
        ]

    def _has_check_run(self, sha: str) -> bool:
        path = f"repos/{self._repository}/commits/{sha}/check-runs"
        try:
            runs = list(self.judge.client.list_items(path, key="check_runs", max_pages=1, check_name=CHECK_RUN))
        except ApiError as error:
            if error.permission_missing:  # a job without this right still has the statuses
                return False
            raise
        return any(tells_of_base(str((run.get("output") or {}).get("title"))) for run in runs)


def _had_base(status: Mapping[str, Any]) -> bool:
    return tells_of_base(str(status.get("description")))


def _is_verdict(status: Mapping[str, Any]) -> bool:
    """Return whether a status tells of a verdict on a measurement."""
    description = str(status.get("description"))
    return status.get("state") in _VERDICTS and not description.startswith(NOTHING_TO_MEASURE)
