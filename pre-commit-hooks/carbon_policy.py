"""``carbon-policy``: mistakes in the policy, and the rules that a change loosens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pytest_carbon.config.load import Config, find_root, load_config
from pytest_carbon.config.loosened_settings import loosened_settings
from pytest_carbon.config.policy_above import ignored_policy
from pytest_carbon.config.policy_files import NO_FILE
from pytest_carbon.config.unused_paths import files_in_git
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.local_hooks.hook_result import HookResult
from pytest_carbon.core.local_hooks.path_problems import path_problems
from pytest_carbon.core.policy.policy import POLICY_FILES, overcommitted_budgets
from pytest_carbon.git import run_git
from pytest_carbon.git.refusal import why_git_refuses


def run_hook(files: Sequence[str], environment: Mapping[str, str], now: datetime) -> HookResult:  # noqa: ARG001 - as every hook
    """Check the policies in these files, or without files the policy of the working directory's project.

    A policy is compared with the commit where the push began, which pre-commit names, or else with the last commit.
    """
    roots = [Path(file).parent for file in files if Path(file).name.casefold() in POLICY_FILES]
    before = environment.get("PRE_COMMIT_FROM_REF") or "HEAD"
    projects = dict.fromkeys(roots or [find_root(Path.cwd())])
    warnings = tuple(line for root in projects for line in _check_project(root, before, alone=not roots))
    return HookResult(warnings, tuple(filter(None, {why_git_refuses(root) for root in projects})))


def _check_project(root: Path, before: str, *, alone: bool) -> list[str]:
    folder = "" if root.resolve() == Path.cwd() else f"{root.as_posix()}: "
    try:
        config = load_config(root, environment={})
    except ConfigError as error:
        return [f"{folder}{line}" for line in str(error).split("\n")]
    above = ignored_policy(config) if alone else ""  # a changed pyproject.toml need not have a policy
    if above:
        return [f"{folder}{above}"]
    warnings = [*overcommitted_budgets(config.policy), *_path_warnings(config), *_loosened_warnings(config, before)]
    return [f"{folder}{config.source}: {warning}" for warning in warnings]


def _path_warnings(config: Config) -> list[str]:
    files = files_in_git(config.root) if any(config.feature_paths.values()) else []
    return path_problems(config.feature_paths, files) if files else []


def _loosened_warnings(config: Config, before: str) -> list[str]:
    """Say what the change loosens; nothing if the old commit has no policy, or none that can be read."""
    try:
        old = load_config(config.root, policy_from=before, environment={})
    except (ConfigError, run_git.GitError):
        return []
    is_new = old.source.startswith(NO_FILE)
    return [] if is_new else [f"this change loosens it: {line}" for line in loosened_settings(old, config)]
