"""A verdict as Markdown for a pull request, short enough for a comment whatever is in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_carbon.core import escape, verdict_changes, verdict_facts, verdict_view
from pytest_carbon.core.verdict import State, Verdict
from pytest_carbon.core.verdict_view import HolderLine
from pytest_carbon.core.verdict_words import WORDS, shorten

if TYPE_CHECKING:
    from jinja2 import Template

LIMIT = 60_000
SYMBOLS: dict[State, str] = {
    "pass": "✅",
    "warn": "⚠️",
    "fail": "❌",
    "overridden": "🔓",
    "inconclusive": "❔",
    "not-measured": "⚪",
    "error": "🛑",
}


class _Ready(str):
    """Markdown of our own, or text that is escaped already."""


class _Form(NamedTuple):
    """How much is told: so many holders and tests, the folded parts, and the characters of a sentence."""

    holders: int
    tests: int
    details: bool = True
    cells: int = 1000


class _Table(NamedTuple):
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]


_FORMS = (_Form(10, 20), _Form(10, 5), _Form(10, 0), _Form(3, 0, details=False), _Form(0, 0, details=False, cells=300))


def render(verdict: Verdict, limit: int = LIMIT) -> str:
    """Return the verdict as GitHub's Markdown of at most ``limit`` bytes of UTF-8, so of as many characters.

    The first of ever shorter forms that fits is taken, each whole. ``limit`` is at least 10,000. Whatever comes
    from outside is escaped.
    """
    text = ""
    for form in _FORMS:
        text = _template().render(_words(verdict, form))
        if len(text.encode()) <= limit:
            break
    return text


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(  # noqa: S701 (the output is Markdown, escaped by finalize)
        finalize=lambda value: value if isinstance(value, _Ready) else escape.markdown(str(value)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["ready"] = _Ready
    source = resources.files("pytest_carbon.reporters").joinpath("templates/verdict.md.j2")
    return environment.from_string(source.read_text(encoding="utf-8"))


def _words(verdict: Verdict, form: _Form) -> dict[str, Any]:
    lines = verdict_view.holder_lines(verdict)
    return {
        "symbol": SYMBOLS[verdict.state],
        "word": WORDS[verdict.state],
        "sentence": shorten(verdict.sentence, form.cells),
        "todo": verdict_facts.todo(verdict) if form.holders else [],
        "holders": _holders(lines[: form.holders]),
        "rest": verdict_view.rest_text(lines[form.holders :]),
        "details": _details(verdict, form) if form.details else [],
        "shortened": "" if form == _FORMS[0] else "This is a short form: the whole verdict is too long for a comment.",
        "footer": _Ready(". ".join(f"{word}: {text}" for word, text in _footer(verdict)) + "."),
    }


def _holders(lines: Sequence[HolderLine]) -> _Table:
    columns = {
        "Feature": [line.label for line in lines],
        "State": [f"{SYMBOLS[line.state]} {WORDS[line.state]}" for line in lines],
        "This run": [f"{line.value} {line.bounds}".strip() for line in lines],
        "Budget used": [_used(line) for line in lines],
        "Change": [f"{line.change} {line.change_bounds}".strip() for line in lines],
        "Trend": [line.trend for line in lines],
    }
    told = {title: cells for title, cells in columns.items() if any(cells)}
    return _Table(list(told), list(zip(*told.values(), strict=True)))


def _used(line: HolderLine) -> str:
    return line.used if line.standing in ("", "ok") else f"{line.used}, {line.standing}"


def _details(verdict: Verdict, form: _Form) -> list[tuple[str, list[str], _Table | None]]:
    """Return the folded parts that have something to tell: a title of our words, and its lines or table."""
    reasons = [f"{WORDS[state]}: {reason}" for state, reason in verdict_facts.reasons(verdict)]
    growths = [
        f"{verdict_view.label(judged)}: {verdict_changes.growth_text(judged.growth)}"
        for judged in verdict_view.by_relevance(verdict.judged)
        if judged.growth
    ]
    rows = verdict_changes.test_lines(verdict.tests, form.tests)
    tests = _Table(
        ("Test", "What", "Base", "Now", "Change", "Feature"),
        [(_Ready(escape.code(r.nodeid)), r.what, r.base, r.head, r.change, r.feature) for r in rows],
    )
    about = [f"{word}: {text}" for word, text in verdict_facts.facts(verdict)]
    about += [f"{word}: {shorten(text, 200)}" for word, text in sorted(verdict.fingerprint.items())]
    unknown = verdict_facts.notes(verdict)
    found: list[tuple[str, list[str], _Table | None]] = [
        ("Reasons", reasons[: form.holders], None),
        ("Comparison with the base", growths[: form.holders], None),
        (verdict_changes.tests_title(verdict.tests, len(rows)), [], tests if rows else None),
        ("Environment and method", about, None),
        ("What is not known", unknown[: form.holders], None),
    ]
    return [part for part in found if part[1] or part[2]]


def _footer(verdict: Verdict) -> list[tuple[str, str]]:
    pairs = [
        ("Head", escape.code(verdict_facts.commit(verdict.commit))),
        ("Base", escape.markdown(shorten(verdict_facts.base_text(verdict), 200))),
        ("Policy", escape.markdown(shorten(verdict.policy, 100))),
        ("Run", escape.code(shorten(verdict.run, 60))),
    ]
    return [(word, text) for word, text in pairs if text]
