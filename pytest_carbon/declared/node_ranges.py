"""Converts version ranges of npm and Poetry to specifiers of PEP 440.

npm: https://docs.npmjs.com/cli/v11/configuring-npm/package-json (engines, dependencies). Poetry:
https://python-poetry.org/docs/dependency-specification/.
"""

from __future__ import annotations

import re

_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)")
_TERM = re.compile(r"(>=|<=|==|!=|~=|>|<|=|\^|~>|~)?\s*v?(\d[\w.+-]*|[xX*])((?:\.[xX*])*)")
_MAX_CHARS = 1000


def npm_specifiers(text: str) -> tuple[str, ...] | None:
    """Return the alternative specifiers of an npm range.

    None if the text is no range, or has more than 1,000 characters.
    """
    if len(text) > _MAX_CHARS:
        return None
    alternatives = [_npm_comparators(part) for part in text.split("||")]
    valid = [specifier for specifier in alternatives if specifier is not None]
    return tuple(valid) if len(valid) == len(alternatives) else None


def _npm_comparators(text: str) -> str | None:
    text = _HYPHEN.sub(r">=\1 <=\2", text.strip())
    terms = [_npm_term(match[1] or "", match[2]) for match in _TERM.finditer(text)]
    if _TERM.sub("", text).strip(" ,"):
        return None
    return ",".join(term for term in terms if term)


def _npm_term(operator: str, version: str) -> str:
    numbers = _leading_numbers(version)
    if not numbers:
        return ""
    plain = ".".join(map(str, numbers))
    if operator == "^":
        return f">={plain},<{_next_version(numbers, 0 if numbers[0] or len(numbers) == 1 else 1)}"
    if operator in ("~", "~>"):
        return f">={plain},<{_next_version(numbers, min(1, len(numbers) - 1))}"
    if len(numbers) == 3 or operator in (">=", "<", "!="):
        return f"{'==' if operator in ('', '=') else operator}{plain}"
    upper = _next_version(numbers, len(numbers) - 1)
    return {">": f">={upper}", "<=": f"<{upper}"}.get(operator, f">={plain},<{upper}")


def poetry_specifiers(text: str) -> tuple[str, ...]:
    """Return the alternative specifiers of a Poetry constraint, with carets and tildes written out."""
    return tuple(",".join(filter(None, map(_poetry_term, part.split(",")))) for part in re.split(r"\|\|?", text))


def _poetry_term(text: str) -> str:
    text = text.strip()
    if text[:1] in ("^", "~") and not text.startswith("~="):
        return _npm_term(text[0], text[1:].strip())
    if text[:1].isdigit():
        return f"=={text}"
    return "" if text == "*" else text


def _leading_numbers(version: str) -> list[int]:
    """Return at most three numbers of a version, up to the first wildcard: ``[16]`` of 16.x."""
    numbers: list[int] = []
    for part in version.split("-", maxsplit=1)[0].split("+", maxsplit=1)[0].split(".")[:3]:
        if not part.isdigit():
            break
        numbers.append(int(part))
    return numbers


def _next_version(numbers: list[int], position: int) -> str:
    """Return the version with the number at a position raised by one, and no numbers after it."""
    return ".".join(map(str, [*numbers[:position], numbers[position] + 1]))
