"""All issues for product managers: one for each feature and team of the policy, an index, and post-mortems."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import takewhile
from typing import TypeVar

from github_action.api.client import ApiError
from github_action.issues import postmortem
from github_action.issues.issue_body import issue_key, markers
from github_action.issues.issue_sync import LABEL, IssueError, IssueSync, WantedIssue
from github_action.issues.issue_tracker import Issue, IssueTracker
from github_action.issues.wording import INDEX_TITLE, issue_title
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.to_plain_json import to_plain_json
from pytest_carbon.reporters.accounts.markdown import Links, render_account, render_index

INDEX_KEY = issue_key("index")
_HOLDER_KEYS = ("feature=", "team=")
_FINAL_STATUSES = (401, 403, 410, None)
"""After these statuses no other issue can be updated either: no permission, no issues here, no answer."""
T = TypeVar("T")


@dataclass
class IssueBoard:
    """All issues of a repository on a day (``YYYY-MM-DD``). ``features`` are the features that the policy names.

    ``problems`` are sentences on issues that could not be updated.
    """

    tracker: IssueTracker
    accounts: Accounts
    features: frozenset[str]
    day: str
    problems: list[str] = field(default_factory=list)

    def update(self) -> None:
        """Update every issue. Raises ApiError if no other issue can be updated either."""
        issues_by_key: dict[str, list[Issue]] = {}
        for issue in sorted(self.tracker.list_own(LABEL), key=lambda issue: issue.number):
            issues_by_key.setdefault(issue.body.key, []).append(issue)
        holders = [account for account in self.accounts.accounts if self._has_issue(account)]
        self._find_without_label({INDEX_KEY, *map(_account_key, holders)} - issues_by_key.keys(), issues_by_key)
        sync = IssueSync(self.tracker, self.day, issues_by_key)
        updated: dict[str, Issue] = {}
        for account in holders:
            if written := self._try(account.name, partial(sync.update, self._wanted_issue(account))):
                updated[_account_key(account)] = written
        for key in sorted(issues_by_key.keys() - {_account_key(account) for account in holders}):
            if key.startswith(_HOLDER_KEYS):
                self._try(key, partial(sync.close_removed, issues_by_key[key][0]))
        self._ask_for_postmortems(updated)
        for account in self.accounts.accounts:
            if account.level == "repository":
                self._try("the index", partial(sync.update, self._wanted_index(account, updated)))

    def _find_without_label(self, missing: Set[str], issues_by_key: dict[str, list[Issue]]) -> None:
        """Add issues that have lost their label, the oldest of each key that is missing; give it the label again."""
        if not missing:
            return
        oldest = {issue.body.key: issue for issue in self.tracker.list_without_label(LABEL)}
        for key in sorted(missing & oldest.keys()):
            issues_by_key[key] = [oldest[key]]
            self._try(key, partial(self.tracker.add_label, oldest[key], LABEL))

    def _try(self, what: str, call: Callable[[], T]) -> T | None:
        """Return the result of a call; note the problem and return None if only this issue fails."""
        try:
            return call()
        except (ApiError, IssueError) as error:
            if isinstance(error, ApiError) and (error.rate_limited or error.status in _FINAL_STATUSES):
                raise
            self.problems.append(f"the issue of {what} is not up to date: {error}")
            return None

    def _has_issue(self, account: Account) -> bool:
        return account.level == "team" or (account.level == "feature" and account.name in self.features)

    def _wanted_issue(self, account: Account) -> WantedIssue:
        render = partial(render_account, account, self.accounts)
        return WantedIssue(_account_key(account), issue_title(account), account, self._stamp(account), render)

    def _wanted_index(self, account: Account, issues: dict[str, Issue]) -> WantedIssue:
        links = {
            holder.name: f"#{issues[_account_key(holder)].number}"
            for holder in self.accounts.accounts
            if _account_key(holder) in issues
        }
        children = tuple(issue for issue in issues.values() if issue.open)
        stamp = _digest([links, to_plain_json(self.accounts.objectives), *map(self._stamp, self.accounts.accounts)])
        render = partial(render_index, self.accounts, links=Links(accounts=links))
        return WantedIssue(INDEX_KEY, INDEX_TITLE, account, stamp, render, children)

    def _stamp(self, account: Account) -> str:
        """Return a digest of an issue's data and the day: with the same digest the issue is not written again."""
        status = account.standing
        limit = (status.limit, status.debt, status.window) if status else ()
        causes = [(cause.kind, cause.name) for cause in account.causes]
        granted = [override.id for override in account.overrides]
        return _digest(
            [
                self.day,
                to_plain_json(account.days),
                to_plain_json(account.months),
                limit,
                granted,
                causes,
                account.owners,
            ]
        )

    def _ask_for_postmortems(self, issues: dict[str, Issue]) -> None:
        """Open a post-mortem issue for every large cause, once in a window."""
        causes = postmortem.find_large_causes(self.accounts)
        if not causes:
            return
        since = min(date.fromisoformat(cause.since) for cause in causes) - timedelta(
            days=1
        )  # GitHub's times are in UTC
        listed = self.tracker.list_own(postmortem.LABEL)
        existing = _issues_since(f"{since}", listed)
        if not all(_has_postmortem(cause, existing) for cause in causes):
            existing += _issues_since(f"{since}", self.tracker.list_without_label(postmortem.LABEL))
        for cause in causes:
            if not _has_postmortem(cause, existing):
                self._try(postmortem.title(cause.consumer), partial(self._create_postmortem, cause, issues))

    def _create_postmortem(self, cause: postmortem.LargeCause, issues: dict[str, Issue]) -> None:
        numbers = [
            (holder.name, issues[_account_key(holder)].number)
            for holder in cause.holders
            if _account_key(holder) in issues
        ]
        head = markers(cause.key, {"day": cause.day_in_window(self.day)})
        body = f"{head}{postmortem.text(cause, numbers)}\n"
        self.tracker.create(postmortem.LABEL, postmortem.title(cause.consumer), body, cause.since)


def _issues_since(day: str, listed: Iterable[Issue]) -> list[Issue]:
    """Return the issues since a day; they are listed the newest first."""
    return list(takewhile(lambda issue: issue.created_at >= day, listed))


def _has_postmortem(cause: postmortem.LargeCause, issues: Iterable[Issue]) -> bool:
    return any(issue.body.key == cause.key and issue.day >= cause.since for issue in issues)


def _account_key(account: Account) -> str:
    return issue_key(account.level, account.name)


def _digest(values: object) -> str:
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
