"""From a measurement to a report in a file, and whether a budget fails the run."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.core.model import CpuReading, Measurement, Span, WorkerTrace
from pytest_carbon.meter.machine_table import this_machine
from pytest_carbon.meter.sidecar_session import Meter
from pytest_carbon.usecases.finish_run import FinishedRun, finish_run, power_so_far
from pytest_carbon.usecases.make_report import Invocation
from tests.usecases.conftest import Shop


def _readings(steal: float = 0.0) -> tuple[CpuReading, ...]:
    """Ten seconds of a machine with two CPUs, busy for four fifths."""
    return tuple(CpuReading(at_s=float(at), busy_s=1.6 * at, steal_s=steal * at, total_s=2.0 * at) for at in range(11))


def _measured(shop: Shop, policy: str = "", *, replaces: bool = True, **changes: object) -> FinishedRun:
    config: Config = replace(shop.config(policy), **changes)  # type: ignore[arg-type]
    measurement = Measurement(0.0, 10.0, _readings(), (), None)
    span = Span("test", "tests/checkout/test_checkout.py::test_1", "call", 1.0, 9.0, 12.0)
    trace = WorkerTrace("", 0.0, 10.0, 15.0, (span,))
    outcomes = {"tests/checkout/test_checkout.py::test_1": ["passed"]}
    invocation = Invocation(("pytest",), 0, shop.root)
    return finish_run(measurement, [trace], outcomes, ["a gap"], invocation, config, replaces=replaces)


def test_a_run_has_a_report_in_a_file(shop: Shop) -> None:
    """The file holds the report, and the rows sum to the total."""
    finished = _measured(shop)
    data = json.loads((shop.root / ".carbon" / "report.json").read_text())
    assert data["run"]["id"] == finished.report.run.id
    assert (finished.failed, finished.problems) == (False, [])
    assert "a gap" in finished.report.gaps
    rows_j = sum(row.energy_j or 0.0 for row in finished.report.rows)
    assert rows_j == pytest.approx(finished.report.totals.energy_j)


JUDGE = ".carbon/report.json; to judge this run: pytest-carbon check"


@pytest.mark.parametrize(
    ("policy", "folder", "ci", "where"),
    [
        ("", "", "", ".carbon/report.json; to keep this run: pytest-carbon ledger append"),
        ("", ".carbon/ledger", "", JUDGE),
        ("", "", "true", JUDGE),
        ('[ledger]\nbranch = "runs"\n', "", "", JUDGE),
        ('[ledger]\nfolder = "kept"\n', "", "true",
         ".carbon/report.json; to keep this run: pytest-carbon ledger append"),
        ('[features.checkout.budget]\nper-run = "1 mJ"\n', "", "",
         ".carbon/report.json; feature checkout is over its limit; begin with "
         "tests/checkout/test_checkout.py::test_1, which took most: "),
    ],
)  # fmt: skip
def test_where_the_report_is_and_what_comes_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, policy: str, folder: str, ci: str, where: str
) -> None:
    """An unkept run is to be appended, another one to be judged; nobody asks whether a branch or database is there."""
    monkeypatch.setenv("CI", ci)
    if folder:
        (shop.root / folder).mkdir(parents=True)
    found = _measured(shop, policy).where
    assert found.startswith(where)
    assert found == where or "over its limit" in where


@pytest.mark.parametrize(
    ("on_exceeded", "gated", "failed", "lines"),
    [("fail", False, True, 1), ("warn", False, False, 0), ("fail", True, False, 1)],
)
def test_a_budget_per_run_fails_the_run(shop: Shop, on_exceeded: str, gated: bool, failed: bool, lines: int) -> None:
    """A limit that only warns does not fail the run, nor does any limit if a gate judges later."""
    policy = f'[features.checkout.budget]\nper-run = "1 mJ"\non-exceeded = "{on_exceeded}"\n'
    finished = _measured(shop, policy, gated=gated)
    assert all(("a gate judges this later" in line) is gated for line in finished.problems)
    assert finished.failed is failed
    assert [line.startswith("carbon budget exceeded: feature checkout used") for line in finished.problems] == [
        True
    ] * lines


def test_a_report_that_cannot_be_written_is_a_problem_and_no_failure(shop: Shop) -> None:
    """The report is returned all the same, for the table."""
    blocked = shop.root / "file"
    blocked.write_text("")
    finished = _measured(shop, report=blocked / "report.json", report_named=True)
    assert finished.failed is False
    assert finished.report.totals.energy_j is not None
    (problem,) = finished.problems
    assert problem.startswith("pytest-carbon: ")
    assert "report.json" in problem


def test_a_place_of_the_settings_that_is_no_report_is_kept(shop: Shop) -> None:
    """The report goes to the usual place, which the problems name; so it does if that holds anything."""
    usual = shop.root / ".carbon" / "report.json"
    usual.parent.mkdir()
    usual.write_text("a cut rep")
    page = shop.root / "page.md"
    page.write_text("# Ours\n")
    finished = _measured(shop, report=page)
    assert page.read_text() == "# Ours\n"
    assert json.loads(usual.read_text())["run"]["id"] == finished.report.run.id
    lost, instead = finished.problems
    assert "page.md (this file is no carbon report, and would be lost)" in lost
    assert instead.startswith(
        "the report of this run is in .carbon/report.json instead; name a new file as `report` in "
    )
    assert _measured(shop, report=page, report_named=True).problems == []


def test_power_so_far_needs_two_readings() -> None:
    """Before the second reading of the sidecar there is nothing to show."""
    assert power_so_far(Meter(()), this_machine()[1]) is None


def test_kind_17_of_runs_that_end_at_once_none_loses_its_report(shop: Shop) -> None:
    """Whoever comes second finds the name taken only when it writes, and says where its report is."""
    place = shop.root / ".carbon" / "report.json"
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: _measured(shop, replaces=False), range(4)))
    places = [place, *sorted((shop.root / ".carbon/reports").iterdir())]
    assert {json.loads(path.read_text())["run"]["id"] for path in places} == {run.report.run.id for run in runs}
    assert [path.name for path in places] == ["report.json", *(f"report-{n}.json" for n in (2, 3, 4))]
    assert sorted(len(run.problems) for run in runs) == [0, 1, 1, 1]
    (problem,) = next(run.problems for run in runs if run.problems)
    assert problem.startswith(f"pytest-carbon: another run wrote {place} while this one ran; the report of this run is")
    assert [path for path in place.parent.iterdir() if path.name.startswith(".new-")] == []
