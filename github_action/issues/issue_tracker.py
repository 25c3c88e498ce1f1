"""Issues of ours on GitHub: found by label, mark and login, never by title; made, changed and closed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from github_action.api.client import ApiError, Client
from github_action.api.create_once import create_once
from github_action.issues.issue_body import IssueBody, parse_body, quote_for_marker
from pytest_carbon.core.errors import ConfigError

_MOST_PAGES = 20
_REPORTED_KEYS = re.compile(r"\A<!-- pytest-carbon:told (\S+(?: \S+)*) -->\r?\n")
_LABELS = {
    "carbon-report": ("1d7a46", "Where a carbon budget stands, kept up to date"),
    "carbon-postmortem": ("b35900", "One cause took a large part of a carbon budget"),
}


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours. ``made`` is when it was created; ``sent`` is its body as GitHub has it.

    Nobody may comment on one that is locked.
    """

    number: int
    id: int
    open: bool
    locked: bool
    created_at: str
    raw_body: str
    body: IssueBody

    @property
    def day(self) -> str:
        """The day as of which it was made, where it says so; else that in UTC."""
        return str(self.body.state.get("day") or self.created_at[:10])


@dataclass
class IssueTracker:
    """The issues of a repository, for an account that writes them."""

    client: Client
    repository: str
    login: str
    _defined_labels: set[str] = field(default_factory=set)

    @property
    def _path(self) -> str:
        return f"repos/{self.repository}/issues"

    def list_own(self, label: str) -> Iterator[Issue]:
        """Yield the issues of ours with a label, open and closed, the newest first."""
        for item in self.client.list_items(self._path, max_pages=_MOST_PAGES, labels=label, state="all"):
            if issue := self._read_own(item):
                yield issue

    def _read_own(self, item: Mapping[str, Any]) -> Issue | None:
        body = parse_body(str(item.get("body") or ""))
        if body is None or "pull_request" in item or (item.get("user") or {}).get("login") != self.login:
            return None
        opened, locked = item.get("state") == "open", bool(item.get("locked"))
        made_at, sent = str(item.get("created_at")), str(item["body"])
        return Issue(int(item["number"]), int(item["id"]), opened, locked, made_at, sent, body)

    def create(self, label: str, title: str, text: str, since: str = "") -> Issue:
        """Make an issue and return it; CarbonError where it, or the label to find it by, could not be had.

        ``since`` is the day from which on another one of the same key is taken for it.
        """
        if label not in self._defined_labels:
            self._define_label(label)
        body = parse_body(text)
        key = body.key if body else ""

        def find() -> Issue | None:
            same = (issue for issue in self.list_own(label) if issue.body.key == key and issue.day >= since)
            return next(same, None)

        return create_once(
            self.client, self._path, {"title": title, "body": text, "labels": [label]}, self._read_created, find
        )

    def _read_created(self, item: Mapping[str, Any]) -> Issue:
        issue = self._read_own(item)
        if issue is None:
            author = (item.get("user") or {}).get("login")
            raise ConfigError(
                f"issue #{item.get('number')} was written by {author}, and the input login says that we are "
                f"{self.login}, so it would not be found again; set login to the token's account, and delete the issue"
            )
        return issue

    def _define_label(self, label: str) -> None:
        colour, description = _LABELS[label]
        try:
            asked = {"name": label, "color": colour, "description": description}
            self.client.post(f"repos/{self.repository}/labels", asked)
        except ApiError as error:
            if error.status != 422:  # which says that there is one
                raise
        self._defined_labels.add(label)

    def change(self, issue: Issue, **changes: str) -> None:
        """Change the body, or whether it is open."""
        self.client.patch(f"{self._path}/{issue.number}", changes)

    def closed_by_us(self, issue: Issue) -> bool:
        """Say whether nobody else has closed an issue since."""
        who = self.client.get(f"{self._path}/{issue.number}").get("closed_by")
        return not who or who.get("login") == self.login

    def reported_keys(self, issue: Issue, since: str) -> set[str]:
        """Return the keys of all that we have told in comments on an issue since a day."""
        keys: set[str] = set()
        for item in self.client.list_items(f"{self._path}/{issue.number}/comments", max_pages=_MOST_PAGES):
            ours = (item.get("user") or {}).get("login") == self.login and str(item.get("created_at"))[:10] >= since
            if ours and (match := _REPORTED_KEYS.match(str(item.get("body") or ""))):
                keys.update(match[1].split(" "))
        return keys

    def comment(self, issue: Issue, keys: Iterable[str], text: str, since: str) -> None:
        """Write a comment that tells what the keys name."""
        marks = [quote_for_marker(key) for key in keys]

        def find() -> str | None:
            return "" if set(marks) <= self.reported_keys(issue, since) else None

        body = {"body": f"<!-- pytest-carbon:told {' '.join(marks)} -->\n{text}"}
        create_once(self.client, f"{self._path}/{issue.number}/comments", body, lambda _: "", find)

    def add_child(self, parent: Issue, child: Issue) -> None:
        """Make an issue a part of another, where GitHub can; that it cannot is no failure."""
        with suppress(ApiError):
            self.client.post(f"{self._path}/{parent.number}/sub_issues", {"sub_issue_id": child.id})
