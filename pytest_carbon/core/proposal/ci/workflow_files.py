"""The short workflows of GitHub for a project: with its branch, and its way to install."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pytest_carbon.core.proposal.project_facts import ProjectFacts

FOLDER = ".github/workflows"
BRANCHES, INSTALL = "branches: [main]", "install: 'python -m pip install --editable . pytest pytest-carbon'"
"""What the short workflows say where projects differ."""
_PLAIN_BRANCH = re.compile(r"[A-Za-z][\w./-]*", re.ASCII)
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_PLAIN_WORD = re.compile(r"[\w./-]+", re.ASCII)
_OURS = re.compile(r"uses:\s*[\"']?pytest-carbon/pytest-carbon\b")


def workflow_files(templates: Mapping[str, str], facts: ProjectFacts) -> dict[str, str]:
    """Return the workflows by their path below the top of the repository; ``templates`` are the short ones by name."""
    words = " ".join(map(_shell_word, (*facts.install, "pytest", "pytest-carbon")))
    install = f"install: {_quoted(f'python -m pip install {words}')}"
    branches = f"branches: [{_branch(facts.default_branch)}]"
    return {
        f"{FOLDER}/{name}": text.replace(BRANCHES, branches).replace(INSTALL, install)
        for name, text in templates.items()
    }


def uses_pytest_carbon(workflows: Mapping[str, str]) -> str | None:
    """Return the first workflow that runs pytest-carbon's Action or workflows already; None if none does."""
    return next((name for name, text in sorted(workflows.items()) if _OURS.search(text)), None)


def _branch(name: str) -> str:
    plain = _PLAIN_BRANCH.fullmatch(name) and name.casefold() not in _WORDS_OF_YAML
    return name if plain else json.dumps(name)


def _quoted(text: str) -> str:
    return json.dumps(text) if "'" in text else f"'{text}'"


def _shell_word(word: str) -> str:
    return word if _PLAIN_WORD.fullmatch(word) else f"'{word}'"
