"""The readers of Node projects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_carbon.declared.read_project import read_declarations
from tests.declared.sample_files import NODE_FILES, Expected, check_sample, each


@each(NODE_FILES)
def test_files_of_node_projects(path: str, text: str, expected: Expected) -> None:
    """Engines, browsers and pinned versions are read; an alias such as lts is not."""
    check_sample(path, text, expected)


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ([], []),
        ({}, []),
        ({"engines": "node"}, []),
        ({"engines": {"node": 18}}, []),
        ({"engines": {"node": "  "}}, []),
        ({"engines": {"npm": ">=9"}}, []),
        ({"browserslist": 3}, []),
        ({"browserslist": []}, []),
        ({"browserslist": ["ie 11", 3]}, [("ie 11",)]),
        ({"browserslist": {"production": ["ie 11"], "development": ["chrome 90"]}}, [("ie 11",)]),
        ({"browserslist": {"modern": ["chrome 90"], "legacy": "ie 11"}}, [("chrome 90", "ie 11")]),
    ],
)
def test_odd_package_files(package: Any, expected: list[tuple[str, ...]]) -> None:
    """Wrong types declare nothing; of several environments production counts, else all of them."""
    declarations = read_declarations({"package.json": json.dumps(package)})
    assert [statement.values for statement in declarations.statements] == expected
    assert declarations.unread == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("ie 11\n", [("ie 11",)]),
        ("ie 11\n[modern]\nchrome 90\n", [("ie 11",)]),
        ("[modern]\nchrome 90\n[defaults]\nie 11\n", [("ie 11",)]),
        ("[production staging]\nie 11\n[defaults]\nchrome 90\n", [("ie 11",)]),
    ],
)
def test_environments_of_browserslistrc(text: str, expected: list[tuple[str, ...]]) -> None:
    """Production counts, then the defaults, then the lines before any heading."""
    assert [statement.values for statement in read_declarations({".browserslistrc": text}).statements] == expected
