"""A devices verdict as Markdown: a document, or a section of the comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_carbon.core.devices import dropped_support_lines
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.escape import markdown
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.reporters.verdict.markdown_style import LIMIT, SYMBOLS

_CELL = 400
"""The most characters of a cell or line."""
_MOST_OPEN_DROPS = 3
"""More drops are folded away in a section."""
_REMEDIES = "What would keep them supported"


def render(verdict: DevicesVerdict, limit: int = LIMIT) -> str:
    """Return the verdict as GitHub's Markdown of at most ``limit`` bytes of UTF-8; ``limit`` is at least 2,000.

    Drops and notes are left out until the text fits. Every text from outside is escaped.
    """
    return _longest_that_fits(verdict, limit, folded=False)


def section(verdict: DevicesVerdict, limit: int) -> str:
    """Return the verdict as a section of at most ``limit`` bytes; empty if nothing is dropped.

    The text around the section begins with the verdict's sentence, so the section does not repeat it. Everything but
    the drops is folded away; more than three drops are, too.
    """
    return (
        _longest_that_fits(verdict, limit, folded=True) if verdict.judged_drops or verdict.inconclusive_reason else ""
    )


def _longest_that_fits(verdict: DevicesVerdict, limit: int, *, folded: bool) -> str:
    text = ""
    for drops, notes in ((50, 20), (10, 10), (5, 5), (3, 0), (1, 0), (0, 0)):
        text = _document(verdict, drops, notes, folded)
        if len(text.encode()) <= limit:
            break
    return text


def _document(verdict: DevicesVerdict, drops: int, notes: int, folded: bool) -> str:
    word, symbol = dropped_support_lines.STATE_WORDS[verdict.state], SYMBOLS[verdict.state]
    sentences = [
        (dropped_support_lines.inconclusive_text if folded else dropped_support_lines.headline)(verdict),
        dropped_support_lines.approval_text(verdict),
    ]
    parts = [f"### {symbol} Devices: {word}", *(markdown(shorten(text, _CELL)) for text in sentences if text)]
    parts += _drops_table(verdict, drops, folded)
    lines = dropped_support_lines.format_drops(verdict)
    remedies = list(dict.fromkeys(text for line in lines[:drops] for text in line.remedies))[: 2 * notes]
    parts += _folded(_REMEDIES, remedies) if folded else _list(f"**{_REMEDIES}**", remedies)
    stale = [dropped_support_lines.stale_text(old, verdict.today) for old in verdict.changes.stale[:notes]]
    parts += _folded("Past security support", stale)
    parts += _folded("Notes", dropped_support_lines.note_lines(verdict)[:notes])
    parts += (
        [f"Facts: {markdown(dropped_support_lines.facts_text(verdict))}."]
        if lines or not verdict.inconclusive_reason
        else []
    )
    return "\n\n".join(parts) + "\n"


def _drops_table(verdict: DevicesVerdict, most: int, folded: bool) -> list[str]:
    """Return the table of drops; a section folds a long table away."""
    lines = dropped_support_lines.format_drops(verdict)
    rows = [
        (line.dropped, line.settings, f"{SYMBOLS[line.state]} {line.reason}", line.strands, line.upstream)
        for line in lines[:most]
    ]
    table = _table(("Dropped", "Where", "Verdict", "Strands", "Patched by the maker"), rows)
    table += [f"and {len(lines) - most} more"] if rows and len(lines) > most else []
    if not folded or len(rows) <= _MOST_OPEN_DROPS:
        return table
    title = f"<summary>All {len(lines)} drops</summary>"
    return ["\n\n".join([f"<details>\n{title}", *table, "</details>"])]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    cells = [" | ".join(markdown(shorten(cell, _CELL)) for cell in row) for row in rows]
    return ["\n".join([f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}", *(f"| {row} |" for row in cells)])]


def _list(title: str, lines: Sequence[str]) -> list[str]:
    return ["\n".join([title, "", *(f"- {markdown(shorten(line, _CELL))}" for line in lines)])] if lines else []


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    return ["\n".join([f"<details>\n<summary>{title}</summary>", *_list("", lines), "", "</details>"])]
