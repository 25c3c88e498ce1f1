"""A run's tests as a comparison needs them: what each took, how fast the machine was, what code it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, repeat
from typing import Any, NamedTuple

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import LARGEST_AMOUNT
from pytest_carbon.core.report.report import Report

SCHEMA = "pytest-carbon/figures/1"


class MeasuredTest(NamedTuple):
    """One test of one run: its reference joules, and the slower of the speed probes around it.

    ``slowdown`` is that of ``core.reference``: how many times longer than on the reference machine the probe
    took; None where there was no probe on one side.
    """

    reference_j: float
    slowdown: float | None = None
    outcome: str = "passed"


@dataclass(frozen=True, slots=True)
class RunMeasurements:
    """The figures of one run by nodeid, with what decides whether runs can be compared.

    ``fingerprint`` is the report's; ``full_speed`` the probe's slowdown at the run's own full speed;
    ``code`` maps a test function (a nodeid without its parameters) to a digest of its code; ``features`` maps a
    nodeid to the feature of its test; ``selection`` is what of the suite was asked to run.
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


def function_of(nodeid: str) -> str:
    """Return a nodeid without its parameters: the test function."""
    bracket = nodeid.find("[", nodeid.find("::") + 1)  # a folder or file may have brackets too
    return nodeid[:bracket] if bracket >= 0 and nodeid.endswith("]") else nodeid


def parameters_of(nodeid: str) -> str:
    """Return a nodeid's parameters with their brackets, or nothing."""
    return nodeid[len(function_of(nodeid)) :]


def differing_fingerprint_fields(first: RunMeasurements, second: RunMeasurements) -> set[str]:
    """Return the fields of the fingerprint in which two runs differ."""
    names = first.fingerprint.keys() | second.fingerprint.keys()
    return {name for name in names if first.fingerprint.get(name) != second.fingerprint.get(name)}


_NO_SELECTION = ("--carbon-report", "--carbon-zone", "--carbon-top")
_SELECTING = ("-k", "-m", "--deselect", "--ignore", "--lf", "--last-failed", "--sw", "--stepwise")


def selection_of(command: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments that choose tests: paths, nodeids, options such as ``-k``, and the values of all options."""
    values = [a for before, a in pairwise(command) if before not in _NO_SELECTION]
    return tuple(value for value in values if not value.startswith("-") or value.startswith(_SELECTING))


def measurements_of(report: Report) -> RunMeasurements:
    """Take a report's tests: all phases and attempts of a nodeid summed, fixtures wider than a test left out."""
    joules: dict[str, float] = {}
    slowest: dict[str, float | None] = {}
    outcomes: dict[str, str] = {}
    features: dict[str, str] = {}
    for row in report.rows:
        if row.kind != "test":
            continue
        nodeid = row.nodeid
        joules[nodeid] = joules.get(nodeid, 0.0) + row.reference_j
        around = None if row.speed_before is None or row.speed_after is None else max(row.speed_before, row.speed_after)
        known = slowest.get(nodeid, 0.0)
        slowest[nodeid] = None if known is None or around is None else max(known, around)
        if row.outcome and (row.outcome != "passed" or nodeid not in outcomes):
            outcomes[nodeid] = row.outcome
        if row.feature:
            features[nodeid] = row.feature
    return RunMeasurements(
        report.run.id,
        report.run.commit,
        report.run.branch,
        report.run.started,
        report.machine.fingerprint,
        report.machine.full_speed,
        {nodeid: MeasuredTest(j, slowest[nodeid], outcomes.get(nodeid, "passed")) for nodeid, j in joules.items()},
        report.code,
        features,
        selection_of(report.run.command),
    )


def to_json(measurements: RunMeasurements) -> dict[str, Any]:
    """Return the figures as JSON values: a test is [nodeid, reference_j, slowdown] and its outcome unless it passed."""
    return {
        "schema": SCHEMA,
        "run": measurements.run,
        "commit": measurements.commit,
        "branch": measurements.branch,
        "started": measurements.started,
        "fingerprint": dict(measurements.fingerprint),
        "full_speed": measurements.full_speed,
        "tests": [_test_json(nodeid, figure) for nodeid, figure in measurements.tests.items()],
        "code": dict(measurements.code),
        "features": _feature_positions(measurements),
        "selection": list(measurements.selection),
    }


def _test_json(nodeid: str, test: MeasuredTest) -> list[Any]:
    slowdown = None if test.slowdown is None else float(f"{test.slowdown:.4g}")
    test: list[Any] = [nodeid, float(f"{test.reference_j:.6g}"), slowdown]
    return test if test.outcome == "passed" else [*test, test.outcome]


def _feature_positions(measurements: RunMeasurements) -> dict[str, list[int]]:
    """Return the places of each feature's tests among all tests: a nodeid is long, and there are many."""
    out: dict[str, list[int]] = {}
    for place, nodeid in enumerate(measurements.tests):
        if nodeid in measurements.features:
            out.setdefault(measurements.features[nodeid], []).append(place)
    return out


def from_json(data: Mapping[str, Any]) -> RunMeasurements:
    """Make figures from JSON values that the schema has accepted; LedgerError for tests that are none.

    Tests are too many for a schema to look at one by one: they are checked by columns.
    """
    return RunMeasurements(
        **{key: data[key] for key in ("run", "commit", "branch", "started", "fingerprint", "full_speed")},
        tests=_read_tests(data["tests"]),
        code=_check_code(data["code"]),
        features=_read_features(data["features"], data["tests"]),
        selection=tuple(data["selection"]),
    )


def _check_code(texts: Mapping[str, Any]) -> Mapping[str, str]:
    if not {*map(type, texts.values())} <= {str}:
        raise LedgerError("a name of its code has no text")
    return texts


def _read_features(positions: Mapping[str, list[int]], tests: list[Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for feature, some in positions.items():
        if not {*map(type, some)} <= {int} or (some and not 0 <= min(some) <= max(some) < len(tests)):
            raise LedgerError("a feature of it names a test that is not there")
        out.update(zip((tests[place][0] for place in some), repeat(feature)))
    return out


def _read_tests(tests: list[Any]) -> dict[str, MeasuredTest]:
    if not tests:
        return {}
    if {*map(type, tests)} != {list} or not {*map(len, tests)} <= {3, 4}:
        raise LedgerError("a test of it is not [nodeid, joules, slowdown]")
    names, joules = [test[0] for test in tests], [test[1] for test in tests]
    slowdowns = [test[2] for test in tests]
    known = [slowdown for slowdown in slowdowns if slowdown is not None]
    outcomes = [test[3] if len(test) == 4 else "passed" for test in tests]
    if {*map(type, names), *map(type, outcomes)} != {str}:
        raise LedgerError("a nodeid or an outcome of it is no text")
    if not {*map(type, joules), *map(type, known)} <= {int, float}:
        raise LedgerError("a figure of it is no number")
    if not (
        min(joules) >= 0
        and max(joules) <= LARGEST_AMOUNT
        and min(known, default=0) >= 0
        and max(known, default=0) <= LARGEST_AMOUNT
    ):
        raise LedgerError(f"a figure of it is below 0 or above {LARGEST_AMOUNT:g}")
    make = partial(tuple.__new__, MeasuredTest)  # what Figure._make does, without asking each for its length
    return dict(zip(names, map(make, zip(joules, slowdowns, outcomes, strict=True)), strict=True))
