"""What a comparison needs of a run: the reference energy of each test, the machine's speed and the code that ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.model import Row, RowKind
from pytest_carbon.core.quantities import LARGEST_AMOUNT
from pytest_carbon.core.records.kept_command import hide_selection, selection_of_run
from pytest_carbon.core.report import Report

SCHEMA = "pytest-carbon/figures/1"
_OUTSIDE_TESTS: frozenset[RowKind] = frozenset({"fixture", "collection"})


class MeasuredTest(NamedTuple):
    """One test of one run: its reference energy, and the slower of the two speed probes around it.

    ``slowdown`` says how many times longer the probe took than on the reference machine; None if a probe is missing
    before or after the test.
    """

    reference_j: float
    slowdown: float | None = None
    outcome: str = "passed"


@dataclass(frozen=True, slots=True)
class RunMeasurements:
    """The measured tests of one run by nodeid, with what decides whether two runs can be compared.

    ``fingerprint`` is the report's. ``full_speed`` is the probes' slowdown while the machine ran at its full speed.
    ``code`` maps a test function (a nodeid without its parameters) to a digest of its code. ``features`` maps a nodeid
    to its feature. ``selection`` holds a digest of the command's arguments that choose tests; empty without any.
    ``outside_j`` is the reference energy of wide fixtures and collection, which is in no test; None if not known, as in
    runs that older versions kept.
    """

    run: str
    commit: str | None
    branch: str | None
    started: str
    fingerprint: Mapping[str, str]
    full_speed: float | None
    tests: Mapping[str, MeasuredTest]
    code: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, str] = field(default_factory=dict)
    selection: tuple[str, ...] = ()
    outside_j: float | None = None


def function_of(nodeid: str) -> str:
    """Return the test function of a nodeid: the nodeid without its parameters."""
    bracket = nodeid.find("[", nodeid.find("::") + 1)  # a folder or file may have brackets too
    return nodeid[:bracket] if bracket >= 0 and nodeid.endswith("]") else nodeid


def parameters_of(nodeid: str) -> str:
    """Return a nodeid's parameters with their brackets; empty without parameters."""
    return nodeid[len(function_of(nodeid)) :]


def without_group(nodeid: str) -> str:
    """Return a nodeid without the group that xdist adds with ``--dist loadgroup``, as in ``test_pay.py::test_a@db``."""
    at = nodeid.rfind("@")
    return nodeid[:at] if at > max(nodeid.rfind("]"), nodeid.rfind("::")) else nodeid


def differing_fingerprint_fields(first: RunMeasurements, second: RunMeasurements) -> set[str]:
    """Return the fingerprint's fields in which two runs differ."""
    names = first.fingerprint.keys() | second.fingerprint.keys()
    return {name for name in names if first.fingerprint.get(name) != second.fingerprint.get(name)}


def measurements_of(report: Report) -> RunMeasurements:
    """Return a report's tests: phases and attempts of a nodeid are summed, what is in no test is one sum.

    Instructions do not depend on the machine's speed: tests that were counted by them all ran at full speed.
    """
    tests, full_speed = tests_of_rows(report.rows), report.machine.full_speed
    if report.machine.by_instructions:
        full_speed = 1.0
        tests = {nodeid: test._replace(slowdown=full_speed) for nodeid, test in tests.items()}
    return RunMeasurements(
        report.run.id,
        report.run.commit,
        report.run.branch,
        report.run.started,
        report.machine.fingerprint,
        full_speed,
        tests,
        report.code,
        {row.nodeid: row.feature for row in report.rows if row.kind == "test" and row.feature},
        selection_of_run(report.run),
        outside_of_rows(report.rows),
    )


def outside_of_rows(rows: Iterable[Row]) -> float:
    """Return the reference energy (J) of wide fixtures and collection."""
    return sum(row.reference_j for row in rows if row.kind in _OUTSIDE_TESTS)


def tests_of_rows(rows: Iterable[Row]) -> dict[str, MeasuredTest]:
    """Return the tests of some rows by nodeid: phases and attempts are summed, and the worst of their speeds counts."""
    joules: dict[str, float] = {}
    slowest: dict[str, float | None] = {}
    outcomes: dict[str, str] = {}
    for row in rows:
        if row.kind != "test":
            continue
        nodeid = row.nodeid
        joules[nodeid] = joules.get(nodeid, 0.0) + row.reference_j
        around = None if row.speed_before is None or row.speed_after is None else max(row.speed_before, row.speed_after)
        so_far = slowest.get(nodeid, 0.0)
        slowest[nodeid] = None if so_far is None or around is None else max(so_far, around)
        if row.outcome and (row.outcome != "passed" or nodeid not in outcomes):
            outcomes[nodeid] = row.outcome
    return {nodeid: MeasuredTest(j, slowest[nodeid], outcomes.get(nodeid, "passed")) for nodeid, j in joules.items()}


def to_json(measurements: RunMeasurements) -> dict[str, Any]:
    """Return measurements as JSON values.

    A test is [nodeid, reference_j, slowdown], followed by its outcome unless it passed.
    """
    return {
        "schema": SCHEMA,
        "run": measurements.run,
        "commit": measurements.commit,
        "branch": measurements.branch,
        "started": measurements.started,
        "fingerprint": dict(measurements.fingerprint),
        "full_speed": measurements.full_speed,
        "tests": [_test_json(nodeid, test) for nodeid, test in measurements.tests.items()],
        "code": dict(measurements.code),
        "features": _feature_positions(measurements),
        "selection": list(measurements.selection),
        **({} if measurements.outside_j is None else {"outside_j": float(f"{measurements.outside_j:.6g}")}),
    }


def _test_json(nodeid: str, test: MeasuredTest) -> list[Any]:
    slowdown = None if test.slowdown is None else float(f"{test.slowdown:.4g}")
    values: list[Any] = [nodeid, float(f"{test.reference_j:.6g}"), slowdown]
    return values if test.outcome == "passed" else [*values, test.outcome]


def _feature_positions(measurements: RunMeasurements) -> dict[str, list[int]]:
    """Return the positions of each feature's tests among all tests: numbers are shorter than thousands of nodeids."""
    out: dict[str, list[int]] = {}
    for position, nodeid in enumerate(measurements.tests):
        if nodeid in measurements.features:
            out.setdefault(measurements.features[nodeid], []).append(position)
    return out


def from_json(data: Mapping[str, Any]) -> RunMeasurements:
    """Return the measurements of JSON values that the schema has accepted.

    The schema skips tests, code and features, because there are too many values for it to check one by one; they are
    checked here by columns. Raises LedgerError for a wrong value.
    """
    return RunMeasurements(
        **{key: data[key] for key in ("run", "commit", "branch", "started", "fingerprint", "full_speed")},
        tests=_read_tests(data["tests"]),
        code=_check_code(data["code"]),
        features=_read_features(data["features"], data["tests"]),
        selection=hide_selection(data["selection"]),
        outside_j=data.get("outside_j"),
    )


def _check_code(texts: Mapping[str, Any]) -> Mapping[str, str]:
    if not {*map(type, texts.values())} <= {str}:
        raise LedgerError("the digest of a test function is no text")
    return texts


def _read_features(positions: Mapping[str, list[int]], tests: list[Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for feature, own in positions.items():
        if not {*map(type, own)} <= {int} or (own and not 0 <= min(own) <= max(own) < len(tests)):
            raise LedgerError("a feature names a test that is missing")
        out.update(zip((tests[position][0] for position in own), repeat(feature)))
    return out


def _read_tests(tests: list[Any]) -> dict[str, MeasuredTest]:
    if not tests:
        return {}
    if {*map(type, tests)} != {list} or not {*map(len, tests)} <= {3, 4}:
        raise LedgerError("a test is not [nodeid, joules, slowdown]")
    names, joules = [test[0] for test in tests], [test[1] for test in tests]
    slowdowns = [test[2] for test in tests]
    known = [slowdown for slowdown in slowdowns if slowdown is not None]
    outcomes = [test[3] if len(test) == 4 else "passed" for test in tests]
    if {*map(type, names), *map(type, outcomes)} != {str}:
        raise LedgerError("a nodeid or an outcome is no text")
    if not {*map(type, joules), *map(type, known)} <= {int, float}:
        raise LedgerError("a test's joules or slowdown is no number")
    if not (
        min(joules) >= 0
        and max(joules) <= LARGEST_AMOUNT
        and min(known, default=0) >= 0
        and max(known, default=0) <= LARGEST_AMOUNT
    ):
        raise LedgerError(f"a test's joules or slowdown is below 0 or above {LARGEST_AMOUNT:g}")
    make = partial(tuple.__new__, MeasuredTest)  # as MeasuredTest._make, without checking each length
    return dict(zip(names, map(make, zip(joules, slowdowns, outcomes, strict=True)), strict=True))
