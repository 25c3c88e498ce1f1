"""Makes the details of a run from its report."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from pytest_carbon.core.escape import visible
from pytest_carbon.core.model import OWN_WORK, Row
from pytest_carbon.core.records.entry_details.run_details import (
    MOST_FAILED,
    CostlyFixture,
    CostlyTest,
    FailedTest,
    RunDetails,
)
from pytest_carbon.core.records.run_measurements import function_of
from pytest_carbon.core.report import Report

LEAST_SHARE = 0.02
"""A cheaper test or fixture is in no list: less of a run is worth no advice."""
MOST_TESTS, MOST_FIXTURES = 6, 3
SUITE_CHARS, CODE_CHARS, MOST_CHARS = 12, 8, 300
MOST_COUNTED, MOST_J = 1_000_000_000, 1e15
"""The largest numbers that a record holds: a report may have more rows of large ones."""
_WIDE_SCOPES = ("class", "module", "package", "session")
MOST_STATUS = 255
"""A larger exit status is none of pytest's."""
_SETTING_UP = ("setup", "teardown")


def details_of(report: Report, *, docs_only: bool | None = None) -> RunDetails:
    """Return the details of a report; ``docs_only`` is what is known of the change. Its lists are short."""
    rows, machine, totals = report.rows, report.machine, report.totals
    tests = [row for row in rows if row.kind == "test"]
    own_j = report.own_energy_j
    known_base = totals.base_j is not None and own_j
    return RunDetails(
        vcpus=min(machine.vcpus, MOST_COUNTED) or None,
        workers=min(report.run.workers, MOST_COUNTED) or None,
        utilisation=_share(machine.utilisation) if machine.method == "modelled" else None,
        base_share=_share((totals.base_j or 0.0) / (own_j or 1.0)) if known_base else None,
        exit_status=report.run.exit_status if tests and 0 <= report.run.exit_status <= MOST_STATUS else None,
        suite=_suite(tests),
        failed=_failed(tests),
        collection_j=_work_j(row for row in rows if row.kind == "collection") if tests else None,
        setup_j=_work_j(row for row in rows if row.kind == "fixture" or row.phase in _SETTING_UP) if tests else None,
        tests=_costly_tests(report, tests),
        fixtures=_costly_fixtures(rows),
        docs_only=docs_only,
    )


def _share(value: float | None) -> float | None:
    return None if value is None else min(1.0, max(0.0, value))


def _name(text: str) -> str:
    """Return a name that every ledger takes: printable, and of a long one the beginning and a digest."""
    shown = visible(text)
    if len(shown) <= MOST_CHARS:
        return shown
    return f"{shown[: MOST_CHARS // 2]}…{hashlib.sha256(shown.encode()).hexdigest()[:SUITE_CHARS]}"


def _feature(name: str | None) -> str | None:
    return None if name is None else _name(name)


def _work_j(rows: Iterable[Row]) -> float:
    return min(math.fsum(row.reference_j for row in rows), MOST_J)


def _suite(tests: Iterable[Row]) -> str:
    nodeids = sorted({row.nodeid for row in tests})
    text = "\n".join(nodeids)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:SUITE_CHARS] if nodeids else ""


def _failed(tests: Iterable[Row]) -> tuple[FailedTest, ...]:
    failed = {row.nodeid: row.feature for row in tests if row.outcome in ("failed", "error")}
    return tuple(FailedTest(_name(nodeid), _feature(failed[nodeid])) for nodeid in sorted(failed)[:MOST_FAILED])


def _costly_tests(report: Report, tests: Iterable[Row]) -> tuple[CostlyTest, ...]:
    joules: dict[str, float] = {}
    features: dict[str, str | None] = {}
    for row in tests:
        joules[row.nodeid] = min(joules.get(row.nodeid, 0.0) + row.reference_j, MOST_J)
        features[row.nodeid] = row.feature
    least_j = _least_j(report.rows)
    costly = nsmallest(MOST_TESTS, joules, key=lambda nodeid: (-joules[nodeid], nodeid))
    return tuple(
        CostlyTest(
            _name(nodeid),
            _feature(features[nodeid]),
            joules[nodeid],
            report.code.get(function_of(nodeid), "")[:CODE_CHARS],
        )
        for nodeid in costly
        if joules[nodeid] >= least_j
    )


def _costly_fixtures(rows: Sequence[Row]) -> tuple[CostlyFixture, ...]:
    setups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.kind == "fixture" and row.nodeid:
            setups.setdefault((row.nodeid, row.scope if row.scope in _WIDE_SCOPES else ""), []).append(row)
    joules = {key: _work_j(own) for key, own in setups.items()}
    least_j = _least_j(rows)
    costly = nsmallest(MOST_FIXTURES, joules, key=lambda key: (-joules[key], key))
    return tuple(
        CostlyFixture(_name(name), scope, *_setups_and_users(setups[name, scope]), joules[name, scope])
        for name, scope in costly
        if joules[name, scope] >= least_j
    )


def _setups_and_users(rows: Sequence[Row]) -> tuple[int, int]:
    """Return how often a fixture was set up, and for how many tests; its teardowns have rows of their own."""
    setups = [row for row in rows if row.phase == "setup"]
    return len(setups), min(sum(row.users or 0 for row in setups), MOST_COUNTED)


def _least_j(rows: Iterable[Row]) -> float:
    """Return the least reference energy of a row in a list; more than nothing."""
    return max(LEAST_SHARE * _work_j(row for row in rows if row.kind in OWN_WORK), 1e-12)
