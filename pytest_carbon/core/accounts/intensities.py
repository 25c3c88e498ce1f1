"""Software carbon intensities of a holder: grams of a test run, and of a merged pull request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pytest_carbon.core.accounts.account import Intensity
from pytest_carbon.core.accounts.holders import Part, total
from pytest_carbon.core.model import Range


def intensities_of(parts: Sequence[Part], merged: Collection[int], branch: str) -> tuple[Intensity, ...]:
    """Return grams for one test run and for one merged pull request; without those of which none is known whole.

    A test run is all jobs of one attempt that ran tests. ``merged`` are the pull requests merged in the time that
    ``parts`` are of; all their runs count, of those that also ran before they were merged into ``branch``. Source:
    Software Carbon Intensity 1.1 (ISO/IEC 21031): grams for a functional unit, which must be named.
    """
    return tuple(one for one in (per_test_run(parts), per_merged_pull(parts, merged, branch)) if one)


def per_test_run(parts: Iterable[Part]) -> Intensity | None:
    """Return the located grams of a run of tests; a run of which a job is not known is left out."""
    runs: dict[tuple[str, int], list[Part]] = {}
    for part in parts:
        if part.entry.tests > 0:
            runs.setdefault((part.entry.run, part.entry.attempt), []).append(part)
    found = _mean(runs.values())
    return Intensity("test run", *found) if found else None


def per_merged_pull(parts: Iterable[Part], merged: Collection[int], branch: str) -> Intensity | None:
    """Return the located grams of a merged pull request; one that has only the run after its merge is left out."""
    pulls: dict[int, list[Part]] = {}
    for part in parts:
        if part.entry.pr in merged and part.entry.pr is not None:
            pulls.setdefault(part.entry.pr, []).append(part)
    own = [runs for runs in pulls.values() if any(part.entry.branch != branch for part in runs)]
    found = _mean(own)
    return Intensity("merged pull request", *found) if found else None


def _mean(groups: Iterable[Sequence[Part]]) -> tuple[Range, int] | None:
    whole = [group for group in groups if all(part.emissions_g is not None for part in group)]
    grams = total(part for group in whole for part in group)
    return (Range(*(bound / len(whole) for bound in grams)), len(whole)) if grams else None
