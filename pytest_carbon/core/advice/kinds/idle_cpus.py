"""Machines most of whose virtual CPUs idle: half as many take half of what is used without any work."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from pytest_carbon.core.advice.finding import Finding, job_text
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.wording import share_text

KIND = "idle"
MOST_UTILISATION = 0.4
LEAST_RUNS = 5


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job whose machines have twice the virtual CPUs that they use.

    A share ``base`` of a run's operational grams, and all of its embodied grams, are for the machine and not for its
    work; half of the machine takes half of them. The work takes as much, because the power of a CPU rises less than its
    load. At a utilisation ``u`` the run may take up to ``1 + u`` times as long: that is the low bound.
    """
    for job, runs in window.by_job.items():
        known = [run for run in runs if _is_known(run)]
        kinds = {run.details.vcpus for run in known}
        if len(known) < LEAST_RUNS or len(kinds) != 1:
            continue
        (vcpus,) = kinds
        utilisation = math.fsum(run.details.utilisation or 0.0 for run in known) / len(known)
        if vcpus is None or vcpus < 2 or vcpus % 2 or utilisation > MOST_UTILISATION:
            continue
        workers = max(run.details.workers or 1 for run in known)
        yield Finding(
            kind=KIND,
            place=job,
            action=f"Run {job_text(job)} on a machine with {vcpus // 2} instead of {vcpus} virtual CPUs",
            evidence=f"its {vcpus} virtual CPUs were busy {share_text(utilisation)} of the time, with {workers} "
            f"{'process' if workers == 1 else 'processes'} of tests",
            effort="a line",
            seen="utilisation about doubles, and a run of the same tests has fewer grams",
            savings={run.entry.id: _half_of_machine(run) for run in known},
            jobs=frozenset({job}),
            lines=("runs-on: LABEL  # of a runner with half the virtual CPUs; or use them all: pytest -n auto",),
        )


def _is_known(run: StartedRun) -> bool:
    details, entry = run.details, run.entry
    known = details.vcpus and details.utilisation is not None and details.base_share is not None
    return bool(known and entry.emissions_g)


def _half_of_machine(run: StartedRun) -> Range:
    """Return the share of a run's grams that half of its machine would save."""
    entry, details = run.entry, run.details
    machine_g = (entry.operational_g or 0.0) * (details.base_share or 0.0) + (entry.embodied_g or 0.0)
    share = machine_g / (entry.emissions_g or 1.0)
    low, high = share * (1 - (details.utilisation or 0.0)) / 2, share / 2
    return Range((low + high) / 2, low, high)


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run of a smaller machine was saved; negative for a loss.

    Runs are compared by their grams per joule of reference energy, so that more or fewer tests change nothing.
    """
    (job,) = past.finding.jobs
    old, new = past.before.by_job.get(job, ()), past.after.by_job.get(job, ())
    had = max((run.details.vcpus or 0 for run in old), default=0)
    smaller = [run for run in new if 0 < (run.details.vcpus or 0) < had]
    before_g, after_g = _grams_per_j(old), _grams_per_j(smaller)
    if len(smaller) < LEAST_RUNS or not before_g or not after_g:
        return None
    return {run.entry.id: before_g / after_g - 1 for run in smaller}


def _grams_per_j(runs: Sequence[StartedRun]) -> float | None:
    known = [run.entry for run in runs if run.entry.emissions_g is not None and run.entry.reference_j]
    joules = math.fsum(entry.reference_j or 0.0 for entry in known)
    return math.fsum(entry.emissions_g or 0.0 for entry in known) / joules if joules else None
