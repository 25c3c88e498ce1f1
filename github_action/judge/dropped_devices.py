"""Judges which devices and systems a pull request or merge group drops, from the files of its base and head."""

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
from github_action.repository.git_objects import GitObjects
from pytest_carbon.core.devices.dependency_drops import needs_by_policy
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.find_drops import SupportChanges, find_support_changes
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, MaintainedBranch, judge_drops
from pytest_carbon.core.devices.support_values import Declarations, DeviceFacts
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.declared.files_at_commit import commit_time, list_blobs, read_blobs
from pytest_carbon.declared.read_project import may_declare, read_declarations
from pytest_carbon.device_facts.lifecycles import REFRESHED_TABLE, load_facts, shipped_facts
from pytest_carbon.files.write_safely import make_folder, write_whole
from pytest_carbon.git import run_git
from pytest_carbon.git.remote_access import explain_refusal


@dataclass(frozen=True)
class DroppedDevices:
    """The drops between a subject's base and head. Only the objects that are needed are fetched, each once."""

    judge: JudgeContext
    subject: Subject

    def verdict(self, policy: Policy) -> DevicesVerdict | None:
        """Judge the drops by a policy and apply an approval; None if no file that may declare support changed.

        Raises no CarbonError: the verdict then says why it is inconclusive.
        """
        rule = policy.devices
        if rule.mode == "off":
            return None
        try:
            if not self._declarations_changed:
                return None
            verdict = self._judge_drops(rule)
        except CarbonError as error:
            verdict = judge_drops(SupportChanges(), Declarations(), rule, (), shipped_facts(), self.judge.now)
            why = explain_refusal(error) if isinstance(error, run_git.GitError) else str(error)
            verdict = replace(verdict, inconclusive_reason=why)
        return apply_device_label(self.judge, self.subject.pulls, verdict, forks_wait=policy.forks == "queue")

    def _judge_drops(self, rule: DevicesRule) -> DevicesVerdict:
        (base, head), now, needs = self._base_and_head, self.judge.now, needs_by_policy(rule)
        changes = find_support_changes(base, head, self._facts, now, needs)
        if changes.drops and self._merge_base:
            base = self._merge_base
            changes = find_support_changes(base, head, self._facts, now, needs)
        branches = list(self._maintained_branches(rule.maintained_branches)) if changes.drops else []
        return judge_drops(changes, base, rule, branches, self._facts, now)

    @cached_property
    def _objects(self) -> GitObjects:
        folder = self.judge.folder / f"devices-{self.subject.head_sha}"
        return GitObjects(self.judge.context, self.judge.secrets.token, folder)

    @cached_property
    def _declarations_changed(self) -> bool:
        """Whether base and head differ in a file that may declare support."""
        base, head = self.subject.base_sha, self.subject.head_sha
        self._objects.fetch_commits([base, head])
        return any(may_declare(path) for path in self._objects.changed_paths(base, head))

    @cached_property
    def _base_and_head(self) -> tuple[Declarations, Declarations]:
        base, head = self._read_commits([self.subject.base_sha, self.subject.head_sha])
        return base, head

    def _read_commits(self, commits: Sequence[str]) -> list[Declarations]:
        """Return the declarations of fetched commits; a file that several commits share is fetched once."""
        folder = self._objects.folder
        trees = [list_blobs(commit, folder, folder) for commit in commits]
        self._objects.fetch_files({blob for tree in trees for blob in tree.values()})
        return [read_declarations(read_blobs(tree, folder, folder)) for tree in trees]

    @cached_property
    def _facts(self) -> DeviceFacts:
        """The shipped facts, or those that the project refreshed in the base, whichever are newer."""
        path = posixpath.normpath(posixpath.join(self.judge.inputs.working_directory, REFRESHED_TABLE.as_posix()))
        name = f"{self.subject.base_sha}:{path}"
        folder = self._objects.folder
        blob = run_git.try_text(["rev-parse", "--verify", "-q"], folder, names=[name], git_dir=folder)
        if blob is None:
            return shipped_facts()
        self._objects.fetch_files([blob])
        table = folder / REFRESHED_TABLE
        make_folder(table.parent, folder)
        write_whole(table, read_blobs({path: blob}, folder, folder)[path], folder)
        return load_facts(folder)

    @cached_property
    def _merge_base(self) -> Declarations | None:
        """The declarations of the commit where a pull request left its base; None if that commit is the base.

        A pull request does not drop what its base began to support later.
        """
        if self.subject.pull is None:
            return None
        commits = f"{self.subject.base_sha}...{self.subject.head_sha}"
        with suppress(ApiError):
            path = f"repos/{self.judge.context.repository}/compare/{commits}"
            comparison = self.judge.client.get(path, per_page=1)
            commit = str((comparison.get("merge_base_commit") or {}).get("sha"))
            if is_sha(commit) and commit != self.subject.base_sha:
                self._objects.fetch_commits([commit])
                return self._read_commits([commit])[0]
        return None

    def _maintained_branches(self, names: Sequence[str]) -> Iterator[MaintainedBranch]:
        """Yield those of the named branches that exist.

        The branch that is merged into is left out: the pull request drops what this branch still supports.
        """
        targets = {pull.base_ref for pull in self.subject.pulls}
        names = [name for name in names if name not in targets]
        tips, folder = self._objects.find_branches(names) if names else {}, self._objects.folder
        if tips:
            self._objects.fetch_commits([*tips.values()])
        for (name, commit), declared in zip(tips.items(), self._read_commits([*tips.values()]), strict=True):
            yield MaintainedBranch(name, declared, commit_time(commit, folder, folder))
