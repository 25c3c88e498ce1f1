"""The body of an issue: hidden markers, our text, and notes that survive every edit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_action.issues.issue_body import (
    HINT,
    MOST_CHARACTERS,
    NOTES_BEGIN,
    NOTES_END,
    IssueBody,
    differ_only_in_line_ends,
    issue_key,
    parse_body,
    render_body,
)

BODY = IssueBody("feature=checkout", {"level": 50}, "**Checkout** is fine.\n\n| a |\n|---|\n| 1 |")
PIECES = ["a", "é", " ", "\n", "\r\n", "-", "<!--", "-->", NOTES_BEGIN, NOTES_END, "\U0001f41b", "|"]
NOTES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def _with(notes: str) -> IssueBody:
    return IssueBody(BODY.key, BODY.state, BODY.text, notes)


def _browser(text: str) -> str:
    """Return a text as a browser sends it."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def test_rendered_body() -> None:
    """A body has the hidden markers, the text, the hint on notes, and the notes."""
    assert render_body(BODY) == (
        "<!-- pytest-carbon:feature=checkout v=1 -->\n"
        '<!-- state {"level":50,"text":[193,"c1291c6a3021b2d1"]} -->\n'
        "**Checkout** is fine.\n\n| a |\n|---|\n| 1 |\n\n"
        f"{HINT}\n\n"
        "<!-- notes -->\n\n<!-- /notes -->"
    )


@pytest.mark.parametrize("line", ["<!-- notes -->", ""], ids=["whole", "without the line before the notes"])
def test_body_with_an_earlier_hint(line: str) -> None:
    """An issue from before the hint was reworded is read as before, without the old hint in its text."""
    parsed = parse_body(
        "<!-- pytest-carbon:feature=checkout v=1 -->\n"
        '<!-- state {"level":50,"text":[188,"5f7d657238589b0f"]} -->\n'
        "**Checkout** is fine.\n\n| a |\n|---|\n| 1 |\n\n"
        "<sub>What stands between the two lines called notes, at the end of this text, is yours: it is kept. "
        "Close the issue to have no more of it.</sub>\n\n"
        f"{line}\nmine\n<!-- /notes -->"
    )
    assert parsed is not None
    assert (parsed.key, parsed.state["level"], parsed.text, parsed.notes) == (BODY.key, 50, BODY.text, "\nmine\n")


@given(notes=NOTES)
@settings(max_examples=200, deadline=None)
def test_notes_survive_every_update(notes: str) -> None:
    """Notes stay byte for byte, whatever they contain, our own markers included."""
    read_back = parse_body(render_body(_with(notes)))
    assert read_back is not None
    assert read_back.notes == notes
    assert (read_back.key, read_back.state["level"], read_back.text) == (BODY.key, 50, BODY.text)
    again = parse_body(render_body(IssueBody(read_back.key, {}, "Another text.", read_back.notes)))
    assert again is not None
    assert again.notes == notes


@given(notes=NOTES.filter(lambda notes: NOTES_BEGIN not in notes and NOTES_END not in notes), crlf=st.booleans())
@settings(max_examples=100, deadline=None)
def test_missing_markers_of_the_notes(notes: str, crlf: bool) -> None:
    """Without one or both markers, a person's words are still told from our text."""
    for gone in ((NOTES_BEGIN,), (NOTES_END,), (NOTES_BEGIN, NOTES_END)):
        text = render_body(_with(f"\n{notes}\n"))
        for mark in gone:
            text = text.replace(mark, "")
        result = parse_body(_browser(text) if crlf else text)
        assert result is not None
        kept = result.notes.replace("\r\n", "\n").strip("\n")
        assert kept == notes.replace("\r\n", "\n").strip("\n")
        stable = parse_body(render_body(result))
        assert stable is not None
        assert stable.notes == result.notes


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda text: f"Read this first.\r\n{text}", "\nRead this first.\n"),
        (lambda text: f"{text}\r\n\r\nBelow.", "\nBelow.\n"),
        (lambda text: f"Above.\n{text}\nBelow.", "\nAbove.\n\nBelow.\n"),
        (lambda text: text.replace(NOTES_BEGIN, f"Too early.\n{NOTES_BEGIN}\nmine"), "\nToo early.\n\nmine\n"),
        (lambda text: _browser(text.replace(NOTES_BEGIN, f"Too early.\n{NOTES_BEGIN}")), "\nToo early.\n"),
        (lambda text: text.replace("**Checkout**", "Mind this.\n\n**Checkout**"), "\nMind this.\n"),
        (lambda text: text.replace("is fine", "was fine").replace(NOTES_BEGIN, "my words"), None),
    ],
    ids=[
        "above",
        "below",
        "both",
        "right above the notes",
        "and by a browser",
        "at the top of our text",
        "in our text, with the mark gone",
    ],
)
def test_words_elsewhere_are_kept_as_notes(change: object, kept: str | None) -> None:
    """Words above or below our text, or that cannot be told from our text, become notes."""
    result = parse_body(change(render_body(BODY)))  # type: ignore[operator]
    assert result is not None
    if kept is None:
        assert "was fine" in result.notes
        assert "my words" in result.notes
    else:
        assert result.notes == kept
        assert result.text == BODY.text


@given(name=st.text(min_size=1), value=st.text())
@settings(max_examples=200, deadline=None)
def test_names_never_end_a_marker(name: str, value: str) -> None:
    """Names and state come back unchanged, and contain nothing that ends an HTML comment."""
    if any("\ud800" <= letter <= "\udfff" for letter in name + value):
        return
    body = IssueBody(issue_key("feature", name), {"window": value}, "x")
    text = render_body(body)
    head = text.split("\n", 2)[:2]
    assert all(line.count("--") == 2 and line.endswith(" -->") for line in head)
    result = parse_body(text)
    assert result is not None
    assert (result.key, result.state["window"]) == (body.key, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello.",
        "<!-- pytest-carbon -->\nx",
        "x <!-- pytest-carbon:index v=1 -->\n",
        "> <!-- pytest-carbon:index v=1 -->\n",
    ],
)
def test_body_without_our_marker(text: str) -> None:
    """A body without our marker at the beginning of a line is not ours."""
    assert parse_body(text) is None


@pytest.mark.parametrize("state", ["{", "[]", '{"text": 5}', '{"text": ["a", 1]}', "{" * 5000])
def test_invalid_state(state: str) -> None:
    """An invalid state counts as no memory; the notes stay."""
    text = f"<!-- pytest-carbon:index v=1 -->\n<!-- state {state} -->\nours\n{NOTES_BEGIN}\nmine\n{NOTES_END}"
    result = parse_body(text)
    assert result is not None
    assert result.notes == "\nmine\n"
    assert "level" not in result.state


def test_line_ends_are_no_difference() -> None:
    """A body with the line ends of a browser is the same body."""
    assert differ_only_in_line_ends(render_body(BODY), _browser(render_body(BODY)))
    assert not differ_only_in_line_ends(render_body(BODY), render_body(_with("\nmine\n")))


def test_text_cannot_forge_a_marker() -> None:
    """An HTML comment in our own text is shown as text."""
    result = parse_body(
        render_body(IssueBody("index", {}, f"{NOTES_BEGIN} <!-- pytest-carbon:index v=1 -->", "\nmine\n"))
    )
    assert result is not None
    assert result.notes == "\nmine\n"


def test_room_for_the_text() -> None:
    """Notes come first: our text gets the room they leave, and no body is too long for GitHub."""
    body = _with("n" * 60_000)
    full = IssueBody(body.key, body.state, "x" * body.room, body.notes)
    assert MOST_CHARACTERS - 10 <= len(render_body(full)) <= MOST_CHARACTERS
