"""Signals as JSON come back as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.signals.signal_json import from_json, to_json
from tests.core.signals.test_signal import SIGNAL, START

SIGNALS = [
    SIGNAL,
    replace(SIGNAL, start=START + timedelta(hours=1), end=START + timedelta(hours=2), status="forecast", issued=START),
    replace(SIGNAL, carbon_free=0.25, mix={"wind": 0.25, "gas": 0.75}),
]


def test_there_and_back() -> None:
    """All that a signal holds is kept."""
    assert from_json(json.loads(json.dumps(to_json(SIGNALS)))) == SIGNALS


@pytest.mark.parametrize(
    "wrong",
    [{"schema": "x"}, {"slots": [[]]}, {"slots": [["2026-01-01", "x", 1, "measured"]]}, {"fetched": "2026-01-01"}],
)
def test_other_shapes(wrong: dict[str, Any]) -> None:
    """A value of another shape is refused, and never half read."""
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_json({**to_json(SIGNALS), **wrong})
    data = to_json(SIGNALS)
    data["slots"][0][3] = "guess"
    with pytest.raises(ValueError, match="the status is 'guess'"):
        from_json(data)
