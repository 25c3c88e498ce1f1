"""Wide fixtures that are set up many times in a run, although one set-up might serve all their users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median

from pytest_carbon.core.advice.finding import Finding
from pytest_carbon.core.advice.left_lists import LEAST_RUNS, Listed, saved_since_changed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.entry_details.run_details import CostlyFixture
from pytest_carbon.core.verdict.wording import TEST_CELLS, count_text, share_text, shorten

KIND = "fixture"
WIDEST = "session"


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each fixture that is set up more often than once in each process of a run.

    Of ``n`` set-ups, the session's scope would keep one in each process that runs tests; all others could be saved, or
    none if the tests change what they share. A scope that newer runs no longer have is past.
    """
    for name, runs in window.by_fixture.items():
        scope = runs[-1][1].scope
        listed = [(run, fixture) for run, fixture in runs if fixture.scope == scope]
        if scope == WIDEST or len(listed) < LEAST_RUNS:
            continue
        savings = {run.entry.id: _saved(run, fixture) for run, fixture in listed}
        if not any(saved.central for saved in savings.values()):
            continue
        setups = round(median(fixture.setups for _, fixture in listed))
        users = round(median(fixture.users for _, fixture in listed))
        share = median(fixture.reference_j / (run.entry.reference_j or 1.0) for run, fixture in listed)
        yield Finding(
            kind=KIND,
            place=name,
            action=f"Give the fixture {shorten(name, TEST_CELLS)} the scope of the session, if no test changes it",
            evidence=f"with the scope {shorten(scope, 20)} it is set up {setups} times in a run for "
            f"{count_text(users, 'test')}, which takes {share_text(share)} of the run",
            effort="a line",
            seen="the report of a run has one set-up of the fixture in each process",
            savings=savings,
            jobs=frozenset(run.entry.job for run, _ in listed),
            lines=('@pytest.fixture(scope="session")',),
        )


def _saved(run: StartedRun, fixture: CostlyFixture) -> Range:
    once = min(fixture.setups, run.details.workers or 1)
    share = min(1.0, fixture.reference_j / (run.entry.reference_j or 1.0))
    most = share * (fixture.setups - once) / fixture.setups if fixture.setups else 0.0
    return Range(most, 0.0, most)


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run was saved since the fixture has another scope; negative for a loss.

    A fixture that has left the lists saved at least what they would show; the mapping is empty if it may have been
    removed. Where the lists have a fixture that they did not have before, it may be the same one under a new name.
    """
    old, new = past.before.by_fixture.get(past.finding.place, ()), past.after.by_fixture.get(past.finding.place, ())
    if not old:
        return None
    scopes = {fixture.scope for _, fixture in old}
    changed = ((run, fixture.reference_j) for run, fixture in new if fixture.scope not in scopes)
    usual_j = median(fixture.reference_j for _, fixture in old)
    listed = Listed([run for run, _ in old], [run for run, _ in new], usual_j, past.after.hidden_fixture_j)
    has_new = not past.after.by_fixture.keys() <= past.before.by_fixture.keys()
    return saved_since_changed(past, listed, changed, may_be_renamed=has_new)
