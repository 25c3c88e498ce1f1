"""The details of a run that the ledger keeps for advice, as values and as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple


class FailedTest(NamedTuple):
    """A test that failed, and its feature; None if no feature has it."""

    nodeid: str
    feature: str | None


class CostlyTest(NamedTuple):
    """One of the costliest tests of a run: reference energy, and the beginning of the digest of its code, or empty."""

    nodeid: str
    feature: str | None
    reference_j: float
    code: str


class CostlyFixture(NamedTuple):
    """One of the costliest wide fixtures of a run: how often it was set up, for how many tests, and at which cost."""

    name: str
    scope: str
    setups: int
    users: int
    reference_j: float


@dataclass(frozen=True, slots=True)
class RunDetails:
    """What is known of a run beyond its figures; what is not known is None or empty.

    ``utilisation`` (0..1) is of all ``vcpus``; ``base_share`` is the share of the run's energy that the machine takes
    without any work. ``exit_status`` is pytest's. ``suite`` is a digest of the nodeids that ran. ``failed`` names at
    most MOST_FAILED tests. ``collection_j`` and ``setup_j`` (fixtures, set-up and teardown) are reference energy.
    ``tests`` and ``fixtures`` are the costliest. ``docs_only`` says whether the change touched nothing but
    documentation.
    """

    vcpus: int | None = None
    workers: int | None = None
    utilisation: float | None = None
    base_share: float | None = None
    exit_status: int | None = None
    suite: str = ""
    failed: tuple[FailedTest, ...] = ()
    collection_j: float | None = None
    setup_j: float | None = None
    tests: tuple[CostlyTest, ...] = ()
    fixtures: tuple[CostlyFixture, ...] = ()
    docs_only: bool | None = None

    @property
    def outcome(self) -> tuple[int, tuple[FailedTest, ...]] | None:
        """The exit status and the failed tests; None if not known. Runs with equal outcomes failed in the same way."""
        return None if self.exit_status is None else (self.exit_status, self.failed)


NO_DETAILS = RunDetails()
MOST_FAILED = 20
_LISTS: Mapping[str, type[FailedTest] | type[CostlyTest] | type[CostlyFixture]] = {
    "failed": FailedTest,
    "tests": CostlyTest,
    "fixtures": CostlyFixture,
}


def to_data(details: RunDetails) -> dict[str, Any]:
    """Return details as JSON values, without what is not known; figures have six significant digits."""
    values = {part.name: getattr(details, part.name) for part in fields(RunDetails)}
    return {name: _plain(value) for name, value in values.items() if value not in (None, "", ())}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def from_data(data: Mapping[str, Any]) -> RunDetails:
    """Return the details of JSON values that the schema has accepted."""
    lists = {name: tuple(kind(*item) for item in data[name]) for name, kind in _LISTS.items() if name in data}
    return RunDetails(**{**data, **lists})
