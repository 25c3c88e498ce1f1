"""Uploaded reports that say another time, another run or other sums than they can have: none of them is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.report import Report
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.usecases.append_run import append_parts
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FakeProject
from tests.samples import POLICY, make_pairs

LIMIT = '[features.checkout.budget]\nlimit = "5 kJ"\non-exceeded = "fail"\n'


@pytest.fixture
def gate(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose budget holds one run of 4 kJ, and not two."""
    return FakeProject(hub, tmp_path, capsys, POLICY + LIMIT)


def _started(report: Report, ago: timedelta) -> Report:
    return replace(report, run=replace(report.run, started=(datetime.now(UTC) - ago).isoformat()))


def _record(gate: FakeProject, number: int, *reports: Report) -> None:
    """Put runs of a pull request into the ledger, as a nightly run does."""
    pull = gate.repo.pull(number)["head"]
    ledger = BranchLedger(gate.repo.git, "carbon-ledger", datetime.now(UTC), None)
    own = [("test", replace(report, run=replace(report.run, commit=pull["sha"]))) for report in reports]
    for part in own:
        append_parts(_config(gate), [part], RunSource(pull["ref"], number), ledger, None)


def _config(gate: FakeProject) -> Config:
    folder = gate.folder / "policy"
    folder.mkdir(exist_ok=True)
    (folder / "carbon.toml").write_text(gate.policy, encoding="utf-8")
    return load_config(folder, environment={})


def test_honest_runs_are_judged(gate: FakeProject) -> None:
    """One run is within the budget, at 80 %; with a second the pull request fails."""
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number).outputs["verdict"] == "warn"
    _record(gate, number, gate.report(7))
    assert gate.judge(number).outputs["verdict"] == "fail"


def test_a_clock_that_is_fast_by_minutes_hides_no_cost(gate: FakeProject) -> None:
    """The run is judged now, and is in the window of now."""
    number = gate.open_pull("feature:checkout")
    _record(gate, number, gate.report(7))
    run_id = gate.add_measured_run(number, _started(gate.report(), timedelta(minutes=52)))
    assert gate.judge(number, run_id).outputs["verdict"] == "fail"


@pytest.mark.attack("measured-clock")
@pytest.mark.parametrize("ago", [timedelta(days=2000), timedelta(days=40), timedelta(hours=2), timedelta(days=-9)])
def test_a_run_of_another_time_than_its_job_is_not_judged(gate: FakeProject, ago: timedelta, attack: Attack) -> None:
    """The tests moved the clock, or wrote the report: the run would be in no window, or in another."""
    number = gate.open_pull("feature:checkout")
    _record(gate, number, gate.report(7))
    result = gate.judge(number, gate.add_measured_run(number, _started(gate.report(), ago)))
    assert "holds a report of another time: run run-1 says that it went from" in result.log
    attack.ended(gate.status(gate.head(number))["state"], result.log)


@pytest.mark.attack("measured-clock")
@pytest.mark.parametrize("moved", [timedelta(0), timedelta(minutes=3)])
def test_the_id_of_an_earlier_run_replaces_nothing(gate: FakeProject, moved: timedelta, attack: Attack) -> None:
    """A new commit's report has the id and even the time of the pull request's earlier run, whose cost would vanish."""
    number = gate.open_pull("feature:checkout")
    earlier = gate.report(7)
    _record(gate, number, earlier)
    gate.repo.commit({"more.py": "more = 1\n"}, branch="topic")
    copied = replace(gate.report(8).run, id=earlier.run.id, started=earlier.run.started)
    report = _started(replace(gate.report(8), run=copied), timedelta(hours=1) - moved)
    result = gate.judge(number, gate.add_measured_run(number, report))
    assert "run run-7 is in the ledger with commit" in result.log
    attack.ended(gate.status(gate.head(number))["state"], result.log)


@pytest.mark.attack("measured-clock")
def test_another_part_of_the_same_id_is_missing(gate: FakeProject, attack: Attack) -> None:
    """A costly job uploads the report of a cheap one, as it is or with other figures: its own report is missing."""
    gate.repo.commit({"carbon.toml": 'on-inconclusive = "fail"\n' + gate.policy})
    number = gate.open_pull("feature:checkout")
    report = gate.report()
    for other in (report, replace(gate.report(cost={"search": 0.5}), run=report.run)):
        run_id = gate.add_measured_run(number, report, other, names=("a.of2", "b.of2"))
        result = gate.judge(number, run_id)
        assert "1 of 2 parts is missing" in result.log + gate.comment(number)
        attack.ended(gate.status(gate.head(number))["state"], result.log)


FORGED: dict[str, Callable[[Report], Report]] = {
    "total": lambda report: replace(report, totals=replace(report.totals, energy_j=1.0, low_j=0.8, high_j=1.3)),
    "feature": lambda report: replace(
        report, features={**report.features, "checkout": replace(report.features["checkout"], energy_j=0.0, share=0.0)}
    ),
    "rows": lambda report: replace(report, rows=report.rows[:1]),
    "phases": lambda report: replace(report, rows=tuple(replace(row, phase="") for row in report.rows)),
    "reference energy": lambda report: replace(
        report,
        rows=tuple(replace(row, reference_j=row.reference_j / 50) for row in report.rows),
        totals=replace(report.totals, reference_j=report.totals.reference_j / 50),
        features={name: replace(use, reference_j=use.reference_j / 50) for name, use in report.features.items()},
    ),
    "grams": lambda report: replace(report, totals=replace(report.totals, operational_g=0.0, emissions_g=0.1)),
    "watts": lambda report: replace(report, run=replace(report.run, duration_s=0.001)),
    "grams of a feature": lambda report: replace(
        report,
        features={
            name: replace(use, emissions_g=grams)
            for (name, use), grams in zip(report.features.items(), _moved_grams(report), strict=True)
        },
    ),
    "speeds": lambda report: replace(report, rows=tuple(replace(row, speed_before=9.0) for row in report.rows)),
    "pairs of another head": lambda report: replace(report, pairs={**make_pairs(report, report), "head": "8" * 40}),
}


def _moved_grams(report: Report) -> list[float]:
    """Return the grams of each feature, the last of which has those of all."""
    grams = [use.emissions_g for use in report.features.values()]
    return [*[0.0] * (len(grams) - 1), sum(grams)]


@pytest.mark.attack("contradicting-report")
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_report_that_does_not_add_up_is_not_judged(
    gate: FakeProject, forge: Callable[[Report], Report], attack: Attack
) -> None:
    """The log and the status say what contradicts what."""
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number, gate.add_measured_run(number, forge(gate.report())))
    assert "does not add up" in result.log
    attack.ended(gate.status(gate.head(number))["state"], result.log)
