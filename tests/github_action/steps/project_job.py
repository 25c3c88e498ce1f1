"""A job that measures a project: its checkout, its programs, and a fake ``pytest-carbon`` that keeps its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps.command_result import CommandResult
from github_action.steps.measure_command import measure
from pytest_carbon.core.report import Report
from pytest_carbon.git import run_git
from pytest_carbon.reporters.run import report_file
from tests.samples import make_report

GROWTH = '[budget]\ngrowth = "5 %"\n'
BUDGET = '[budget]\nper-run = "1 MJ"\n'
COPY = "mkdir -p .carbon && cp ../made.json .carbon/report.json"
FAKE_CONFIRM = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done > "$STUB_SAW"
env > "$STUB_SAW.env"
exit {code}
"""


def report_of_now(number: int = 1, **more: Any) -> Report:
    """Return the report of a run of a minute that ends now."""
    return make_report(number, started=(datetime.now(UTC) - timedelta(minutes=1)).isoformat(), **more)


@dataclass
class ProjectJob:
    """A job in a project's checkout, with programs on its PATH and a report that its command can copy."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        for name in ("shop", "bin", "temporary"):
            (self.folder / name).mkdir()
        report_file.write(report_of_now(), self.folder / "made.json")

    @property
    def shop(self) -> Path:
        """The checkout."""
        return self.folder / "shop"

    @property
    def report(self) -> Path:
        """The project's report, unless its policy names another path."""
        return self.shop / ".carbon" / "report.json"

    @property
    def kept(self) -> Path:
        """The report that the measuring step keeps for the next steps."""
        return ActionInputs(temporary_folder=self.folder / "temporary").job_folder / "report.json"

    def write_policy(self, text: str) -> None:
        """Write the checkout's policy."""
        (self.shop / "carbon.toml").write_text(text, encoding="utf-8")

    def commit_base_and_head(self, base: str, head: str) -> dict[str, Any]:
        """Commit a base and a head with these policies, and return the event of a pull request."""
        run_git.run(["init", "-q", "-b", "main", "."], self.shop)
        shas = []
        for text in (base, head):
            self.write_policy(f"{text}# {len(shas)}\n")
            run_git.run(["add", "-A"], self.shop)
            run_git.run(["-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "-q", "-m", "x"], self.shop)
            shas.append(run_git.run_text(["rev-parse", "HEAD"], self.shop))
        labels = [{"name": "feature:a b"}, {"name": "-x"}]
        return {"pull_request": {"base": {"sha": shas[0]}, "head": {"sha": shas[1]}, "labels": labels}}

    def install_fake_confirm(self, code: int = 0, text: str = FAKE_CONFIRM) -> None:
        """Put a program pytest-carbon on PATH that writes down its arguments and variables."""
        program = self.folder / "bin" / "pytest-carbon"
        program.write_text(text.format(code=code), encoding="utf-8")
        program.chmod(0o755)

    @property
    def confirm_arguments(self) -> list[str]:
        """The arguments of the fake pytest-carbon, one a line; none if it was not started."""
        saw = self.folder / "saw"
        return saw.read_text(encoding="utf-8").splitlines() if saw.exists() else []

    def measure(
        self, command: str = "", payload: Mapping[str, Any] = {}, event: str = "push", **more: Any
    ) -> CommandResult:
        """Measure with a command or other inputs, for an event."""
        inputs = ActionInputs(command=command, workspace=self.shop, temporary_folder=self.folder / "temporary", **more)
        context = GitHubContext(event, "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", payload=payload)
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "STUB_SAW": str(self.folder / "saw"),
            "CARBON_TOKEN": "ghs_secret",
            "INPUT_TOKEN": "ghs_secret",
            "CARBON_COMMAND": command,
            "OTHER": "kept",
        }
        return measure(context, inputs, environment)

    @property
    def log(self) -> str:
        """What the job has printed since the last look."""
        return "".join(self.capsys.readouterr())


def write_reports(job: ProjectJob, names: list[str], **more: Any) -> None:
    """Write numbered reports below the project's folder ``out``."""
    for number, name in enumerate(names):
        report_file.write(report_of_now(number, **more), job.shop / "out" / name)
