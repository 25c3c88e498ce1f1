"""What is kept of a run's command. An argument may be a password or a token, and a report is uploaded and shared."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pytest_carbon.core.report import RunInfo

DIGEST_CHARS = 12
_DIGEST = re.compile(rf"sha256:[0-9a-f]{{{DIGEST_CHARS}}}")
_HIDDEN = "…"
_PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*", re.DOTALL)
_NO_SELECTION = frozenset((
    "--carbon-report", "--carbon-zone", "--carbon-top", "-p", "-n", "--numprocesses", "--dist", "-r", "-W", "--tb",
    "--color", "--durations", "--basetemp", "--junitxml", "--junit-xml", "--cov", "--cov-report", "--cov-config",
    "--timeout", "--reruns", "--log-level", "--log-file", "--capture", "--verbosity",
))  # fmt: skip
"""Options whose value, the next argument, chooses no tests. Of an option that is not known here, it may."""
_SELECTING = ("-k", "-m", "--deselect", "--ignore", "--lf", "--last-failed", "--sw", "--stepwise")


def kept_command(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command's program, the module that ``python -m`` runs, and a digest of all further arguments."""
    shown = 3 if len(command) > 2 and command[1] == "-m" and _PYTHON.fullmatch(command[0]) else 1
    arguments = command[shown:]
    return (*command[:shown], *([_HIDDEN + _digest(arguments)] if arguments else []))


def selection_of(command: Sequence[str]) -> tuple[str, ...]:
    """Return a digest of the arguments that choose tests: paths, nodeids, options such as ``-k``, values of options."""
    values = [argument for before, argument in pairwise(command) if before not in _NO_SELECTION]
    chosen = [value for value in values if not value.startswith("-") or value.startswith(_SELECTING)]
    return hide_selection(value for value in chosen if not value.startswith(f"{_HIDDEN}sha256:"))


def selection_of_run(run: RunInfo) -> tuple[str, ...]:
    """Return the digest of a run's selection; of a report of an older version, from its whole command."""
    return (run.selection,) if run.selection else selection_of(run.command)


def hide_selection(values: Iterable[str]) -> tuple[str, ...]:
    """Return a selection as its digest. Measurements of older versions hold the arguments themselves."""
    selection = tuple(values)
    is_hidden = len(selection) == 1 and _DIGEST.fullmatch(selection[0])
    return selection if is_hidden or not selection else (_digest(selection),)


def join_selections(runs: Iterable[RunInfo]) -> str:
    """Return the selection of the parts of one run: the one that all have, else a digest of all of them, in order."""
    different = [*dict.fromkeys(selection_of_run(run) for run in runs)]
    if len(different) == 1:
        return next(iter(different[0]), "")
    return _digest([text for selection in different for text in selection])


def _digest(texts: Sequence[str]) -> str:
    text = "\0".join(texts).encode("utf-8", "backslashreplace")
    return f"sha256:{hashlib.sha256(text).hexdigest()[:DIGEST_CHARS]}"
