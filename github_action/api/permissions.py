"""Which permission of a workflow's token each call of GitHub's API needs."""

from __future__ import annotations

import re

_BY_PATH = (
    (r"actions/", "actions"),
    (r"check-runs|commits/[^/]+/check-runs", "checks"),
    (r"statuses/|commits/[^/]+/status(es)?$", "statuses"),
    (r"pulls|commits/[^/]+/pulls$", "pull-requests"),
    (r"issues/(\d+/(comments|events)|comments/)", "pull-requests", "issues"),
    (r"issues|labels|milestones", "issues"),
    (r"git/|branches/|commits/|compare/|contents/|activity$", "contents"),
)
"""How paths below a repository begin, the permission, and the one for an issue if GitHub takes either."""


def needed_permission(method: str, path: str) -> str:
    """Return the permission that a call needs, as a workflow names it: ``statuses: write``.

    It is empty if every token has it. What only reads is never told to ask for more.
    """
    below = re.match(r"repos/[^/]+/[^/]+/(.*)", path)
    level = "read" if method == "GET" else "write"
    for pattern, name, *of_issue in _BY_PATH:
        if below and re.match(pattern, below[1]):
            return f"{name}: {level}" + "".join(f", for an issue {other}: {level}" for other in of_issue)
    return ""
