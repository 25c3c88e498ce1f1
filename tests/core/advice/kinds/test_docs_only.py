"""Jobs that run for changes of the documentation alone."""

from __future__ import annotations

from typing import Any

from pytest_carbon.core.advice.kinds.docs_only import find
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from tests.core.advice.sample_runs import run, window


def test_runs_for_documentation(bench: Any) -> None:
    """Runs of which the changed files are not known count on neither side."""
    docs, code = RunDetails(docs_only=True), RunDetails(docs_only=False)
    entries = [run(bench, 1, details=docs), run(bench, 2, details=code), run(bench, 3)]
    (finding,) = find(window(*entries))
    assert finding.action == "Do not run job tests for changes of the documentation alone"
    assert finding.evidence == "1 of 2 runs were of changes that touch nothing but documentation"
    assert finding.savings == {"run-1": (1.0, 1.0, 1.0)}
    assert not list(find(window(*entries[1:])))
