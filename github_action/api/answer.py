"""The JSON of an answer of GitHub's API. What an answer lacks is an error of who answered, never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_PROXY = "is a proxy between here and GitHub?"


class AnswerObject(dict[str, Any]):
    """A JSON object that raises what ``fail`` makes, instead of KeyError, where it lacks a key."""

    fail: Callable[[str], Exception]

    def __missing__(self, key: str) -> Any:
        raise self.fail(f"the response has no {key!r}; {_PROXY}")


def parse_answer(content: bytes, fail: Callable[[str], Exception]) -> Any:
    """Return the JSON of an answer; None for an empty one. ``fail`` makes the error of a sentence on what is wrong."""

    def read_object(values: dict[str, Any]) -> AnswerObject:
        answer = AnswerObject(values)
        answer.fail = fail
        return answer

    try:
        return json.loads(content, object_hook=read_object) if content else None
    except (ValueError, RecursionError):
        raise fail(f"the response is not JSON; {_PROXY}") from None
