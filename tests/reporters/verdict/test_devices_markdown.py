"""A devices verdict as Markdown: whole, foldable, and never too long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pytest

from pytest_carbon.reporters.verdict import devices_markdown
from tests.core.devices.device_check import MIXED_BASE, MIXED_HEAD, DeviceCheck, shipped

EXPECTED = Path(__file__).parents[2] / "core" / "devices" / "expected"


def test_the_comment_shows_the_whole_verdict() -> None:
    """The same as a section of Markdown, and GitHub's own renderer makes one table and two folded parts of it."""
    text = devices_markdown.render(DeviceCheck(shipped()).judge(MIXED_BASE, MIXED_HEAD))
    assert text == (EXPECTED / "devices.md").read_text(encoding="utf-8")
    page = cmarkgfm.github_flavored_markdown_to_html(text)
    assert (page.count("<table>"), page.count("<tr>")) == (1, 4)


@pytest.mark.parametrize("limit", [2_000, 6_000, 60_000])
def test_a_comment_is_never_too_long(limit: int) -> None:
    """However much a change drops, the section keeps to its limit and its first sentence."""
    base = {f"{'p' * 150}{n}/package.json": f'{{"browserslist": ["ie {n}", "chrome 9"]}}' for n in range(200)}
    head = dict.fromkeys(base, '{"browserslist": "chrome 9", "engines": {"node": "??"}}')
    text = devices_markdown.render(DeviceCheck(shipped()).judge(base, head), limit)
    assert len(text.encode()) <= limit
    assert "This change drops browsers: ie 0" in text
    assert "There are 199 more drops" in text


def test_section_is_empty_without_drops() -> None:
    """A comment says nothing of devices if nothing is dropped; the document says so."""
    verdict = DeviceCheck(shipped()).judge(MIXED_BASE, MIXED_BASE)
    assert devices_markdown.section(verdict, 60_000) == ""
    assert "drops nothing" in devices_markdown.render(verdict)


def test_section_does_not_repeat_the_sentence() -> None:
    """The comment around the section begins with the sentence; the section has the table and folds the remedies."""
    verdict = DeviceCheck(shipped()).judge(MIXED_BASE, MIXED_HEAD)
    text = devices_markdown.section(verdict, 60_000)
    assert text.startswith("### ⚠️ Devices: warning\n\n| Dropped |")
    assert "<summary>What would keep them supported</summary>" in text
    assert "This change drops" not in text


def test_section_folds_many_drops() -> None:
    """Three drops stand open; more are folded away behind their number."""
    base = {f"{n}/package.json": f'{{"browserslist": ["ie {n}", "chrome 9"]}}' for n in range(4)}
    check = DeviceCheck(shipped())
    for count in (3, 4):
        old = dict(list(base.items())[:count])
        verdict = check.judge(old, dict.fromkeys(old, '{"browserslist": "chrome 9"}'))
        folded = f"<summary>All {count} drops</summary>" in devices_markdown.section(verdict, 60_000)
        assert folded == (count > 3)


def test_unknown_drops_are_reported_in_the_section() -> None:
    """If drops could not be told, the section says why."""
    verdict = replace(DeviceCheck(shipped()).judge(MIXED_BASE, MIXED_BASE), inconclusive_reason="git fetch failed.")
    assert "git fetch failed." in devices_markdown.section(verdict, 60_000)
