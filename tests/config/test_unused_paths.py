"""Paths of features that match no file are said once, and a path that may be right is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.load import Config
from pytest_carbon.config.unused_paths import MOST_FILES, files_in_git, unused_paths
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.git import run_git
from tests.git.small_repository import commit, new_repository, write

FILES = {"tests/shop/test_a.py": "", "tests/test_b.py": "", "src/deep/er/c.py": "", "tests/.hidden/test_d.py": ""}


def _config(root: Path, *paths: str) -> Config:
    return Config(root, policy=Policy({"shop": Feature("shop", paths=paths)}))


@pytest.mark.parametrize(
    ("glob", "is_used"),
    [
        ("tests/shop/**", True),
        ("tests/shop", True),
        ("tests/shop/", True),
        ("tests/test_b.py", True),
        ("tests/test_?.py", True),
        ("**/er/**", True),
        ("**", True),
        ("src/*/er", True),
        ("tests/.hidden/*", True),
        ("testz/**", False),
        ("tests/shop/test_b.py", False),
        ("tests/test_x*.py", False),
        ("tests/sho", False),
        ("../root/tests/**", False),
        ("tests/empty/**", False),
        ("a\0b", False),
        ("a" * 300, False),
        ("x" * 300 + "/**", False),
    ],
)
def test_path_that_matches_no_file_is_said(tmp_path: Path, glob: str, is_used: bool) -> None:
    """A path is seen from the project's folder, with slashes, and names its files as they are."""
    write(tmp_path, FILES)
    (tmp_path / "tests/empty").mkdir()
    said = f"the path {glob!r} of feature shop matches no file of the project; correct it in the policy, or remove it"
    assert unused_paths(_config(tmp_path, glob, "tests/**"), ()) == ("" if is_used else said)


@pytest.mark.parametrize(
    ("glob", "step"),
    [
        ("./tests/shop/**", "write 'tests/shop/**'"),
        ("tests//test_b.py", "write 'tests/test_b.py'"),
        ("tests/shop/../test_b.py", "write 'tests/test_b.py'"),
        ("tests\\shop\\**", "write 'tests/shop/**'"),
        ("tests/test_b.py::test_b", "write 'tests/test_b.py'"),
        ("/tests/**", "write 'tests/**'"),
        ("{root}/tests/**", "write 'tests/**'"),
        ("TESTS/shop/**", "write 'tests/shop/**'"),
        ("tests/Test_B.py", "write 'tests/test_b.py'"),
        (".\\Tests\\Test_?.py", "write 'tests/test_?.py'"),
        ("tests/*.{py,txt}", "write one path for each word in braces"),
        ("vendor/lib/tests/**", "the git submodule 'vendor/lib' is not checked out here"),
    ],
)
def test_path_that_is_written_wrong_is_told_right(tmp_path: Path, glob: str, step: str) -> None:
    """The files are there: to remove the path would be the wrong step."""
    top = new_repository(tmp_path / "root")
    commit(top, FILES)
    (top / "vendor/lib").mkdir(parents=True)
    link = f"160000,{run_git.run(['rev-parse', 'HEAD'], top).decode().strip()},vendor/lib"
    run_git.run(["update-index", "--add", "--cacheinfo", link], top)
    glob = glob.replace("{root}", top.as_posix())
    said = unused_paths(_config(top, glob), ())
    assert said == f"the path {glob!r} of feature shop matches no file of the project; {step}"
    assert f"{glob!r} of feature shop ({step}), 'x' of" in unused_paths(_config(top, glob, "x"), ())


def test_several_paths_are_one_sentence(tmp_path: Path) -> None:
    """Five are named, and the others counted."""
    assert unused_paths(_config(tmp_path, "a", "b"), ()) == (
        "the paths 'a' of feature shop, 'b' of feature shop match no file of the project; correct them in the policy, "
        "or remove them"
    )
    assert "'e' of feature shop and 2 more match no file" in unused_paths(_config(tmp_path, *"abcdefg"), ())


def test_files_of_tests_that_ran_count(tmp_path: Path) -> None:
    """Tests of a report may be of a checkout that is not here."""
    assert unused_paths(_config(tmp_path, "tests/shop/**"), {"tests/shop/test_a.py"}) == ""


def test_files_that_only_git_has_count(tmp_path: Path) -> None:
    """In a sparse checkout, or where a test was deleted for a moment, the path is right."""
    top = new_repository(tmp_path / "top")
    commit(top, {"a/tests/shop/test_a.py": ""})
    (top / "a/tests/shop/test_a.py").unlink()
    assert files_in_git(top / "a") == ["tests/shop/test_a.py"]
    assert unused_paths(_config(top / "a", "tests/shop/**"), ()) == ""
    assert "'testz/**'" in unused_paths(_config(top / "a", "testz/**"), ())


def test_what_is_not_looked_at_may_hold_a_file(tmp_path: Path) -> None:
    """Beyond a link, and in a folder of very many files, nobody looks, and nothing is said."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/linked").symlink_to(tmp_path / "elsewhere")
    assert unused_paths(_config(tmp_path, "tests/**/shop/**"), ()) == ""
    for number in range(MOST_FILES + 1):
        (tmp_path / "elsewhere" / str(number)).touch()
    assert unused_paths(_config(tmp_path, "elsewhere/x*"), ()) == ""
