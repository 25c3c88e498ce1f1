"""The details that the ledger keeps of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.model import Row
from pytest_carbon.core.records.entry_details.details_of_report import MOST_TESTS, details_of
from pytest_carbon.core.records.entry_details.run_details import (
    MOST_FAILED,
    CostlyFixture,
    CostlyTest,
    FailedTest,
    RunDetails,
)
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.file_contents import parse_record, record_bytes


def _report(bench: Any, *rows: Row, **facts: Any) -> Any:
    report = bench.report(tests={"checkout": 4}, **facts)
    return replace(report, rows=(*report.rows, *rows), totals=replace(report.totals, base_j=2.0))


def test_a_plain_run(bench: Any) -> None:
    """Four tests of 1 J of reference energy each, on two virtual CPUs; 2 of 8 J are the machine's own."""
    details = details_of(_report(bench), docs_only=True)
    assert (details.vcpus, details.workers, details.utilisation, details.base_share) == (2, 1, 0.5, 0.25)
    assert (details.exit_status, details.failed, details.collection_j, details.setup_j) == (0, (), 0.0, 0.0)
    assert details.tests == tuple(CostlyTest(f"tests/checkout/t.py::test_{n}", "checkout", 1.0, "") for n in range(4))
    assert (details.fixtures, details.docs_only) == ((), True)
    assert details.suite == details_of(_report(bench, run="other")).suite != ""


def test_what_is_around_the_tests(bench: Any) -> None:
    """A fixture's set-ups are counted once, its teardown costs too; a test's code is found without its parameters."""
    rows = (
        Row("collection", 1.0, 0.1, 0.1, 0.5, phase="session"),
        Row("fixture", 1.0, 0.1, 0.1, 2.0, "tests::db", "setup", scope="module", users=3),
        Row("fixture", 1.0, 0.1, 0.1, 1.0, "tests::db", "teardown", scope="module", users=3),
        Row("fixture", 1.0, 0.1, 0.1, 2.0, "tests::db", "setup", scope="module", users=1),
        Row("fixture", 1.0, 0.1, 0.1, 0.001, "tests::small", "setup", scope="session", users=1),
        Row("test", 1.0, 0.1, 0.1, 9.0, "t.py::test_p[a b]", "call", outcome="passed"),
        Row("test", 1.0, 0.1, 0.1, 0.25, "t.py::test_p[a b]", "setup", outcome="passed"),
    )
    details = details_of(_report(bench, *rows, code={"t.py::test_p": "0123456789abcdef"}))
    assert (details.collection_j, details.setup_j) == (0.5, 5.251)
    assert details.fixtures == (CostlyFixture("tests::db", "module", 2, 4, 5.0),)
    assert details.tests[0] == CostlyTest("t.py::test_p[a b]", None, 9.25, "01234567")


def test_lists_are_short(bench: Any) -> None:
    """Of many failed or costly tests only the first are named."""
    rows = [Row("test", 1.0, 0.1, 0.1, 5.0, f"t.py::test_{n:03}", "call", outcome="error") for n in range(40)]
    details = details_of(_report(bench, *rows))
    assert details.failed == tuple(FailedTest(f"t.py::test_{n:03}", None) for n in range(MOST_FAILED))
    assert len(details.tests) == MOST_TESTS


@pytest.mark.parametrize(
    "row",
    [
        Row("fixture", 1.0, 0.1, 0.1, 9.0, "tests::db", "setup", scope="s" * 41, users=1),
        Row("fixture", 1.0, 0.1, 0.1, 9.0, "tests::db", "setup", scope="module", users=10**9),
        Row("fixture", 1.0, 0.1, 0.1, 1e15, "t" * 4096, "setup", scope="session", users=1),
        Row("test", 1.0, 0.1, 0.1, 1e15, "\N{EARTH GLOBE EUROPE-AFRICA}" * 4000, "call", "", "f" * 4000, "failed"),
    ],
    ids=["scope", "users", "joules", "names"],
)
def test_whatever_a_report_holds_its_entry_can_be_stored(bench: Any, row: Row) -> None:
    """A report may have longer names and larger sums than a record; the details stay small."""
    report = _report(bench, *[replace(row, nodeid=f"{n}{row.nodeid[:4090]}") for n in range(30)], row, row)
    entry = make_entry(report, RunSource(branch="topic"))
    assert len(record_bytes(entry, bench.now)) < 200_000
    assert {fixture.scope for fixture in details_of(report).fixtures} <= {"", "module", "session"}


@pytest.mark.parametrize("known", [True, False])
def test_what_is_unknown_stays_unknown(bench: Any, known: bool) -> None:
    """A command has no tests; a counter's idle power is no machine's own; unknown energy has no base."""
    report = bench.report(tests={}, known=known)
    details = details_of(replace(report, machine=replace(report.machine, method="counter", vcpus=0)))
    assert details.vcpus is details.utilisation is details.base_share is details.exit_status is None
    assert details.collection_j is details.setup_j is None
    assert (details.suite, details.tests) == ("", ())


def test_every_ledger_takes_the_names(bench: Any) -> None:
    """A name that is long, or no text, or that a terminal would obey, cannot keep a run out of the ledger."""
    long, broken = "t.py::test[" + "x" * 5000 + "]", "t.py::\udc80\x00\n\x1b"
    rows = [
        Row("test", 1.0, 0.1, 0.1, 5.0, nodeid, "call", feature=nodeid, outcome="failed") for nodeid in (long, broken)
    ]
    report = _report(bench, *rows)
    report = replace(
        report, run=replace(report.run, exit_status=2**32), machine=replace(report.machine, utilisation=1.5, vcpus=2)
    )
    details = details_of(report)
    assert (details.exit_status, details.utilisation) == (None, 1.0)
    names = [*(test.nodeid for test in details.failed), *(str(test.feature) for test in details.tests[:2])]
    assert max(map(len, names)) < 600
    assert all(name.isprintable() for name in names)
    entry = make_entry(report, RunSource())
    assert parse_record(to_text(entry).encode(), bench.now) == entry


def test_what_nobody_knows_has_no_key(bench: Any) -> None:
    """Versions from before there were details refuse the key, so an entry has it only where it holds something."""
    entry = make_entry(bench.report(), RunSource())
    assert '"details"' in to_text(entry)
    assert '"details"' not in to_text(replace(entry, details=RunDetails()))
