"""A ledger in a folder, and an empty ledger in a database, for the verbs below ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def database(project: Any) -> str:
    """The URL of an empty ledger in a SQLite database."""
    assert project.carbon("ledger", "migrate", "--sql", "sqlite:///runs.db", now=None).code == 0
    return "sqlite:///runs.db"


def fill_ledger(project: Any, folder: str, numbers: Sequence[int]) -> None:
    """Append runs of the default branch with these numbers to a ledger in a folder, one a day."""
    reports = [project.report(n, branch="main", ago=timedelta(days=n)) for n in numbers]
    assert project.carbon("ledger", "append", *reports, "--folder", folder).code == 0
