"""A project on the fake, and the steps of the Action, run for it as in a job."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from github_action.__main__ import main
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.samples import NOW, POLICY, make_report

RIGHTS = {
    "actions": "read",
    "checks": "write",
    "contents": "read",
    "pull-requests": "write",
    "issues": "read",
    "statuses": "write",
}
_ONE_FILE = ("pull_request", "issue_comment")
FAILS = '[features.checkout.budget]\nper-run = "100 J"\non-exceeded = "fail"\n'
"""A limit that every run of the samples is above."""


@dataclass
class StepResult:
    """The exit code, outputs, job summary and log of one step."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str


@dataclass
class FakeProject:
    """A project of two features on the fake."""

    hub: FakeGitHub
    folder: Path
    capsys: Any
    policy: str = POLICY
    repo: Repository = field(init=False)
    runs: int = 0
    pauses: list[float] = field(default_factory=list)  # waited for by nobody

    def __post_init__(self) -> None:
        self.hub.clock = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self.repo = self.hub.repository("octo/shop")
        self.repo.collaborators.update(ann="write", bob="write", eve="read")
        self.repo.commit({"carbon.toml": self.policy, "README.md": "A shop."})

    def open_pull(
        self, *labels: str, files: Mapping[str, str | None] | None = None, fork: Repository | None = None
    ) -> int:
        """Open a pull request of ann's, or of a stranger's fork; return its number."""
        where = fork or self.repo
        where.commit(files or {"work.py": "work = 1\n"}, branch="topic")
        author = "ann" if fork is None else "eve"
        return self.repo.open_pull(head="topic", author=author, labels=labels, title="Work", head_repository=fork)

    def head(self, number: int) -> str:
        """Return a pull request's newest commit."""
        return str(self.repo.pull(number)["head"]["sha"])

    def add_measured_run(self, number: int, *reports: Report, names: Sequence[str] = ("test",), **run: Any) -> int:
        """Add a run that measured the head of a pull request; return its id."""
        pull = self.repo.pull(number)
        head = self.hub.repositories[pull["head"]["repo"]["full_name"]]
        facts = {"head_sha": self.head(number), "head_branch": pull["head"]["ref"], "head_repository": head, **run}
        run_id = self.repo.workflow_run(**facts)
        for name, report in zip(names, reports or (self.report(),) * len(names), strict=True):
            self.repo.artifact(run_id, f"carbon-report-{name}", zip_report(report))
        return run_id

    def report(self, number: int = 1, **more: Any) -> Report:
        """Return a report of an hour ago."""
        return make_report(number, ago=NOW - datetime.now(UTC) + timedelta(hours=1), **more)

    def token(self, **rights: str) -> str:
        """Return a job's token; ``none`` takes a permission away."""
        return self.hub.token({**RIGHTS, **{name.replace("_", "-"): level for name, level in rights.items()}})

    def run_step(
        self,
        name: str,
        event: str,
        payload: Mapping[str, Any],
        *,
        token: str | None = "",
        run_id: int = 0,
        **inputs: str,
    ) -> StepResult:
        """Run a step of the Action for an event; without ``token`` the step gets one with all permissions."""
        self.runs += 1
        place = self.folder / f"job-{self.runs}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        secret = self.token() if token == "" else token
        sha = str(payload.get("after") or "e" * 40)
        environment = {
            "GITHUB_EVENT_PATH": str(place / "event.json"),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_SHA": sha,
            "GITHUB_REF": str(payload.get("ref") or "refs/heads/main"),
            "GITHUB_RUN_ID": str(run_id or 5_000_000 + self.runs),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_JOB": "test",
            "GITHUB_WORKFLOW_REF": "octo/shop/.github/workflows/carbon.yml@x" if event in _ONE_FILE else "",
            "GITHUB_SERVER_URL": self.hub.server_url,
            "GITHUB_API_URL": self.hub.api_url,
            "GITHUB_OUTPUT": str(place / "output"),
            "GITHUB_STEP_SUMMARY": str(place / "summary.md"),
            "GITHUB_WORKSPACE": str(inputs.pop("workspace", place)),
            "RUNNER_TEMP": str(inputs.pop("temporary_folder", place)),
            **({"CARBON_TOKEN": secret} if secret else {}),
            **{f"CARBON_{key.upper()}": value for key, value in inputs.items()},
        }
        self.capsys.readouterr()
        code = main([name], environment, pause=self.pauses.append)
        log = "".join(self.capsys.readouterr())
        assert secret is None or secret not in log
        summary = (place / "summary.md").read_text(encoding="utf-8") if (place / "summary.md").exists() else ""
        return StepResult(code, read_outputs(place / "output"), summary, log)

    def judge(self, number: int, run_id: int | None = None, **more: Any) -> StepResult:
        """Judge what a run measured of a pull request, in the publishing workflow."""
        run_id = run_id or self.add_measured_run(number)
        return self.run_step("finish", "workflow_run", self.repo.event_workflow_run(run_id), **more)

    def status(self, sha: str) -> dict[str, Any]:
        """Return the newest status of a commit."""
        return next(s for s in reversed(self.repo.statuses) if s["sha"] == sha and s["context"] == "carbon/budget")

    def comment(self, number: int) -> str:
        """Return our comment on a pull request, of which there must be one only."""
        (body,) = [c["body"] for c in self.repo.comments(number) if "<!-- pytest-carbon" in c["body"]]
        return str(body)


def zip_report(report: Report, began: datetime | None = None) -> bytes:
    """Return an artifact with a report in it, of a run that began then if given."""
    started = report.run.started if began is None else began.isoformat()
    return zip_text(report_file.to_text(replace(report, run=replace(report.run, started=started))))


def zip_text(text: str) -> bytes:
    """Return an artifact with a text in place of the report."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("report.json", text)
    return buffer.getvalue()


def read_outputs(path: Path) -> dict[str, str]:
    """Read a step's outputs as the runner does."""
    result: dict[str, str] = {}
    lines = iter(path.read_text(encoding="utf-8").splitlines() if path.exists() else ())
    for line in lines:
        name, _, end = line.partition("<<")
        values = []
        for value in lines:
            if value == end:
                break
            values.append(value)
        result[name] = "\n".join(values)
    return result
