"""Which names git is given: of branches, remotes and repositories. A name that git may take for an option is none."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_BRANCHES = re.compile(r"[ ~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[./]|[./]$|^@$")
_HELPER = re.compile(r"\w[\w+.-]*::", re.ASCII)
_HOST = re.compile(r"(?:\w[\w+.-]*://)?(?:[^/]*@)?([^/@]*)")


def name_problem(name: str) -> str | None:
    """Return why no git command is given a name, as the end of a sentence; None if git may have it."""
    if not name:
        return "is empty"
    if name.startswith("-"):
        return "begins with a hyphen, as an option does"
    return "has a control character" if _CONTROL.search(name) else None


def branch_problem(name: str) -> str | None:
    """Return why a name is no name of a branch or remote, by the rules of ``git check-ref-format``; None if it is."""
    if _NOT_IN_BRANCHES.search(name):
        return "git does not accept as a branch name"
    return name_problem(name)


def address_problem(address: str) -> str | None:
    """Return why no repository is fetched from a URL or path; None if git may fetch from it.

    ``helper::address`` would start a program of that name, and ssh takes a host with a hyphen first for an option.
    """
    if _HELPER.match(address):
        return "names a program that git would start to reach it"
    host = _HOST.match(address)
    if host and host[1].startswith("-"):
        return "names a host that begins with a hyphen, as an option does"
    return name_problem(address)
