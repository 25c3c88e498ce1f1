"""Who pays for a run after corrections."""

from __future__ import annotations

from dataclasses import replace

from pytest_carbon.core.records.corrections import apply_corrections
from tests.core.records.sample_records import CORRECTION, ENTRY, OVERRIDE, SELFTEST


def test_the_last_correction_counts() -> None:
    """The correction made last sets shares and labels; the order of the records does not matter."""
    later = replace(CORRECTION, id="co-2", made="2026-06-09T12:00:00+01:00", labels=("pay",), shares={"pay": 1.0})
    first = replace(ENTRY, id="run-0", started="2026-05-01T00:00:00Z")
    lost = replace(CORRECTION, id="co-3", entry="gone")
    for records in ([later, CORRECTION, ENTRY, OVERRIDE, first, lost], [first, ENTRY, CORRECTION, SELFTEST, later]):
        assert apply_corrections(records) == [first, replace(ENTRY, labels=("pay",), shares={"pay": 1.0})]
    assert apply_corrections([ENTRY, replace(ENTRY, tests=1)]) == [ENTRY]
    assert apply_corrections([CORRECTION]) == []


def test_a_correction_of_another_repository_does_not_apply_here() -> None:
    """In a ledger of an organisation, two repositories may have runs of the same id."""
    elsewhere = replace(CORRECTION, elsewhere=True)
    assert apply_corrections([ENTRY, elsewhere]) == [ENTRY]
    assert apply_corrections([replace(ENTRY, elsewhere=1), elsewhere])[0].shares == {"search": 1.0}
