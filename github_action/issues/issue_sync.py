"""Brings one issue up to date: creates it, comments on changes, rewrites it, closes it when its holder is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from github_action.issues.checked_actions import checked_actions, keep_checked, not_listed
from github_action.issues.issue_body import (
    LEAST_ROOM,
    IssueBody,
    differ_only_in_line_ends,
    quote_for_marker,
    render_body,
)
from github_action.issues.issue_tracker import Issue, IssueTracker
from github_action.issues.state_changes import (
    IssueMemory,
    find_changes,
    memory_from_state,
    memory_to_state,
    window_start,
)
from github_action.issues.wording import DUPLICATE, REMOVED, comment_on_changes
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.errors import CarbonError

LABEL = "carbon-report"
MOST_CHILDREN = 100
"""GitHub takes this many sub-issues of an issue, closed sub-issues included."""


class IssueError(CarbonError):
    """An issue whose notes leave no room for the text."""


@dataclass(frozen=True, slots=True)
class WantedIssue:
    """An issue as it should be. ``stamp`` is a digest of its data and of the day.

    ``render`` returns the text in at most the given number of characters. ``children`` become its sub-issues.
    """

    key: str
    title: str
    account: Account
    stamp: str
    render: Callable[[int], str]
    children: tuple[Issue, ...] = ()


@dataclass
class IssueSync:
    """Updates issues on a day (``YYYY-MM-DD``). ``issues_by_key`` has the existing issues, the oldest first."""

    tracker: IssueTracker
    day: str
    issues_by_key: Mapping[str, Sequence[Issue]] = field(default_factory=dict)

    def update(self, wanted: WantedIssue) -> Issue:
        """Create or update an issue and return it. An issue that a person has closed is not changed."""
        issue = self._close_duplicates(wanted.key)
        if issue is None:
            _, memory = find_changes(wanted.account, None, self.day)
            # Sub-issues can only be added to an issue that exists: it gets its stamp with them, below.
            first = replace(wanted, stamp="") if wanted.children else wanted
            body = _make_body(first, IssueBody(wanted.key, {}, ""), memory)
            issue = self.tracker.create(LABEL, wanted.title, render_body(body))
            if not wanted.children:
                return issue
        was_removed = issue.body.state.get("gone") is True
        if not issue.open and not (was_removed and self.tracker.closed_by_us(issue)):
            return issue
        if was_removed or issue.body.state.get("stamp") != wanted.stamp:
            self._comment_and_rewrite(wanted, issue, None if was_removed else memory_from_state(issue.body.state))
        return issue

    def _comment_and_rewrite(self, wanted: WantedIssue, issue: Issue, before: IssueMemory | None) -> None:
        """Comment on new changes, then rewrite the body. A run that was killed in between finds its comment."""
        changes, memory = find_changes(wanted.account, before, self.day)
        since = window_start(wanted.account)
        if changes and not issue.locked:
            reported = self.tracker.reported_keys(issue, since)
            new = [change for change in changes if quote_for_marker(change.key) not in reported]
            if new:
                text = comment_on_changes(wanted.account, new, self.day)
                self.tracker.comment(issue, [change.key for change in new], text, since)
        children = self._add_children(wanted, issue)
        state = {"children": children, "checked": issue.body.state.get("checked")}
        body = _make_body(wanted, replace(issue.body, state=state), memory)
        as_before = replace(body, state={**body.state, "stamp": issue.body.state.get("stamp")})
        if not issue.open:
            self.tracker.change(issue, body=render_body(body), state="open")
        elif not differ_only_in_line_ends(render_body(as_before), issue.raw_body):
            self.tracker.change(issue, body=render_body(body))

    def _add_children(self, wanted: WantedIssue, issue: Issue) -> list[int]:
        """Add the children as sub-issues, each only once: a person may remove a sub-issue. Return their numbers."""
        added = issue.body.state.get("children")
        numbers = [number for number in added if isinstance(number, int)] if isinstance(added, list) else []
        for child in wanted.children:
            if child.number not in numbers and len(numbers) < MOST_CHILDREN:
                self.tracker.add_child(issue, child)
                numbers.append(child.number)
        return numbers

    def close_removed(self, issue: Issue) -> None:
        """Close an issue whose holder the policy no longer names, once: a person may open it again."""
        if issue.open and issue.body.state.get("gone") is not True:
            state = {**issue.body.state, "gone": True}
            text = render_body(replace(issue.body, state=state, text=f"{REMOVED}\n\n{issue.body.text}"))
            self.tracker.change(issue, body=text, state="closed", state_reason="not_planned")

    def _close_duplicates(self, key: str) -> Issue | None:
        """Return the oldest issue of a key. Close the others: two runs at the same moment may each have made one."""
        issues = self.issues_by_key.get(key, ())
        for duplicate in issues[1:]:
            if duplicate.open:
                name = f"double:{issues[0].number}"
                if quote_for_marker(name) not in self.tracker.reported_keys(duplicate, ""):
                    self.tracker.comment(duplicate, [name], DUPLICATE.format(issues[0].number), "")
                self.tracker.change(duplicate, state="closed", state_reason="not_planned")
        return issues[0] if issues else None


def _make_body(wanted: WantedIssue, before: IssueBody, memory: IssueMemory) -> IssueBody:
    """Return the new body of an issue, with its notes and checked actions.

    The state remembers checked actions that are not in the list now, for the day on which they are in it again.
    Raises IssueError if the notes leave no room for the text.
    """
    state = {**memory_to_state(memory), "stamp": wanted.stamp}
    if before.state.get("children"):
        state["children"] = before.state["children"]
    checked = checked_actions(before.text, before.state.get("checked"))
    body = replace(before, state={**state, "checked": checked} if checked else state, text="")
    if body.room < LEAST_ROOM:
        longest = body.room + len(body.notes) - LEAST_ROOM
        raise IssueError(f"its notes leave no room for the text; shorten the notes to {longest} characters")
    text = keep_checked(wanted.render(body.room), checked)
    absent = not_listed(checked, text)
    return replace(body, state={**state, "checked": absent} if absent else state, text=text)
