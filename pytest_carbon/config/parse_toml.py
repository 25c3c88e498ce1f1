"""Parses TOML that strangers write: the one way to ``tomllib``, whose time grows with the square of a key's parts."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MOST_DOTS = 200
"""In one key: a key of 50,000 parts keeps ``tomllib`` busy for minutes."""
_TEXT_OR_COMMENT = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)' r"|'''.*?(?:'{3,5}|\Z)" r'|"(?:[^"\\\n]|\\.)*+"?' r"|'[^'\n]*+'?" r"|\#[^\n]*",
    re.DOTALL,
)
"""A text that does not end goes on to the end of the line, or of the file: ``tomllib`` then stops where it begins."""
_BETWEEN_KEYS = re.compile(r"[\n,=\[\]{}]")


def parse_toml(content: bytes | str) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises ValueError for what is no TOML, no UTF-8, or has a key of 200 dots."""
    text = (content.decode("utf-8-sig") if isinstance(content, bytes) else content).replace("\r\n", "\n")
    keys = _BETWEEN_KEYS.split(_TEXT_OR_COMMENT.sub("x", text))
    if any(key.count(".") > MOST_DOTS for key in keys):
        raise ValueError(f"a key has more than {MOST_DOTS} dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("lists or tables are nested too deep") from None
