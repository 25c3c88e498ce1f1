"""The runs of a ledger in the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.reporters.run.ledger_table import render

ENTRY = Entry(
    "r-1", "1", 1, "test", "2026-06-01T10:00:00Z", "a" * 40, "main", None, (), "modelled", "bench", "f", "DE", 400.0,
    False, 120.0, 100.0, 150.0, 60.0, 0.01, 0.002, 0.005, 0.02, 9, {"pay": 0.75, "search": 0.25},
)  # fmt: skip


def _text(*entries: Entry) -> str:
    return render("ledger in .carbon", entries, (), width=100, colour=False)


def test_every_run_has_a_line() -> None:
    """The whole text: where it ran, what it used, and which features pay for it."""
    assert _text(ENTRY) == (
        "1 run in the ledger in .carbon\n"
        "\n"
        "run  started           on    energy   CO2e  paid by\n"
        "r-1  2026-06-01 10:00  main   120 J  12 mg  pay 75 %, search 25 %\n"
    )


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"pr": 12}, "#12"),
        ({"branch": None}, "r-1  2026-06-01 10:00  "),
        ({"energy_j": None}, "unknown"),
        ({"operational_g": None}, "unknown"),
        ({"shares": {"a": 0.2, "b": 0.5, "c": 0.3, "d": 0.0}}, "b 50 %, c 30 %, 1 more"),
        ({"shares": {}}, "12 mg\n"),
        ({"branch": "x" * 50}, "x" * 30 + "  "),
        ({"branch": "\x1b[31mred"}, "red"),
    ],
)
def test_cells_on_known_entries(changes: dict[str, object], shown: str) -> None:
    """A pull request counts before a branch, unknown figures are called so, and of many payers two are named."""
    text = _text(replace(ENTRY, **changes))  # type: ignore[arg-type]
    assert shown in text
    assert text.replace("\n", "").isprintable()


def test_empty_ledger_has_no_table() -> None:
    """Only the number of runs and the notes are left."""
    text = render("ledger", (), ("one file was skipped",), width=80, colour=False)
    assert text == "0 runs in the ledger\nnote       one file was skipped\n"
