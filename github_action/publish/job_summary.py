"""The job's summary: the full tables. A step needs no permission to write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from github_action.publish.publication import Publication, document
from pytest_carbon.core import escape
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.files import write_safely

MAX_BYTES = 900_000  # GitHub takes 1 MiB from a step
_PROBLEM_CELLS = 1000


def append(path: Path, publication: Publication, problems: Sequence[str] = (), limit: int = MAX_BYTES) -> str:
    """Append the verdict and the problems of publishing to the summary file. Return a sentence if that failed."""
    heading = f"**Pull request {publication.pull_number}**\n\n" if publication.shared else ""
    lines = [f"- {escape.markdown(shorten(problem, _PROBLEM_CELLS))}\n" for problem in problems]
    unpublished = f"\n**What was not published**\n\n{''.join(lines)}" if lines else ""
    text = f"{heading}{document(publication, limit, full=True).rstrip()}\n{unpublished}\n"
    try:
        write_safely.append(path, text.encode())
    except OSError as error:
        return f"the job's summary could not be written ({error.strerror})"
    return ""
