"""The entry of the local hooks in ``.pre-commit-config.yaml``."""

from __future__ import annotations

HOOKS_FILE = ".pre-commit-config.yaml"
REPOSITORY = "https://github.com/pytest-carbon/pytest-carbon"
_ENTRY = """  - repo: {repository}
    rev: v{version}
    hooks:
      - id: carbon-budget
      - id: carbon-policy
      - id: carbon-workflows
      - id: carbon-devices
"""


def hook_entry(version: str) -> str:
    """Return the lines that belong below ``repos:``."""
    return _ENTRY.format(repository=REPOSITORY, version=version)


def hooks_file(version: str) -> str:
    """Return a whole file with nothing but this entry."""
    return f"repos:\n{hook_entry(version)}"
