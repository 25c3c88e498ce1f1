"""Which removed files of a ledger are a loss."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.ledgers.ledger import Skipped
from pytest_carbon.ledgers.lost_files import is_of_a_run, lost_files, unreadable_runs
from tests.attack import Attack

SINCE = date(2026, 11, 1)
RUN, OLD, MONTH = "2026/11/03/run-1.json", "2026/10/03/run-1.json", "2026/11.jsonl.gz"
BASELINES = [f"baseline/main-1234/{number}.json.gz" for number in range(LEAST_BASELINE + 1)]


@pytest.mark.parametrize(
    ("removed", "present", "lost"),
    [
        ([RUN], [], [RUN]),
        ([RUN], [RUN], []),
        ([RUN], [MONTH], [RUN]),
        ([RUN], ["2026/10.jsonl.gz"], [RUN]),
        ([OLD], [], []),
        ([MONTH], [], [MONTH]),
        (["2026/10.jsonl.gz"], [], []),
        (["README.md", "2026/11/03/notes.txt", "2026/13/45/run.json"], [], []),
        ([BASELINES[0]], BASELINES[1:], []),
        ([BASELINES[0]], BASELINES[2:], [BASELINES[0]]),
        ([BASELINES[0]], [path.replace("main", "topic") for path in BASELINES[1:]], [BASELINES[0]]),
        ([MONTH, RUN], [], [MONTH, RUN]),
    ],
)
def test_what_is_a_loss(removed: list[str], present: list[str], lost: list[str]) -> None:
    """Packed records, old days, other files and superfluous baselines are no loss."""
    assert lost_files(removed, present, SINCE) == lost


@pytest.mark.parametrize(
    ("path", "expected"), [(RUN, True), (MONTH, True), (BASELINES[0], True), ("README.md", False), ("a/b.json", False)]
)
def test_files_of_a_run(path: str, expected: bool) -> None:
    """Records, packed months and baselines are of a run."""
    assert is_of_a_run(path) is expected


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize(
    "path", [RUN, MONTH, f"{RUN} in {MONTH}", BASELINES[0], "2026", "2026/11", "2026/11/03", "baseline/main-1234"]
)
def test_a_run_that_cannot_be_read_is_lost(path: str, attack: Attack) -> None:
    """A file that was emptied or made a link keeps its name and loses its run."""
    skipped = [Skipped(path, "it is empty")]
    lost = unreadable_runs("folder runs", skipped, ())
    assert lost is not None
    assert lost.seen == f"1 file of runs in the folder runs cannot be read, such as {path} (it is empty)"
    assert not lost.only_base
    base = unreadable_runs("folder runs", (), skipped)
    assert base is not None
    assert (base.only_base, base.until_new_base) == (True, True)
    attack.harmless(lost.seen, lost.remedy)


def test_other_files_in_a_ledger_are_no_loss() -> None:
    """A note, a picture or a folder of somebody else hides no run."""
    others = ["README.md", "2026/11/03/notes.txt", "notes", "docs/a.md"]
    assert unreadable_runs("folder runs", [Skipped(path, "it is foreign") for path in others], ()) is None
