"""Makes the proposal for a project: the files to write, and what a person does by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pytest_carbon import __version__
from pytest_carbon.config.load import Config
from pytest_carbon.config.policy_files import find_policy
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.escape import visible
from pytest_carbon.core.proposal.change_policy import fill_in_zone
from pytest_carbon.core.proposal.ci.forge_texts import ACTION_PAGE, CI_PAGE, lines_for_other_ci
from pytest_carbon.core.proposal.ci.hook_entry import HOOKS_FILE
from pytest_carbon.core.proposal.ci.workflow_files import FOLDER, uses_pytest_carbon
from pytest_carbon.core.proposal.project_facts import ProjectFacts
from pytest_carbon.core.proposal.propose_files import (
    POLICY_FILE,
    Addition,
    PolicyOnDisk,
    ProposedFile,
    propose_addition,
    propose_hooks,
    propose_labels,
    propose_policy,
    propose_workflows,
)
from pytest_carbon.core.verdict.wording import NAME_CELLS, shorten
from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes
from pytest_carbon.usecases.init_project.look_at_project import read_text, top_of_repository

_TEMPLATES = {False: "own-branches", True: "forks"}


@dataclass(frozen=True, slots=True)
class ShownText:
    """What a person does by hand: a sentence, and lines to copy."""

    sentence: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The files to write, below the top of the repository, what a person does by hand, and what is still open."""

    files: tuple[ProposedFile, ...]
    texts: tuple[ShownText, ...]
    open_points: tuple[str, ...]


def policy_on_disk(config: Config) -> PolicyOnDisk | None:
    """Return the policy that a project has; None without one. Raises ConfigError if its file cannot be read."""
    name = find_policy(config.root)
    if name is None:
        return None
    try:
        return PolicyOnDisk(name, read_bytes(config.root / name, POLICY_BYTES, config.root).decode(), config.policy)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{config.root / name} cannot be read ({error}); check what it is") from error


def workflow_templates(*, forks: bool) -> dict[str, str]:
    """Return the short workflows that are in the package, by their names: for own branches, or also for forks."""
    folder = resources.files("pytest_carbon.usecases.init_project").joinpath("workflows", _TEMPLATES[forks])
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".yml")}


def make_proposal(
    config: Config, facts: ProjectFacts, there: PolicyOnDisk | None, *, new_zone: str | None, forks: bool
) -> Proposal:
    """Return what is proposed for a project, whose policy may be ``there`` already and lack the ``new_zone``.

    ``forks`` says that pull requests come from forks, too.
    """
    top = top_of_repository(config.root)
    files: list[ProposedFile | None] = []
    texts: list[ShownText] = []
    if there is None:
        policy, features = propose_policy(facts, new_zone)
        files.append(policy)
    else:
        addition = propose_addition(facts, there, new_zone)
        files.append(addition.file)
        features = addition.features
        texts += _by_hand(there, addition, new_zone)
    files += propose_workflows(facts, workflow_templates(forks=forks))
    hooks, entry = propose_hooks(_hooks_there(top), __version__)
    files.append(hooks)
    if entry:
        texts.append(ShownText(f"{_why_by_hand(top / HOOKS_FILE)}, for warnings before a push:", entry))
    texts += _texts_on_ci(facts, forks=forks, is_new=there is None)
    labels = propose_labels(facts, features, is_new=there is None)
    if labels:
        texts.append(ShownText("labels of pull requests, which say who pays and what is excused:", labels))
    open_points = _open_points(facts, there, config.zone or new_zone)
    return Proposal(tuple(file for file in files if file), tuple(texts), tuple(open_points))


def wants_zone(there: PolicyOnDisk | None) -> bool:
    """Return whether a policy is new, or has the line that was left for its zone: others may live without one."""
    return there is None or fill_in_zone(there.text, "") is not None


def wants_workflow(facts: ProjectFacts) -> bool:
    """Return whether a workflow is proposed."""
    return bool(propose_workflows(facts, workflow_templates(forks=False)))


def _open_points(facts: ProjectFacts, there: PolicyOnDisk | None, zone: str | None) -> Iterator[str]:
    if not zone and wants_zone(there):
        yield "the zone is still open: pytest-carbon init --zone ZONE fills it in"
    limited = there is not None and any(budget.feature for budget in there.policy.budgets)
    if facts.measured is None and not limited:
        yield f"no feature has a limit, because {facts.unmeasured}: pytest --carbon, then pytest-carbon init again"


def _hooks_there(top: Path) -> str | None:
    """Return the text of pre-commit's settings; None if there are none, empty if they cannot be read."""
    path = top / HOOKS_FILE
    return (read_text(path, top) or "") if os.path.lexists(path) else None


def _why_by_hand(path: Path) -> str:
    """Return what a person does with settings of pre-commit that are there; a link is named, with its target."""
    add = f"add this below repos: in {HOOKS_FILE}"
    if not path.is_symlink():
        return add
    return f"{HOOKS_FILE} is a link to {shorten(visible(str(path.readlink())), NAME_CELLS)}, and is left alone; {add}"


def _by_hand(there: PolicyOnDisk, addition: Addition, new_zone: str | None) -> Iterator[ShownText]:
    if addition.zone_by_hand:
        place = "at the top of" if there.file == POLICY_FILE else "into [tool.pytest-carbon] of"
        yield ShownText(f"write this {place} {there.file}:", (f"zone = {json.dumps(new_zone)}",))
    if addition.tables_by_hand:
        yield ShownText(
            f"nothing can be added behind {there.file} without a change to what is there, because its features are one "
            "inline table; write these tables into it in that form:",
            addition.tables_by_hand,
        )


def _texts_on_ci(facts: ProjectFacts, *, forks: bool, is_new: bool) -> Iterator[ShownText]:
    """Yield what to do for the project's CI, if no workflow is proposed for it."""
    clash = [f"{FOLDER}/{name}" for name in workflow_templates(forks=forks) if f"{FOLDER}/{name}" in facts.workflows]
    if facts.forge == "GitHub" and clash and not uses_pytest_carbon(facts.workflows):
        what = "runs something else" if facts.workflows[clash[0]] else "cannot be read"
        yield ShownText(
            f"{clash[0]} is there already and {what}, so no workflow is proposed; rename it, and call "
            "pytest-carbon init again"
        )
    if facts.forge == "GitHub" and facts.folder and is_new:
        yield ShownText(
            "the workflows measure at the top of a repository, and this project lies below it, so none is proposed: "
            f"write one policy at the top, with a feature for each project, or see {ACTION_PAGE}"
        )
    if facts.forge == "GitHub" or not is_new:
        return
    of_change, of_main = lines_for_other_ci(facts.default_branch)
    where = "GitLab" if facts.forge else "any other CI"
    yield ShownText(
        f"for {where}, in the job that tests a change, with the change's own number, and --label for its labels:",
        of_change,
    )
    yield ShownText(f"in the job that tests {facts.default_branch}; who may push, and how: {CI_PAGE}", of_main)
