"""A verdict as Markdown for a pull request, always short enough for a comment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pytest_carbon.core import escape
from pytest_carbon.core.verdict import change_lines, evidence_lines, holder_lines
from pytest_carbon.core.verdict.growth_cause import growth_cause
from pytest_carbon.core.verdict.growth_place import growth_place
from pytest_carbon.core.verdict.holder_lines import HolderLine
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.core.verdict.wording import NO_LIMIT, NOT_JUDGED, STATE_WORDS, shorten, verdict_word
from pytest_carbon.reporters.markdown_templates import EscapedMarkdown, template
from pytest_carbon.reporters.verdict.markdown_style import LIMIT, SYMBOLS, UNJUDGED

_SHORT_DEVICES = 4000
_NO_BREAK = "&nbsp;"


class _DetailLevel(NamedTuple):
    """How much is shown: the most holders and tests, the folded parts, and the most characters of a sentence."""

    holders: int
    tests: int
    details: bool = True
    cells: int = 1000


class _Table(NamedTuple):
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]


_FULL = _DetailLevel(500, 200)
_LEVELS = (
    _DetailLevel(10, 20),
    _DetailLevel(10, 5),
    _DetailLevel(10, 0),
    _DetailLevel(3, 0, details=False),
    _DetailLevel(0, 0, details=False, cells=300),
)


def render(verdict: Verdict, limit: int = LIMIT, *, full: bool = False) -> str:
    """Return the verdict as GitHub's Markdown of at most ``limit`` bytes of UTF-8, so at most as many characters.

    ``limit`` is at least 10,000. Of ever lower levels of detail the first that fits is taken; with ``full`` the highest
    level has 500 holders and 200 tests. Every text from outside is escaped.
    """
    text = ""
    levels = (_FULL, *_LEVELS) if full else _LEVELS
    for level in levels:
        text = template("verdict.md.j2").render({**_template_values(verdict, level), "short": level != levels[0]})
        if len(text.encode()) <= limit:
            break
    return text


def _template_values(verdict: Verdict, level: _DetailLevel) -> dict[str, Any]:
    lines = holder_lines.holder_lines(verdict)
    return {
        "symbol": UNJUDGED if verdict.judges_nothing else SYMBOLS[verdict.state],
        "word": verdict_word(verdict) + (" (does not block)" if verdict.advisory and verdict.state == "fail" else ""),
        "sentence": shorten(verdict.sentence, level.cells),
        "where": f"Where: {place}." if level.holders and (place := growth_place(verdict)) else "",
        "why": growth_cause(verdict) if level.holders else "",
        "advisory": shorten(verdict.advisory, level.cells // 3),
        "todo": evidence_lines.next_steps(verdict) if level.holders else [],
        "holders": _holders(lines[: level.holders]),
        "rest": holder_lines.rest_text(lines[level.holders :]),
        "advice": shorten(verdict.advice, level.cells // 2) if level.holders else "",
        "proposal": evidence_lines.policy_changes(verdict)[: level.holders],
        "more": max(0, len(verdict.proposal) - level.holders),
        "devices": _devices(verdict, level),
        "details": _details(verdict, level) if level.details else [],
        "footer": EscapedMarkdown(". ".join(f"{word}: {text}" for word, text in _footer(verdict, level)) + "."),
    }


def _devices(verdict: Verdict, level: _DetailLevel) -> str:
    """Return the section about dropped devices, at most a fifth of a comment.

    It may be empty: the sentence of the verdict names the first drop anyway.
    """
    if verdict.devices is None or not level.holders:
        return ""
    from pytest_carbon.reporters.verdict import devices_markdown

    return EscapedMarkdown(devices_markdown.section(verdict.devices, LIMIT // 5 if level.details else _SHORT_DEVICES))


def _holders(lines: Sequence[HolderLine]) -> _Table:
    columns = {
        "Holder": [line.label for line in lines],
        "State": [_unbroken(_symbol(line), line.word) for line in lines],
        "This run": [_lines(line.value, line.bounds) for line in lines],
        "Budget used": [_used(line) for line in lines],
        "Change": [_lines(line.change, line.change_bounds) for line in lines],
        "Trend (J ref)": [line.trend for line in lines],
    }
    filled = {title: cells for title, cells in columns.items() if any(cells)}
    return _Table(list(filled), list(zip(*filled.values(), strict=True)))


def _symbol(line: HolderLine) -> str:
    return UNJUDGED if line.word in (NOT_JUDGED, NO_LIMIT) else SYMBOLS[line.state]


def _unbroken(*texts: str) -> str:
    """Return a text that a table does not break into lines."""
    return EscapedMarkdown(_NO_BREAK.join(escape.markdown(word) for text in texts for word in text.split()))


def _lines(value: str, bounds: str) -> str:
    """Return a figure and its bounds; a table may break only between the two."""
    return EscapedMarkdown(" ".join(_unbroken(text) for text in (value, bounds) if text))


def _used(line: HolderLine) -> str:
    """Return how much of a budget is used, without a line break between a number and its unit."""
    text = line.used if line.budget_state in ("", "ok") else f"{line.used}, {line.budget_state}"
    return EscapedMarkdown(re.sub(r"(?<=\d) ", _NO_BREAK, escape.markdown(text)))


def _details(verdict: Verdict, level: _DetailLevel) -> list[tuple[str, list[str], _Table | None]]:
    """Return the folded parts that are not empty: a title of our own, and lines or a table."""
    not_passed = evidence_lines.reasons(verdict)
    not_judged = evidence_lines.not_judged(verdict)
    reasons = [f"not judged: {reason}" for reason in not_judged]
    reasons += [f"{STATE_WORDS[state]}: {reason}" for state, reason in not_passed]
    growths = [
        f"{holder_lines.holder_label(holder)}: {change_lines.growth_text(holder.growth)}"
        for holder in holder_lines.sort_by_relevance(verdict.judged)
        if holder.growth and holder.growth.is_limited and (holder.growth.tests or holder.growth.why != verdict.no_base)
    ]
    rows = change_lines.test_lines(verdict.tests, level.tests)
    tests = _Table(
        ("Test", "Kind", "Base", "Head", "Change", "Feature"),
        [(EscapedMarkdown(escape.code(r.nodeid)), r.kind, r.base, r.head, r.change, r.feature) for r in rows],
    )
    costs = change_lines.costliest_test_rows(verdict, level.tests // 2)
    costliest = _Table(
        ("Test", "Energy", "Share of the run", "Feature"),
        [(EscapedMarkdown(escape.code(nodeid)), *cells) for nodeid, *cells in costs],
    )
    about = [f"{word}: {text}" for word, text in evidence_lines.evidence(verdict)]
    about += [f"{word}: {shorten(text, 200)}" for word, text in sorted(verdict.fingerprint.items())]
    unknown = evidence_lines.notes(verdict)
    parts: list[tuple[str, list[str], _Table | None]] = [
        (
            "Reasons",
            reasons[: level.holders]
            if not_judged or any(text not in verdict.sentence for _, text in not_passed)
            else [],
            None,
        ),
        ("Comparison with the base", growths[: level.holders], None),
        (change_lines.tests_title(verdict.tests, len(rows)), [], tests if rows else None),
        ("The costliest tests of this run", [], costliest if costs else None),
        ("Environment and method", about, None),
        ("What is not known", unknown[: level.holders], None),
    ]
    return [part for part in parts if part[1] or part[2]]


def _footer(verdict: Verdict, level: _DetailLevel) -> list[tuple[str, str]]:
    pairs = [
        ("Head", escape.code(evidence_lines.short_commit(verdict.commit))),
        ("Base", escape.markdown(shorten(evidence_lines.base_text(verdict), level.cells // 5))),
        ("Policy", escape.markdown(shorten(verdict.policy, 100))),
        ("Machine", escape.markdown(shorten(verdict.machine, level.cells // 10))),
        ("Figures", escape.markdown(shorten(verdict.provenance, level.cells // 10))),
        ("Run", escape.code(shorten(verdict.run, 60))),
    ]
    return [(word, text) for word, text in pairs if text]
