"""Which files are tests."""

from __future__ import annotations

import pytest

from pytest_carbon.core.proposal.find_test_files import find_test_files, is_nameable

FILES = (
    "tests/test_a.py",
    "tests/unit/b_test.py",
    "tests/conftest.py",
    "src/shop/testing.py",
    "src/shop/test_inside.py",
    "examples/test_example.py",
    ".tox/py/test_c.py",
    "build/lib/test_d.py",
    "a.egg/test_e.py",
    "tests/test_a.pyc",
    "check_it.py",
)


@pytest.mark.parametrize(
    ("paths", "names", "found"),
    [
        ([], [], ["examples/test_example.py", "src/shop/test_inside.py", "tests/test_a.py", "tests/unit/b_test.py"]),
        (["tests"], [], ["tests/test_a.py", "tests/unit/b_test.py"]),
        (["./tests/", "src"], [], ["src/shop/test_inside.py", "tests/test_a.py", "tests/unit/b_test.py"]),
        (["t*/unit"], [], ["tests/unit/b_test.py"]),
        (["examples/test_example.py"], [], ["examples/test_example.py"]),
        (["docs"], ["check_*.py"], ["check_it.py"]),  # no test is there, so all others count
        ([], ["check_*", "test_*.py"], [
            "check_it.py", "examples/test_example.py", "src/shop/test_inside.py", "tests/test_a.py",
        ]),
        (["."], ["check_*.py"], ["check_it.py"]),
    ],
)  # fmt: skip
def test_settings_of_pytest_say_what_a_test_is(paths: list[str], names: list[str], found: list[str]) -> None:
    """Folders and names are those of pytest's settings, else its own."""
    assert find_test_files(FILES, paths, names) == found


@pytest.mark.parametrize(
    "path", ["tests/a*/test_a.py", "tests/?/test_a.py", "tests/\x1b[2J/test_a.py", "t\n/test_a.py", "t\udc80/test_a.py"]
)
def test_a_path_that_no_policy_can_name_is_left_out(path: str) -> None:
    """A wildcard would match other files, and a control character command a terminal."""
    assert not is_nameable(path)
    assert find_test_files([path, "tests/test_b.py"], [], []) == ["tests/test_b.py"]
