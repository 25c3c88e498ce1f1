"""Tests that change what pytest-carbon reports of them: real runs of pytest, held against the outside."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps.command_result import CommandResult, save_result
from github_action.steps.measure_command import measure
from pytest_carbon.core.records.outside_check import contradiction
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file
from tests.attack import Attack
from tests.github_action.project import FAILS, FakeProject
from tests.github_action.steps.project_job import BUDGET, GROWTH, ProjectJob
from tests.samples import POLICY, make_report

WORK = "import os\n\ndef work(cpu_s):\n    while sum(os.times()[:2]) < cpu_s: pass\n"
"""Works until this process has used so many CPU seconds, by a clock that the attacks do not change."""
BURN = "from work import work\n\ndef test_work():\n    work({})\n"
CLOCKS = """
import resource, time, types
time.process_time = lambda: 0.0
time.thread_time = lambda: 0.001
resource.getrusage = lambda who: types.SimpleNamespace(ru_utime=0.0, ru_stime=0.0)
"""
READINGS = (
    CLOCKS
    + """
import pytest_carbon.meter.sidecar_session as session
from pytest_carbon.core.energy.sidecar_stream import parse_stream
session.read_cpu_time = lambda *_: None
session.Meter.read_stream = lambda self: parse_stream(())
"""
)
RECORDER = """
import types

def pytest_sessionstart(session):
    recorder = session.config.pluginmanager.get_plugin("carbon-hooks").recorder
    until_now = recorder._cpu()
    recorder._cpu = recorder._thread = lambda: until_now
    recorder._waited_s = lambda: 0.0
"""
START = RECORDER + "    recorder._before_run = ({}, 0.0)\n"
NO_END = """
def pytest_runtestloop(session):
    marks = session.config.pluginmanager.get_plugin("carbon-hooks")._begun.marks
    marks.send()
    marks.send = lambda: None
"""
WRITTEN = """
import atexit, shutil
atexit.register(shutil.copy, "{}", ".carbon/report.json")
"""
UNREGISTERED = """
def pytest_collection_finish(session):
    session.config.pluginmanager.unregister(name="carbon-hooks")
"""
NO_HOOK = """
def pytest_configure(config):
    config.option.carbon = False
"""
OTHER_PLACE = """
import pathlib
pathlib.Path("carbon.toml").write_text('report = "committed.json"')

def pytest_configure(config):
    config.option.carbon = False
"""


def _environment() -> Mapping[str, str]:
    hidden = ("PYTEST_", "GITHUB_", "CI", "COV_", "CARBON_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _write_small(job: ProjectJob, **facts: Any) -> None:
    """Write a report of now, in which no test ran, to be copied by a command."""
    started = datetime.now(UTC).isoformat(timespec="milliseconds")
    report_file.write(make_report(tests={}, duration_s=0.0, started=started, **facts), job.folder / "made.json")


def _measure(job: ProjectJob, command: str = "") -> CommandResult:
    context = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test")
    (job.shop / "work.py").write_text(WORK, encoding="utf-8")
    command = command or f"'{sys.executable}' -m pytest -p pytest_carbon.plugin -q --carbon"
    inputs = ActionInputs(command=command, workspace=job.shop, temporary_folder=job.folder / "temporary")
    return measure(context, inputs, _environment())


@pytest.mark.attack("forged-report")
@pytest.mark.parametrize("conftest", [CLOCKS, READINGS], ids=["clocks", "readings"])
def test_clocks_that_a_conftest_changes_are_not_ours(job: ProjectJob, attack: Attack, conftest: str) -> None:
    """Ours were taken before, or are put back while we read the machine."""
    (job.shop / "conftest.py").write_text(conftest, encoding="utf-8")
    (job.shop / "test_shop.py").write_text(BURN.format(2.5), encoding="utf-8")
    result = _measure(job)
    assert result == CommandResult(0, job.kept)
    report = report_file.read(job.kept)
    assert sum(row.cpu_s for row in report.rows if row.kind == "test") == pytest.approx(2.0, abs=0.4)
    assert report.totals.energy_j is not None
    attack.harmless(job.log)


@pytest.mark.attack("forged-report")
@pytest.mark.parametrize(
    "conftest",
    [RECORDER, CLOCKS + RECORDER, START.format(1.5), START.format(0.0), WRITTEN],
    ids=["recorder", "all clocks", "long start", "no start", "written at exit"],
)
def test_report_that_tells_of_less_than_was_used_is_refused(job: ProjectJob, attack: Attack, conftest: str) -> None:
    """A conftest forges the recorder or the file of a small suite: the problem has both figures, and the step says it.

    The suite uses about 1.5 CPU seconds.
    """
    _write_small(job, start_up_cpu_s=0.5)
    (job.shop / "conftest.py").write_text(conftest.replace("{}", str(job.folder / "made.json")), encoding="utf-8")
    (job.shop / "test_shop.py").write_text(BURN.format(2.0), encoding="utf-8")
    result = _measure(job)
    assert result.exit_code == 0
    assert "s of CPU time in its session, but the report tells only of 0." in result.problem
    assert "pytest used 1." in result.problem
    kept = report_file.read(job.kept)
    assert kept.outside is not None
    assert contradiction(kept) == result.problem
    attack.ended("refused" if result.problem else "success", job.log)


@pytest.mark.attack("forged-report")
def test_start_that_is_longer_than_the_command_is_refused(job: ProjectJob, attack: Attack) -> None:
    """A conftest lets the report tell of a long start, to explain what the tests used."""
    (job.shop / "conftest.py").write_text(START.format(20.0), encoding="utf-8")
    (job.shop / "test_shop.py").write_text(BURN.format(4.0), encoding="utf-8")
    result = _measure(job)
    assert "of which 20.00 s to start pytest, but the command used only " in result.problem
    attack.ended("refused" if result.problem else "success", job.log)


@pytest.mark.attack("forged-report")
def test_work_that_is_passed_off_as_the_end_is_refused(job: ProjectJob, attack: Attack) -> None:
    """A conftest forges the recorder, and lets the session end before its tests: the end may not use that much."""
    (job.shop / "conftest.py").write_text(RECORDER + NO_END, encoding="utf-8")
    (job.shop / "test_shop.py").write_text(BURN.format(4.0), encoding="utf-8")
    result = _measure(job)
    assert "s of CPU time, but the report tells only of 0.0" in result.problem
    assert "work after the session, as in atexit" in result.problem
    attack.ended("refused" if result.problem else "success", job.log)


@pytest.mark.attack("forged-report")
@pytest.mark.parametrize("conftest", [UNREGISTERED, NO_HOOK, OTHER_PLACE], ids=["unregistered", "no option", "moved"])
def test_report_that_is_missing_where_pytest_ran_is_refused(job: ProjectJob, attack: Attack, conftest: str) -> None:
    """No report is a problem with both figures; a committed report, also one that a test names, is never taken."""
    for place in (job.report, job.shop / "committed.json"):
        report_file.write(make_report(), place)
    (job.shop / "conftest.py").write_text(conftest, encoding="utf-8")
    (job.shop / "test_shop.py").write_text(BURN.format(0.1), encoding="utf-8")
    result = _measure(job)
    assert (result.exit_code, result.report) == (0, None)
    assert "ended with exit code 0 and wrote no report to ./.carbon/report.json, after " in result.problem
    assert "s of CPU time" in result.problem
    attack.ended("refused" if result.problem else "success", job.log)


def test_honest_report_is_taken(job: ProjectJob) -> None:
    """Slow imports, a slow exit, a server that is left running: no problem, and what was left is ended."""
    conftest = (
        "import atexit, subprocess\nfrom work import work\nwork(1.5)\n"
        "@atexit.register\ndef end(): work(sum(__import__('os').times()[:2]) + 0.5)\n"
        "def pytest_sessionfinish(): subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    )
    (job.shop / "conftest.py").write_text(conftest, encoding="utf-8")
    (job.shop / "test_shop.py").write_text(BURN.format(1.8), encoding="utf-8")
    result = _measure(job)
    assert result == CommandResult(0, job.kept)
    report = report_file.read(job.kept)
    assert report.outside is not None
    assert report.outside.only_pytest
    assert report.outside.exit_code == report.run.exit_status == 0
    imports = [row.cpu_s for row in report.rows if row.kind == "collection" and row.phase == "collect"]
    assert sum(imports) == pytest.approx(1.1, abs=0.4)
    if sys.platform == "linux":
        assert "ended what the command left running: sleep (" in job.log


@pytest.mark.attack("forged-report")
def test_what_a_command_leaves_for_the_next_step_is_not_read(job: ProjectJob, attack: Attack) -> None:
    """The command plants a result, a link in its place, and processes that would write it again: all are gone.

    One of them is a loop, the other a chain of processes that each start the next and end.
    """
    folder = job.kept.parent
    save_result(CommandResult(0, attack.outside), job.folder / "planted")
    report_file.write(make_report(), job.folder / "planted" / "report.json")
    plant = f"mkdir -p {folder.parent}; ln -sfn {job.folder}/planted {folder}"
    loop, chain = f"while :; do {plant}; sleep 0.01; done", f"chain() {{ {plant}; chain & }}"
    result = job.measure(f"{chain}; (trap '' TERM; (chain) & {loop}) >&- 2>&- & sleep 0.2")
    time.sleep(0.1)
    assert result.report is None
    assert "wrote no report" in result.problem
    assert not folder.exists()
    attack.ended("refused" if result.problem else "success", job.log)


@pytest.mark.attack("forged-report")
def test_report_that_is_changed_while_growth_is_confirmed_is_refused(job: ProjectJob, attack: Attack) -> None:
    """The tests run again beside the kept report: of what they write, only pairs may be new."""
    _write_small(job)
    payload = job.commit_base_and_head(GROWTH, BUDGET)
    job.install_fake_confirm(
        text="#!/bin/sh\nfor word; do case $word in */report.json) sed -i s/run-1/run-2/ $word;; esac; done\n"
    )
    result = job.measure("mkdir -p .carbon && cp ../made.json .carbon/report.json", payload, "pull_request")
    assert result.report is None
    assert "the report was changed while base and head were measured" in result.problem
    attack.ended("refused" if result.problem else "success", job.log)


@pytest.mark.attack("forged-report")
def test_command_cannot_choose_what_is_compared(job: ProjectJob, attack: Attack) -> None:
    """The command commits a merge with another base, changes its files and writes ignored modules."""
    (job.shop / ".gitignore").write_text(".carbon\nslow.py\n", encoding="utf-8")
    payload = job.commit_base_and_head(GROWTH, GROWTH)
    job.install_fake_confirm()
    _write_small(job)
    git = "git -c user.name=n -c user.email=n@example.org"
    copy = "mkdir -p .carbon && cp ../made.json .carbon/report.json"
    forge = f"sha=$({git} commit-tree -m x -p HEAD -p HEAD 'HEAD^{{tree}}') && git update-ref HEAD $sha"
    job.measure(f"{copy}; {forge}", payload, "pull_request")
    words = job.confirm_arguments
    pull = payload["pull_request"]
    assert words[words.index("--base") + 1] == pull["base"]["sha"]
    assert words[words.index("--head") + 1] == pull["head"]["sha"]
    (job.folder / "saw").unlink()
    job.measure(f"{copy}; echo 'import time' > slow.py", payload, "pull_request")
    assert job.confirm_arguments == []
    log = job.log
    assert "growth is not confirmed: the command wrote slow.py, which git ignores" in log
    attack.ended("inconclusive", log)


@pytest.fixture
def judged(hub: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose feature checkout fails by honest figures."""
    return FakeProject(hub, tmp_path / "fake", capsys, POLICY + FAILS)  # type: ignore[arg-type]


def _forged(report: Report) -> Report:
    from pytest_carbon.core.report import OutsideFigures

    cpu_s = 3 * sum(row.cpu_s for row in report.rows) + 10
    return replace(report, outside=OutsideFigures(0, report.run.duration_s, cpu_s, 0.0, True))


@pytest.mark.attack("forged-report")
@pytest.mark.parametrize("parts", [1, 2])
def test_uploaded_report_is_held_against_the_outside_again(judged: FakeProject, attack: Attack, parts: int) -> None:
    """An artifact has what the measuring step counted; one part that contradicts it is an error of the whole."""
    number = judged.open_pull("feature:checkout")
    reports = [_forged(judged.report(1)), judged.report(2)][:parts]
    done = judged.judge(number, judged.add_measured_run(number, *reports, names=("one", "two")[:parts]))
    assert done.outputs["verdict"] == "error"
    assert "s of CPU time, but the report tells only of" in done.outputs["sentence"]
    attack.ended(judged.status(judged.head(number))["state"], done.log, done.summary)
