"""A verdict as Markdown for a pull request, short enough for a comment whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_carbon.core import escape
from pytest_carbon.core.verdict import change_lines, evidence_lines, holder_lines
from pytest_carbon.core.verdict.holder_lines import HolderLine
from pytest_carbon.core.verdict.verdict import State, Verdict
from pytest_carbon.core.verdict.wording import STATE_WORDS, shorten

if TYPE_CHECKING:
    from jinja2 import Template

LIMIT = 60_000
_SHORT_DEVICES = 4000
_NO_BREAK = "&nbsp;"
SYMBOLS: dict[State, str] = {
    "pass": "✅",
    "warn": "⚠️",
    "fail": "❌",
    "overridden": "🔓",
    "inconclusive": "❔",
    "not-measured": "⚪",
    "error": "🛑",
}


class EscapedMarkdown(str):
    """Markdown of our own, or text that is escaped already."""


class _DetailLevel(NamedTuple):
    """How much is told: so many holders and tests, the folded parts, and the characters of a sentence."""

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
    """Return the verdict as GitHub's Markdown of at most ``limit`` bytes of UTF-8, so of as many characters.

    The first of ever shorter forms that fits is taken, each whole; with ``full`` that is one of 500 features and 200
    tests. ``limit`` is at least 10,000. Whatever comes from outside is escaped.
    """
    text = ""
    forms = (_FULL, *_LEVELS) if full else _LEVELS
    for form in forms:
        text = template("verdict.md.j2").render({**_template_values(verdict, form), "short": form != forms[0]})
        if len(text.encode()) <= limit:
            break
    return text


@cache
def template(name: str) -> Template:
    """Return one of our templates of Markdown, which escapes whatever is not ready."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files("pytest_carbon.reporters").joinpath("templates")
    environment = Environment(  # noqa: S701 (the output is Markdown, escaped by finalize)
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        finalize=lambda value: value if isinstance(value, EscapedMarkdown) else escape.markdown(str(value)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["ready"] = EscapedMarkdown
    return environment.get_template(name)


def _template_values(verdict: Verdict, form: _DetailLevel) -> dict[str, Any]:
    lines = holder_lines.holder_lines(verdict)
    return {
        "symbol": SYMBOLS[verdict.state],
        "word": STATE_WORDS[verdict.state],
        "sentence": shorten(verdict.sentence, form.cells),
        "advisory": shorten(verdict.advisory, form.cells // 3),
        "todo": evidence_lines.next_steps(verdict) if form.holders else [],
        "holders": _holders(lines[: form.holders]),
        "rest": holder_lines.rest_text(lines[form.holders :]),
        "proposal": evidence_lines.policy_changes(verdict)[: form.holders],
        "more": max(0, len(verdict.proposal) - form.holders),
        "devices": _devices(verdict, form),
        "details": _details(verdict, form) if form.details else [],
        "footer": EscapedMarkdown(". ".join(f"{word}: {text}" for word, text in _footer(verdict, form)) + "."),
    }


def _devices(verdict: Verdict, form: _DetailLevel) -> str:
    """Return what the change drops of devices, in at most a fifth of a comment; its one sentence is told anyway."""
    if verdict.devices is None or not form.holders:
        return ""
    from pytest_carbon.reporters.verdict import devices_markdown

    return EscapedMarkdown(devices_markdown.section(verdict.devices, LIMIT // 5 if form.details else _SHORT_DEVICES))


def _holders(lines: Sequence[HolderLine]) -> _Table:
    columns = {
        "Feature": [line.label for line in lines],
        "State": [_unbroken(SYMBOLS[line.state], STATE_WORDS[line.state]) for line in lines],
        "This run": [_lines(line.value, line.bounds) for line in lines],
        "Budget used": [_used(line) for line in lines],
        "Change": [_lines(line.change, line.change_bounds) for line in lines],
        "Trend": [line.trend for line in lines],
    }
    told = {title: cells for title, cells in columns.items() if any(cells)}
    return _Table(list(told), list(zip(*told.values(), strict=True)))


def _unbroken(*texts: str) -> str:
    """Return text that no table breaks into lines."""
    return EscapedMarkdown(_NO_BREAK.join(escape.markdown(word) for text in texts for word in text.split()))


def _lines(value: str, bounds: str) -> str:
    """Return a figure and its bounds, which may stand in two lines."""
    return EscapedMarkdown(" ".join(_unbroken(text) for text in (value, bounds) if text))


def _used(line: HolderLine) -> str:
    """Return how much of a budget is used; no number is parted from its unit."""
    text = line.used if line.budget_state in ("", "ok") else f"{line.used}, {line.budget_state}"
    return EscapedMarkdown(re.sub(r"(?<=\d) ", _NO_BREAK, escape.markdown(text)))


def _details(verdict: Verdict, form: _DetailLevel) -> list[tuple[str, list[str], _Table | None]]:
    """Return the folded parts that have something to tell: a title of our words, and its lines or table."""
    told = evidence_lines.reasons(verdict)
    reasons = [f"{STATE_WORDS[state]}: {reason}" for state, reason in told]
    growths = [
        f"{holder_lines.holder_label(judged)}: {change_lines.growth_text(judged.growth)}"
        for judged in holder_lines.sort_by_relevance(verdict.judged)
        if judged.growth and (judged.growth.tests or judged.growth.why != verdict.no_base)
    ]
    rows = change_lines.test_lines(verdict.tests, form.tests)
    tests = _Table(
        ("Test", "What", "Base", "Now", "Change", "Feature"),
        [(EscapedMarkdown(escape.code(r.nodeid)), r.kind, r.base, r.head, r.change, r.feature) for r in rows],
    )
    costs = change_lines.costliest_test_rows(verdict, form.tests // 2)
    costliest = _Table(
        ("Test", "Each run", "Of the run", "Feature"),
        [(EscapedMarkdown(escape.code(nodeid)), *cells) for nodeid, *cells in costs],
    )
    about = [f"{word}: {text}" for word, text in evidence_lines.evidence(verdict)]
    about += [f"{word}: {shorten(text, 200)}" for word, text in sorted(verdict.fingerprint.items())]
    unknown = evidence_lines.notes(verdict)
    found: list[tuple[str, list[str], _Table | None]] = [
        ("Reasons", reasons[: form.holders] if any(text not in verdict.sentence for _, text in told) else [], None),
        ("Comparison with the base", growths[: form.holders], None),
        (change_lines.tests_title(verdict.tests, len(rows)), [], tests if rows else None),
        ("The costliest tests of this run", [], costliest if costs else None),
        ("Environment and method", about, None),
        ("What is not known", unknown[: form.holders], None),
    ]
    return [part for part in found if part[1] or part[2]]


def _footer(verdict: Verdict, form: _DetailLevel) -> list[tuple[str, str]]:
    pairs = [
        ("Head", escape.code(evidence_lines.short_commit(verdict.commit))),
        ("Base", escape.markdown(shorten(evidence_lines.base_text(verdict), form.cells // 5))),
        ("Policy", escape.markdown(shorten(verdict.policy, 100))),
        ("Machine", escape.markdown(shorten(verdict.machine, form.cells // 10))),
        ("Provenance", escape.markdown(shorten(verdict.provenance, form.cells // 10))),
        ("Run", escape.code(shorten(verdict.run, 60))),
    ]
    return [(word, text) for word, text in pairs if text]
