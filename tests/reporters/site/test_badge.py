"""Badges: their texts, their colours and their files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_carbon.reporters.site import badge
from pytest_carbon.reporters.site.page_tables import window_name


@pytest.mark.parametrize(
    ("used", "window", "message"),
    [
        (0.62, "month", "62 % of November"),
        (0.93, "quarter", "93 % of Q4, critical"),
        (1.13, "28d", "113 % of 28 days, exhausted"),
        (0.1, "4w", "10 % of 4 weeks"),
        (0.1, "4 w", "10 % of 4 weeks"),
        (0.1, "1d", "10 % of 1 day"),
        (None, "", "no budget"),
    ],
)
def test_badges_say_it_in_words(lab: Any, used: float | None, window: str, message: str) -> None:
    """A badge has what is used, of what, and the state where it is bad; never colour alone."""
    account = lab.account(used=used)
    if used is not None:
        account = replace(account, standing=replace(account.standing, window=window))
    found = badge.make_badge(account, window_name(account))
    assert (found.label, found.message) == ("carbon checkout", message)


def test_badges_show_hostile_names_as_they_are(built: Any, lab: Any) -> None:
    """Every badge is sound XML with its texts, however a feature is called."""
    files = (built.folder / "badges/features").glob("*.svg")
    names = {_parsed(path.read_text(encoding="utf-8"))[0].text for path in files}
    assert "carbon <script>alert(1)</script>: 40 % of November" in names
    assert len(names) == len(lab.HOSTILE) + 7


@pytest.mark.parametrize("colour", [*badge.COLOURS.values(), badge.UNKNOWN_COLOUR])
def test_badges_can_be_read(colour: str) -> None:
    """White on each colour has a contrast of 4.5 to 1 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5
