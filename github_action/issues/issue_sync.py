"""One issue of ours: made, told of a change, written anew where it says something else, closed when it is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from pytest_carbon.core.errors import ReportError

LABEL = "carbon-report"
MOST_CHILDREN = 100
"""GitHub takes so many parts of an issue, closed ones too."""


@dataclass(frozen=True, slots=True)
class WantedIssue:
    """An issue that there should be. ``stamp`` changes when there is something new to say on a day.

    ``render`` returns the text in at most so many characters; ``children`` are the issues that are parts of it.
    """

    key: str
    title: str
    account: Account
    stamp: str
    render: Callable[[int], str]
    children: tuple[Issue, ...] = ()


@dataclass
class IssueSync:
    """Keeps issues as of a day. ``known`` are those that there are, by key, the oldest first."""

    tracker: IssueTracker
    day: str
    issues_by_key: Mapping[str, Sequence[Issue]] = field(default_factory=dict)

    def update(self, wanted: WantedIssue) -> Issue:
        """Bring an issue up to date and return it; one that a person has closed is left alone."""
        issue = self._close_duplicates(wanted.key)
        if issue is None:
            _, memory = find_changes(wanted.account, None, self.day)
            first = replace(wanted, stamp="") if wanted.children else wanted  # their parent must be there before them
            issue = self.tracker.create(
                LABEL, wanted.title, render_body(_make_body(first, IssueBody(wanted.key, {}, ""), memory))
            )
            if not wanted.children:
                return issue
        gone = issue.body.state.get("gone") is True
        if not issue.open and not (gone and self.tracker.closed_by_us(issue)):
            return issue
        if gone or issue.body.state.get("stamp") != wanted.stamp:
            self._report_changes(wanted, issue, None if gone else memory_from_state(issue.body.state))
        return issue

    def _report_changes(self, wanted: WantedIssue, issue: Issue, before: IssueMemory | None) -> None:
        """Tell what has changed, then write it down: one that is ended between the two finds what it has told."""
        changes, memory = find_changes(wanted.account, before, self.day)
        since = window_start(wanted.account)
        if changes and not issue.locked:
            told = self.tracker.reported_keys(issue, since)
            new = [change for change in changes if quote_for_marker(change.key) not in told]
            if new:
                self.tracker.comment(
                    issue, [change.key for change in new], comment_on_changes(wanted.account, new, self.day), since
                )
        children = self._add_children(wanted, issue)
        body = _make_body(wanted, replace(issue.body, state={"children": children}), memory)
        as_before = replace(body, state={**body.state, "stamp": issue.body.state.get("stamp")})
        if not issue.open:
            self.tracker.change(issue, body=render_body(body), state="open")
        elif not differ_only_in_line_ends(render_body(as_before), issue.raw_body):
            self.tracker.change(issue, body=render_body(body))

    def _add_children(self, wanted: WantedIssue, issue: Issue) -> list[int]:
        """Make the children parts of an issue, each once: a person may take one out again."""
        known = issue.body.state.get("children")
        numbers = [number for number in known if isinstance(number, int)] if isinstance(known, list) else []
        for child in wanted.children:
            if child.number not in numbers and len(numbers) < MOST_CHILDREN:
                self.tracker.add_child(issue, child)
                numbers.append(child.number)
        return numbers

    def close_removed(self, issue: Issue) -> None:
        """Close an issue whose holder is not in the policy any more; one that somebody has opened again stays open."""
        if issue.open and issue.body.state.get("gone") is not True:
            state = {**issue.body.state, "gone": True}
            text = render_body(replace(issue.body, state=state, text=f"{REMOVED}\n\n{issue.body.text}"))
            self.tracker.change(issue, body=text, state="closed", state_reason="not_planned")

    def _close_duplicates(self, key: str) -> Issue | None:
        """Return the issue of a key. Two runs may have made one each at the same moment: the others are closed."""
        issues = self.issues_by_key.get(key, ())
        for double in issues[1:]:
            if double.open:
                name = f"double:{issues[0].number}"
                if quote_for_marker(name) not in self.tracker.reported_keys(double, ""):
                    self.tracker.comment(double, [name], DUPLICATE.format(issues[0].number), "")
                self.tracker.change(double, state="closed", state_reason="not_planned")
        return issues[0] if issues else None


def _make_body(wanted: WantedIssue, before: IssueBody, memory: IssueMemory) -> IssueBody:
    """Return what an issue is to say beside its notes; ReportError where they leave no room for it."""
    state = {**memory_to_state(memory), "stamp": wanted.stamp}
    if before.state.get("children"):
        state["children"] = before.state["children"]
    body = replace(before, state=state, text="")
    if body.room < LEAST_ROOM:
        raise ReportError(
            f"its notes leave no room; shorten them, to {body.room + len(body.notes) - LEAST_ROOM} characters"
        )
    return replace(body, text=wanted.render(body.room))
