"""Wide fixtures that are set up many times."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.wide_fixtures import find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import CostlyFixture, RunDetails
from tests.core.advice.sample_runs import run, window

MODULE = CostlyFixture("tests::db", "module", 10, 40, 20.0)


def _runs(bench: Any, fixture: CostlyFixture, workers: int = 2, count: int = 3) -> Any:
    details = RunDetails(workers=workers, fixtures=(fixture,))
    return window(*(run(bench, n, details=details) for n in range(count)))


def test_one_set_up_in_each_process_would_do(bench: Any) -> None:
    """Of 10 set-ups, which take 20 of 50 J, two processes keep two."""
    (finding,) = find(_runs(bench, MODULE))
    assert finding.action == "Give the fixture tests::db the scope of the session, if no test changes it"
    assert finding.evidence == (
        "with the scope module it is set up 10 times in a run for 40 tests, which takes 40 % of the run"
    )
    assert finding.savings["run-0"] == pytest.approx((0.32, 0.0, 0.32))


@pytest.mark.parametrize(
    ("fixture", "workers", "count"),
    [(MODULE._replace(scope="session"), 1, 3), (MODULE, 10, 3), (MODULE, 1, 2), (MODULE._replace(setups=0), 1, 3)],
    ids=["the session's", "a set-up in each process", "few runs", "only teardowns"],
)
def test_no_cheaper_scope(bench: Any, fixture: CostlyFixture, workers: int, count: int) -> None:
    """No other scope would save a set-up, as far as is known."""
    assert not list(find(_runs(bench, fixture, workers, count)))


@pytest.mark.parametrize(("joules", "saved"), [(4.0, 0.32), (30.0, -0.2)])
def test_another_scope_was_taken(bench: Any, joules: float, saved: float) -> None:
    """What the fixture takes now is told against what it took, and so is a loss."""
    before, after = _runs(bench, MODULE), _runs(bench, MODULE._replace(scope="session", setups=2, reference_j=joules))
    (finding,) = find(before)
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares == {f"run-{n}": pytest.approx(saved) for n in range(3)}
    assert followed(PastAdvice(finding, before, before, finding)) is None


@pytest.mark.parametrize(
    ("suite", "fixtures", "saved"),
    [("a", (), 3), ("b", (), 0), ("a", (MODULE._replace(name="tests::new_db"),), None)],
    ids=["cheap now", "removed or not", "renamed"],
)
def test_a_fixture_that_left_the_lists(
    bench: Any, suite: str, fixtures: tuple[CostlyFixture, ...], saved: int | None
) -> None:
    """With the same tests it takes less than 2 % of a run now, unless another name took its place."""
    own = [RunDetails(workers=2, suite="a", fixtures=(MODULE,)), RunDetails(workers=2, suite=suite, fixtures=fixtures)]
    before, after = (window(*(run(bench, n, details=details) for n in range(3))) for details in own)
    (finding,) = find(before)
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares is None if saved is None else shares is not None and len(shares) == saved
    assert [*(shares or {}).values()] == [pytest.approx(0.4 - 0.02)] * (saved or 0)
