"""Grid signals: what they hold, and that different meanings never meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest

from pytest_carbon.core.signals.signal import MixedSignalsError, Origin, Signal, cleanest_first, ensure_alike, in_utc
from pytest_carbon.core.signals.split_by_time import intensity_at, locate

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SIGNAL = Signal(
    "DE", START, START + timedelta(minutes=30), 300.0, "measured",
    Origin("source", "average", "lifecycle", "consumption", "licence"), START + timedelta(hours=1),
)  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": START.replace(tzinfo=None)},
        {"start": START.astimezone(timezone(timedelta(hours=1)))},
        {"end": START},
        {"g_per_kwh": -1.0},
        {"g_per_kwh": float("nan")},
        {"g_per_kwh": float("inf")},
        {"issued": datetime(2026, 1, 1)},
    ],
)
def test_what_is_no_signal(wrong: dict[str, Any]) -> None:
    """A signal has times in UTC, a slot that is not empty, and a number from 0."""
    with pytest.raises(ValueError, match="a signal's"):
        replace(SIGNAL, **wrong)


@pytest.mark.parametrize(("kind", "basis"), [*product(("average", "marginal"), ("lifecycle", "direct"))])
def test_other_meanings_are_never_ranked_or_summed(kind: Any, basis: Any) -> None:
    """Kind and basis must be the same; the side is told, and may differ."""
    other = replace(SIGNAL, origin=replace(SIGNAL.origin, kind=kind, basis=basis, side="production"))
    both = [SIGNAL, other]
    if (kind, basis) == ("average", "lifecycle"):
        ensure_alike(both)
        assert cleanest_first(both) == both
        return
    for act in (ensure_alike, cleanest_first, lambda s: locate([(START, 1.0)], list(s))):
        with pytest.raises(MixedSignalsError, match="mean different things, and cannot be compared or summed"):
            act(both)
    with pytest.raises(MixedSignalsError):
        intensity_at(both, START, START + timedelta(minutes=30))


def test_times() -> None:
    """What a source issued was known then; else it was known when it came. A time without a zone is refused."""
    assert SIGNAL.known_at == SIGNAL.fetched
    assert replace(SIGNAL, issued=START).known_at == START
    with pytest.raises(ValueError, match="has no time zone"):
        in_utc(datetime(2026, 1, 1))
