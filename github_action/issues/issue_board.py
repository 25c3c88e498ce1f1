"""The issues for product managers: one for every feature and team of the policy, one for all, and what they ask for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import takewhile
from typing import TypeVar

from github_action.api.client import ApiError
from github_action.issues import postmortem
from github_action.issues.issue_body import issue_key, markers
from github_action.issues.issue_sync import LABEL, IssueSync, WantedIssue
from github_action.issues.issue_tracker import Issue, IssueTracker
from github_action.issues.wording import INDEX_TITLE, issue_title
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.to_plain_json import to_plain_json
from pytest_carbon.reporters.accounts.markdown import Links, render_account, render_index

INDEX_KEY = issue_key("index")
_HOLDER_KEYS = ("feature=", "team=")
_FINAL_STATUSES = (401, 403, 410, None)
"""After these no other issue would fare better: no permission, no issues here, no answer."""
T = TypeVar("T")


@dataclass
class IssueBoard:
    """All issues of a repository, as of a day. ``features`` are those of the policy.

    ``problems`` are sentences on what could not be done.
    """

    tracker: IssueTracker
    accounts: Accounts
    features: frozenset[str]
    day: str
    problems: list[str] = field(default_factory=list)

    def update(self) -> None:
        """Bring every issue up to date; ApiError where going on is no use."""
        known: dict[str, list[Issue]] = {}
        for issue in sorted(self.tracker.list_own(LABEL), key=lambda issue: issue.number):
            known.setdefault(issue.body.key, []).append(issue)
        keeper = IssueSync(self.tracker, self.day, known)
        holders = [account for account in self.accounts.accounts if self._has_issue(account)]
        kept: dict[str, Issue] = {}
        for account in holders:
            done = self._try(account.name, partial(keeper.update, self._wanted_issue(account)))
            if done is not None:
                kept[_account_key(account)] = done
        for key in sorted(known.keys() - {_account_key(account) for account in holders}):
            if key.startswith(_HOLDER_KEYS):
                self._try(key, partial(keeper.close_removed, known[key][0]))
        self._ask_for_postmortems(kept)
        for account in self.accounts.accounts:
            if account.level == "repository":
                self._try("the index", partial(keeper.update, self._wanted_index(account, kept)))

    def _try(self, what: str, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except (ApiError, ReportError) as error:
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
            one.name: f"#{issues[_account_key(one)].number}"
            for one in self.accounts.accounts
            if _account_key(one) in issues
        }
        children = tuple(issue for issue in issues.values() if issue.open)
        stamp = _digest([links, to_plain_json(self.accounts.objectives), *map(self._stamp, self.accounts.accounts)])
        render = partial(render_index, self.accounts, links=Links(accounts=links))
        return WantedIssue(INDEX_KEY, INDEX_TITLE, account, stamp, render, children)

    def _stamp(self, account: Account) -> str:
        """Digest what an issue rests on, but for the time of the day: an unchanged one is not written again."""
        standing = account.standing
        limit = (standing.limit, standing.debt, standing.window) if standing else ()
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
        """Ask for a post-mortem of every single large cause, once in a window."""
        causes = postmortem.find_large_causes(self.accounts)
        if not causes:
            return
        since = min(date.fromisoformat(one.since) for one in causes) - timedelta(days=1)  # GitHub's days are of UTC
        there = list(takewhile(lambda issue: issue.created_at >= f"{since}", self.tracker.list_own(postmortem.LABEL)))
        for one in causes:
            if not any(issue.body.key == one.key and issue.day >= one.since for issue in there):
                self._try(postmortem.title(one.consumer), partial(self._create_postmortem, one, issues))

    def _create_postmortem(self, cause: postmortem.LargeCause, issues: dict[str, Issue]) -> None:
        numbers = [(a.name, issues[_account_key(a)].number) for a in cause.holders if _account_key(a) in issues]
        text = f"{markers(cause.key, {'day': cause.day_in_window(self.day)})}{postmortem.text(cause, numbers)}\n"
        self.tracker.create(postmortem.LABEL, postmortem.title(cause.consumer), text, cause.since)


def _account_key(account: Account) -> str:
    return issue_key(account.level, account.name)


def _digest(values: object) -> str:
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
