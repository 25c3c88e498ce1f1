"""Software carbon intensities of a holder: grams of a test run, and of a merged pull request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from pytest_carbon.core.accounts.values.account import Intensity
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_emissions
from pytest_carbon.core.model import Range

SAME_RUN_WITHIN = timedelta(hours=6)
"""Jobs of one run begin within this time: none takes longer on GitHub."""


def compute_intensities(
    window: Sequence[HolderShare], parts: Iterable[HolderShare], merged: Collection[int], branch: str
) -> tuple[Intensity, ...]:
    """Return grams for one test run and for one merged pull request; without those of which none is known whole.

    ``window`` are the parts of a time and ``merged`` the pull requests merged in it. All ``parts`` of these count, also
    from before that time, of those that also ran before they were merged into ``branch``. Source: Software Carbon
    Intensity 1.1 (ISO/IEC 21031): grams for a functional unit, which must be named.
    """
    return tuple(
        one
        for one in (intensity_per_test_run(window), intensity_per_merged_pull(group_by_pull(parts), merged, branch))
        if one
    )


def intensity_per_test_run(parts: Iterable[HolderShare]) -> Intensity | None:
    """Return the located grams of a run of tests, which is all jobs of one attempt that ran tests.

    A run of which a job is not known is left out. The parts come in the order of their start.
    """
    found = _mean_emissions(list(jobs.values()) for jobs in _group_into_test_runs(parts))
    return Intensity("test run", *found) if found else None


def _group_into_test_runs(parts: Iterable[HolderShare]) -> list[dict[str, HolderShare]]:
    """Put jobs together, by name: those of one commit, branch, pull request and attempt that began within 6 hours.

    That must tell it, for every job's report has an id of its own. A job that is there already is of another run.
    """
    found: list[dict[str, HolderShare]] = []
    alike: dict[tuple[object, ...], list[dict[str, HolderShare]]] = {}
    for part in parts:
        entry = part.entry
        if entry.tests > 0:
            own = alike.setdefault((entry.commit or entry.run, entry.branch, entry.pr, entry.attempt), [])
            jobs = next((jobs for jobs in _recent_runs(own, part.at) if entry.job not in jobs), None)
            if jobs is None:
                jobs = {}
                found.append(jobs)
                own.append(jobs)
            jobs[entry.job] = part
    return found


def _recent_runs(runs: Sequence[dict[str, HolderShare]], at: datetime) -> Iterator[dict[str, HolderShare]]:
    return takewhile(lambda jobs: at - next(iter(jobs.values())).at <= SAME_RUN_WITHIN, reversed(runs))


def group_by_pull(parts: Iterable[HolderShare]) -> dict[int, list[HolderShare]]:
    """Return the parts of every pull request."""
    pulls: dict[int, list[HolderShare]] = {}
    for part in parts:
        if part.entry.pr is not None:
            pulls.setdefault(part.entry.pr, []).append(part)
    return pulls


def intensity_per_merged_pull(
    pulls: Mapping[int, Sequence[HolderShare]], merged: Collection[int], branch: str
) -> Intensity | None:
    """Return the located grams of a merged pull request; one that has only the run after its merge is left out."""
    own = [pulls[pull] for pull in merged if pull in pulls]
    found = _mean_emissions([runs for runs in own if any(part.entry.branch != branch for part in runs)])
    return Intensity("merged pull request", *found) if found else None


def _mean_emissions(groups: Iterable[Sequence[HolderShare]]) -> tuple[Range, int] | None:
    whole = [group for group in groups if all(part.emissions_g is not None for part in group)]
    grams = total_emissions(part for group in whole for part in group)
    return (Range(*(bound / len(whole) for bound in grams)), len(whole)) if grams else None
