"""A commit without a report: changes that need no measurement, and budgets that are exhausted all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FAILS, FakeProject, StepResult
from tests.samples import POLICY

EXCUSES = 'no-measurement = ["docs/**", "*.md"]\n'
DOCS: dict[str, str | None] = {"docs/a.md": "a", "README.md": "b"}
SENTENCE = "Nothing to measure: all 2 changed files are in no-measurement of the policy."
LIMIT = '[features.checkout.budget]\nlimit = "1 kJ"\non-exceeded = "fail"\n'


@pytest.fixture
def project(hub: FakeGitHub, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose documentation needs no measurement, and whose feature checkout fails in every run."""
    return FakeProject(hub, tmp_path, capsys, EXCUSES + POLICY + FAILS)


def _announce(project: FakeProject, number: int, action: str = "opened", **more: Any) -> StepResult:
    """Run the publishing workflow as it starts without any run that measures."""
    payload = project.repo.event_pull_request(number, action)
    return project.run_step("finish", "pull_request_target", payload, **more)


def _states(project: FakeProject, number: int) -> list[str]:
    return [s["state"] for s in project.repo.statuses if s["sha"] == project.head(number)]


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "edited"])
def test_documentation_passes_without_a_run(project: FakeProject, action: str) -> None:
    """If no test workflow starts for such a change, the required status comes from the publishing workflow."""
    number = project.open_pull(files=DOCS)
    payload = project.repo.event_pull_request(number, action)
    payload["changes"] = {"base": {}}
    done = project.run_step("finish", "pull_request_target", payload)
    assert (done.code, done.outputs["verdict"], done.outputs["sentence"]) == (0, "pass", SENTENCE)
    assert project.status(project.head(number))["state"] == "success"
    assert project.status(project.head(number))["description"] == SENTENCE
    assert done.outputs["report-path"] == done.outputs["energy-j"] == done.outputs["emissions-g"] == ""


def test_documentation_passes_in_the_one_workflow(project: FakeProject) -> None:
    """A job that measures may leave such a change out; the job that judges then finds no report."""
    number = project.open_pull(files=DOCS)
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    payload = project.repo.event_pull_request(number, "opened")
    done = project.run_step("finish", "pull_request", payload, run_id=run_id)
    assert done.outputs["sentence"] == SENTENCE


@pytest.mark.parametrize("files", [{"docs/a.md": "a", "work.py": "x = 1\n"}, {"docs/a.md": "a", "carbon.toml": "#\n"}])
def test_other_change_waits_for_its_run(project: FakeProject, files: dict[str, str | None]) -> None:
    """If a change needs a measurement, nothing is written before its run; without a report it is an error."""
    number = project.open_pull(files=files)
    done = _announce(project, number)
    assert (done.code, _states(project, number)) == (0, [])
    assert "nothing to judge: the change needs a measurement; the run that measures it is judged" in done.log
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    assert project.judge(number, run_id).outputs["verdict"] == "error"


def test_report_that_is_there_is_judged(project: FakeProject) -> None:
    """A measured change is judged by its report, also if it needs none; one that cannot be read is no excuse."""
    number = project.open_pull("feature:checkout", files=DOCS)
    assert project.judge(number).outputs["verdict"] == "fail"
    done = _announce(project, number, "synchronize", measure_workflow="carbon-measure.yml")
    assert done.outputs.get("verdict") != "pass"
    number = _other_pull(project, "more")
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="more")
    project.repo.artifact(run_id, "carbon-report-test", b"no zip")
    assert project.judge(number, run_id).outputs["verdict"] == "error"


def _other_pull(project: FakeProject, branch: str) -> int:
    project.repo.commit(DOCS, branch=branch)
    return project.repo.open_pull(head=branch, author="ann")


def test_policy_of_the_change_excuses_nothing(hub: FakeGitHub, tmp_path: Any, capsys: Any) -> None:
    """Only the base's policy says which paths need no measurement; a change that says so is named as looser."""
    project = FakeProject(hub, tmp_path, capsys, POLICY)
    number = project.open_pull(files={**DOCS, "carbon.toml": EXCUSES + POLICY})
    assert _announce(project, number).outputs == {}
    project.judge(number, comment="always")
    assert "a change of nothing but docs/\\*\\* needs no measurement" in project.comment(number)


def test_list_that_cannot_be_read_excuses_nothing(project: FakeProject) -> None:
    """Without GitHub's list nothing is known about the change: nothing is written, or an error."""
    number = project.open_pull(files=DOCS)
    project.hub.fault("GET", "/files", status=404, times=None)
    done = _announce(project, number)
    assert _states(project, number) == []
    assert "nothing to judge: whether the change needs a measurement is not known" in done.log
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    assert project.judge(number, run_id).outputs["verdict"] == "error"


@pytest.mark.parametrize(
    ("files", "state"), [({"docs/b.md": "b"}, "success"), ({"docs/b.md": "b", "work.py": "x = 1\n"}, "error")]
)
def test_merge_group_is_excused_together(project: FakeProject, files: dict[str, str | None], state: str) -> None:
    """All that the group brings must need no measurement."""
    base = project.repo.bare.commit_of("refs/heads/main")
    assert base is not None
    number = project.open_pull(files=DOCS)
    branch = f"gh-readonly-queue/main/pr-{number}-{base}"
    head = project.repo.commit({**DOCS, **files}, branch=branch)
    run_id = project.repo.workflow_run(head_sha=head, head_branch=branch, event="merge_group")
    payload = project.repo.event_merge_group(head, base, [number])
    done = project.run_step("finish", "merge_group", payload, run_id=run_id)
    assert project.status(head)["state"] == state, done.log


# -- exhausted without a report ----------------------------------------------------------------------------


def _with_ledger(hub: FakeGitHub, tmp_path: Any, capsys: Any, joules: float) -> FakeProject:
    """A project whose ledger says how much of 1 kJ checkout has used."""
    project = FakeProject(hub, tmp_path / "work", capsys, POLICY + LIMIT)
    report = project.report(9)
    entry = make_entry(report, RunSource(branch="main", shares={"checkout": 1.0}))
    scale = joules / (report.totals.energy_j or 1.0)
    folder = tmp_path / "ledger"
    folder.mkdir()
    own = replace(
        entry, started=(hub.clock - timedelta(days=1)).isoformat(), energy_j=joules,
        energy_low_j=(entry.energy_low_j or 0.0) * scale, energy_high_j=(entry.energy_high_j or 0.0) * scale,
    )  # fmt: skip
    FolderLedger(folder, hub.clock, 10).append([own])
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    project.repo.bare.commit(files, "carbon-ledger", "ledger", "Ann", hub.clock)
    return project


@pytest.mark.parametrize(
    ("joules", "labels", "verdict"),
    [
        (1200.0, (), "fail"),
        (1200.0, ("feature:checkout",), "fail"),
        (1200.0, ("feature:search",), "fail"),
        (500.0, (), "error"),
    ],
)
def test_exhausted_budget_needs_no_report(
    hub: FakeGitHub, tmp_path: Any, capsys: Any, joules: float, labels: tuple[str, ...], verdict: str
) -> None:
    """What the ledger shows fails, also if the author's label or ``on-error: neutral`` would let it pass."""
    project = _with_ledger(hub, tmp_path, capsys, joules)
    number = project.open_pull(*labels)
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    done = project.judge(number, run_id, on_error="neutral")
    assert done.outputs["verdict"] == verdict
    assert (project.status(project.head(number))["state"] == "failure") == (verdict == "fail")
    assert "no job of the run uploaded a report" in done.outputs["sentence"]


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("way", ["none", "unreadable"])
def test_missing_report_hides_no_exhausted_budget(
    hub: FakeGitHub, tmp_path: Any, capsys: Any, attack: Attack, way: str
) -> None:
    """A contributor who lets the measurement fail does not get past an exhausted budget."""
    project = _with_ledger(hub, tmp_path, capsys, 1200.0)
    number = project.open_pull()
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    if way == "unreadable":
        project.repo.artifact(run_id, "carbon-report-test", b"no zip")
    done = project.judge(number, run_id, on_error="neutral")
    attack.ended(project.status(project.head(number))["state"], done.log, done.summary)


@pytest.mark.attack("nothing-ran")
@pytest.mark.parametrize(
    "files",
    [
        {"x.md/conftest.py": "x = 1\n"},
        {"docs/a.md": "a", "conftest.py": "x = 1\n"},
        {"docs/carbon.toml": "#\n"},
        {"carbon.toml": 'no-measurement = ["src/**"]\n', "src/a.py": "x = 1\n"},
    ],
)
def test_change_of_code_is_not_excused(project: FakeProject, attack: Attack, files: dict[str, str | None]) -> None:
    """Code beside documentation, in a folder that is called like it, or with a policy of its own needs its tests."""
    number = project.open_pull(files=files)
    assert _announce(project, number).outputs == {}
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    done = project.judge(number, run_id)
    attack.ended(project.status(project.head(number))["state"], done.log, done.summary)


@pytest.mark.attack("nothing-ran")
def test_run_without_tests_blocks(hub: FakeGitHub, tmp_path: Any, capsys: Any, attack: Attack) -> None:
    """A report in which no test ran blocks as a missing report does, also if the policy lets open questions pass."""
    project = FakeProject(hub, tmp_path / "work", capsys, POLICY)
    number = project.open_pull()
    report = project.report(2)
    skipped = replace(report, rows=tuple(replace(row, outcome="skipped") for row in report.rows))
    done = project.judge(number, project.add_measured_run(number, skipped))
    assert done.outputs["verdict"] == "not-measured"
    attack.ended(project.status(project.head(number))["state"], done.log, done.summary)
