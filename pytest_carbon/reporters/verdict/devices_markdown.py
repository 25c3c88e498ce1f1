"""What a change does to devices, as a section of Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_carbon.core.devices import drop_lines as devices_view
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.escape import markdown
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.reporters.verdict.markdown_style import LIMIT, SYMBOLS

_CELL = 400
_OPEN = 3
_KEEP = "What would keep them alive"


def render(verdict: DevicesVerdict, limit: int = LIMIT) -> str:
    """Return the verdict as GitHub's Markdown of at most ``limit`` bytes of UTF-8, which is at least 2,000.

    Of ever fewer drops and notes the first form that fits is taken. Whatever comes from outside is escaped.
    """
    return _fitting(verdict, limit, folded=False)


def section(verdict: DevicesVerdict, limit: int) -> str:
    """Return it as a part of a text that begins with its sentence: all but the drops is folded, many of these too.

    It is empty where nothing is dropped.
    """
    return _fitting(verdict, limit, folded=True) if verdict.judged_drops or verdict.inconclusive_reason else ""


def _fitting(verdict: DevicesVerdict, limit: int, *, folded: bool) -> str:
    text = ""
    for drops, notes in ((50, 20), (10, 10), (5, 5), (3, 0), (1, 0), (0, 0)):
        text = _written(verdict, drops, notes, folded)
        if len(text.encode()) <= limit:
            break
    return text


def _written(verdict: DevicesVerdict, drops: int, notes: int, folded: bool) -> str:
    word, symbol = devices_view.STATE_WORDS[verdict.state], SYMBOLS[verdict.state]
    said = [
        (devices_view.inconclusive_text if folded else devices_view.headline)(verdict),
        devices_view.approval_text(verdict),
    ]
    parts = [f"### {symbol} Devices: {word}", *(markdown(shorten(text, _CELL)) for text in said if text)]
    parts += _drops(verdict, drops, folded)
    lines = devices_view.format_drops(verdict)
    keep = list(dict.fromkeys(text for line in lines[:drops] for text in line.remedies))[: 2 * notes]
    parts += _folded(_KEEP, keep) if folded else _list(f"**{_KEEP}**", keep)
    stale = [devices_view.stale_text(one, verdict.today) for one in verdict.changes.stale[:notes]]
    parts += _folded("Past its security support", stale)
    parts += _folded("Notes", devices_view.note_lines(verdict)[:notes])
    parts += (
        [f"Facts: {markdown(devices_view.facts_text(verdict))}."] if lines or not verdict.inconclusive_reason else []
    )
    return "\n\n".join(parts) + "\n"


def _drops(verdict: DevicesVerdict, most: int, folded: bool) -> list[str]:
    """Return the table of what is dropped, hidden behind a line where it is long and may be."""
    lines = devices_view.format_drops(verdict)
    rows = [
        (line.dropped, line.settings, f"{SYMBOLS[line.state]} {line.reason}", line.strands, line.upstream)
        for line in lines[:most]
    ]
    table = _table(("Dropped", "Where", "Verdict", "Whom", "Upstream"), rows)
    table += [f"and {len(lines) - most} more"] if rows and len(lines) > most else []
    if not folded or len(rows) <= _OPEN:
        return table
    title = f"<summary>All {len(lines)} things that it drops</summary>"
    return ["\n\n".join([f"<details>\n{title}", *table, "</details>"])]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    written = [" | ".join(markdown(shorten(cell, _CELL)) for cell in row) for row in rows]
    return ["\n".join([f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}", *(f"| {row} |" for row in written)])]


def _list(title: str, lines: Sequence[str]) -> list[str]:
    return ["\n".join([title, "", *(f"- {markdown(shorten(line, _CELL))}" for line in lines)])] if lines else []


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    return ["\n".join([f"<details>\n<summary>{title}</summary>", *_list("", lines), "", "</details>"])]
