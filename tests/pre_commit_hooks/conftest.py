"""Fixtures of the hooks' tests: a project in a folder of its own, and the command line in it."""

from __future__ import annotations

from tests.cli.conftest import Done, Project, project

__all__ = ["Done", "Project", "project"]
