"""What a person does by hand for a new policy: labels to create, and the lines of a CI that is not GitHub's."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from pytest_carbon.core.devices.devices_rule import APPROVAL_LABEL
from pytest_carbon.core.policy.policy import OVERRIDE_LABEL
from pytest_carbon.core.proposal.project_facts import Forge
from pytest_carbon.core.proposal.propose_features import ProposedFeature

_EVERYWHERE = (("security", "a security fix may pass an exhausted carbon budget"),)
_ON_GITHUB = (
    (OVERRIDE_LABEL, "asks for an override of a carbon budget; the reason in a comment"),
    (APPROVAL_LABEL, "approves that devices are no longer supported; the reason in a comment"),
)
_PAGES = "https://github.com/pytest-carbon/pytest-carbon/blob/main/docs"
CI_PAGE, ACTION_PAGE = f"{_PAGES}/troubleshooting.md", f"{_PAGES}/github-action.md"


def label_lines(features: Iterable[ProposedFeature], forge: Forge, *, all_labels: bool) -> list[str]:
    """Return a command for each label; for an unknown forge, the label and what it means.

    ``all_labels`` adds those that every policy has; only the Action for GitHub reads those that approve. A label that
    is there already gives an error, and nothing changes.
    """
    labels = [(feature.label, f"the feature {feature.name} pays for the test runs") for feature in features]
    labels += _EVERYWHERE if all_labels else ()
    labels += _ON_GITHUB if all_labels and forge == "GitHub" else ()
    return [_line(name, meaning, forge) for name, meaning in labels]


def _line(name: str, meaning: str, forge: Forge) -> str:
    if forge == "GitHub":
        return f"gh label create {shlex.quote(name)} --description {shlex.quote(meaning)}"
    if forge == "GitLab":
        return f"glab label create --name {shlex.quote(name)} --description {shlex.quote(meaning)}"
    return f"{name}: {meaning}"


def lines_for_other_ci(default_branch: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines for the job that tests a change, and for the job that tests the default branch."""
    refs = shlex.quote(f"+refs/heads/{default_branch}:refs/remotes/origin/{default_branch}")
    base = f"--policy-from {shlex.quote(f'origin/{default_branch}')} --pr NUMBER"
    of_change = (
        f"git fetch --depth=2147483647 origin {refs}",
        "pytest --carbon",
        f"pytest-carbon confirm {base} -- pytest || true",
        f"pytest-carbon check {base} --format junit --output junit.xml",
    )
    return of_change, ("pytest --carbon", "pytest-carbon ledger append")
