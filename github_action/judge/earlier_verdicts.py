"""Tells from GitHub whether a ledger without a base is new, or has lost what earlier verdicts were recorded with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from github_action.api.client import ApiError
from github_action.judge.judge_context import JudgeContext
from github_action.publish.check_run import NAME as CHECK_RUN
from github_action.reports.find_pull_request import Subject
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.judge.headline import BEGINNING
from pytest_carbon.core.records.lost_runs import LostRuns

MOST_PULL_REQUESTS = 10
"""The merged pull requests whose statuses are looked at, the latest updated first."""


@dataclass(frozen=True)
class EarlierVerdicts:
    """What was judged before on the base of a subject, and on pull requests that were merged into its branch.

    A merged pull request is recorded on its branch. So if one was judged, the ledger has had a run; unless its own
    verdict was that of a beginning.
    """

    judge: JudgeContext
    subject: Subject
    branch: str

    @cached_property
    def lost_runs(self) -> LostRuns | None:
        """What shows that the ledger should have a base; None for a beginning.

        If GitHub cannot be asked, nobody knows which of the two it is.
        """
        remedy = (
            f"restore the ledger, or see in the log of the job that records {self.branch} why it did not; "
            f"{LEAST_BASELINE} new runs of {self.branch} begin it anew"
        )
        try:
            judged = next(self._judged_before(), None)
        except ApiError as error:
            seen = f"no run of {self.branch} is in the ledger, and whether it had runs could not be asked: {error}"
            return LostRuns(seen, remedy, until_new_base=True)
        if judged is None:
            return None
        seen = f"no run of {self.branch} is in the ledger, although {judged} before"
        return LostRuns(seen, remedy, until_new_base=True)

    def _judged_before(self) -> Iterator[str]:
        base = self.subject.base_sha
        if self._has_verdict(base) or self._has_check_run(base):
            yield f"the base {base[:12]} was judged"
        query = {"state": "closed", "base": self.branch, "sort": "updated", "direction": "desc"}
        own = {pull.number for pull in self.subject.pulls}
        closed = self.judge.client.list_items(f"repos/{self._repository}/pulls", max_pages=1, **query)
        merged = (pull for pull in closed if pull.get("merged_at") and pull.get("number") not in own)
        for pull in islice(merged, MOST_PULL_REQUESTS):
            if self._has_verdict(str((pull.get("head") or {}).get("sha"))):
                yield f"pull request #{pull.get('number')} was judged and merged"

    @property
    def _repository(self) -> str:
        return self.judge.context.repository

    def _has_verdict(self, sha: str) -> bool:
        """Return whether the newest verdict in the statuses of a commit is one, and not that of a beginning."""
        path, context = f"repos/{self._repository}/commits/{sha}/statuses", self.judge.inputs.status_context
        for status in self.judge.client.list_items(path, max_pages=1):
            if status.get("context") == context and status.get("state") in ("success", "failure"):
                return not _is_beginning(status.get("description"))
        return False

    def _has_check_run(self, sha: str) -> bool:
        path = f"repos/{self._repository}/commits/{sha}/check-runs"
        try:
            runs = list(self.judge.client.list_items(path, key="check_runs", max_pages=1, check_name=CHECK_RUN))
        except ApiError as error:
            if error.permission_missing:  # a job without this right still has the statuses
                return False
            raise
        ended = (run for run in runs if run.get("conclusion") in ("success", "failure", "neutral"))
        return any(not _is_beginning((run.get("output") or {}).get("title")) for run in ended)


def _is_beginning(text: Any) -> bool:
    return BEGINNING in str(text or "")
