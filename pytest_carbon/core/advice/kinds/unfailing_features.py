"""Features whose tests cost much and never failed in a window: a question, never a demand."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pytest_carbon.core.advice.finding import HALF_OF_IT, Finding, part
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.records.entry_details.run_details import MOST_FAILED
from pytest_carbon.core.verdict.wording import NAME_CELLS, count_text, share_text, shorten

KIND = "unfailing"
LEAST_RUNS = 50
MUCH = 0.10
"""Below this share of the grams of all these runs, the question is not worth asking."""


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each feature without a failed test in many runs whose tests paid for themselves, all of known outcome.

    What could be saved are its shares of the runs of pull requests, from nothing to all.
    """
    runs = [run for run in window.runs if run.entry.tests and run.entry.id not in window.labels_pay]
    if len(runs) < LEAST_RUNS or any(_is_unclear(run) for run in runs):
        return
    failed = {test.feature for run in runs for test in run.details.failed}
    whole_g = math.fsum(run.entry.emissions_g or 0.0 for run in runs)
    by_feature: dict[str, list[StartedRun]] = {}
    for run in runs:
        for feature, share in run.entry.shares.items():
            if share > 0 and feature not in failed and feature != UNATTRIBUTED:
                by_feature.setdefault(feature, []).append(run)
    for feature, own in by_feature.items():
        paid_g = math.fsum(run.entry.shares[feature] * (run.entry.emissions_g or 0.0) for run in own)
        of_pulls = [run for run in own if window.of_pull_request(run)]
        if len(own) >= LEAST_RUNS and of_pulls and paid_g > MUCH * whole_g:
            name = shorten(feature, NAME_CELLS)
            yield Finding(
                kind=KIND,
                place=feature,
                action=f"Would the tests of {name} find as much if they ran for pull requests that touch it, and on "
                "the default branch?",
                evidence=f"they take {share_text(paid_g / whole_g)} of the grams, and none failed in "
                f"{count_text(len(own), 'run')}, {len(of_pulls)} of them of pull requests; tests that never fail may "
                "still be what keeps it so",
                effort="a decision",
                seen=f"fewer runs of pull requests are paid by {name}",
                savings={run.entry.id: part(run.entry.shares[feature], HALF_OF_IT) for run in of_pulls},
                jobs=frozenset(run.entry.job for run in own),
                feature=feature,
            )


def _is_unclear(run: StartedRun) -> bool:
    """Return whether a run may have failures that are in no list: its outcome is unknown, or its list is full."""
    outcome = run.details.outcome
    return outcome is None or len(outcome[1]) >= MOST_FAILED or outcome[0] not in (0, 1)
