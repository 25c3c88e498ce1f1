"""A file of signals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.signal_source import SourceFaultError
from pytest_carbon.grid.live.sources.signal_file import SignalFile
from tests.grid.live.sources.check_source import OWN, question


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("start,g_per_kwh\n2026-11-20T09:00Z,300\n2026-11-20T10:00Z,310\n", [300.0, 310.0]),
        (
            "zone,start,end,g_per_kwh,status\nZONE,2026-11-20T09:00Z,2026-11-20T09:30Z,300,forecast\nX,2026-11-20T09:00Z,,9,\n",
            [300.0],
        ),
        ('[{"start": "2026-11-20T09:00+00:00", "g_per_kwh": 300}]', [300.0]),
        ("start,g_per_kwh\n2026-11-20T09:00,300\n", "an answer of another shape"),
        ("start,g_per_kwh,status\n2026-11-20T09:00Z,300,guess\n", "the status 'guess' is not known"),
        ('{"start": 1}', "is no list of figures"),
        (None, "cannot be read"),
    ],
    ids=["CSV", "zones, ends and status", "JSON", "no time zone", "unknown status", "no list", "missing"],
)
def test_file(tmp_path: Path, text: str | None, expected: Any) -> None:
    """A file is read each time, so that a newer one counts at once."""
    path = tmp_path / "grid.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    source = SignalFile(path, OWN)
    assert source.address == str(path)
    if isinstance(expected, str):
        with pytest.raises(SourceFaultError, match=expected):
            ask(source, question())
    else:
        assert [signal.g_per_kwh for signal in ask(source, question())] == expected
