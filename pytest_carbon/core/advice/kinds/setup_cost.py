"""Jobs whose collection, fixtures and set-up cost more than their tests."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import median

from pytest_carbon.core.advice.finding import HALF_OF_IT, Finding, job_text, part
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.verdict.wording import share_text

KIND = "setup"
LEAST_RUNS = 5
CHEAPER = 0.8
"""What takes less than this share of what it did has become cheaper."""
COLLECTION_LINES = ('testpaths = ["tests"]  # collect no other folder', "pytest --import-mode=importlib tests")
SETUP_LINES = ('@pytest.fixture(scope="module")  # set up once for several tests, if they do not change it',)


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job in whose runs collection and set-up together took more reference energy than the tests."""
    for job, runs in window.by_job.items():
        known = [run for run in runs if _around(run) is not None and run.entry.reference_j]
        whole_j = math.fsum(run.entry.reference_j or 0.0 for run in known)
        around_j = math.fsum(_around(run) or 0.0 for run in known)
        if not whole_j or around_j <= whole_j / 2:
            continue
        collection_j = math.fsum(run.details.collection_j or 0.0 for run in known)
        collects = collection_j > around_j / 2
        yield Finding(
            kind=KIND,
            place=job,
            action=f"Halve the cost of {'collection' if collects else 'fixtures and set-up'} in {job_text(job)}",
            evidence=f"collection takes {share_text(collection_j / whole_j)} and fixtures with set-up "
            f"{share_text((around_j - collection_j) / whole_j)} of its work, more than its tests",
            effort="a line" if collects else "a file",
            seen="the rows of collection and fixtures in the report of a run fall",
            savings={
                run.entry.id: part(
                    ((run.details.collection_j if collects else run.details.setup_j) or 0.0)
                    / (run.entry.reference_j or 1.0),
                    HALF_OF_IT,
                )
                for run in known
            },
            jobs=frozenset({job}),
            lines=COLLECTION_LINES if collects else SETUP_LINES,
        )


def _around(run: StartedRun) -> float | None:
    collection_j, setup_j = run.details.collection_j, run.details.setup_j
    return None if collection_j is None or setup_j is None else collection_j + setup_j


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run was saved, if what the advice was about takes clearly fewer joules in a run.

    The last runs decide, in the median; all runs count, the dearer ones, too.
    """
    collects = past.finding.lines == COLLECTION_LINES
    old, new = (_costs(window, past.finding.place, collects) for window in (past.before, past.after))
    if min(len(old), len(new)) < LEAST_RUNS:
        return None
    usual_j = median(joules for _, joules in old)
    if median(joules for _, joules in new[-LEAST_RUNS:]) > CHEAPER * usual_j:
        return None
    return {run.entry.id: (usual_j - joules) / (run.entry.reference_j or 1.0) for run, joules in new}


def _costs(window: WindowRuns, job: str, collects: bool) -> list[tuple[StartedRun, float]]:
    known = [run for run in window.by_job.get(job, ()) if run.entry.reference_j and _around(run) is not None]
    return [(run, (run.details.collection_j if collects else run.details.setup_j) or 0.0) for run in known]
