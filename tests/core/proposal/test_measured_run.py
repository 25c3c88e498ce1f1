"""What the last report tells of files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.proposal.measured_run import read_measured_run
from pytest_carbon.core.proposal.project_facts import MeasuredRun
from tests.samples import make_report

CLAIMS = {"checkout": ["tests/checkout/**"], "search": ["tests/search/**"]}
FILES = {"tests/checkout/test_checkout.py": (1000.0, 20), "tests/search/test_search.py": (1000.0, 20)}


def test_files_have_the_joules_of_their_tests() -> None:
    """A feature that the policy's paths explain is no marker's."""
    report = make_report()
    assert read_measured_run(report, CLAIMS) == MeasuredRun(report.run.started, FILES, {})


def test_features_that_no_path_explains_are_of_markers() -> None:
    """Without a policy, all features of a report are; with one, those of other paths."""
    both = {"checkout": (1000.0, 20), "search": (1000.0, 20)}
    found = read_measured_run(make_report(), {})
    assert isinstance(found, MeasuredRun)
    assert (found.files, found.features) == ({}, both)
    found = read_measured_run(make_report(), {"checkout": ["tests/**"]})
    assert isinstance(found, MeasuredRun)
    assert (found.files, found.features) == (
        {"tests/checkout/test_checkout.py": (1000.0, 20)}, {"search": (1000.0, 20)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"selection": "abc"}, "the last run chose some of the tests"),
        ({"exit_status": 1}, "the last run ended with exit code 1"),
        ({"tests": {}}, "the last report has no tests"),
    ],
)
def test_only_a_whole_suite_that_passed_tells_what_it_needs(facts: dict[str, Any], why: str) -> None:
    """Else the reason is returned, as the end of a sentence."""
    report = replace(make_report(), rows=()) if "tests" in facts else make_report(**facts)
    assert read_measured_run(report, CLAIMS) == why
