"""The runs of one window, as every kind of advice looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from pytest_carbon.core.model import Range
from pytest_carbon.core.records.entry_details.details_of_report import LEAST_SHARE, MOST_FIXTURES, MOST_TESTS
from pytest_carbon.core.records.entry_details.run_details import NO_DETAILS, CostlyFixture, CostlyTest, RunDetails
from pytest_carbon.core.records.ledger_records import Entry

SAME_COMMIT_WITHIN = timedelta(hours=6)
"""Runs of one commit that begin within this time are of one push: no job takes longer on GitHub."""


class StartedRun(NamedTuple):
    """A run with its start."""

    at: datetime
    entry: Entry

    @property
    def details(self) -> RunDetails:
        """What is known of the run beyond its figures."""
        return self.entry.details or NO_DETAILS


@dataclass(frozen=True)
class WindowRuns:
    """The runs of this repository in a window, oldest first; ``branch`` is the default branch.

    ``labels_pay`` has the ids of the runs that a label lets a feature pay for; of others, the features of the tests
    pay. ``earlier`` are the runs of the window before, which tell what a merge changed.
    """

    runs: Sequence[StartedRun]
    branch: str
    labels_pay: frozenset[str] = frozenset()
    earlier: Sequence[StartedRun] = ()

    @cached_property
    def by_job(self) -> Mapping[str, Sequence[StartedRun]]:
        """The runs of each job."""
        return _by_job(self.runs)

    @cached_property
    def told_by_job(self) -> Mapping[str, Sequence[StartedRun]]:
        """The runs of each job of which the suite and the work are known."""
        return _by_job(run for run in self.runs if run.details.suite and run.entry.reference_j)

    @cached_property
    def by_id(self) -> Mapping[str, StartedRun]:
        """Each run by its id."""
        return {run.entry.id: run for run in self.runs}

    @cached_property
    def emissions_g(self) -> Mapping[str, Range | None]:
        """The grams of each run by its id, None if unknown; without a range, the figure is also both bounds."""
        return {run.entry.id: _emissions_g(run.entry) for run in self.runs}

    @cached_property
    def by_test(self) -> Mapping[str, Sequence[tuple[StartedRun, CostlyTest]]]:
        """The runs that list a test among their costliest, by its nodeid; only runs of known work."""
        tests: dict[str, list[tuple[StartedRun, CostlyTest]]] = {}
        for run in self.runs:
            if run.entry.reference_j:
                for test in run.details.tests:
                    tests.setdefault(test.nodeid, []).append((run, test))
        return tests

    @cached_property
    def by_fixture(self) -> Mapping[str, Sequence[tuple[StartedRun, CostlyFixture]]]:
        """The runs that list a wide fixture among their costliest, by its name; only runs of known work."""
        fixtures: dict[str, list[tuple[StartedRun, CostlyFixture]]] = {}
        for run in self.runs:
            if run.entry.reference_j:
                for fixture in run.details.fixtures:
                    fixtures.setdefault(fixture.name, []).append((run, fixture))
        return fixtures

    @cached_property
    def hidden_test_j(self) -> Mapping[str, float]:
        """The most that a test takes which the list of a run lacks, by the run's id; only runs of known work."""
        return {
            run.entry.id: _hidden_j(run, [test.reference_j for test in run.details.tests], MOST_TESTS)
            for runs in self.told_by_job.values()
            for run in runs
        }

    @cached_property
    def hidden_fixture_j(self) -> Mapping[str, float]:
        """The most that a wide fixture takes which the list of a run lacks, as ``hidden_test_j``."""
        return {
            run.entry.id: _hidden_j(run, [fixture.reference_j for fixture in run.details.fixtures], MOST_FIXTURES)
            for runs in self.told_by_job.values()
            for run in runs
        }

    @cached_property
    def attempts(self) -> Iterable[Sequence[StartedRun]]:
        """The runs of each job on each commit, branch and pull request, oldest first."""
        groups: dict[tuple[str, str | None, int | None, str], list[StartedRun]] = {}
        for run in self.runs:
            entry = run.entry
            groups.setdefault((entry.commit or entry.run, entry.branch, entry.pr, entry.job), []).append(run)
        return groups.values()

    def of_pull_request(self, run: StartedRun) -> bool:
        """Return whether a run is of a pull request before its merge."""
        return run.entry.branch is not None and run.entry.branch != self.branch


def _by_job(runs: Iterable[StartedRun]) -> dict[str, list[StartedRun]]:
    jobs: dict[str, list[StartedRun]] = {}
    for run in runs:
        jobs.setdefault(run.entry.job, []).append(run)
    return jobs


def _hidden_j(run: StartedRun, listed_j: Sequence[float], longest: int) -> float:
    """Return the least of a full list; what a shorter list lacks is less than the least share that is listed."""
    return min(listed_j) if len(listed_j) >= longest else LEAST_SHARE * (run.entry.reference_j or 0.0)


def _emissions_g(entry: Entry) -> Range | None:
    central, low, high = entry.emissions_g, entry.emissions_low_g, entry.emissions_high_g
    if central is None:
        return None
    return Range(central, central if low is None else low, central if high is None else high)
