"""Tells whether a pull request touches nothing but documentation, by GitHub's list of its files."""

from __future__ import annotations

from github_action.api.client import ApiError, Client
from github_action.reports.download_artifacts import repository_path
from pytest_carbon.core.records.entry_details.documentation import touches_only_documentation

MOST_COMPARED = 300
"""GitHub lists so many files of a comparison of two commits. A list of so many may be cut."""


def docs_only(client: Client, repository: str, base: str, head: str) -> bool | None:
    """Return whether a head touches nothing but documentation since it left its base; None if GitHub does not tell."""
    try:
        files = client.get(f"repos/{repository_path(repository)}/compare/{base}...{head}").get("files") or []
    except ApiError:
        return None
    if len(files) >= MOST_COMPARED:
        return None
    names = [file.get(key) for file in files for key in ("filename", "previous_filename") if file.get(key)]
    return touches_only_documentation([str(name) for name in names])
