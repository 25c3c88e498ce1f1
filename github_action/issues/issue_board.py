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
from github_action.issues.issue_body import key_of, marks
from github_action.issues.issue_sync import LABEL, IssueSync, Wanted
from github_action.issues.issue_tracker import Issue, Tracker
from github_action.issues.wording import INDEX_TITLE, title
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.to_plain_json import to_plain_json
from pytest_carbon.reporters.accounts.markdown import Links, render_account, render_index

INDEX = key_of("index")
_HOLDERS = ("feature=", "team=")
_FINAL = (401, 403, 410, None)
"""After these no other issue would fare better: no permission, no issues here, no answer."""
T = TypeVar("T")


@dataclass
class Board:
    """All issues of a repository, as of a day. ``features`` are those of the policy.

    ``problems`` are sentences on what could not be done.
    """

    tracker: Tracker
    accounts: Accounts
    features: frozenset[str]
    day: str
    problems: list[str] = field(default_factory=list)

    def update(self) -> None:
        """Bring every issue up to date; ApiError where going on is no use."""
        known: dict[str, list[Issue]] = {}
        for issue in sorted(self.tracker.ours(LABEL), key=lambda issue: issue.number):
            known.setdefault(issue.body.key, []).append(issue)
        keeper = IssueSync(self.tracker, self.day, known)
        holders = [account for account in self.accounts.accounts if self._has_issue(account)]
        kept: dict[str, Issue] = {}
        for account in holders:
            done = self._tried(account.name, partial(keeper.keep, self._of(account)))
            if done is not None:
                kept[_key(account)] = done
        for key in sorted(known.keys() - {_key(account) for account in holders}):
            if key.startswith(_HOLDERS):
                self._tried(key, partial(keeper.let_go, known[key][0]))
        self._look_back(kept)
        for account in self.accounts.accounts:
            if account.level == "repository":
                self._tried("the index", partial(keeper.keep, self._index(account, kept)))

    def _tried(self, what: str, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except (ApiError, ReportError) as error:
            if isinstance(error, ApiError) and (error.rate_limited or error.status in _FINAL):
                raise
            self.problems.append(f"the issue of {what} is not up to date: {error}")
            return None

    def _has_issue(self, account: Account) -> bool:
        return account.level == "team" or (account.level == "feature" and account.name in self.features)

    def _of(self, account: Account) -> Wanted:
        render = partial(render_account, account, self.accounts)
        return Wanted(_key(account), title(account), account, self._stamp(account), render)

    def _index(self, account: Account, kept: dict[str, Issue]) -> Wanted:
        links = {one.name: f"#{kept[_key(one)].number}" for one in self.accounts.accounts if _key(one) in kept}
        children = tuple(issue for issue in kept.values() if issue.open)
        stamp = _digest([links, to_plain_json(self.accounts.objectives), *map(self._stamp, self.accounts.accounts)])
        render = partial(render_index, self.accounts, links=Links(accounts=links))
        return Wanted(INDEX, INDEX_TITLE, account, stamp, render, children)

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

    def _look_back(self, kept: dict[str, Issue]) -> None:
        """Ask for a post-mortem of every single large cause, once in a window."""
        causes = postmortem.blamed(self.accounts)
        if not causes:
            return
        since = min(date.fromisoformat(one.since) for one in causes) - timedelta(days=1)  # GitHub's days are of UTC
        there = list(takewhile(lambda issue: issue.made >= f"{since}", self.tracker.ours(postmortem.LABEL)))
        for one in causes:
            if not any(issue.body.key == one.key and issue.day >= one.since for issue in there):
                self._tried(postmortem.title(one.cause), partial(self._ask, one, kept))

    def _ask(self, one: postmortem.Blamed, kept: dict[str, Issue]) -> None:
        numbers = [(a.name, kept[_key(a)].number) for a in one.holders if _key(a) in kept]
        text = f"{marks(one.key, {'day': one.day_in_window(self.day)})}{postmortem.text(one, numbers)}\n"
        self.tracker.create(postmortem.LABEL, postmortem.title(one.cause), text, one.since)


def _key(account: Account) -> str:
    return key_of(account.level, account.name)


def _digest(values: object) -> str:
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
