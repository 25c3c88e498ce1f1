"""A project with a policy, reports made by hand, and calls of the command line, for the tests of the verbs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.cli.main import main
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file
from tests.samples import NOW, POLICY, TESTS, make_pairs, make_report


@dataclass
class Done:
    """The exit code and the output of one call of the command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Project:
    """A folder with a policy, in which the command line is called."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def policy(self, more: str = "", whole: str = POLICY) -> None:
        """Write the policy: the two features, and ``more`` lines; or the ``whole`` policy."""
        (self.root / "carbon.toml").write_text(whole + more, encoding="utf-8")

    def write(self, report: Report, name: str = ".carbon/report.json") -> str:
        """Write a report and return its path."""
        report_file.write(report, self.root / name)
        return name

    def report(self, number: int = 1, **facts: Any) -> str:
        """Write the report of one run and return its path."""
        return self.write(make_report(number, **facts), f"reports/run-{number}.json")

    def carbon(self, *arguments: str, now: datetime | None = NOW) -> Done:
        """Call the command line as of ``now``."""
        as_of = ["--now", now.isoformat()] if now else []
        own, dashes, command = _split(arguments)
        self.capsys.readouterr()
        try:
            code = main([*own, *as_of, *dashes, *command])
        except SystemExit as end:  # as argparse ends
            code = int(str(end.code))
        return Done(code, *self.capsys.readouterr())

    def baseline(self, count: int = 5) -> None:
        """Append ``count`` runs of the default branch to the ledger, one a day."""
        reports = [self.report(100 + n, branch="main", ago=timedelta(days=n)) for n in range(1, count + 1)]
        assert self.carbon("ledger", "append", *reports).code == 0

    def git(self, *arguments: str, where: Path | None = None) -> str:
        """Run git and return its output."""
        done = subprocess.run(["git", *arguments], cwd=where or self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def repository(self, *, remote: bool = False) -> None:
        """Make the folder a repository with one commit of its files; with ``remote``, add a remote."""
        (self.root / ".gitignore").write_text(".carbon\nreports\n__pycache__\n", encoding="utf-8")
        self.git("init", "-q", "-b", "main")
        self.commit()
        if remote:
            self.git("init", "-q", "--bare", "-b", "main", str(self.root.with_name("remote.git")))
            self.git("remote", "add", "origin", self.root.with_name("remote.git").as_uri())

    def commit(self) -> str:
        """Commit everything and return the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a commit")
        return self.git("rev-parse", "HEAD")

    def commit_again(self, note: str) -> str:
        """Make a commit of another file and return it."""
        (self.root / f"{note}.txt").write_text(note, encoding="utf-8")
        return self.commit()


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at : at + 1], arguments[at + 1 :]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """A project in a folder of its own, without this machine's settings of CI, git and zone."""
    for variable in ("CI", "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "PYTEST_CARBON_ZONE",
                     "PYTEST_ADDOPTS", "PYTHONHASHSEED"):  # fmt: skip
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("COLUMNS", "160")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "n")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "n@example.org")
    root = tmp_path / "shop"
    root.mkdir()
    monkeypatch.chdir(root)
    made = Project(root, capsys)
    made.policy()
    return made


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """The values and functions that make reports."""
    return SimpleNamespace(NOW=NOW, POLICY=POLICY, TESTS=TESTS, report=make_report, pairs=make_pairs, replace=replace)
