"""The inputs of a verdict: the report, the policy, and the runs of the last windows in the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.usecases.append_run import append_run
from pytest_carbon.usecases.gather_verdict_inputs import gather_inputs, read_budget_statuses
from tests.attack import Attack
from tests.samples import NOW, make_report
from tests.usecases.conftest import MAIN, Shop

LIMITED = '[features.checkout.budget]\nlimit = "100 kJ ref"\n'
PULL = RunSource("topic", 7, ("feature:checkout",), 1, "")


def test_inputs_have_the_runs_and_the_baselines_of_the_ledger(shop: Shop) -> None:
    """A run of the default branch is an entry and a baseline; a run of a pull request is an entry."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1, branch="main"), MAIN, shop.ledger)
    append_run(config, make_report(2), PULL, shop.ledger)
    inputs = gather_inputs(config, make_report(3), PULL, shop.ledger, NOW)
    assert sorted(entry.id for entry in inputs.entries) == ["run-1", "run-2"]
    assert [run.run for run in inputs.baseline] == ["run-1"]
    assert (inputs.default_branch, inputs.now, inputs.notes, inputs.pairs) == ("main", NOW, (), None)


def test_an_empty_ledger_gives_inputs_without_a_base(shop: Shop) -> None:
    """The first run of a project is judged without a comparison."""
    inputs = gather_inputs(shop.config(LIMITED), make_report(1), PULL, shop.ledger, NOW)
    assert (inputs.entries, inputs.baseline) == ((), ())


@pytest.mark.parametrize(("ahead", "refused"), [(timedelta(minutes=8), False), (timedelta(minutes=12), True)])
def test_a_run_of_the_future(shop: Shop, ahead: timedelta, refused: bool) -> None:
    """Clocks may differ by minutes, and the run is judged now and counted now; a run that ended later is refused."""
    report = make_report(1, ago=-ahead)
    if refused:
        with pytest.raises(
            ReportError, match=r"run run-1 says that it went .*, but it is judged as of 2026-06-15T12:00"
        ):
            gather_inputs(shop.config(), report, PULL, shop.ledger, NOW)
    else:
        inputs = gather_inputs(shop.config(), report, PULL, shop.ledger, NOW)
        assert (inputs.now, inputs.own_entry.started) == (NOW, NOW.isoformat())


def test_a_file_of_the_ledger_that_cannot_be_read_is_a_lost_run(shop: Shop) -> None:
    """The file is named, the other runs count, and a policy with a window knows that its use is not whole."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1), PULL, shop.ledger)
    (path,) = (shop.root / "runs").rglob("run-1.json")
    path.with_name("run-2.json").write_text("{", encoding="ascii")
    inputs = gather_inputs(config, make_report(3), PULL, shop.ledger, NOW)
    assert [entry.id for entry in inputs.entries] == ["run-1"]
    (note,) = inputs.notes
    assert note.startswith("skipped in the ledger: ")
    assert "run-2.json" in note
    assert inputs.lost_runs is not None
    assert "run-2.json (it is not valid JSON (" in inputs.lost_runs.seen
    assert gather_inputs(shop.config(), make_report(3), PULL, shop.ledger, NOW).lost_runs is None


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("what", ["run-1.json", "06"])
def test_runs_behind_a_link_are_lost_runs(shop: Shop, what: str, attack: Attack) -> None:
    """A record or a month that became a link is not read, and so nobody knows what was used."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1), PULL, shop.ledger)
    append_run(config, make_report(2, ago=timedelta(days=20)), PULL, shop.ledger)
    path = next((shop.root / "runs").rglob(what))
    path.rename(shop.root / "elsewhere")
    path.symlink_to(shop.root / "elsewhere")
    lost = gather_inputs(config, make_report(3), PULL, shop.ledger, NOW).lost_runs
    assert lost is not None
    assert f"{what} (it is a symbolic link)" in lost.seen
    attack.harmless(lost.seen)


def test_foreign_files_of_a_ledger_are_no_lost_runs(shop: Shop) -> None:
    """A note or a picture beside the runs hides no run."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1), PULL, shop.ledger)
    (path,) = (shop.root / "runs").rglob("run-1.json")
    path.with_name("notes.txt").write_text("x", encoding="ascii")
    inputs = gather_inputs(config, make_report(3), PULL, shop.ledger, NOW)
    assert (len(inputs.notes), inputs.lost_runs) == (1, None)


@pytest.mark.parametrize("doubtful", [True, False])
def test_a_doubtful_loss_is_a_note(shop: Shop, doubtful: bool) -> None:
    """What may as well be a beginning blocks nobody, and is said."""

    class Doubting(FolderLedger):
        def find_loss(self, since: date) -> LostRuns | None:  # noqa: ARG002
            return LostRuns("it has no run of me", "append one", doubtful=doubtful)

    inputs = gather_inputs(
        shop.config(LIMITED), make_report(1), PULL, Doubting(shop.root / "runs", NOW), NOW
    )  # fmt: skip
    assert (inputs.lost_runs is None) == doubtful
    assert inputs.notes == (("it has no run of me; append one",) if doubtful else ())


def test_the_status_of_every_budget(shop: Shop) -> None:
    """The runs of a feature count in the window of its budget."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1), PULL, shop.ledger)
    statuses, notes = read_budget_statuses(config, shop.ledger, NOW)
    (checkout,) = [holder for holder in statuses if holder.name == "checkout"]
    assert checkout.standing is not None
    assert (checkout.standing.consumed, checkout.standing.limit) == (pytest.approx(2_000.0), 100_000.0)
    assert notes == ()
