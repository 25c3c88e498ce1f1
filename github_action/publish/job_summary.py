"""The job's summary: the full tables, where no permission is needed to write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from github_action.publish.publication import Publication, document
from pytest_carbon.core import escape
from pytest_carbon.core.verdict.wording import shorten

MAX_BYTES = 900_000  # of a step's 1 MiB
_PROBLEM_CELLS = 1000


def append(path: Path, told: Publication, problems: Sequence[str] = ()) -> str:
    """Append what is told, and what could not be published, to the file that GitHub shows; return what went wrong."""
    lines = [f"- {escape.markdown(shorten(problem, _PROBLEM_CELLS))}\n" for problem in problems]
    missing = f"\n**What was not published**\n\n{''.join(lines)}" if lines else ""
    text = f"{document(told, MAX_BYTES, full=True).rstrip()}\n{missing}\n"
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        return f"the job's summary could not be written ({error.strerror})"
    return ""
