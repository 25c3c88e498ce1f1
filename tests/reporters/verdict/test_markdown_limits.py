"""A verdict as Markdown: never too long, always well-formed, and nothing from outside is active in it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict.verdict import (
    Base,
    ChangeTotals,
    Check,
    CostliestTest,
    Growth,
    HolderVerdict,
    TestChange,
    Todo,
    Verdict,
)
from pytest_carbon.reporters.verdict.markdown import render
from pytest_carbon.reporters.verdict.markdown_style import LIMIT

LAW = settings(max_examples=60, deadline=None)
LEAST = 10_000
GROWTH = Growth(
    "costlier",
    "confirm",
    0.08,
    0.06,
    0.1,
    0.05,
    0.05,
    0.9,
    5,
    ChangeTotals(1.0, 1.08, 0, 0, 0, 0.0, 0.0, 0.0),
    None,
    "it stayed",
)
HOSTILE = [
    "@octocat", "#12", "GH-12", "http://evil.example", "www.evil.com", ":tada:", "`", "```", "|", "\\|", "\\",
    "<b>", "$x$", "</details>", "</summary>", "<!-- pytest-carbon -->", "\n\n# x\n\n", "| --- |", "\u202e", "\x00",
    "\U000e0001", "**", "~~", "[a](http://b)", "![c](d)", "&lt;", "{{ 7 * 7 }}", "{% raw %}", "日本", "é", "x", " ",
]  # fmt: skip
NAMES = st.lists(st.sampled_from(HOSTILE), max_size=8).map("".join) | st.sampled_from(HOSTILE).map(lambda t: t * 4000)


def _verdict(features: int, tests: int, name: str = "feature", text: str = "text") -> Verdict:
    """Return a failed verdict with these numbers of features and tests, and these texts from outside."""
    feature = HolderVerdict(
        name, "feature", "fail", (Check("growth", "fail", f"why {text}"),), 5, 9.0, 5.0, Range(1.0, 0.5, 2.0), None,
        GROWTH, (), (),
    )  # fmt: skip
    return Verdict(
        state="fail", sentence=text, todo=(Todo(text),) * 3,
        judged=tuple(replace(feature, name=f"{name}{n}", state="fail" if n < 12 else "pass") for n in range(features)),
        tests=tuple(TestChange(f"{name}{n}", "same", 1.0, 1.5 + n, 0.5 + n, name) for n in range(tests)), run=name,
        commit=name, base=Base(name, name, 10, 3600.0, text), energy_j=None, emissions_g=None, reference_j=1.0,
        method=text, machine=name, clean_share=None, grid=text, policy=name, notes=(text,), fingerprint={name: text},
        provenance=name, advisory=text, proposal=(text,) * 30, no_base=text,
        costliest=tuple(CostliestTest(f"{name}{n}", 1.0 + n, name) for n in range(tests)),
    )  # fmt: skip


def _html(text: str) -> str:
    return cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)


def _check_whole(text: str) -> str:
    """Assert that a document is well-formed: elements open and close in turn, and every row has all its cells."""
    html = _html(text)
    open_tags: list[str] = []
    for closing, tag, alone in re.findall(r"<(/?)(\w+)[^>]*?(/?)>", html):
        if closing:
            assert open_tags.pop() == tag
        elif not alone:
            open_tags.append(tag)
    assert open_tags == []
    for table in re.findall(r"<table>.*?</table>", html, re.DOTALL):
        assert {row.count("<td>") + row.count("<th>") for row in table.split("<tr>")[1:]} <= {4, 6}
    return html


@pytest.mark.parametrize(
    ("features", "tests", "rows"),
    [(1, 0, 1), (11, 5, 10 + 5 + 5), (500, 30, 10 + 20 + 10), (3, 20_000, 3 + 20 + 10), (0, 0, 0)],
)
def test_number_of_rows_is_limited(features: int, tests: int, rows: int) -> None:
    """At most ten features, twenty differing tests and ten costliest tests have a row."""
    text = render(_verdict(features, tests))
    assert len(text.encode()) <= LIMIT
    assert _check_whole(text).count("<tr>") == rows + (features > 0) + 2 * (tests > 0)


def test_features_that_are_not_shown_are_counted() -> None:
    """The worst features are shown, and a line counts the others by state."""
    text = render(_verdict(500, 0))
    assert "\nand 490 more: 2 fail, 488 pass\n" in text
    assert text.count("❌&nbsp;fail") == 10


def test_tests_that_are_not_shown_are_counted() -> None:
    """The title says how many tests differ."""
    assert (
        "<summary>Tests that differ from the base: 20 of at least 20000, largest difference first</summary>"
        in render(_verdict(1, 20_000))
    )


@pytest.mark.parametrize(
    ("limit", "parts"),
    [(LIMIT, {"Tests", "Reasons", "| feature0 "}), (20_000, {"Tests", "Reasons", "| feature0 "}),
     (19_000, {"Reasons", "| feature0 "}), (10_000, {"| feature0 "})],
)  # fmt: skip
def test_lower_levels_of_detail_leave_out_whole_parts(limit: int, parts: set[str]) -> None:
    """Details are left out before features; the sentence and the footer always stay."""
    text = render(_verdict(12, 100, text="long " * 200), limit)
    assert len(text.encode()) <= limit
    for part in ("Tests", "Reasons", "| feature0 "):
        assert (part in text) == (part in parts), part
    assert ("Shortened:" in text) == (limit < LIMIT)
    assert "long long" in text
    assert "Head: `feature`" in text
    _check_whole(text)


@LAW
@given(NAMES, NAMES, st.integers(0, 12), st.integers(0, 25), st.sampled_from([LEAST, 20_000, LIMIT]))
def test_any_document_is_well_formed_and_short_enough(
    name: str, text: str, features: int, tests: int, limit: int
) -> None:
    """Hostile and endless names break neither the structure nor the limit, in characters and in bytes."""
    markdown = render(_verdict(features, tests, name, text), limit)
    assert len(markdown.encode()) <= limit
    html = _check_whole(markdown)
    tags = set(re.findall(r"<(\w+)", html)) - {"span"}
    assert tags <= {"h3", "p", "strong", "ol", "ul", "li", "code", "details", "summary",
                    "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
    assert html.count("<strong>") <= 2
    assert html.count("<h3>") == 1
    assert "<!--" not in markdown


@LAW
@given(NAMES, NAMES)
def test_names_make_no_mention_or_link(name: str, text: str) -> None:
    """Outside of code GitHub finds nothing to turn into a mention, an issue, a link or an emoji."""
    html = re.sub(r"<code>.*?</code>", "", _html(render(_verdict(2, 2, name, text))), flags=re.DOTALL)
    shown = unescape(re.sub(r"<[^>]*>", "", html))
    for active in (r"@\w", r"#\d", r"GH-\d", r"://", r"www\.", r":[\w+-]+:"):
        assert not re.search(active, shown, re.IGNORECASE)


def test_template_in_a_name_is_only_text() -> None:
    """A name that looks like a template instruction is shown as it is."""
    assert "{{ 7 \\* 7 }}" in render(_verdict(1, 0, text="{{ 7 * 7 }}"))
