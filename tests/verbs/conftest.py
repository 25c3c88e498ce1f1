"""What the tests of the deciding verbs share: a project with a policy, reports made by hand, and the command line."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.cli import main
from pytest_carbon.core import pairs as pairs_module
from pytest_carbon.core.figures import figures_of
from pytest_carbon.core.model import FeatureUse, GridFactor, Probe, Range, Row
from pytest_carbon.core.pairs import Pairs, Side
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from pytest_carbon.reporters import jsonfile

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TESTS = {name: [f"tests/{name}/test_{name}.py::test_{n}" for n in range(20)] for name in ("checkout", "search")}
"""Two features that are large enough to be judged by themselves. A test costs 100 J and 50 J of reference energy."""
TEST_J, TEST_REFERENCE_J = 100.0, 50.0
G_PER_J = 381 / 3_600_000
POLICY = """
zone = "DE"
default-branch = "main"

[features.checkout]
labels = ["feature:checkout"]
paths = ["tests/checkout/**"]
[features.search]
labels = ["feature:search"]
paths = ["tests/search/**"]
"""


def make_report(
    number: int = 1,
    *,
    cost: Mapping[str, float] | None = None,
    ago: timedelta = timedelta(hours=1),
    tests: Mapping[str, Sequence[str]] = TESTS,
    **run: Any,
) -> Report:
    """Return the report of one run; ``cost`` is what each feature's tests cost in parts of the usual."""
    costs = {**dict.fromkeys(tests, 1.0), **(cost or {})}
    rows = [_row(nodeid, name, costs[name]) for name, nodeids in tests.items() for nodeid in nodeids]
    joules = {name: sum(row.energy_j or 0.0 for row in rows if row.feature == name) for name in tests}
    energy_j = sum(row.energy_j or 0.0 for row in rows)
    reference_j = sum(row.reference_j for row in rows)
    grams = energy_j * G_PER_J
    facts: dict[str, Any] = {
        "id": f"run-{number}", "started": (NOW - ago).isoformat(timespec="seconds"), "duration_s": 60.0,
        "command": ("pytest", "--carbon"), "exit_status": 0, "commit": "a" * 40, "workers": 1, "branch": "feature",
    }  # fmt: skip
    return Report(
        tool={"name": "pytest-carbon", "version": "0.1.0", "codecarbon": None},
        run=RunInfo(**{**facts, **run}),
        machine=MachineInfo("bench", "CPU", 4, "modelled", "by hand", "fits", {"cpu": "CPU"}, 0.0, 0.5, 1.0, 1.0),
        grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
        totals=Totals(energy_j, 0.8 * energy_j, 1.3 * energy_j, reference_j, grams, 0.1, grams + 0.1, 0.8 * grams,
                      1.3 * grams + 0.2, None, None, ""),
        rows=tuple(rows),
        features={
            name: FeatureUse(len(tests[name]), own_j / energy_j, own_j, own_j * TEST_REFERENCE_J / TEST_J,
                             (grams + 0.1) * own_j / energy_j)
            for name, own_j in joules.items()
        },
        budgets=(),
        probes=(Probe(0.5, 1.0, ""),),
        gaps=(),
    )  # fmt: skip


def _row(nodeid: str, feature: str, cost: float) -> Row:
    return Row(
        "test", TEST_J * cost, 1.0, 1.0, TEST_REFERENCE_J * cost, nodeid, "call", "", feature, "passed",
        speed_before=1.0, speed_after=1.0,
    )  # fmt: skip


def make_pairs(base: Report, head: Report, count: int = 5, **changes: Any) -> dict[str, Any]:
    """Return the JSON of base and head measured in turns, so many times each."""
    sides = [
        (Side("base", figures_of(base)), Side("head", figures_of(head)))[:: 1 if n % 2 else -1]
        for n in range(1, count + 1)
    ]
    runs = tuple(side for pair in sides for side in pair)
    pairs = Pairs(str(base.run.commit), "working tree", runs, (), "the answer is plain", 60.0, ())
    return {**pairs_module.to_json(pairs), **changes}


@dataclass
class Done:
    """What one call of the command line did."""

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
        """Write the policy: the two features, and what is given."""
        (self.root / "carbon.toml").write_text(whole + more, encoding="utf-8")

    def write(self, report: Report, name: str = ".carbon/report.json") -> str:
        """Write a report and return its path."""
        jsonfile.write(report, self.root / name)
        return name

    def report(self, number: int = 1, **facts: Any) -> str:
        """Write the report of one run and return its path."""
        return self.write(make_report(number, **facts), f"reports/run-{number}.json")

    def carbon(self, *arguments: str, now: datetime | None = NOW) -> Done:
        """Call the command line, as of a moment."""
        as_of = ["--now", now.isoformat()] if now else []
        own, dashes, command = _split(arguments)
        self.capsys.readouterr()
        try:
            code = main([*own, *as_of, *dashes, *command])
        except SystemExit as end:  # as argparse ends
            code = int(str(end.code))
        return Done(code, *self.capsys.readouterr())

    def baseline(self, count: int = 5) -> None:
        """Let so many runs of the default branch be in the ledger, one a day."""
        reports = [self.report(100 + n, branch="main", ago=timedelta(days=n)) for n in range(1, count + 1)]
        assert self.carbon("ledger", "append", *reports).code == 0

    def git(self, *arguments: str, where: Path | None = None) -> str:
        """Run git and return what it says."""
        done = subprocess.run(["git", *arguments], cwd=where or self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def repository(self, *, remote: bool = False) -> None:
        """Make the folder a repository with what is in it as one commit, and a remote if that is asked for."""
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
    """A project in a folder of its own, and nothing of this machine's CI, git or zone."""
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
    """Return what is above: modules of tests cannot import each other."""
    return SimpleNamespace(NOW=NOW, POLICY=POLICY, TESTS=TESTS, report=make_report, pairs=make_pairs, replace=replace)
