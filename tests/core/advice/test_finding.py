"""Findings: shares of runs, ids, and jobs in sentences."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.advice.finding import ALL_OF_IT, HALF_OF_IT, Finding, job_text, mean_minutes, part
from tests.core.advice.sample_runs import HOSTILE


@given(st.floats(-10, 10))
def test_a_part_is_never_more_than_the_run(share: float) -> None:
    """Clocks may say that a run went on for longer than it took."""
    for of in (ALL_OF_IT, HALF_OF_IT):
        central, low, high = part(share, of)
        assert 0 <= low <= central <= high <= 1


def test_an_id_holds_nothing_of_the_place() -> None:
    """An id stands in issues as code, and is a digest of the place."""
    finding = Finding("test", HOSTILE, "", "", "a file", "", {}, frozenset())
    assert re.fullmatch(r"test-[0-9a-f]{8}", finding.id)
    assert Finding("test", "\udc80", "", "", "a file", "", {}, frozenset()).id != finding.id


@pytest.mark.parametrize(("job", "text"), [("tests", "job tests"), ("", "the job without a name")])
def test_job_in_a_sentence(job: str, text: str) -> None:
    """A run outside of CI has no job."""
    assert job_text(job) == text
    assert mean_minutes(1.0) == "0.1 min"
