"""Issues and pull requests, with their labels, comments and events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.github_action.fake import shapes
from tests.github_action.fake.openapi import github

if TYPE_CHECKING:
    from tests.github_action.fake.git import Bare
    from tests.github_action.fake.repository import Repository
    from tests.github_action.fake.state import World


@dataclass
class Branches:
    """The branches of a pull request. ``base_sha`` is the base's tip when the head last moved, as on GitHub."""

    head: str
    repository: Repository
    base: str
    head_sha: str = ""
    base_sha: str = ""
    trial: str | None = None
    merged_as: str | None = None
    introduced: tuple[str, ...] = ()


@dataclass
class Thread:
    """An issue; with ``branches``, a pull request."""

    number: int
    id: int
    title: str
    author: str | None
    body: str | None
    made: str
    branches: Branches | None = None
    state: str = "open"
    reason: str | None = None
    closed: str | None = None
    closed_by: str | None = None
    draft: bool = False
    labels: list[str] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    children: list[int] = field(default_factory=list)


class Threads:
    """The issues and pull requests of a repository."""

    world: World
    name: str
    bare: Bare
    url: str
    page: str
    threads: dict[int, Thread]
    labels: dict[str, dict[str, Any]]

    def open_issue(
        self, title: str, author: str | None = "ann", body: str | None = None, labels: Iterable[str] = ()
    ) -> int:
        """Open an issue and return its number."""
        number = max(self.threads, default=0) + 1
        self.threads[number] = Thread(number, self.world.new_id(), title, author, body, self.world.tick())
        for label in labels:
            self.label(number, label, by=author)
        return number

    def open_pull(
        self,
        head: str,
        base: str = "",
        author: str | None = "ann",
        labels: Iterable[str] = (),
        title: str = "Work",
        head_repository: Repository | None = None,
        body: str | None = None,
    ) -> int:
        """Open a pull request for a branch of this repository or of a fork, and return its number."""
        of: Any = head_repository or self
        number = self.open_issue(title, author, body)
        self.threads[number].branches = Branches(head, of, base or self.bare.branch)
        self.refresh()
        if not self.branches(number).head_sha:
            raise ValueError(f"{of.name} has no branch {head!r}, or {self.name} no {base or self.bare.branch!r}")
        for label in labels:
            self.label(number, label, by=author)
        return number

    def close_pull(self, number: int, merged_as: str | None = None, introduced: Iterable[str] = ()) -> None:
        """Close a pull request; ``merged_as`` is its commit on the base, ``introduced`` all others (a rebase)."""
        self.refresh()
        thread, pull = self.threads[number], self.branches(number)
        thread.state, thread.closed = "closed", self.world.tick()
        self._event(number, "merged" if merged_as else "closed", "ann")
        pull.merged_as, pull.introduced = merged_as, tuple(introduced)

    def close_issue(self, number: int, by: str | None = "ann") -> None:
        """Close an issue as a person."""
        thread = self.threads[number]
        thread.state, thread.closed, thread.closed_by = "closed", self.world.tick(), by

    def open_again(self, number: int, by: str | None = "ann") -> None:
        """Open an issue again as a person."""
        thread = self.threads[number]
        thread.state, thread.closed, thread.closed_by = "open", None, None
        self._event(number, "reopened", by)

    def change_base(self, number: int, base: str, by: str | None = "ann") -> None:
        """Let a pull request go into another branch."""
        self.refresh()
        pull = self.branches(number)
        pull.base, pull.base_sha = base, self.bare.branches()[base]
        self._event(number, "base_ref_changed", by)

    def pull(self, number: int) -> dict[str, Any]:
        """Return a pull request as the API describes it now."""
        self.refresh()
        of: Any = self
        return shapes.pull(of, number)

    def branches(self, number: int) -> Branches:
        """Return the branches of a pull request. Raises KeyError for an issue."""
        result = self.threads[number].branches
        if result is None:
            raise KeyError(number)
        return result

    def refresh(self) -> None:
        """Move open pull requests, and ``refs/pull/N/head`` and ``merge``, to the tips of their branches."""
        tips: dict[str, dict[str, str]] = {}
        for thread in self.threads.values():
            pull = thread.branches
            if pull is None or thread.state != "open":
                continue
            of: Any = self
            for repo in (of, pull.repository):
                if repo.name not in tips:
                    tips[repo.name] = repo.bare.branches()
                    repo.note_pushes(tips=tips[repo.name])
            head, base = tips[pull.repository.name].get(pull.head), tips[self.name].get(pull.base)
            if head and base and head != pull.head_sha:
                self.bare.point(f"refs/pull/{thread.number}/head", head)
                pull.head_sha, pull.base_sha, pull.trial = head, base, self.bare.merged(base, head)
                if pull.trial:
                    self.bare.point(f"refs/pull/{thread.number}/merge", pull.trial)

    def label(self, number: int, name: str, by: str | None = "ann") -> None:
        """Add a label; a new label is defined first, and one that is there keeps its spelling."""
        self.refresh()
        name = str(self.define_label(name)["name"])
        if name not in self.threads[number].labels:
            self.threads[number].labels.append(name)
            self._event(number, "labeled", by, name)

    def unlabel(self, number: int, name: str, by: str | None = "ann") -> None:
        """Remove a label, however it is spelt."""
        name = self.spelling(name)
        self.threads[number].labels.remove(name)
        self._event(number, "unlabeled", by, name)

    def define_label(self, name: str, color: str = "ededed", description: str = "") -> dict[str, Any]:
        """Return the label of a name, whose case makes no difference; a new label is defined."""
        name = self.spelling(name)
        facts = {"id": self.world.new_id(), "name": name, "color": color, "description": description, "default": False}
        return self.labels.setdefault(name, github().filled("label", facts))

    def spelling(self, name: str) -> str:
        """Return how a label is spelt here: as it was defined first."""
        return next((known for known in self.labels if known.lower() == name.lower()), name)

    def comment(self, number: int, text: str, by: str | None = "ann") -> int:
        """Write a comment and return its id. ``by`` None is an account that was deleted later."""
        made, key = self.world.tick(), self.world.new_id()
        facts = {
            "id": key,
            "body": text,
            "user": self.world.user(by),
            "created_at": made,
            "updated_at": made,
            "url": f"{self.url}/issues/comments/{key}",
            "issue_url": f"{self.url}/issues/{number}",
            "html_url": f"{self.page}/issues/{number}#issuecomment-{key}",
            "author_association": "NONE",
        }
        self.threads[number].comments.append(github().filled("issue-comment", facts))
        return key

    def comments(self, number: int) -> list[dict[str, Any]]:
        """Return the comments on an issue or a pull request, oldest first."""
        return self.threads[number].comments

    def _event(self, number: int, kind: str, by: str | None, label: str = "") -> None:
        facts: dict[str, Any] = {
            "id": self.world.new_id(),
            "event": kind,
            "actor": self.world.user(by),
            "created_at": self.world.tick(),
        }
        if label:
            facts["label"] = {"name": label, "color": self.labels[label]["color"]}
        schema = f"{kind}-issue-event" if label else "state-change-issue-event"
        self.threads[number].events.append(github().filled(schema, facts))
