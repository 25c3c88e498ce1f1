"""The energy of wide fixtures, shared out over the tests that used them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.shared_fixture_energy import Attempt, share_fixture_energy
from pytest_carbon.core.model import Span

LAW = settings(max_examples=100, deadline=None)


def _fixture(instance: str | None, phase: str = "setup") -> Span:
    info = {"scope": "session"} if instance is None else {"scope": "session", "instance": instance}
    return Span("fixture", "database", phase, 0.0, 1.0, 1.0, info)


def _test(*uses: str) -> list[Span]:
    return [Span("test", "t.py::a", "call", 0.0, 1.0, 1.0, {"uses": list(uses)} if uses else None)]


A: Attempt = ("t.py::a", 0)
AGAIN: Attempt = ("t.py::a", 1)
B: Attempt = ("t.py::b", 0)


@pytest.mark.parametrize(
    ("fixtures", "attempts", "shares_j"),
    [
        pytest.param([], {}, {}, id="nothing"),
        pytest.param([(_fixture("1"), 6.0)], {A: _test()}, {}, id="a fixture without users"),
        pytest.param([(_fixture("1"), 6.0)], {A: _test("1")}, {A: [6.0]}, id="one user"),
        pytest.param([(_fixture("1"), 6.0)], {A: _test("1"), B: _test("1")}, {A: [3.0], B: [3.0]}, id="two users"),
        pytest.param(
            [(_fixture("1"), 6.0), (_fixture("1", "teardown"), 2.0)], {A: _test("1")}, {A: [8.0]}, id="with teardown"
        ),
        pytest.param(
            [(_fixture("1"), 6.0), (_fixture("2"), 2.0)],
            {A: _test("1"), B: _test("2")},
            {A: [6.0], B: [2.0]},
            id="two instances with a user each",
        ),
        pytest.param(
            [(_fixture("1"), 6.0), (_fixture("2"), 2.0)], {A: _test("1", "2")}, {A: [6.0, 2.0]}, id="two fixtures"
        ),
        pytest.param(
            [(_fixture("1"), 6.0)], {A: _test("1"), AGAIN: _test("1")}, {A: [3.0], AGAIN: [3.0]}, id="a rerun"
        ),
        pytest.param([(_fixture("1"), None)], {A: _test("1")}, {A: [None]}, id="unknown energy"),
        pytest.param(
            [(_fixture("1"), 6.0), (_fixture("1", "teardown"), None)],
            {A: _test("1")},
            {A: [None]},
            id="unknown in part",
        ),
        pytest.param([], {A: _test("1")}, {A: [None]}, id="no row of the fixture arrived"),
    ],
)
def test_energy_is_shared_equally_by_the_users(
    fixtures: list[tuple[Span, float | None]], attempts: dict[Attempt, list[Span]], shares_j: dict[Attempt, list[float]]
) -> None:
    """Each attempt that used an instance gets an equal share of its setup and teardown; unknown stays unknown."""
    assert share_fixture_energy(fixtures, attempts).shares_j == shares_j


@pytest.mark.parametrize(
    ("fixture", "users"), [(_fixture("1"), 2), (_fixture("1", "teardown"), 2), (_fixture("2"), 0), (_fixture(None), 0)]
)
def test_users_are_counted_by_instance(fixture: Span, users: int) -> None:
    """Setup and teardown of an instance have the same number of users; an unused instance has none."""
    shared = share_fixture_energy([(fixture, 1.0)], {A: _test("1"), B: _test("1")})
    assert shared.users_of(fixture) == users


@LAW
@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=4), st.lists(st.sets(st.integers(0, 3)), max_size=6))
def test_shares_sum_to_the_energy_of_the_used_fixtures(energies: list[float], uses: list[set[int]]) -> None:
    """No joule of a used fixture is lost or made, whichever tests used it."""
    fixtures: list[tuple[Span, float | None]] = [(_fixture(str(n)), energy_j) for n, energy_j in enumerate(energies)]
    attempts: dict[Attempt, list[Span]] = {
        (f"t.py::{n}", 0): _test(*(str(instance) for instance in used if instance < len(energies)))
        for n, used in enumerate(uses)
    }
    shares_j = share_fixture_energy(fixtures, attempts).shares_j
    used_j = sum(energy_j for n, energy_j in enumerate(energies) if any(n in used for used in uses))
    assert sum(share or 0.0 for shares in shares_j.values() for share in shares) == pytest.approx(used_j, rel=1e-9)
