"""The tests that cost most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median

from pytest_carbon.core.advice.finding import HALF_OF_IT, Finding, part
from pytest_carbon.core.advice.left_lists import CHEAPER, LEAST_RUNS, Listed, saved_since_changed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.advice.window_runs import WindowRuns
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.verdict.wording import TEST_CELLS, count_text, share_text, shorten

KIND = "test"
LAST_RUNS = 7


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each test that is among the costliest of at least LEAST_RUNS runs."""
    for nodeid, listed in window.by_test.items():
        if len(listed) < LEAST_RUNS:
            continue
        shares = [test.reference_j / (run.entry.reference_j or 1.0) for run, test in listed]
        usual_j = median(test.reference_j for _, test in listed)
        yield Finding(
            kind=KIND,
            place=nodeid,
            action=f"Halve the cost of {shorten(nodeid, TEST_CELLS)}",
            evidence=f"it takes {format_energy(usual_j, 2)} of reference energy, {share_text(median(shares))} of a "
            f"run, in each of {count_text(len(listed), 'run')}",
            effort="a file",
            seen="the test takes fewer joules in the list of the costliest tests, or leaves it",
            savings={run.entry.id: part(share, HALF_OF_IT) for (run, _), share in zip(listed, shares, strict=True)},
            jobs=frozenset(run.entry.job for run, _ in listed),
            lines=(),
            feature=listed[-1][1].feature or UNATTRIBUTED,
        )


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run was saved since the test's code changed or its cost fell; negative for a loss.

    The cost fell if that of the last runs did in the median; then all runs count, the dearer ones, too. A test that has
    left the lists saved at least what they would show; the mapping is empty if it may have been removed.
    """
    place = past.finding.place
    old, new = past.before.by_test.get(place, ()), past.after.by_test.get(place, ())
    if not old:
        return None
    usual_j, code = median(test.reference_j for _, test in old), old[-1][1].code
    since = next((place for place, (_, test) in enumerate(new) if code and test.code and test.code != code), None)
    if since is None and new and median(test.reference_j for _, test in new[-LAST_RUNS:]) < CHEAPER * usual_j:
        since = 0
    changed = new[since:] if since is not None else ()
    listed = Listed([run for run, _ in old], [run for run, _ in new], usual_j, past.after.hidden_test_j)
    return saved_since_changed(past, listed, ((run, test.reference_j) for run, test in changed))
