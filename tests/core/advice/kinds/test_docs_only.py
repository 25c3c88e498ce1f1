"""Jobs that run for changes of the documentation alone."""

from __future__ import annotations

from typing import Any

from pytest_carbon.core.advice.kinds.docs_only import find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
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


def test_settled_only_if_changes_are_known(bench: Any) -> None:
    """Later runs of unknown changes say nothing."""
    docs, code = RunDetails(docs_only=True), RunDetails(docs_only=False)
    before = window(*(run(bench, n, details=docs if n % 2 else code) for n in range(10)))
    (finding,) = find(before)
    unknown, known = (window(*(run(bench, n, details=own) for n in range(10))) for own in (None, code))
    assert followed(PastAdvice(finding, before, unknown, None)) is None
    assert followed(PastAdvice(finding, before, known, None)) == {f"run-{n}": 0.5 for n in range(10)}
