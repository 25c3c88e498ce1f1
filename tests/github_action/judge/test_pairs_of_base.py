"""Pairs clear a growth only if they were measured against a commit of the base branch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.report import Report
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.usecases.append_run import append_parts
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FakeProject
from tests.samples import POLICY, make_pairs

GROWTH = 'on-inconclusive = "fail"\n' + POLICY + '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'


@pytest.fixture
def gate(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project with a limit on growth, and six runs of main in its ledger."""
    project = FakeProject(hub, tmp_path, capsys, GROWTH)
    ledger = BranchLedger(project.repo.git, "carbon-ledger", datetime.now(UTC), None)
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "carbon.toml").write_text(GROWTH)
    config = load_config(folder, environment={})
    for day in range(1, 7):
        report = project.report(100 + day)
        started = (datetime.now(UTC) - timedelta(days=day)).isoformat(timespec="seconds")
        run = replace(report.run, commit=f"{day}" * 40, branch="main", started=started)
        append_parts(config, [("test", replace(report, run=run))], RunSource("main"), ledger, replace(report, run=run))
    return project


def _measured(gate: FakeProject, number: int, base: str, cost: float, **costs: float) -> Report:
    """Return the report of a run of this cost, with pairs of ``base_cost`` and ``head_cost``."""
    report = gate.report(number, cost={"checkout": cost})
    on_base = gate.report(60, cost={"checkout": costs.get("base_cost", 1.0)}, commit=base)
    on_head = gate.report(61, cost={"checkout": costs.get("head_cost", 1.0)})
    return replace(report, pairs=make_pairs(on_base, on_head))


def test_pairs_of_the_base_clear_a_growth(gate: FakeProject) -> None:
    """The base, a commit that came after it, and one that main had before: all are on main."""
    older = gate.repo.bare.branches()["main"]
    base = gate.repo.commit({"later.py": "x = 1\n"})
    number = gate.open_pull("feature:checkout")
    for run, commit in enumerate((base, older, gate.repo.commit({"newest.py": "x = 1\n"}))):
        report = _measured(gate, run, commit, 1.5)
        assert gate.judge(number, gate.add_measured_run(number, report)).outputs["verdict"] == "pass"
    alone = replace(_measured(gate, 9, base, 1.5), pairs=None)
    assert gate.judge(number, gate.add_measured_run(number, alone)).outputs["verdict"] == "inconclusive"


@pytest.mark.attack("contradicting-report")
@pytest.mark.parametrize("base", ["9" * 40, "main", "topic"])
def test_pairs_of_another_base_clear_nothing(gate: FakeProject, base: str, attack: Attack) -> None:
    """A commit that is not on the base branch is no base: it may be as costly as one likes."""
    number = gate.open_pull("feature:checkout")
    commit = gate.head(number) if base == "topic" else base
    report = _measured(gate, 1, "a" * 40, 1.5)
    assert report.pairs is not None
    runs = [{**run, "figures": {**run["figures"], "commit": None}} for run in report.pairs["runs"]]
    report = replace(report, pairs={**report.pairs, "base": commit, "runs": runs})
    result = gate.judge(number, gate.add_measured_run(number, report), comment="always")
    assert f"the pairs were measured against the commit {commit[:12]}, which is not on main" in gate.comment(number)
    attack.ended(gate.status(gate.head(number))["state"], result.log)


def test_base_that_cannot_be_asked_for_is_unknown(gate: FakeProject) -> None:
    """GitHub gives no answer, so nothing follows from the pairs."""
    older = gate.repo.bare.branches()["main"]
    gate.repo.commit({"later.py": "x = 1\n"})
    number = gate.open_pull("feature:checkout")
    gate.hub.fault("GET", "/compare/", status=403)
    run_id = gate.add_measured_run(number, _measured(gate, 1, older, 1.5))
    assert gate.judge(number, run_id, comment="always").outputs["verdict"] == "inconclusive"
    assert f"could not tell whether the commit {older[:12]}" in gate.comment(number)


FORGED: dict[str, dict[str, Any]] = {
    "cheap sides": {"cost": 3.0},
    "a dear base": {"cost": 3.0, "base_cost": 3.0, "head_cost": 3.0},
}


@pytest.mark.attack("contradicting-report")
@pytest.mark.parametrize("facts", FORGED.values(), ids=FORGED)
def test_pairs_that_contradict_the_run_or_the_ledger_clear_nothing(
    gate: FakeProject, facts: dict[str, Any], attack: Attack
) -> None:
    """The tests cost three times as much as on main, and the pairs say that nothing grew."""
    base = gate.repo.bare.branches()["main"]
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number, gate.add_measured_run(number, _measured(gate, 1, base, **facts)))
    attack.ended(gate.status(gate.head(number))["state"], result.log)
