"""Finds the line of a workflow at which a job of the ledger is defined, to name the exact place of advice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.advice.registry import ADVICE_KINDS

_KEY = re.compile(r"( +)([A-Za-z_][A-Za-z0-9_-]*):\s*(?:#.*)?")
_TOP = re.compile(r"[^\s#]")
_OTHERS = re.compile(r"[^A-Za-z0-9]+")


def with_places(accounts: Accounts, workflows: Mapping[str, str]) -> Accounts:
    """Return accounts whose advice on jobs names the file and line; ``workflows`` are the texts of files by path.

    A job of the ledger is named for the job of the workflow and its values of the matrix. Where several jobs fit, as in
    two files, no place is named.
    """
    lines = [(_plain(name), f"{path}:{line}") for path, text in sorted(workflows.items()) for name, line in _jobs(text)]
    of_jobs = {kind.name for kind in ADVICE_KINDS if kind.place == "job"}
    return replace(
        accounts,
        accounts=tuple(
            replace(
                account,
                advice=tuple(
                    replace(own, where=_place(own.place, lines)) if own.kind in of_jobs else own
                    for own in account.advice
                ),
            )
            for account in accounts.accounts
        ),
    )


def _jobs(text: str) -> Iterator[tuple[str, int]]:
    """Yield each job of a workflow with its line, from 1."""
    inside, indent = False, ""
    for number, line in enumerate(text.splitlines(), 1):
        if _TOP.match(line):
            inside, indent = line.startswith("jobs:"), ""
        elif inside and (match := _KEY.fullmatch(line)) and match[1] == (indent or match[1]):
            indent = match[1]
            yield match[2], number


def _place(job: str, lines: list[tuple[str, str]]) -> str:
    """Return the only place of the job with the longest name that fits; empty without one."""
    name = _plain(job)
    fitting = [(known, place) for known, place in lines if name == known or name.startswith(f"{known}-")]
    longest = max((len(known) for known, _ in fitting), default=0)
    places = [place for known, place in fitting if len(known) == longest]
    return places[0] if len(places) == 1 else ""


def _plain(name: str) -> str:
    return _OTHERS.sub("-", name).strip("-").lower()
