"""How CI installs a project."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.proposal.ci.install_words import install_words

PROJECT = {"project": {"name": "shop"}}


@pytest.mark.parametrize(
    ("pyproject", "files", "words"),
    [
        ({}, [], ()),
        ({}, ["setup.py"], ("--editable", ".")),
        ({"build-system": {}}, [], ("--editable", ".")),
        (PROJECT, ["requirements.txt"], ("--editable", ".", "--requirement", "requirements.txt")),
        ({}, ["requirements.txt", "requirements-dev.txt"], ("--requirement", "requirements-dev.txt")),
        ({"project": {"optional-dependencies": {"docs": [], "tests": []}}}, ["setup.py"], ("--editable", ".[tests]")),
        ({**PROJECT, "dependency-groups": {"dev": []}}, [], ("--editable", ".", "--group", "dev")),
        ({"dependency-groups": {"test": [], "dev": []}}, [], ("--group", "test")),
        ({"project": 3, "dependency-groups": "x"}, [], ()),
    ],
)  # fmt: skip
def test_words_behind_pip_install(pyproject: dict[str, Any], files: list[str], words: tuple[str, ...]) -> None:
    """The project if it can be built, with what its tests need."""
    assert install_words(pyproject, files) == words
