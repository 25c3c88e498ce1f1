"""Judges what a change of a checkout stops supporting: the declarations of base and head -> drops -> verdict."""

from __future__ import annotations

from datetime import datetime
from importlib import metadata

from packaging.utils import canonicalize_name

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.devices.dependency_drops import PythonNeed, needs_by_policy, raised_dependencies
from pytest_carbon.core.devices.find_drops import SupportChanges, find_support_changes
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, judge_drops
from pytest_carbon.core.devices.support_values import Declarations
from pytest_carbon.declared.files_at_commit import read_files_at, read_maintained_branches, read_working_tree
from pytest_carbon.declared.read_project import read_declarations
from pytest_carbon.device_facts.lifecycles import load_facts
from pytest_carbon.git.branch_base import find_base, repository_folder
from pytest_carbon.git.worktree import resolve_commit


def judge_devices(config: Config, now: datetime, base: str | None = None, head: str | None = None) -> DevicesVerdict:
    """Judge the support that head drops. ``base`` and ``head`` name commits.

    Without ``base``, the base is the commit at which this branch began; without ``head``, the head is the working tree.
    Raises ConfigError outside of a git repository, CheckoutError for a commit that is not in the repository.
    """
    rule, facts = config.policy.devices, load_facts(config.root)
    if rule.mode == "off":
        return judge_drops(SupportChanges(), Declarations(), rule, (), facts, now)
    top, remote = repository_folder(config.root), config.ledger.remote
    base_commit = resolve_commit(top, base) if base else find_base(top, remote, default_branch(config))
    base_declarations = read_declarations(read_files_at(base_commit, top))
    head_files = read_files_at(resolve_commit(top, head), top) if head else read_working_tree(top)
    head_declarations = read_declarations(head_files)
    needs = _python_needs(config, base_declarations, head_declarations)
    changes = find_support_changes(base_declarations, head_declarations, facts, now, needs)
    names = rule.maintained_branches if changes.drops else ()
    branches = read_maintained_branches(names, top, remote) if names else []
    return judge_drops(changes, base_declarations, rule, branches, facts, now)


def _python_needs(config: Config, base: Declarations, head: Declarations) -> dict[str, tuple[PythonNeed, ...]]:
    """Return the Pythons that each dependency with a raised lower bound needs: by the policy, and as installed here."""
    by_policy = needs_by_policy(config.policy.devices)
    names = {canonicalize_name(dependency.name) for dependency in raised_dependencies(base, head)}
    return {name: (*by_policy.get(name, ()), *_installed_need(name)) for name in names}


def _installed_need(name: str) -> list[PythonNeed]:
    """Return the Python that the installed package of this name needs; empty if not installed or not declared."""
    try:
        package = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    if "Requires-Python" not in package or "Version" not in package:
        return []
    version = package["Version"]
    return [PythonNeed(version, package["Requires-Python"], f"{name} {version}, which is installed here,")]
