"""Text from outside, made harmless for where it is placed: Markdown on GitHub, HTML, the log of a workflow.

Names of tests, features and branches come from strangers. What is returned shows them and does nothing.
"""

from __future__ import annotations

import re
from html import escape

_BREAK = "&#8203;"  # a space without width: GitHub looks for mentions and links after it has undone other escapes
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "<span>$</span>"}  # a dollar may begin a formula
_ACTIVE = re.compile(
    r"[\\`*_\[\]|~<>&$]"
    r"|@|\#(?=\d)|(?<=GH)-(?=\d)"  # a person, an address, an issue
    r"|:(?=//|[\w+-]+:)|(?<=www)\.",  # a link, an emoji
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))|^(?=[-+=:](?!\w)|#)")
_PLAIN_CODE = re.compile(r"[^`|<\s](?:[^`|<]*[^`|<\s])?")


def visible(text: str) -> str:
    """Return text with control and direction characters, line ends and unusual blanks written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def markdown(text: str) -> str:
    """Return one line of GitHub's Markdown that shows the text as it is: no markup, HTML, link, mention or emoji.

    It is safe at a line's beginning, in a list and in a table. What would be a mention or a link holds a space
    without width.
    """
    quiet = _ACTIVE.sub(lambda match: _quiet(match[0]), visible(text).strip())
    return _BLOCK.sub(r"\1\\", quiet)


def _quiet(char: str) -> str:
    if char in _ENTITIES:
        return _ENTITIES[char]
    if char == ".":
        return f"{_BREAK}."
    return char + _BREAK if char in "@#-:" else f"\\{char}"


def code(text: str) -> str:
    """Return inline code that shows the text as it is, also in a table; nothing for an empty text.

    A comment of HTML in the text is none in the source either, so that nobody can forge a marker.
    """
    shown = visible(text)
    if _PLAIN_CODE.fullmatch(shown):
        return f"`{shown}`"
    return f"<code>{markdown(text)}</code>" if shown else ""


def html(text: str) -> str:
    """Return text for the body of an HTML element or a quoted attribute."""
    return escape(visible(text))


def workflow_command(text: str) -> str:
    """Return text as the data of a command such as ``::error::`` in a workflow's log; its line ends are kept."""
    lines = re.split(r"(\r|\n)", text)
    shown = "".join(part if part in ("\r", "\n") else visible(part) for part in lines)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
