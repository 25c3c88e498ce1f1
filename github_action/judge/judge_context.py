"""What the Action judges and records with: the event, the inputs, the API client, secrets, a folder and the time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.reports.find_pull_request import Subject
from github_action.repository import policy_at_commit
from github_action.repository.open_ledger import Secrets, open_ledger
from pytest_carbon.config.load import Config
from pytest_carbon.config.policy_files import NO_FILE
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.ledgers.ledger import Ledger

Topic = Literal["override", "devices"]
"""What a label with a reason is for."""


@dataclass(frozen=True, slots=True)
class JudgeContext:
    """What every stage after measuring works with. ``folder`` is an empty folder that only this step uses.

    A commit's policy is read once. ``reasons`` are those that were looked for, None if not found, by the number of the
    pull request, the person who had to give it, and what it is for: a comment may come while the verdict is made.
    """

    context: GitHubContext
    inputs: ActionInputs
    client: Client
    secrets: Secrets
    folder: Path
    now: datetime
    reasons: dict[tuple[int, str, Topic], str | None] = field(default_factory=dict, repr=False)
    _policy_files: dict[str, policy_at_commit.PolicyFiles] = field(default_factory=dict, repr=False)
    _configs: dict[str, Config] = field(default_factory=dict, repr=False)

    def ledger(self, config: Config) -> Ledger:
        """Open the ledger that a configuration names."""
        return open_ledger(self.context, config, self.secrets, self.folder / "ledger", self.now)

    def policy_files(self, commit: str) -> policy_at_commit.PolicyFiles:
        """Return which file of a commit holds the policy."""
        if commit not in self._policy_files:
            self._policy_files[commit] = policy_at_commit.find_policy_files(
                self.client, self.context.repository, commit, self.inputs.working_directory
            )
        return self._policy_files[commit]

    def config_at(self, commit: str) -> Config:
        """Read the configuration of a commit."""
        return self.read_config(self.policy_files(commit))

    def config_of_base(self, subject: Subject) -> Config:
        """Read the configuration that judges a subject: that of its base.

        Raises ConfigError, which says where to mend a policy, because no commit of a pull request can. A folder that
        the workflow names wrongly is mended in the workflow.
        """
        try:
            return self.config_at(subject.base_sha)
        except policy_at_commit.WrongFolderError:
            raise
        except ConfigError as error:
            if not subject.pulls:
                raise
            branch = subject.pulls[0].base_ref
            raise ConfigError(
                f"{error}; mend it on {branch}, and then update the branch of the pull request: {branch} judges it, "
                "and no commit of it mends that"
            ) from error

    def config_on_branch(self, commit: str, branch: str) -> Config:
        """Read the configuration of a commit of a branch, which is the default branch if nothing names another.

        The event of a schedule does not name the default branch.
        """
        config = self.config_at(commit)
        policy = replace(config.policy, default_branch=config.policy.default_branch or branch)
        return replace(config, policy=policy)

    def read_config(self, files: policy_at_commit.PolicyFiles) -> Config:
        """Read the configuration that policy files hold."""
        if files.commit not in self._configs:
            self._configs[files.commit] = self._load_config(files)
        return self._configs[files.commit]

    def _load_config(self, files: policy_at_commit.PolicyFiles) -> Config:
        folder = self.folder / f"policy-{files.commit}"
        repository, place = self.context.repository, self.inputs.working_directory
        config = policy_at_commit.read_config(self.client, repository, files, folder, self.context.default_branch)
        if place != "." and config.source.startswith((NO_FILE, policy_at_commit.NO_POLICY)):
            policy_at_commit.refuse_policy_above(self.client, repository, files.commit, place)
        return config
