"""The details of a run as JSON values, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.records.entry_details.run_details import (
    CostlyFixture,
    CostlyTest,
    FailedTest,
    RunDetails,
    from_data,
    to_data,
)
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.file_contents import parse_record
from tests.core.records.sample_records import ENTRY

FULL = RunDetails(
    4, 2, 0.25, 0.5, 1, "0123456789ab", (FailedTest("t.py::a", None),), 1.5, 2.5,
    (CostlyTest("t.py::b[ü]", "søk", 3.25, "c0de"),), (CostlyFixture("db", "module", 3, 40, 9.0),), True,
)  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize("details", [FULL, RunDetails(), RunDetails(exit_status=0, docs_only=False, utilisation=0.0)])
def test_details_survive_their_json(details: RunDetails) -> None:
    """What is not known has no key; 0 and false are known."""
    data = json.loads(json.dumps(to_data(details)))
    assert from_data(data) == details
    assert "null" not in json.dumps(to_data(RunDetails(exit_status=0, docs_only=False)))


@given(st.lists(st.builds(CostlyTest, NAMES, st.none() | NAMES, st.floats(0, 1e6), NAMES), max_size=3))
def test_an_entry_with_details_is_read_back(tests: list[CostlyTest]) -> None:
    """The ledger's schema takes the details, and writing again changes no byte."""
    text = to_text(replace(ENTRY, details=replace(FULL, tests=tuple(tests))))
    read = parse_record(text.encode(), datetime(2026, 7, 1, tzinfo=UTC))
    assert to_text(read) == text


def test_outcome() -> None:
    """Runs have equal outcomes if the same tests failed; an unknown exit status is no outcome."""
    assert RunDetails().outcome is None
    assert FULL.outcome == replace(FULL, vcpus=2).outcome
    assert FULL.outcome != replace(FULL, failed=()).outcome
