"""Which names and addresses git is given."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.git.check_names import address_problem, branch_problem, name_problem

_PARTS = [
    "a",
    "main",
    "-",
    ".",
    "..",
    "/",
    "@",
    "{",
    "@{",
    ".lock",
    "~",
    "^",
    ":",
    "?",
    "*",
    "[",
    "\\",
    " ",
    "\x7f",
    "ü",
]


@pytest.mark.parametrize("name", ["--output=x", "-", "", "a\nb", "a\0b", "\x1b[31m", "a\x7f"])
def test_name_that_git_might_misread(name: str) -> None:
    """An option, nothing, and what ends a line or a word."""
    assert name_problem(name)
    assert branch_problem(name)
    assert address_problem(name)


@pytest.mark.parametrize(
    "name", ["main", "HEAD^", "HEAD~2", "v1.0^{commit}", "a b", "ünïcode", "+refs/heads/*:refs/x/*"]
)
def test_other_names_may_be_asked_for(name: str) -> None:
    """Git itself says what they mean."""
    assert name_problem(name) is None


@given(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=5).map("".join))
def test_names_of_branches_are_those_of_git(name: str) -> None:
    """The rules are those of ``git check-ref-format``, and a branch begins with no hyphen."""
    done = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False)
    assert (branch_problem(name) is None) == (done.returncode == 0 and name != "@")


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://git.example.org/a/b.git", True),
        ("https://user:pass@git.example.org:8443/a", True),
        ("ssh://git@git.example.org:22/a/b", True),
        ("git@git.example.org:a/b.git", True),
        ("/srv/git/a b.git", True),
        ("../-x/server.git", True),
        ("C:/git/a", True),
        ("ext::sh -c 'touch x'", False),
        ("fd::17", False),
        ("codecommit::eu-west-1://x", False),
        ("ssh://-oProxyCommand=touch x/a", False),
        ("ssh://git@-oProxyCommand=x/a", False),
        ("-oProxyCommand=x:a", False),
        ("git@-oProxyCommand=x:a", False),
        ("--upload-pack=x", False),
        ("https://git.example.org/a\nhttps://b", False),
    ],
)
def test_address_of_a_repository(address: str, fine: bool) -> None:
    """A helper that starts programs, and a host like an option, are refused."""
    assert (address_problem(address) is None) is fine
