"""One issue of ours: made, told of a change, written anew where it says something else, closed when it is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from github_action.issues.issue_body import LEAST, Body, quoted, same, written
from github_action.issues.issue_tracker import Issue, Tracker
from github_action.issues.state_changes import Memory, changes_of, from_state, since_of, to_state
from github_action.issues.wording import DOUBLE, GONE, comment
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.errors import ReportError

LABEL = "carbon-report"
MOST_CHILDREN = 100
"""GitHub takes so many parts of an issue, closed ones too."""


@dataclass(frozen=True, slots=True)
class Wanted:
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

    tracker: Tracker
    day: str
    known: Mapping[str, Sequence[Issue]] = field(default_factory=dict)

    def keep(self, one: Wanted) -> Issue:
        """Bring an issue up to date and return it; one that a person has closed is left alone."""
        issue = self._oldest(one.key)
        if issue is None:
            _, memory = changes_of(one.account, None, self.day)
            first = replace(one, stamp="") if one.children else one  # their parent must be there before them
            issue = self.tracker.create(LABEL, one.title, written(_body(first, Body(one.key, {}, ""), memory)))
            if not one.children:
                return issue
        gone = issue.body.state.get("gone") is True
        if not issue.open and not (gone and self.tracker.closed_by_us(issue)):
            return issue
        if gone or issue.body.state.get("stamp") != one.stamp:
            self._renew(one, issue, None if gone else from_state(issue.body.state))
        return issue

    def _renew(self, one: Wanted, issue: Issue, before: Memory | None) -> None:
        """Tell what has changed, then write it down: one that is ended between the two finds what it has told."""
        changes, memory = changes_of(one.account, before, self.day)
        since = since_of(one.account)
        if changes and not issue.locked:
            told = self.tracker.told(issue, since)
            new = [change for change in changes if quoted(change.key) not in told]
            if new:
                self.tracker.tell(issue, [change.key for change in new], comment(one.account, new, self.day), since)
        children = self._adopted(one, issue)
        body = _body(one, replace(issue.body, state={"children": children}), memory)
        as_before = replace(body, state={**body.state, "stamp": issue.body.state.get("stamp")})
        if not issue.open:
            self.tracker.change(issue, body=written(body), state="open")
        elif not same(written(as_before), issue.sent):
            self.tracker.change(issue, body=written(body))

    def _adopted(self, one: Wanted, issue: Issue) -> list[int]:
        """Make the children parts of an issue, each once: a person may take one out again."""
        known = issue.body.state.get("children")
        numbers = [number for number in known if isinstance(number, int)] if isinstance(known, list) else []
        for child in one.children:
            if child.number not in numbers and len(numbers) < MOST_CHILDREN:
                self.tracker.adopt(issue, child)
                numbers.append(child.number)
        return numbers

    def let_go(self, issue: Issue) -> None:
        """Close an issue whose holder is not in the policy any more; one that somebody has opened again stays open."""
        if issue.open and issue.body.state.get("gone") is not True:
            state = {**issue.body.state, "gone": True}
            text = written(replace(issue.body, state=state, text=f"{GONE}\n\n{issue.body.text}"))
            self.tracker.change(issue, body=text, state="closed", state_reason="not_planned")

    def _oldest(self, key: str) -> Issue | None:
        """Return the issue of a key. Two runs may have made one each at the same moment: the others are closed."""
        issues = self.known.get(key, ())
        for double in issues[1:]:
            if double.open:
                name = f"double:{issues[0].number}"
                if quoted(name) not in self.tracker.told(double, ""):
                    self.tracker.tell(double, [name], DOUBLE.format(issues[0].number), "")
                self.tracker.change(double, state="closed", state_reason="not_planned")
        return issues[0] if issues else None


def _body(one: Wanted, before: Body, memory: Memory) -> Body:
    """Return what an issue is to say beside its notes; ReportError where they leave no room for it."""
    state = {**to_state(memory), "stamp": one.stamp}
    if before.state.get("children"):
        state["children"] = before.state["children"]
    body = replace(before, state=state, text="")
    if body.room < LEAST:
        raise ReportError(f"its notes leave no room; shorten them, to {body.room + len(body.notes) - LEAST} characters")
    return replace(body, text=one.render(body.room))
