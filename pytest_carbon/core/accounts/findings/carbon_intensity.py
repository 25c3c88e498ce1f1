"""Software carbon intensities of a holder: grams per test run, and per merged pull request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from pytest_carbon.core.accounts.values.account import Intensity
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_emissions
from pytest_carbon.core.model import Range

SAME_RUN_WITHIN = timedelta(hours=6)
"""Jobs of one test run start within this time: no job takes longer on GitHub."""


def compute_intensities(
    window: Sequence[HolderShare], shares: Iterable[HolderShare], merged: Collection[int], branch: str
) -> tuple[Intensity, ...]:
    """Return grams per test run and per merged pull request; an intensity without a completely known unit is left out.

    ``window`` are the shares of the window, ``merged`` the pull requests merged into ``branch`` in it. A merged pull
    request counts with all its ``shares``, also those before the window. Source: Software Carbon Intensity 1.1 (ISO/IEC
    21031): grams per functional unit, which must be named.
    """
    pulls = group_by_pull(shares)
    intensities = (intensity_per_test_run(window), intensity_per_merged_pull(pulls, merged, branch))
    return tuple(intensity for intensity in intensities if intensity)


def intensity_per_test_run(shares: Iterable[HolderShare]) -> Intensity | None:
    """Return the mean located grams of a test run: all jobs of one attempt that ran tests.

    A test run with a job of unknown grams is left out. ``shares`` are sorted by start.
    """
    mean = _mean_emissions(list(jobs.values()) for jobs in _group_into_test_runs(shares))
    return Intensity("test run", *mean) if mean else None


def _group_into_test_runs(shares: Iterable[HolderShare]) -> list[dict[str, HolderShare]]:
    """Group jobs into test runs, each a dict by job name.

    Jobs of one commit, branch, pull request and attempt that start within SAME_RUN_WITHIN are one test run; each job's
    report has an id of its own, so no id says this. A second job of the same name belongs to another test run.
    """
    test_runs: list[dict[str, HolderShare]] = []
    by_trigger: dict[tuple[object, ...], list[dict[str, HolderShare]]] = {}
    for share in shares:
        entry = share.entry
        if entry.tests > 0:
            candidates = by_trigger.setdefault((entry.commit or entry.run, entry.branch, entry.pr, entry.attempt), [])
            jobs = next((jobs for jobs in _recent_runs(candidates, share.at) if entry.job not in jobs), None)
            if jobs is None:
                jobs = {}
                test_runs.append(jobs)
                candidates.append(jobs)
            jobs[entry.job] = share
    return test_runs


def _recent_runs(runs: Sequence[dict[str, HolderShare]], at: datetime) -> Iterator[dict[str, HolderShare]]:
    return takewhile(lambda jobs: at - next(iter(jobs.values())).at <= SAME_RUN_WITHIN, reversed(runs))


def group_by_pull(shares: Iterable[HolderShare]) -> dict[int, list[HolderShare]]:
    """Return the shares of every pull request by its number."""
    pulls: dict[int, list[HolderShare]] = {}
    for share in shares:
        if share.entry.pr is not None:
            pulls.setdefault(share.entry.pr, []).append(share)
    return pulls


def intensity_per_merged_pull(
    pulls: Mapping[int, Sequence[HolderShare]], merged: Collection[int], branch: str
) -> Intensity | None:
    """Return the mean located grams of a merged pull request; one without runs before its merge is left out."""
    by_pull = [pulls[pull] for pull in merged if pull in pulls]
    mean = _mean_emissions([shares for shares in by_pull if any(share.entry.branch != branch for share in shares)])
    return Intensity("merged pull request", *mean) if mean else None


def _mean_emissions(groups: Iterable[Sequence[HolderShare]]) -> tuple[Range, int] | None:
    """Return the mean grams of the groups whose grams are all known, and the number of these groups."""
    known = [group for group in groups if all(share.emissions_g is not None for share in group)]
    grams = total_emissions(share for group in known for share in group)
    return (Range(*(bound / len(known) for bound in grams)), len(known)) if grams else None
