"""Finds our issues on GitHub by marker and login, never by title; creates, changes and comments on them."""

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
from pytest_carbon.core.policy.label_names import label_key

_MOST_PAGES = 20
_REPORTED_KEYS = re.compile(r"\A<!-- pytest-carbon:told (\S+(?: \S+)*) -->\r?\n")
_LABELS = {
    "carbon-report": ("1d7a46", "Status of a carbon budget, kept up to date"),
    "carbon-postmortem": ("b35900", "One cause used a large part of a carbon budget"),
}


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours. ``created_at`` is a time in UTC; ``raw_body`` is the body as GitHub has it.

    Nobody can comment on a ``locked`` issue.
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
        """The day that the issue was made for, if its state says so; otherwise the day of its creation in UTC."""
        return str(self.body.state.get("day") or self.created_at[:10])


@dataclass
class IssueTracker:
    """The issues of a repository that the account ``login`` writes."""

    client: Client
    repository: str
    login: str
    _defined_labels: set[str] = field(default_factory=set)

    @property
    def _path(self) -> str:
        return f"repos/{self.repository}/issues"

    def list_own(self, label: str) -> Iterator[Issue]:
        """Yield our issues with a label, open and closed, the newest first. Raises ApiError."""
        for item in self.client.list_items(self._path, max_pages=_MOST_PAGES, labels=label, state="all"):
            if issue := self._read_own(item):
                yield issue

    def list_without_label(self, label: str) -> Iterator[Issue]:
        """Yield our issues that have lost a label, open and closed, the newest first. Raises ApiError.

        Somebody removed the label from the issue, renamed it or deleted it.
        """
        for item in self.client.list_items(self._path, max_pages=_MOST_PAGES, creator=self.login, state="all"):
            names = [label_key(str(given.get("name"))) for given in item.get("labels") or () if isinstance(given, dict)]
            if label_key(label) not in names and (issue := self._read_own(item)):
                yield issue

    def add_label(self, issue: Issue, label: str) -> None:
        """Give an issue a label, by which it is found without reading all others. Raises ApiError."""
        self._define_label(label)
        self.client.post(f"{self._path}/{issue.number}/labels", {"labels": [label]})

    def _read_own(self, item: Mapping[str, Any]) -> Issue | None:
        """Read an issue; None for a pull request, another author, and a body without our marker."""
        body = parse_body(str(item.get("body") or ""))
        if body is None or "pull_request" in item or (item.get("user") or {}).get("login") != self.login:
            return None
        return Issue(
            number=int(item["number"]),
            id=int(item["id"]),
            open=item.get("state") == "open",
            locked=bool(item.get("locked")),
            created_at=str(item.get("created_at")),
            raw_body=str(item["body"]),
            body=body,
        )

    def create(self, label: str, title: str, text: str, since: str = "") -> Issue:
        """Create an issue once and return it. If an answer is lost, look for an issue of the same key since a day.

        Raises ApiError if the issue or its label cannot be created, and ConfigError if ``login`` is not the author.
        """
        self._define_label(label)
        body = parse_body(text)
        key = body.key if body else ""

        def find() -> Issue | None:
            same = (issue for issue in self.list_own(label) if issue.body.key == key and issue.day >= since)
            return next(same, None)

        new = {"title": title, "body": text, "labels": [label]}
        return create_once(self.client, self._path, new, self._read_created, find)

    def _read_created(self, item: Mapping[str, Any]) -> Issue:
        issue = self._read_own(item)
        if issue is None:
            author = (item.get("user") or {}).get("login")
            raise ConfigError(
                f"issue #{item.get('number')} was written by {author}, but the input login is {self.login}, so "
                "the issue would not be found again; set login to the account of the token, and delete the issue"
            )
        return issue

    def _define_label(self, label: str) -> None:
        if label in self._defined_labels:
            return
        colour, description = _LABELS[label]
        try:
            new = {"name": label, "color": colour, "description": description}
            self.client.post(f"repos/{self.repository}/labels", new)
        except ApiError as error:
            if error.status != 422:  # the label exists already
                raise
        self._defined_labels.add(label)

    def change(self, issue: Issue, **changes: str) -> None:
        """Change the body or the state of an issue. Raises ApiError."""
        self.client.patch(f"{self._path}/{issue.number}", changes)

    def closed_by_us(self, issue: Issue) -> bool:
        """Return whether our own account closed a closed issue last, or GitHub does not say who did."""
        closed_by = self.client.get(f"{self._path}/{issue.number}").get("closed_by")
        return not closed_by or closed_by.get("login") == self.login

    def reported_keys(self, issue: Issue, since: str) -> set[str]:
        """Return the quoted keys of all changes that our comments on an issue have reported since a day."""
        keys: set[str] = set()
        for item in self.client.list_items(f"{self._path}/{issue.number}/comments", max_pages=_MOST_PAGES):
            own = (item.get("user") or {}).get("login") == self.login and str(item.get("created_at"))[:10] >= since
            if own and (match := _REPORTED_KEYS.match(str(item.get("body") or ""))):
                keys.update(match[1].split(" "))
        return keys

    def comment(self, issue: Issue, keys: Iterable[str], text: str, since: str) -> None:
        """Write a comment once, with a hidden marker that holds the keys of the changes that it reports."""
        quoted = [quote_for_marker(key) for key in keys]

        def find() -> str | None:
            return "" if set(quoted) <= self.reported_keys(issue, since) else None

        body = {"body": f"<!-- pytest-carbon:told {' '.join(quoted)} -->\n{text}"}
        create_once(self.client, f"{self._path}/{issue.number}/comments", body, lambda _: "", find)

    def add_child(self, parent: Issue, child: Issue) -> None:
        """Make an issue a sub-issue of another. Errors are ignored: some servers have no sub-issues."""
        with suppress(ApiError):
            self.client.post(f"{self._path}/{parent.number}/sub_issues", {"sub_issue_id": child.id})
