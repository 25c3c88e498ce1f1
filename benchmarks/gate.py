"""What the gate costs: python benchmarks/gate.py

The Action's environment is made as a job makes it, and its steps run in it as processes of their own, against a
GitHub on this machine that answers in 50 ms, git as well. The ledger's branch holds 300 runs and 10 baselines. Times
are medians of five, from the start of the first step to the end of the last. Memory is that of the largest process.

The yardsticks: the same Python started three times with the libraries of the steps, and 18 answers of 50 ms; an
environment with pip in it; a process that loads the JSON of the same report and baselines.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from _bench import READ_JSON, Table, Yardstick, median_s, process, python
from verdict import FEATURES, report

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for the tests' GitHub

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH  # noqa: E402
from pytest_carbon.core.records.run_entry import RunSource, make_entry  # noqa: E402
from pytest_carbon.core.records.run_measurements import measurements_of  # noqa: E402
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger  # noqa: E402
from pytest_carbon.ledgers.file_contents import baseline_bytes  # noqa: E402
from pytest_carbon.reporters.run import report_file  # noqa: E402
from tests.github_action.fake import FakeGitHub  # noqa: E402
from tests.github_action.project import FakeProject  # noqa: E402

TIMES, RUNS, BASELINES, ANSWER_S, CALLS = 5, 300, 10, 0.05, 18
USUAL, LARGE = 400, 20_000
POLICY = 'zone = "DE"\ndefault-branch = "main"\n[budget]\ngrowth = "5 %"\n' + "".join(
    f'[features.f{n}]\nlabels = ["feature:f{n}"]\npaths = ["tests/test_f{n}.py"]\n'
    f'[features.f{n}.budget]\nlimit = "1 kg"\nper-run = "0.01 J"\non-exceeded = "fail"\n'
    for n in range(FEATURES)
)
"""Every feature is over a limit, so that there is much to say."""
LAUNCH = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
output = process.stdout.read().decode()
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - start, used.ru_maxrss * 1024, output]))
"""
"""A small process in between: the system never reports less memory for a process than for its parent."""


class Cost(NamedTuple):
    """What a process took, or several one after the other, and the calls that the API got of them."""

    wall_s: float
    memory_bytes: float
    calls: int = 0


def launch(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command; end if it fails."""
    environment_without_ci = {
        key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CARBON_"))
    }
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCH, *command]
    done = subprocess.run(
        launcher, env={**environment_without_ci, **environment}, cwd=folder, stdout=subprocess.PIPE, check=True
    )
    code, wall_s, memory_bytes, output = json.loads(done.stdout)
    if code != 0:
        sys.exit(f"{' '.join(command)} ended with {code}:\n{output}")
    return Cost(wall_s, memory_bytes)


def install(table: Table, folder: Path) -> str:
    """Make the Action's environment several times, and return the python of the last."""
    took_s = []
    for number in range(TIMES + 1):  # the first fills the cache of packages
        place = folder / f"runner-{number}"
        place.mkdir(parents=True)
        environment = {"RUNNER_TEMP": str(place), "GITHUB_OUTPUT": str(place / "output")}
        took_s.append(launch([sys.executable, "-I", str(ROOT / "github_action/install.py")], environment, place).wall_s)
    making = Yardstick(
        "python -m venv", *median_s(process(sys.executable, "-m", "venv", "--clear", folder / "venv"), times=3)
    )
    table.time("making the environment, packages in the cache", statistics.median(took_s[1:]), making, 3)
    return (place / "output").read_text().strip().removeprefix("python=")


class Project:
    """A project on the fake with a history, and one pull request whose tests are measured again and again."""

    def __init__(self, hub: FakeGitHub, folder: Path, python: str, tests: int) -> None:
        self.folder, self.python, self.tests = folder, python, tests
        self.chance, self.runs = random.Random(0), 0
        self.project = FakeProject(hub, folder, None, POLICY)
        self.repo = self.project.repo
        self._remember()
        self.repo.commit({"pyproject.toml": '[project]\nname = "shop"\n'})
        self.pull = self.project.open_pull("feature:f0")
        hub.delay_s = ANSWER_S
        for verb in ("GET", "POST"):  # git's own way to the ledger
            hub.fault(verb, r"/(info/refs|git-upload-pack)$", times=None, delay_s=ANSWER_S)

    def _remember(self) -> None:
        now = datetime.now(UTC)
        ledger = BranchLedger(self.repo.git, DEFAULT_LEDGER_BRANCH, now, remote=None)
        paid = RunSource("main", shares={f"f{n}": 1 / FEATURES for n in range(FEATURES)})
        usual = make_entry(report(0, now, self.chance, self.tests), paid)
        started = [(now - timedelta(hours=2 + 2 * n)).isoformat(timespec="seconds") for n in range(RUNS)]
        ledger.append([replace(usual, id=f"old-{n}-1", run=f"old-{n}", started=at) for n, at in enumerate(started)])
        for number in range(BASELINES):
            run = report(number, now - timedelta(hours=BASELINES - number), self.chance, self.tests)
            ledger.append([], replace(measurements_of(run), branch="main"))

    def measured(self) -> int:
        """Push a commit that a run measures, and return the run's id."""
        self.runs += 1
        self.repo.commit({"work.py": f"work = {self.runs}\n"}, branch="topic")
        run = report(self.runs, self.project.hub.clock, self.chance, self.tests)
        return self.project.add_measured_run(self.pull, run)

    def pushed(self) -> Cost:
        """Judge a new commit, after the run that measured it."""
        return self._job("workflow_run", self.repo.event_workflow_run(self.measured()))

    def labelled(self) -> Cost:
        """Judge a commit that was measured, because a label was put on."""
        self.measured()
        label = f"feature:f{self.runs}"
        self.repo.label(self.pull, label, by="ann")
        event = self.repo.event_pull_request(self.pull, "labeled", label=label)
        return self._job("pull_request", event, command="touch was-measured")

    def _job(self, event: str, payload: dict[str, Any], **inputs: str) -> Cost:
        self.runs += 1
        place = self.folder / f"job-{self.runs}"
        place.mkdir(parents=True)
        (place / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        hub, before = self.project.hub, self.project.hub.api_calls
        environment = {
            "GITHUB_EVENT_PATH": str(place / "event.json"),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REPOSITORY": self.repo.name,
            "GITHUB_SHA": self.project.head(self.pull),
            "GITHUB_RUN_ID": str(5_000_000 + self.runs),
            "GITHUB_SERVER_URL": hub.server_url,
            "GITHUB_API_URL": hub.api_url,
            "GITHUB_OUTPUT": str(place / "output"),
            "GITHUB_STEP_SUMMARY": str(place / "summary.md"),
            "GITHUB_WORKSPACE": str(place),
            "RUNNER_TEMP": str(place),
            "CARBON_TOKEN": self.project.token(),
            "CARBON_COMMENT": "always",
            **{f"CARBON_{key.upper()}": value for key, value in inputs.items()},
        }
        steps = [
            launch([self.python, "-I", "-m", "github_action", step], environment, place)
            for step in ("begin", "measure", "finish")
        ]
        status = self.project.status(self.project.head(self.pull))
        assert status["target_url"].endswith(f"/{5_000_000 + self.runs}/attempts/1"), status
        assert status["state"] in ("success", "failure"), status
        assert not (place / "was-measured").exists()
        return Cost(
            sum(step.wall_s for step in steps), max(step.memory_bytes for step in steps), hub.api_calls - before
        )


def plain_steps(table: Table, own_python: str) -> Yardstick:
    """Measure what the steps must take: their Python with its libraries, and the answers."""
    (start_s,) = median_s(process(own_python, "-I", "-c", "import github3, requests, jinja2, yaml, rich"), times=TIMES)
    table.say(f"one start of Python with the libraries: {start_s:.2f} s")
    return Yardstick(f"3 such starts and {CALLS} answers", 3 * start_s + CALLS * ANSWER_S)


def plain_reading(folder: Path) -> Yardstick:
    """Measure what it takes to load the JSON of a large report and its baselines."""
    now, chance = datetime.now(UTC), random.Random(0)
    runs = [report(number, now - timedelta(hours=number + 1), chance, LARGE) for number in range(BASELINES + 1)]
    folder.mkdir()
    report_file.write(runs[0], folder / "report.json")
    for number, run in enumerate(runs[1:]):
        (folder / f"{number}.json.gz").write_bytes(baseline_bytes(measurements_of(run), now))
    return Yardstick("loading the JSON of report and baselines", *median_s(python(READ_JSON, folder), times=3))


def medians(judge: Callable[[], Cost]) -> Cost:
    """Judge several times, after once that is not counted."""
    judge()
    costs = [judge() for _ in range(TIMES)]
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        max(cost.memory_bytes for cost in costs),
        max(cost.calls for cost in costs),
    )


def main() -> None:
    """Install, then judge a usual pull request and one with very many tests."""
    table = Table(f"the gate, the API answering in {ANSWER_S * 1000:.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own_python = install(table, folder / "install")
        steps = plain_steps(table, own_python)
        with FakeGitHub(folder / "github") as hub:
            project = Project(hub, folder / "usual", own_python, USUAL)
            table.say(f"first start, nothing compiled yet: {project.pushed().wall_s:.2f} s")
            usual = medians(project.pushed)
            table.time(f"a pull request of {USUAL} tests", usual.wall_s, steps, 2.2)
            table.row("calls of the API", usual.calls, CALLS)
            again = medians(project.labelled)
            table.time("a label that changes, to the new verdict", again.wall_s, steps, 2.2)
            table.row("calls of the API", again.calls, CALLS)
        with FakeGitHub(folder / "github-large") as hub:
            large = medians(Project(hub, folder / "large", own_python, LARGE).pushed)
            more_s, reading = large.wall_s - usual.wall_s, plain_reading(folder / "read")
            table.time(f"a pull request of {LARGE} tests: more than the other", more_s, reading, 11)
            table.row("memory", large.memory_bytes / 1e6, 300, "MB")
    table.end()


if __name__ == "__main__":
    main()
