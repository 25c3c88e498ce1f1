"""What of an answer cannot be true, and how points become slots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytest_carbon.core.signals.check_series import Figure, find_fault, with_ends

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("figures", "fault"),
    [
        ([Figure(NOW, NOW + HOUR, 300.0), Figure(NOW + HOUR, NOW + 2 * HOUR, None)], None),
        ([Figure(NOW, NOW + HOUR, None)], "no figure"),
        ([], "no figure"),
        ([Figure(NOW, NOW + HOUR, -0.1)], "-0.1 g/kWh at 2026-11-20T10:00:00+00:00"),
        ([Figure(NOW, NOW + HOUR, 2501.0)], "2501 g/kWh at 2026-11-20T10:00:00+00:00"),
        ([Figure(NOW, NOW, 1.0)], "a slot from 2026-11-20T10:00:00+00:00 to 2026-11-20T10:00:00+00:00"),
        ([Figure(NOW, NOW + 25 * HOUR, 1.0)], "a slot from 2026-11-20T10:00:00+00:00 to 2026-11-21T11:00:00+00:00"),
        ([Figure(NOW + HOUR, NOW + 2 * HOUR, 1.0), Figure(NOW, NOW + HOUR, 1.0)],
         "times that go back (2026-11-20T12:00:00+00:00, then 2026-11-20T10:00:00+00:00)"),
        ([Figure(NOW + 300 * HOUR, NOW + 301 * HOUR, 1.0)], "a slot at 2026-12-02T22:00:00+00:00"),
        ([Figure(NOW, NOW + HOUR / 120, 1.0)],
         "a slot from 2026-11-20T10:00:00+00:00 to 2026-11-20T10:00:30+00:00"),
        ([Figure(NOW + HOUR / 5, NOW + HOUR, 1.0, True)], None),
        ([Figure(NOW + HOUR, NOW + 2 * HOUR, 1.0, True)],
         "a measured figure of 2026-11-20T11:00:00+00:00, which is yet to come"),
        ([Figure(NOW.replace(tzinfo=None), NOW, 1.0)], "a time without UTC (2026-11-20T10:00:00)"),
    ],
)  # fmt: skip
def test_faults(figures: list[Figure], fault: str | None) -> None:
    """One figure that cannot be true spoils its series."""
    assert find_fault(figures, NOW) == fault


def test_points_last_until_the_next() -> None:
    """The usual step counts, a later point cuts it short, and a gap stays a gap."""
    minutes = [0, 15, 30, 90, 95]
    slots = with_ends([(NOW + timedelta(minutes=m), float(m)) for m in minutes])
    assert [(slot.end - NOW) / timedelta(minutes=1) for slot in slots] == [15, 30, 45, 95, 110]
    assert find_fault(slots, NOW) is None
    assert with_ends([(NOW, 1.0)]) == [Figure(NOW, NOW + HOUR, 1.0)]
    assert with_ends([]) == []
