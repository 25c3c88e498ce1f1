"""Escapes text from outside for the place where it is shown: a terminal, GitHub's Markdown, HTML, the log of CI.

Whatever is printed may end in the log of CI: also JSON, XML, HTML and Markdown hold no command of a CI system.

Names of tests, features and branches come from strangers. The escaped text shows the name and has no other effect.
"""

from __future__ import annotations

import json
import re
from html import escape

_BREAK = "&#8203;"  # a zero-width space: GitHub finds mentions and links after it has undone other escapes
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "<span>$</span>"}  # a dollar sign may begin a formula
_ACTIVE = re.compile(
    r"[\\`*_\[\]|~<>&$]"
    r"|@|\#(?=\d)|(?<=GH)-(?=\d)"  # a mention or address, an issue number, an issue such as GH-12
    r"|:(?=//|[\w+-]+:)|(?<=www)\.",  # a link or an emoji, a www address
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))|^(?=[-+=:](?!\w)|#)")
_PLAIN_CODE = re.compile(r"[^`|<\s](?:[^`|<]*[^`|<\s])?")
_CI_COMMAND = re.compile(r"^([^\S\n]*:)(?=:)|##(?=\[|vso\[|teamcity\[)", re.MULTILINE | re.IGNORECASE)
"""A command in the log of GitHub Actions (``::error::``, ``##[error]``), Azure Pipelines or TeamCity."""
_NOT_ASCII = re.compile(r"[^ -~\n]")
_ASCII_FORMS = str.maketrans("█▉▊▋▌▍▎▏▁▂▃▄▅▆▇…µ", "#####|||_.:-=+*~u")
"""What stands for the letters of our own texts, one for one, so that tables keep their columns."""


def visible(text: str) -> str:
    """Return the text with control and direction characters, line ends and unusual spaces as ``\\x`` escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def without_ci_commands(text: str) -> str:
    """Return text in which no CI system finds a command: a name may begin with ``::error::`` or hold ``##[error]``."""
    return _CI_COMMAND.sub(r"\g<0> ", text)


def ascii_form(text: str) -> str:
    """Return the text in ASCII: bars of ``#``, ``u`` for µ, ``~`` for an ellipsis, escapes for other letters."""
    return text.translate(_ASCII_FORMS).encode("ascii", "backslashreplace").decode("ascii")


def in_letters_of(encoding: str | None, text: str) -> str:
    """Return the text with the ASCII form of each letter that an encoding lacks; None stands for any letter."""
    if encoding is None or _has_letters(encoding, text):
        return text
    return "".join(char if _has_letters(encoding, char) else ascii_form(char) for char in text)


def _has_letters(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def json_for_log(text: str) -> str:
    """Return JSON text of the same value that is printable and in which no CI system finds a command."""
    quiet = _CI_COMMAND.sub(lambda match: f"{match[0][:-1]}\\u{ord(match[0][-1]):04x}", text)
    return _NOT_ASCII.sub(lambda match: match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1], quiet)


def xml_for_log(text: str) -> str:
    """Return XML or HTML text of the same content in which no CI system finds a command."""
    return _CI_COMMAND.sub(lambda match: f"{match[0][:-1]}&#{ord(match[0][-1])};", text)


def terminal_line(text: str) -> str:
    """Return the text as one line that can command neither a terminal nor a CI system."""
    return without_ci_commands(visible(text))


def terminal_lines(text: str, bar: str = "  | ") -> str:
    """Return the text as ``terminal_line`` does, with its further lines, such as a program's output, behind a bar."""
    first, *more = map(visible, text.split("\n"))
    return without_ci_commands("\n".join([first, *(f"{bar}{line}" for line in more)]))


def markdown(text: str) -> str:
    """Return one line of GitHub's Markdown that shows the text itself: no markup, HTML, link, mention or emoji.

    The line is safe at the beginning of a line, in a list and in a table. A zero-width space breaks each mention and
    link.
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
    """Return inline code that shows the text itself, also in a table. Returns an empty text for an empty text.

    An HTML comment in the text is escaped in the source as well, so that nobody can forge a hidden marker.
    """
    shown = visible(text)
    if _PLAIN_CODE.fullmatch(shown) and not _CI_COMMAND.search(shown):
        return f"`{shown}`"
    return f"<code>{markdown(text)}</code>" if shown else ""


def html(text: str) -> str:
    """Return the text escaped for the body of an HTML element or for a quoted attribute."""
    return escape(visible(text))


def workflow_command(text: str) -> str:
    """Return the text as the data of a workflow command such as ``::error::``. Line ends are escaped as %0D and %0A."""
    lines = re.split(r"(\r|\n)", text)
    shown = "".join(part if part in ("\r", "\n") else visible(part) for part in lines)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
