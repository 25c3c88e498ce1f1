"""What is seen of a project, with real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.core.proposal.project_facts import ProjectFacts
from pytest_carbon.reporters.run import report_file
from pytest_carbon.usecases.init_project.look_at_project import look_at_project, read_text, top_of_repository
from tests.samples import make_report

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes files into the folder ``shop``."""

    def write_files(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / "shop" / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write_files


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *arguments], cwd=folder, check=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )  # fmt: skip


def _look(folder: Path) -> ProjectFacts:
    return look_at_project(load_config(folder, environment={}))


def test_a_repository_is_seen_as_git_has_it(tmp_path: Path, write: Write) -> None:
    """Files are those that git tracks; remote, branch, owners, settings and CI are read, and nothing is written."""
    write(
        tests__test_a_DOT_py="", shop__a_DOT_py="", ignored_DOT_py="", _DOT_gitignore="ignored.py\n",
        _DOT_github__CODEOWNERS="* @all\n", _DOT_github__workflows__ci_DOT_yml="on: push\n",
        pyproject_DOT_toml='[project]\nname = "the-shop"\n[project.optional-dependencies]\ntest = []\n'
        '[tool.pytest.ini_options]\ntestpaths = ["tests"]\npython_files = "check_*.py test_*.py"\n',
    )  # fmt: skip
    shop = tmp_path / "shop"
    _git(shop, "init", "-q", "-b", "trunk")
    _git(shop, "add", "-A")
    _git(shop, "commit", "-q", "-m", "all")
    _git(shop, "remote", "add", "origin", "git@github.com:acme/shop.git")
    before = sorted(shop.rglob("*"))
    facts = _look(shop)
    assert facts == ProjectFacts(
        "the-shop",
        (
            ".github/CODEOWNERS",
            ".github/workflows/ci.yml",
            ".gitignore",
            "pyproject.toml",
            "shop/a.py",
            "tests/test_a.py",
        ),
        test_paths=("tests",),
        test_names=("check_*.py", "test_*.py"),
        forge="GitHub",
        default_branch="trunk",
        code_owners="* @all\n",
        install=("--editable", ".[test]"),
        unmeasured="no run was measured here",
        workflows={".github/workflows/ci.yml": "on: push\n"},
    )
    assert sorted(shop.rglob("*")) == before


def test_a_folder_without_git_is_seen_as_it_is_on_disk(tmp_path: Path, write: Write) -> None:
    """Hidden folders, environments and packages of Node are not entered; the folder gives the name."""
    write(
        tests__test_a_DOT_py="", _DOT_tox__a_DOT_py="", env__pyvenv_DOT_cfg="", env__a_DOT_py="",
        node_modules__a_DOT_py="",
    )  # fmt: skip
    facts = _look(tmp_path / "shop")
    assert (facts.name, facts.files, facts.folder, facts.forge) == ("shop", ("tests/test_a.py",), "", "")


def test_a_project_below_the_top_knows_where_it_lies(tmp_path: Path, write: Write) -> None:
    """Workflows and owners are at the top, files and settings in the project."""
    write(web__pyproject_DOT_toml="[tool.poetry]\nname = 'web'\n", web__tests__test_a_DOT_py="", CODEOWNERS="* @all\n")
    shop = tmp_path / "shop"
    _git(shop, "init", "-q", "-b", "main")
    _git(shop, "add", "-A")
    facts = _look(shop / "web")
    assert (facts.name, facts.folder, facts.code_owners) == ("web", "web", "* @all\n")
    assert facts.files == ("pyproject.toml", "tests/test_a.py")
    assert top_of_repository(shop / "web") == Path(os.path.realpath(shop))


@pytest.mark.parametrize(
    ("remote", "file", "forge"),
    [
        ("https://github.example.org/acme/shop.git", "", "GitHub"),
        ("ssh://git@gitlab.com/acme/shop.git", ".github/workflows/ci.yml", "GitLab"),
        ("https://git.example.org/acme/shop.git", "", ""),
        ("https://git.example.org/acme/shop.git", ".gitlab-ci.yml", "GitLab"),
        ("", ".github/workflows/ci.yml", "GitHub"),
        ("../shop.git", "", ""),
    ],
)
def test_the_remote_tells_the_forge_else_the_files_of_ci(
    tmp_path: Path, write: Write, remote: str, file: str, forge: str
) -> None:
    """A host that says nothing leaves it open."""
    write(a_DOT_py="")
    shop = tmp_path / "shop"
    _git(shop, "init", "-q", "-b", "main")
    if remote:
        _git(shop, "remote", "add", "origin", remote)
    if file:
        write(**{file.replace("/", "__"): "x: y\n"})
    facts = _look(shop)
    assert facts.forge == forge
    assert facts.name == "shop"


def test_a_branch_that_nobody_names_is_the_one_that_is_checked_out(tmp_path: Path, write: Write) -> None:
    """Without a remote, and without a branch of a usual name."""
    write(a_DOT_py="")
    shop = tmp_path / "shop"
    _git(shop, "init", "-q", "-b", "develop")
    assert _look(shop).default_branch == "develop"
    _git(shop, "add", "-A")
    _git(shop, "commit", "-q", "-m", "all")
    _git(shop, "branch", "main")
    assert _look(shop).default_branch == "main"


def test_the_last_report_is_read_or_said_to_be_no_use(tmp_path: Path, write: Write) -> None:
    """A report of a part of the suite, or a broken one, gives no figures."""
    write(a_DOT_py="")
    shop = tmp_path / "shop"
    place = shop / ".carbon" / "report.json"
    report = make_report()
    report_file.write(report, place)
    assert _look(shop).measured is not None  # of features that markers name
    write(carbon_DOT_toml='[features.checkout]\npaths = ["tests/checkout/**"]\n')
    assert "has tests of other files, such as tests/checkout/test_checkout.py" in _look(shop).unmeasured
    write(tests__checkout__test_checkout_DOT_py="")
    assert _look(shop).measured is not None
    report_file.write(replace(report, run=replace(report.run, selection="abc")), place)
    assert (_look(shop).measured, _look(shop).unmeasured) == (None, "the last run chose some of the tests")
    place.write_text("{", encoding="utf-8")
    assert _look(shop).unmeasured.startswith("the last report cannot be used (")


def test_links_out_of_the_project_are_not_read(tmp_path: Path, write: Write) -> None:
    """CODEOWNERS and workflows may be links to a secret."""
    write(a_DOT_py="", _DOT_github__workflows__x_DOT_txt="")
    (tmp_path / "secret").write_text("* @secret\n", encoding="utf-8")
    shop = tmp_path / "shop"
    (shop / "CODEOWNERS").symlink_to(tmp_path / "secret")
    (shop / ".github/workflows/a.yml").symlink_to(tmp_path / "secret")
    facts = _look(shop)
    assert (facts.code_owners, facts.workflows) == ("", {".github/workflows/a.yml": ""})
    assert read_text(shop, shop) is None
