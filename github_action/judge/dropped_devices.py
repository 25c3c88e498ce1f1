"""What a pull request or a merge queue drops of what the project runs on, told from the trees of base and head."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from github_action.api.client import ApiError
from github_action.event.github_context import is_sha
from github_action.judge.approval_labels import apply_device_label
from github_action.judge.judge_context import JudgeContext
from github_action.reports.find_pull_request import Subject
from github_action.repository.git_objects import Objects
from pytest_carbon.core.devices.dependency_drops import needs_by_policy
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.find_drops import SupportChanges, find_support_changes
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, MaintainedBranch, judge_drops
from pytest_carbon.core.devices.values import Declarations, DeviceFacts
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.declared.files_at_commit import commit_time, list_blobs, read_blobs
from pytest_carbon.declared.read_project import may_declare, read_declarations
from pytest_carbon.device_facts.lifecycles import REFRESHED_TABLE, load_facts, shipped_facts
from pytest_carbon.git import run_git


@dataclass(frozen=True)
class DroppedDevices:
    """A subject's base and head, of which no more is fetched than is needed, and that once."""

    judge: JudgeContext
    subject: Subject

    def verdict(self, rule: DevicesRule) -> DevicesVerdict | None:
        """Judge what is dropped, and let an approval count; None where nothing changed that declares anything.

        Why something could not be told stands in the verdict, and is not raised.
        """
        if rule.mode == "off":
            return None
        try:
            if not self._declarations_changed:
                return None
            found = self._judge_drops(rule)
        except CarbonError as error:
            found = judge_drops(SupportChanges(), Declarations(), rule, (), shipped_facts(), self.judge.now)
            found = replace(found, inconclusive_reason=str(error))
        return apply_device_label(self.judge, self.subject.pulls, found)

    def _judge_drops(self, rule: DevicesRule) -> DevicesVerdict:
        (base, head), now, needs = self._base_and_head, self.judge.now, needs_by_policy(rule)
        found = find_support_changes(base, head, self._facts, now, needs)
        if found.drops and self._merge_base:
            base = self._merge_base
            found = find_support_changes(base, head, self._facts, now, needs)
        branches = list(self._maintained_branches(rule.maintained_branches)) if found.drops else []
        return judge_drops(found, base, rule, branches, self._facts, now)

    @cached_property
    def _objects(self) -> Objects:
        return Objects(
            self.judge.context, self.judge.secrets.token, self.judge.folder / f"devices-{self.subject.head_sha}"
        )

    @cached_property
    def _declarations_changed(self) -> bool:
        """Whether a file differs that may declare something."""
        base, head = self.subject.base_sha, self.subject.head_sha
        self._objects.fetch([base, head])
        return any(may_declare(path) for path in self._objects.changed(base, head))

    @cached_property
    def _base_and_head(self) -> tuple[Declarations, Declarations]:
        base, head = self._read_commits([self.subject.base_sha, self.subject.head_sha])
        return base, head

    def _read_commits(self, commits: Sequence[str]) -> list[Declarations]:
        """Return what commits declare whose trees are here; a file that several have is fetched once."""
        sides = [list_blobs(commit, self._objects.folder) for commit in commits]
        self._objects.fetch_files({blob for side in sides for blob in side.values()})
        return [read_declarations(read_blobs(side, self._objects.folder)) for side in sides]

    @cached_property
    def _facts(self) -> DeviceFacts:
        """The facts that are shipped, or those that the project refreshed in base, whichever are newer."""
        path = posixpath.normpath(posixpath.join(self.judge.inputs.working_directory, REFRESHED_TABLE.as_posix()))
        blob = run_git.try_text(
            ["rev-parse", "--verify", "-q", f"{self.subject.base_sha}:{path}"], self._objects.folder
        )
        if blob is None:
            return shipped_facts()
        self._objects.fetch_files([blob])
        here = self._objects.folder / REFRESHED_TABLE
        here.parent.mkdir(exist_ok=True)
        here.write_bytes(read_blobs({path: blob}, self._objects.folder)[path])
        return load_facts(self._objects.folder)

    @cached_property
    def _merge_base(self) -> Declarations | None:
        """What the project declared where a pull request left its base; None where that is base itself.

        What base supports only since then is not dropped by who has not seen it.
        """
        if self.subject.pull is None:
            return None
        two = f"{self.subject.base_sha}...{self.subject.head_sha}"
        with suppress(ApiError):
            told = self.judge.client.get(f"repos/{self.judge.context.repository}/compare/{two}", per_page=1)
            commit = str((told.get("merge_base_commit") or {}).get("sha"))
            if is_sha(commit) and commit != self.subject.base_sha:
                self._objects.fetch([commit])
                return self._read_commits([commit])[0]
        return None

    def _maintained_branches(self, names: Sequence[str]) -> Iterator[MaintainedBranch]:
        """Yield the branches that are called maintained, as far as there are such.

        Not the one that is merged into: what it still has is what is being dropped from it.
        """
        into = {pull.base_ref for pull in self.subject.pulls}
        names = [name for name in names if name not in into]
        found = self._objects.branches(names) if names else {}
        if found:
            self._objects.fetch([*found.values()])
        for (name, commit), declared in zip(found.items(), self._read_commits([*found.values()]), strict=True):
            yield MaintainedBranch(name, declared, commit_time(commit, self._objects.folder))
