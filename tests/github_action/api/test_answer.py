"""The JSON of an answer: what it lacks is told as a fault of who answered."""

from __future__ import annotations

import pytest

from github_action.api.answer import parse_answer


def test_objects_are_plain_but_for_what_they_lack() -> None:
    """A key that is missing is told also deep inside; ``get``, ``in`` and equality are those of every dict."""
    answer = parse_answer(b'{"head": {"label": "a"}, "list": [{}]}', LookupError)
    assert (answer, answer.get("base"), "base" in answer) == ({"head": {"label": "a"}, "list": [{}]}, None, False)
    for part, key in ((answer, "base"), (answer["head"], "sha"), (answer["list"][0], "sha")):
        with pytest.raises(LookupError, match=f"the response has no '{key}'; is a proxy between here and GitHub"):
            part[key]


@pytest.mark.parametrize(("content", "value"), [(b"", None), (b"null", None), (b"[1]", [1]), (b"7", 7)])
def test_other_json(content: bytes, value: object) -> None:
    """It is returned as it is; an empty answer is none."""
    assert parse_answer(content, LookupError) == value


@pytest.mark.parametrize("content", [b"<html>", b"\xff", b"[" * 100_000], ids=["html", "no text", "deep"])
def test_answer_that_is_no_json(content: bytes) -> None:
    """The error is the caller's own."""
    with pytest.raises(LookupError, match="the response is not JSON; is a proxy between here and GitHub"):
        parse_answer(content, LookupError)
