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


SLOT = ["2026-01-01T00:00+00:00", "2026-01-01T00:30+00:00", 1, "measured"]
CALENDAR = ["0001-01-01T00:00+14:00", "2026-01-01T00:30+00:00", 1, "measured"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"schema": "x"},
        {"fetched": "2026-01-01"},
        {"fetched": "9999-12-31T23:00-14:00"},
        {"fetched": 1},
        {"zone": None},
        {"source": ["x"]},
        {"licence": 1},
        {"kind": "mean"},
        {"basis": "both"},
        {"side": "import"},
        {"side": {}},
        {"slots": {}},
        {"slots": "abcd"},
        {"slots": [[]]},
        {"slots": [["2026-01-01", "x", 1, "measured"]]},
        {"slots": [CALENDAR]},
        {"slots": [[*SLOT[:2], "1", "measured"]]},
        {"slots": [[*SLOT[:2], True, "measured"]]},
        {"slots": [[*SLOT[:2], float("nan"), "measured"]]},
        {"slots": [[*SLOT[:2], 1e400, "measured"]]},
        {"slots": [[*SLOT[:2], 1, "guess"]]},
        {"slots": [[*SLOT, None, None, None, None]]},
        {"slots": [[*SLOT, 5]]},
        {"slots": [[*SLOT, None, "0.5"]]},
        {"slots": [[*SLOT, None, 1.5]]},
        {"slots": [[*SLOT, None, float("nan")]]},
        {"slots": [[*SLOT, None, None, ["wind"]]]},
        {"slots": [[*SLOT, None, None, {"wind": "1"}]]},
        {"slots": [[*SLOT, None, None, {"wind": -0.5}]]},
        {"slots": [[*SLOT, None, None, {"w" * 50: 0.5}]]},
        {"slots": [[*SLOT, None, None, {str(n): 0.01 for n in range(50)}]]},
    ],
)
def test_other_shapes(wrong: dict[str, Any]) -> None:
    """A value of another shape is refused, and never half read."""
    good = to_json(SIGNALS)
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_json({**good, **wrong})
    for key in good:
        with pytest.raises(KeyError):
            from_json({name: value for name, value in good.items() if name != key})
