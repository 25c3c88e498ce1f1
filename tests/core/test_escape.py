"""Text from outside, escaped for Markdown, HTML and the log of a workflow."""

from __future__ import annotations

import json
import re
from html import unescape
from xml.etree import ElementTree as Xml

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core import escape

LAW = settings(max_examples=100, deadline=None)
NASTY = [
    "@octocat", "a@b.com", "#12", "GH-12", "gh-7", "org/repo#1", "http://evil.example/x", "HTTPS://x.y",
    "www.evil.com", "mailto:a@b.com", ":tada:", ":+1::-1:", "$x^2$", "`", "``", "```sh", "|", "\\|", "\\", "\\\\",
    "*a*", "**b**", "_c_", "__d__", "~~e~~", "[f](http://g)", "![h](i)", "[^1]", "<b>", "</details>", "<details>",
    "<!-- pytest-carbon -->", "&lt;", "&#64;user", "\n", "\r\n", "\n\n# heading", "\u202e", "\u2066", "\x00",
    "\x1b[31m", "\t", "\ud800", " ", "- a", "+ b", "1. c", "2) d", "# e", "===", "---", ":--", ":-:|-", "> f",
    "    g", "x", "é", "日本", "::error::h", "%0A", "%",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(NASTY) | st.text(max_size=4), max_size=6).map("".join)
TABLE = "| a | b |\n| - | - |\n| {} | second |"
CONTEXTS = ["{}", "before\n{}", "- {}", "1. {}", TABLE, "head\n\n{}\n\ntail", "**Word.** {}"]
"""Where a text may be placed: at the beginning of a line, after a line, in a list, in a table, after our own words."""


def _html(markdown: str) -> str:
    """Render Markdown as GitHub does, but keep raw HTML, so that the tests see it."""
    return cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)


def _tags(html: str) -> list[str]:
    return re.findall(r"<(/?\w+)", html)


def _words(html: str) -> str:
    """Return the visible text, with one space for each run of spaces and without our zero-width spaces."""
    text = unescape(re.sub(r"<[^>]*>", "", html)).replace("\u200b", "")
    return " ".join(text.split())


def _frame(context: str) -> tuple[list[str], str]:
    """Return the tags and the visible text of a context that holds the text "word"."""
    html = _html(context.format("word"))
    return _tags(html), _words(html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkout", "checkout"),
        ("pay_ment*s*", "pay\\_ment\\*s\\*"),
        ("+8.2 % (+6 … +11)", "+8.2 % (+6 … +11)"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("1.5 g of 2 g", "1.5 g of 2 g"),
        ("ask @octocat about #12", "ask @&#8203;octocat about #&#8203;12"),
        ("GH-12 of org/repo#1", "GH-&#8203;12 of org/repo#&#8203;1"),
        ("see https://a.b and www.c.d", "see https:&#8203;//a.b and www&#8203;.c.d"),
        ("<!-- x --> & $5", "&lt;!-- x --&gt; &amp; <span>$</span>5"),
        ("a :tada: at 12:30", "a :&#8203;tada: at 12:30"),
        ("a|b\nc", "a\\|b\\\\nc"),
        ("\u202eabc", "\\\\u202eabc"),
    ],
)
def test_markdown_of_known_texts(text: str, expected: str) -> None:
    """Only active characters are escaped, so that the source stays readable in an e-mail."""
    assert escape.markdown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("tests/a.py::test_b[@x-#1]", "`tests/a.py::test_b[@x-#1]`"),
        ("a b", "`a b`"),
        ("a\nb", "`a\\nb`"),
        ("a|b", "<code>a\\|b</code>"),
        ("`a` @b", "<code>\\`a\\` @&#8203;b</code>"),
        ("<!-- x", "<code>&lt;!-- x</code>"),
    ],
)
def test_code_of_known_texts(text: str, expected: str) -> None:
    """A plain name becomes a plain code span; a name with a bar, a backtick or a bracket is escaped."""
    assert escape.code(text) == expected


@pytest.mark.parametrize("context", CONTEXTS)
@LAW
@given(TEXTS)
@example("a\\|b")
@example("1\u0661. x")
@example(":--")
def test_markdown_shows_only_the_text(context: str, text: str) -> None:
    """In every context the escaped text renders as the visible text, and adds no element but a span around a dollar."""
    html = _html(context.format(escape.markdown(text))).replace("<span>$</span>", "$")
    tags, frame = _frame(context)
    shown = " ".join(escape.visible(text).split())
    if shown:
        assert _tags(html) == tags
        assert _words(html) == frame.replace("word", shown, 1)


@pytest.mark.parametrize("context", CONTEXTS)
@LAW
@given(TEXTS)
@example("a\\|b")
@example("a\\")
def test_code_shows_only_the_text(context: str, text: str) -> None:
    """In every context inline code adds its own element and no other."""
    html = _html(context.format(escape.code(text))).replace("<span>$</span>", "$")
    tags, frame = _frame(context.replace("{}", "<code>{}</code>"))
    shown = " ".join(escape.visible(text).split())
    if shown:
        assert _tags(html) == tags
        assert _words(html) == frame.replace("word", shown, 1)


@LAW
@given(TEXTS)
def test_mentions_issues_links_and_emoji_are_broken(text: str) -> None:
    """Mentions, issues, links and emoji, which GitHub finds in the rendered text, are broken by a zero-width space."""
    shown = unescape(re.sub(r"<[^>]*>", "", _html(escape.markdown(text))))
    for active in (r"@\w", r"#\d", r"GH-\d", r"://", r"www\.", r":[\w+-]+:"):
        assert not re.search(active, shown, re.IGNORECASE)


@LAW
@given(TEXTS)
def test_no_html_comment_is_left_in_the_source(text: str) -> None:
    """A text cannot forge the hidden HTML comment by which a GitHub comment is found."""
    for escaped in (escape.markdown(text), escape.code(text), escape.html(text)):
        assert "<!--" not in escaped
        assert "\n" not in escaped
        assert escaped.isprintable()


@LAW
@given(TEXTS)
def test_html_shows_the_visible_text(text: str) -> None:
    """Unescaped by a browser, it is the visible text; it contains no tag and no quote."""
    escaped = escape.html(text)
    assert unescape(escaped) == escape.visible(text)
    assert not set(escaped) & set("<>\"'")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 % over", "5 %25 over"),
        ("a\r\nb", "a%0D%0Ab"),
        ("a\n::error::b", "a%0A::error::b"),
        ("%0A", "%250A"),
        ("\x1b[31m", "\\x1b[31m"),
    ],
)
def test_workflow_command_is_one_line(text: str, expected: str) -> None:
    """A line end cannot begin another command."""
    assert escape.workflow_command(text) == expected


@LAW
@given(st.text())
def test_visible_text_is_printable_and_stays_unchanged_if_it_was(text: str) -> None:
    """Visible text has no character that turns the direction of a line, moves the cursor or cannot be encoded."""
    shown = escape.visible(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert escape.visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("::error::no", ": :error::no"),
        ("first\n  ::warning::no", "first\n  : :warning::no"),
        ("##[error]no", "## [error]no"),
        ("a ##[group] in the middle", "a ## [group] in the middle"),
        ("tests/test_a.py::test_1", "tests/test_a.py::test_1"),
        ("##vso[task.setvariable]x", "## vso[task.setvariable]x"),
        ("a ##teamcity[buildStop]", "a ## teamcity[buildStop]"),
        ("a heading ## of Markdown", "a heading ## of Markdown"),
        ("", ""),
    ],
)
def test_a_ci_finds_no_command_in_a_text(text: str, harmless: str) -> None:
    """Commands of GitHub, Azure and TeamCity are broken by a blank; nodeids and Markdown stay as they are."""
    assert escape.without_ci_commands(text) == harmless


@settings(max_examples=200)
@given(TEXTS)
def test_terminal_lines_hold_no_command(text: str) -> None:
    """Only line ends of the text itself stay, and every line behind the first has a bar."""
    shown = escape.terminal_lines(text)
    first, *more = shown.split("\n")
    assert len(more) == text.count("\n")
    assert all(line.isprintable() for line in (first, *more))
    assert all(line.startswith("  | ") for line in more)
    assert not re.search(r"^\s*::|##\[", shown, re.MULTILINE)
    assert "\n" not in escape.terminal_line(text)


COMMANDS = [
    "##vso[task.setvariable variable=x]y",
    "##VSO[",
    "###[error]",
    "##teamcity[",
    "::error::",
    " ::",
    "\n::set-output",
]
LOGGED = st.lists(st.sampled_from([*COMMANDS, "\\", "#", '"', "<"]) | st.text(max_size=3), max_size=6).map("".join)
CI_COMMAND = re.compile(r"^\s*::|##(\[|vso\[|teamcity\[)", re.MULTILINE | re.IGNORECASE)


@LAW
@example("##vso[task.complete]")
@example("\\##[error]\x9b\U0001f600\u202e\ud800")
@given(LOGGED)
def test_json_for_a_log_means_the_same(name: str) -> None:
    """A value, a key and a list in JSON, in ASCII or not: the same values, and nothing for a terminal or a CI."""
    value = {name: [name, {"deep": name}]}
    for text in (json.dumps(value, indent=1), json.dumps(value, ensure_ascii=False)):
        shown = escape.json_for_log(text)
        assert json.loads(shown) == value
        assert not CI_COMMAND.search(shown)
        assert all(char.isprintable() or char == "\n" for char in shown)
        assert escape.json_for_log(shown) == shown


@LAW
@example("##vso[task.complete]")
@given(LOGGED.filter(lambda text: text.isprintable()))
def test_xml_for_a_log_means_the_same(name: str) -> None:
    """A text and an attribute in XML: the same content, and nothing for a CI."""
    element = Xml.Element("a", {"b": name})
    element.text = name
    shown = escape.xml_for_log(Xml.tostring(element, encoding="unicode"))
    again = Xml.fromstring(shown)  # noqa: S314 (our own)
    assert (again.text or "", again.get("b")) == (name, name)
    assert not CI_COMMAND.search(shown)
    assert not CI_COMMAND.search(escape.xml_for_log(f"<p>\n{escape.html(name)}\n</p>"))


@LAW
@example("##vso[task.complete]")
@given(LOGGED)
def test_no_markdown_holds_a_command_of_a_ci(name: str) -> None:
    """Neither as text at the beginning of a line nor as code."""
    for text in (escape.markdown(name), escape.code(name)):
        assert not CI_COMMAND.search(text)


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("ascii", "█▍▏ 5 µJ (1 … 2)", "#|| 5 uJ (1 ~ 2)"),
        ("ascii", "▁▂▃▄▅▆▇█", "_.:-=+*#"),
        ("cp437", "█▍ µJ ж", "█| µJ \\u0436"),
        ("latin-1", "é 日", "é \\u65e5"),
        ("utf-8", "█ ж \udc80", "█ ж \\udc80"),
        (None, "█ ж", "█ ж"),
    ],
)
def test_a_stream_that_is_not_utf_8_has_ascii_forms(encoding: str | None, text: str, expected: str) -> None:
    """Only what the encoding lacks is replaced: our own letters one for one, others by escapes."""
    assert escape.in_letters_of(encoding, text) == expected


@LAW
@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp1252", "utf-8", "shift_jis"]))
def test_what_is_shown_can_be_written(text: str, encoding: str) -> None:
    """Every text has a form in every encoding, with the same lines."""
    shown = escape.in_letters_of(encoding, text)
    assert shown.encode(encoding).decode(encoding) == shown or encoding == "shift_jis"
    assert shown.count("\n") == text.count("\n")
