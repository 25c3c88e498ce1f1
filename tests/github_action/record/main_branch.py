"""A project on the fake whose main branch is measured and recorded, for the tests of the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.judge.judge_context import JudgeContext
from github_action.record.record_run import record_run
from github_action.repository.open_ledger import Secrets
from pytest_carbon.core.records.ledger_records import Entry, Override
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.report import Report
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.github_action.project import RIGHTS, zip_report
from tests.samples import POLICY

RECORDING = {**RIGHTS, "contents": "write"}
HALVES = {"checkout": 0.5, "search": 0.5}


@dataclass
class MainBranch:
    """A project on the fake whose main branch is measured and recorded."""

    hub: FakeGitHub
    folder: Path
    branch: str = "main"
    repo: Repository = field(init=False)
    contexts: int = 0

    def __post_init__(self) -> None:
        self.repo = self.hub.repository("octo/shop", branch=self.branch)
        self.repo.collaborators.update(ann="write", bob="write")
        self.commit_policy(POLICY)

    def commit_policy(self, text: str) -> None:
        """Commit a policy."""
        self.repo.commit({"carbon.toml": text})

    def merge(self, *labels: str) -> tuple[int, dict[str, Any]]:
        """Merge a pull request of ann's; return its number and the event of the push."""
        number = self.open_pull(*labels)
        sha = self.repo.commit({f"{number}.py": "x"}, message=f"Work (#{number})")
        self.repo.close_pull(number, merged_as=sha)
        return number, self.repo.event_push(sha, f"refs/heads/{self.branch}")

    def open_pull(self, *labels: str) -> int:
        """Open a pull request of ann's."""
        branch = f"topic-{len(self.repo.threads)}"
        self.repo.commit({f"{branch}.py": "x"}, branch=branch)
        return self.repo.open_pull(head=branch, author="ann", labels=labels)

    def judge_context(
        self, event: str, payload: dict[str, Any], *, run_id: int = 77, attempt: int = 1, **rights: str
    ) -> JudgeContext:
        """Return what the job of an event records and judges with."""
        self.contexts += 1
        place = self.folder / f"judge-{self.contexts}"
        place.mkdir()
        token = self.hub.token({**RECORDING, **rights})
        ref, sha = str(payload.get("ref") or f"refs/heads/{self.branch}"), str(payload.get("after") or self.tip)
        context = GitHubContext(
            event, "octo/shop", sha, ref, run_id, attempt, "test", self.hub.server_url, self.hub.api_url, payload
        )
        client = Client(self.hub.api_url, token, pause=lambda _: None)
        inputs = ActionInputs(shard="test", measure_workflow="carbon.yml", temporary_folder=place)
        return JudgeContext(context, inputs, client, Secrets(token), place, self.hub.clock + timedelta(minutes=1))

    @property
    def tip(self) -> str:
        """The newest commit."""
        return self.repo.bare.branches()[self.branch]

    def record(self, judge: JudgeContext, report: Report | None = None) -> str:
        """Record a report of this job, or the uploaded reports; return the notes."""
        path = None
        if report is not None:
            path = judge.folder / "report.json"
            report_file.write(report, path)
        return "\n".join(record_run(judge, path))

    def add_run(self, reports: dict[str, Report], **run: Any) -> int:
        """Add a run with uploaded reports, by part; return its id."""
        run_id = self.repo.workflow_run(**{"head_sha": self.tip, "head_branch": "main", "event": "push", **run})
        for name, report in reports.items():
            self.repo.artifact(run_id, f"carbon-report-{name}", zip_report(report, self.hub.clock))
        return run_id

    def override(self, number: int, report: Report) -> None:
        """Add a measured run of a pull request's head, with bob's accepted override label."""
        pull = self.repo.pull(number)["head"]
        self.add_run({"test": report}, head_sha=pull["sha"], head_branch=pull["ref"], event="pull_request")
        self.repo.label(number, "carbon/override", by="bob")
        self.repo.comment(number, "carbon override: the provider ends tonight", by="bob")

    @property
    def _ledger(self) -> BranchLedger:
        return BranchLedger(self.repo.git, "carbon-ledger", self.hub.clock + timedelta(hours=1), None)

    def entries(self) -> list[Entry]:
        """Return the runs in the ledger."""
        return [record for record in self._records() if isinstance(record, Entry)]

    def overrides(self) -> list[Override]:
        """Return the overrides in the ledger."""
        return [record for record in self._records() if isinstance(record, Override)]

    def _records(self) -> Sequence[object]:
        today = self.hub.clock.date()
        return self._ledger.read(today - timedelta(days=3), today).records

    def baselines(self) -> tuple[RunMeasurements, ...]:
        """Return the baselines in the ledger."""
        return self._ledger.baselines(self.branch)[0]
