"""The whole proposal: the files to write, and what a person does by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.proposal.change_policy import append_tables, fill_in_zone
from pytest_carbon.core.proposal.ci.forge_texts import label_lines
from pytest_carbon.core.proposal.ci.hook_entry import HOOKS_FILE, REPOSITORY, hook_entry, hooks_file
from pytest_carbon.core.proposal.ci.workflow_files import uses_pytest_carbon, workflow_files
from pytest_carbon.core.proposal.code_owners import owners_of, read_code_owners
from pytest_carbon.core.proposal.find_test_files import find_test_files
from pytest_carbon.core.proposal.policy_text import feature_tables, policy_text, repository_table
from pytest_carbon.core.proposal.project_facts import ProjectFacts
from pytest_carbon.core.proposal.propose_features import (
    ProposedFeature,
    measured_features,
    propose_features,
    propose_new_features,
)

POLICY_FILE = "carbon.toml"


@dataclass(frozen=True, slots=True)
class PolicyOnDisk:
    """A policy that is there already: its file's name, its text, and what it says."""

    file: str
    text: str
    policy: Policy

    @property
    def before_tables(self) -> str:
        """Return what begins the names of its tables."""
        return "" if self.file == POLICY_FILE else "tool.pytest-carbon."


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """A file to write: its path below the top of the repository, what it has now (None: nothing), and what it gets."""

    path: str
    before: str | None
    after: str


def propose_policy(facts: ProjectFacts, zone: str | None) -> tuple[ProposedFile, tuple[ProposedFeature, ...]]:
    """Return a new policy, and its features."""
    tests = find_test_files(facts.files, facts.test_paths, facts.test_names)
    features = propose_features(facts.name, facts.files, tests, facts.measured)
    text = policy_text(facts, features, _owners(facts, features, tests), zone)
    return ProposedFile(_in_project(facts, POLICY_FILE), None, text), tuple(features)


@dataclass(frozen=True, slots=True)
class Addition:
    """What is new for a policy: the file, if it can be added to, the features, and lines that a person must add.

    ``zone_by_hand`` says that the zone is among them: it belongs at the top, where only a line of ours makes room.
    """

    file: ProposedFile | None
    features: tuple[ProposedFeature, ...]
    tables_by_hand: tuple[str, ...] = ()
    zone_by_hand: bool = False


def propose_addition(facts: ProjectFacts, there: PolicyOnDisk, new_zone: str | None) -> Addition:
    """Return what is new for a policy: folders that no feature claims, and the zone if it had none.

    If no feature has a limit and a run of the whole suite was measured, all features get theirs. A policy with neither
    a feature nor a budget, such as one of ``[machine]`` alone, also gets the budget of the repository.
    """
    tests = find_test_files(facts.files, facts.test_paths, facts.test_names)
    old = there.policy.features
    features = propose_new_features(old, facts.files, tests, facts.measured)
    limited = any(budget.feature for budget in there.policy.budgets)
    unlimited = [] if limited or facts.measured is None else measured_features(old, tests, facts.measured)
    owners = _owners(facts, [*features, *unlimited], tests)
    tables = feature_tables(features, unlimited, owners, there.before_tables)
    if not old and not there.policy.budgets:
        tables = "\n".join(filter(None, [repository_table(facts, owners, there.before_tables), tables]))
    zoned = fill_in_zone(there.text, new_zone) if new_zone else None
    text = there.text if zoned is None else zoned
    after = append_tables(text, tables) if tables else text
    by_hand = tuple(tables.splitlines()) if after is None else ()
    whole = text if after is None else after
    file = None if whole == there.text else ProposedFile(_in_project(facts, there.file), there.text, whole)
    return Addition(file, tuple(features), by_hand, new_zone is not None and zoned is None)


def propose_workflows(facts: ProjectFacts, templates: Mapping[str, str]) -> list[ProposedFile]:
    """Return the workflows to write: for GitHub, and for a project at the top of its repository, which they measure.

    None if one runs pytest-carbon already, or if one has the name of ours.
    """
    wanted = workflow_files(templates, facts)
    if (
        facts.forge != "GitHub"
        or facts.folder
        or uses_pytest_carbon(facts.workflows)
        or wanted.keys() & facts.workflows.keys()
    ):
        return []
    return [ProposedFile(path, None, text) for path, text in wanted.items()]


def propose_hooks(text: str | None, version: str) -> tuple[ProposedFile | None, tuple[str, ...]]:
    """Return a new file of pre-commit's hooks if there is none; else the entry to add to it, if that is not there."""
    if text is None:
        return ProposedFile(HOOKS_FILE, None, hooks_file(version)), ()
    return None, () if REPOSITORY in text else tuple(hook_entry(version).splitlines())


def propose_labels(facts: ProjectFacts, features: Sequence[ProposedFeature], *, is_new: bool) -> tuple[str, ...]:
    """Return a line for each label to create; with a new policy also those that every policy has."""
    return tuple(label_lines(features, facts.forge, all_labels=is_new))


def _owners(
    facts: ProjectFacts, features: Sequence[ProposedFeature], tests: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    lines = read_code_owners(facts.code_owners)
    files = {"": tuple(tests), **{feature.name: feature.files for feature in features}}
    return {name: owners_of([_in_project(facts, file) for file in own], lines) for name, own in files.items()}


def _in_project(facts: ProjectFacts, path: str) -> str:
    return f"{facts.folder}/{path}" if facts.folder else path
