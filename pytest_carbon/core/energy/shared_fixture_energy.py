"""Shares out the energy of a wide fixture, one whose scope is wider than a function, over the tests that used it.

pytest sets up a wide fixture, such as a session's database, during the first test that asks for it. The fixture has
rows of its own, so that its energy is not billed to that first test. Each user gets an equal share of it, on top of its
own energy, as amortised energy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pytest_carbon.core.model import Span
from pytest_carbon.core.quantities import sum_or_unknown

Attempt = tuple[str, int]
"""One attempt at a test: the nodeid, and how many times the test ran before."""


class SharedFixtures(NamedTuple):
    """Each attempt's shares of the fixtures that it used (J; None if unknown), and each instance's number of users."""

    shares_j: dict[Attempt, list[float | None]]
    users: dict[str, int]

    def users_of(self, fixture: Span) -> int:
        """Return how many attempts used the instance of a fixture whose setup or teardown this span is."""
        return self.users.get(_instance(fixture), 0)


def share_fixture_energy(
    fixtures: Iterable[tuple[Span, float | None]], attempts: Mapping[Attempt, Iterable[Span]]
) -> SharedFixtures:
    """Share out the energy of each fixture instance equally over the attempts that used it.

    ``fixtures`` are the setups and teardowns of wide fixtures with their joules (None if unknown). An instance is one
    setup of a fixture with its teardown: a fixture that is set up twice has two instances, each with its own users. The
    spans of an attempt name the instances that it used (``uses`` in a span's info).
    """
    instance_j: dict[str, list[float | None]] = {}
    for span, energy_j in fixtures:
        instance_j.setdefault(_instance(span), []).append(energy_j)
    used_by: dict[str, list[Attempt]] = {}
    for attempt, spans in attempts.items():
        for span in spans:
            for instance in (span.info or {}).get("uses", ()):
                used_by.setdefault(instance, []).append(attempt)
    shares_j: dict[Attempt, list[float | None]] = {}
    for instance, users in used_by.items():
        whole_j = sum_or_unknown(instance_j.get(instance, [None]))
        for attempt in users:
            shares_j.setdefault(attempt, []).append(None if whole_j is None else whole_j / len(users))
    return SharedFixtures(shares_j, {instance: len(users) for instance, users in used_by.items()})


def _instance(fixture: Span) -> str:
    return str((fixture.info or {}).get("instance"))
