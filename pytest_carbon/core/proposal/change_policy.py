"""Changes the text of a policy that is there: appends tables, and fills in the zone. Nothing else in it changes."""

from __future__ import annotations

import json
import tomllib
from typing import Any

ZONE_TO_FILL_IN = '# zone = "..."'
"""The line that a new policy without a zone has in its place."""
_MARK = "\ufeff"


def append_tables(policy: str, tables: str) -> str | None:
    """Return the text of a policy with tables behind it; None if that would be no TOML, or change what is there.

    So it is where the features are one inline table, which no table can add to. ``tables`` have lines that end in
    ``\\n``; they take the line ends of the policy. An empty policy gets no empty line before them.
    """
    newline = "\r\n" if "\r\n" in policy else "\n"
    gap = "" if not policy.strip(_MARK + " \t\r\n") else newline
    ended = policy if not policy or policy.endswith("\n") else policy + newline
    made = f"{ended}{gap}{tables}" if newline == "\n" else f"{ended}{gap}{tables.replace(chr(10), newline)}"
    before, after = _parsed(policy), _parsed(made)
    return made if before is not None and after is not None and _holds(after, before) else None


def fill_in_zone(policy: str, zone: str) -> str | None:
    """Return the text of a policy with the zone in the line that was left for it; None without such a line.

    None also where that line would not set the zone, because somebody has moved it into a table or a text.
    """
    lines = policy.splitlines(keepends=True)
    at = next((number for number, line in enumerate(lines) if line.rstrip("\r\n") == ZONE_TO_FILL_IN), None)
    if at is None:
        return None
    lines[at] = lines[at].replace(ZONE_TO_FILL_IN, f"zone = {toml_text(zone)}")
    made = "".join(lines)
    parsed = _parsed(made)
    return made if parsed is not None and parsed.get("zone") == zone else None


def toml_text(value: str) -> str:
    """Return a basic string of TOML; JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.removeprefix(_MARK))
    except tomllib.TOMLDecodeError:
        return None


def _holds(whole: Any, part: Any) -> bool:
    """Return whether a value has all of another, and in its tables perhaps more."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _holds(whole[key], value) for key, value in part.items())
    return bool(whole == part) and type(whole) is type(part)
