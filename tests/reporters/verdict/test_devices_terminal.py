"""A devices verdict in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.reporters.verdict import devices_terminal
from tests.core.devices.device_check import MIXED_BASE, MIXED_HEAD, DeviceCheck, shipped

EXPECTED = Path(__file__).parents[2] / "core" / "devices" / "expected"


def test_the_terminal_shows_the_whole_verdict() -> None:
    """The sentence first, then each drop with whom it strands and what would keep them alive."""
    text = devices_terminal.render(DeviceCheck(shipped()).judge(MIXED_BASE, MIXED_HEAD), width=100, colour=False)
    assert text == (EXPECTED / "devices.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Long texts are wrapped, down to 60 cells."""
    text = devices_terminal.render(DeviceCheck(shipped()).judge(MIXED_BASE, MIXED_HEAD), width=width, colour=False)
    assert max(map(len, text.splitlines())) <= max(width, 60)


def test_nothing_dropped_is_one_sentence_and_the_facts() -> None:
    """Without drops there is no table, and the source of the facts is still named."""
    text = devices_terminal.render(DeviceCheck(shipped()).judge({}, {}), width=100, colour=False)
    first, blank, *rest = text.splitlines()
    assert first.startswith("Devices: pass. ")
    assert (blank, len(rest)) == ("", 1)
    assert rest[0].startswith("facts ")
