"""What an issue's body holds: marks, our text, and notes of which no letter is lost, whatever is done to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_action.issues.issue_body import CLOSE, HINT, MOST, OPEN, Body, key_of, read, same, written

BODY = Body("feature=checkout", {"level": 50}, "**Checkout** is fine.\n\n| a |\n|---|\n| 1 |")
PIECES = ["a", "é", " ", "\n", "\r\n", "-", "<!--", "-->", OPEN, CLOSE, "\U0001f41b", "|"]
NOTES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def _with(notes: str) -> Body:
    return Body(BODY.key, BODY.state, BODY.text, notes)


def _browser(text: str) -> str:
    """Return a text as a browser sends it."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def test_body_as_it_is_sent() -> None:
    """Marks that nobody sees, the text, a word on the notes, and the notes."""
    assert written(BODY) == (
        "<!-- pytest-carbon:feature=checkout v=1 -->\n"
        '<!-- state {"level":50,"text":[188,"5f7d657238589b0f"]} -->\n'
        "**Checkout** is fine.\n\n| a |\n|---|\n| 1 |\n\n"
        f"{HINT}\n\n"
        "<!-- notes -->\n\n<!-- /notes -->"
    )


@given(notes=NOTES)
@settings(max_examples=200, deadline=None)
def test_notes_survive_every_update(notes: str) -> None:
    """Whatever stands between the marks, our marks too, stays as it is, byte for byte."""
    read_back = read(written(_with(notes)))
    assert read_back is not None
    assert read_back.notes == notes
    assert (read_back.key, read_back.state["level"], read_back.text) == (BODY.key, 50, BODY.text)
    again = read(written(Body(read_back.key, {}, "Another text.", read_back.notes)))
    assert again is not None
    assert again.notes == notes


@given(notes=NOTES.filter(lambda notes: OPEN not in notes and CLOSE not in notes), crlf=st.booleans())
@settings(max_examples=100, deadline=None)
def test_one_mark_is_gone(notes: str, crlf: bool) -> None:
    """Without one of its marks, or both, what a person wrote is still told from our text."""
    for gone in ((OPEN,), (CLOSE,), (OPEN, CLOSE)):
        text = written(_with(f"\n{notes}\n"))
        for mark in gone:
            text = text.replace(mark, "")
        found = read(_browser(text) if crlf else text)
        assert found is not None
        kept = found.notes.replace("\r\n", "\n").strip("\n")
        assert kept == notes.replace("\r\n", "\n").strip("\n")
        stable = read(written(found))
        assert stable is not None
        assert stable.notes == found.notes


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda text: f"Read this first.\r\n{text}", "\nRead this first.\n"),
        (lambda text: f"{text}\r\n\r\nBelow.", "\nBelow.\n"),
        (lambda text: f"Above.\n{text}\nBelow.", "\nAbove.\n\nBelow.\n"),
        (lambda text: text.replace(OPEN, f"Too early.\n{OPEN}\nmine"), "\nToo early.\n\nmine\n"),
        (lambda text: _browser(text.replace(OPEN, f"Too early.\n{OPEN}")), "\nToo early.\n"),
        (lambda text: text.replace("**Checkout**", "Mind this.\n\n**Checkout**"), "\nMind this.\n"),
        (lambda text: text.replace("is fine", "was fine").replace(OPEN, "my words"), None),
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
    """What stands above or below, or cannot be told from our text, becomes notes."""
    found = read(change(written(BODY)))  # type: ignore[operator]
    assert found is not None
    if kept is None:
        assert "was fine" in found.notes
        assert "my words" in found.notes
    else:
        assert found.notes == kept
        assert found.text == BODY.text


@given(name=st.text(min_size=1), value=st.text())
@settings(max_examples=200, deadline=None)
def test_names_never_end_a_mark(name: str, value: str) -> None:
    """Names and what is remembered come back as they were, and hold nothing that ends a comment of HTML."""
    if any("\ud800" <= letter <= "\udfff" for letter in name + value):
        return
    body = Body(key_of("feature", name), {"window": value}, "x")
    text = written(body)
    head = text.split("\n", 2)[:2]
    assert all(line.count("--") == 2 and line.endswith(" -->") for line in head)
    found = read(text)
    assert found is not None
    assert (found.key, found.state["window"]) == (body.key, value)


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
def test_body_of_somebody_else(text: str) -> None:
    """Without our mark at the beginning of a line it is not ours."""
    assert read(text) is None


@pytest.mark.parametrize("state", ["{", "[]", '{"text": 5}', '{"text": ["a", 1]}', "{" * 5000])
def test_state_that_somebody_changed(state: str) -> None:
    """What is no state of ours is as if nothing were remembered; the notes stay."""
    text = f"<!-- pytest-carbon:index v=1 -->\n<!-- state {state} -->\nours\n{OPEN}\nmine\n{CLOSE}"
    found = read(text)
    assert found is not None
    assert found.notes == "\nmine\n"
    assert "level" not in found.state


def test_line_ends_are_no_difference() -> None:
    """A body that a browser sent is the same as before."""
    assert same(written(BODY), _browser(written(BODY)))
    assert not same(written(BODY), written(_with("\nmine\n")))


def test_text_cannot_forge_a_mark() -> None:
    """A comment of HTML in our own text is only text."""
    found = read(written(Body("index", {}, f"{OPEN} <!-- pytest-carbon:index v=1 -->", "\nmine\n")))
    assert found is not None
    assert found.notes == "\nmine\n"


def test_room_for_the_text() -> None:
    """Notes come first: what they leave is how long our text may be, and no body is too long for GitHub."""
    body = _with("n" * 60_000)
    full = Body(body.key, body.state, "x" * body.room, body.notes)
    assert MOST - 10 <= len(written(full)) <= MOST
