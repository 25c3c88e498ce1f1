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
def test_texts_of_a_badge(lab: Any, used: float | None, window: str, message: str) -> None:
    """A badge says how much of which window is used, and a bad state in words, not by colour alone."""
    account = lab.account(used=used)
    if used is not None:
        account = replace(account, standing=replace(account.standing, window=window))
    made = badge.make_badge(account, window_name(account))
    assert (made.label, made.message) == ("carbon checkout", message)


def test_badges_of_hostile_names_are_sound_xml(built: Any, lab: Any) -> None:
    """Every badge is sound XML and shows the feature's name as it is."""
    files = (built.folder / "badges/features").glob("*.svg")
    names = {ElementTree.fromstring(path.read_text(encoding="utf-8"))[0].text for path in files}  # noqa: S314 (our own)
    assert "carbon <script>alert(1)</script>: 40 % of November" in names
    assert len(names) == len(lab.HOSTILE) + 7


@pytest.mark.parametrize("colour", [*badge.COLOURS.values(), badge.UNKNOWN_COLOUR])
def test_white_text_has_enough_contrast(colour: str) -> None:
    """White on each colour has a contrast of at least 4.5:1 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_unknown_use_is_not_zero(lab: Any) -> None:
    """A badge of unknown use says so, in the colour of no state; all of a debt leaves nothing."""
    unmeasured = lab.account(standing=lab.standing(0.0, runs=0, unknown_runs=4, state="unknown"))
    assert badge.make_badge(unmeasured, "November") == badge.Badge(
        "carbon checkout", "November not known", badge.UNKNOWN_COLOUR
    )
    owed = lab.account(standing=lab.standing(1.0, limit=0.0))
    assert badge.make_badge(owed, "November").message == "nothing left of November, exhausted"


def test_wide_characters_take_two_cells() -> None:
    """A half is as wide as its text, with padding on both sides."""
    narrow, wide = badge.half_widths(badge.Badge("ab", "日本", "#000000"))
    assert (narrow, wide) == (27.2, 40.4)
