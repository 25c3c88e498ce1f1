"""Hides a user's keys in what a service answers: some error pages repeat the request."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Shorter texts may be words of an answer's own; they are hidden only where the answer is shown."""


def hide_keys(text: bytes, keys: Iterable[str]) -> bytes:
    """Return a text with ``***`` for each key, also as a URL, HTML, JSON and Base64 write the key.

    A service that means to betray a key could write the key in other ways; no service needs our output for that.
    """
    forms = {form.encode(errors="replace") for key in keys if key for form in _forms(key)}
    if not forms:
        return text
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.sub(b"|".join(map(re.escape, longest_first)), b"***", text, flags=re.IGNORECASE)


def _forms(key: str) -> Iterator[str]:
    yield from (key, quote(key), quote(key, safe=""), quote_plus(key), escape(key))
    yield from (json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1])
    yield b64encode(key.encode(errors="replace")).decode().rstrip("=")
