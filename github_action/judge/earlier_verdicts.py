"""Tells from GitHub whether a ledger without a base is new, or has lost what earlier verdicts were recorded with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from github_action.api.client import ApiError
from github_action.judge.judge_context import JudgeContext
from github_action.publish.check_run import NAME as CHECK_RUN
from github_action.publish.publication import tells_of_base
from github_action.reports.find_pull_request import Subject
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.verdict.wording import count_text

MOST_PULL_REQUESTS = 10
"""The merged pull requests whose statuses are looked at, the latest updated first."""


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
            judged = next(self._judged_before(), None)
        except ApiError as error:
            return f"and whether it had more could not be asked: {error}"
        return f"although {judged} with more runs before" if judged else ""

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
        """Return whether a commit has a status of a verdict that had a base."""
        path, context = f"repos/{self._repository}/commits/{sha}/statuses", self.judge.inputs.status_context
        statuses = self.judge.client.list_items(path, max_pages=1)
        return any(s.get("context") == context and tells_of_base(str(s.get("description"))) for s in statuses)

    def _has_check_run(self, sha: str) -> bool:
        path = f"repos/{self._repository}/commits/{sha}/check-runs"
        try:
            runs = list(self.judge.client.list_items(path, key="check_runs", max_pages=1, check_name=CHECK_RUN))
        except ApiError as error:
            if error.permission_missing:  # a job without this right still has the statuses
                return False
            raise
        return any(tells_of_base(str((run.get("output") or {}).get("title"))) for run in runs)
