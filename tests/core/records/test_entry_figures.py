"""Entries with figures that no machine can have, or outside of their own range."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.entry_figures import entry_contradictions
from pytest_carbon.core.records.record_json import from_data, to_data
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from tests.samples import make_report

ENTRY = make_entry(make_report(), RunSource("main"))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"energy_high_j": 1.0}, "the energy is 4000 J, outside of its own range of 3200 to 1 J"),
        ({"energy_low_j": 5000.0}, "outside of its own range of 5000 to 5200 J"),
        ({"emissions_low_g": 9.0}, "the emissions are"),
        ({"energy_j": 1e9, "energy_high_j": None}, "1e+09 J in 60 s are more than any machine takes"),
    ],
)
def test_an_impossible_entry_cannot_be_read(changes: dict[str, Any], complaint: str) -> None:
    """A file of a ledger branch that somebody wrote by hand is skipped with the figures."""
    entry = replace(ENTRY, **changes)
    assert any(complaint in sentence for sentence in entry_contradictions(entry))
    with pytest.raises(LedgerError, match="it does not add up"):
        from_data(to_data(entry))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"energy_j": None, "operational_g": None},
        {"energy_low_j": None, "energy_high_j": None, "emissions_low_g": None, "emissions_high_g": None},
        {"wall_s": None, "energy_j": 1e9, "energy_high_j": None},
    ],
)
def test_unknown_figures_contradict_nothing(changes: dict[str, Any]) -> None:
    """Entries of other tools know less, and entries written before have no duration."""
    entry = replace(ENTRY, **changes)
    assert list(entry_contradictions(entry)) == []
    stored = from_data(to_data(entry))
    assert (stored.id, stored.wall_s, stored.energy_low_j) == (entry.id, entry.wall_s, entry.energy_low_j)  # type: ignore[union-attr]
