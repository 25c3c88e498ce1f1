"""Code under test comes from each side's own checkout: real editable installs, or it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.paired_runs.import_origins import (
    describe_foreign_import,
    existing_roots,
    import_roots,
    product_packages,
)
from tests.git.small_repository import git, write

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "1"
[tool.setuptools]
{packages}
[tool.pytest.ini_options]
addopts = "--import-mode=importlib -p no:cacheprovider"
"""
LAYOUTS = {
    "src": ("src/srcshop", 'package-dir = {"" = "src"}\npackages = ["srcshop"]', ()),
    "flat": ("flatshop", 'packages = ["flatshop"]', ()),
    "strict": ("src/strictshop", 'package-dir = {"" = "src"}\npackages = ["strictshop"]', ("editable_mode=strict",)),
    "renamed": ("lib", 'package-dir = {"renamedshop" = "lib"}\npackages = ["renamedshop"]', ()),
}
ASK = """
import json, sys
from pathlib import Path
from pytest_carbon.paired_runs.import_origins import describe_foreign_import, editable_packages
from pytest_carbon.paired_runs.checkouts import PairsPlan, check_out_sides

answers = {}
for folder in map(Path, sys.argv[1:]):
    plan = PairsPlan(folder, "HEAD~1", None, (sys.executable, "-c", "import pytest; raise SystemExit(pytest.main())"))
    with check_out_sides(plan, lambda _: None) as sides:
        for side in sides:
            file = side.work / "collected.json"
            packages = [*side.packages, *editable_packages()]
            request = {"chosen": None, "collected": str(file), "packages": packages}
            code, log = side.run_pytest("collect", request, ["--collect-only", "-q"], {}, None)
            collected = json.loads(file.read_text()) if file.exists() else {}
            answers[f"{folder.name} {side.name}"] = [
                collected["origins"].get(f"{folder.name}shop", "").replace(str(side.tree), "CHECKOUT"),
                describe_foreign_import(collected["origins"], side.packages, side.tree, folder),
            ] if collected else log.read_text()
print(json.dumps(answers))
"""


def _project(folder: Path, package: str, packages: str) -> None:
    """Make a project with two commits and uncommitted work; its package is imported only while a test runs."""
    name = f"{folder.name}shop"
    test = f"def test_it():\n    import {name}\n"
    write(folder, {f"{package}/__init__.py": "", "checks/test_it.py": test, ".gitignore": "build\n*.egg-info\n"})
    write(folder, {"pyproject.toml": PROJECT.format(name=name, packages=packages)})
    git(folder, "init", "-q")
    for number in (1, 2):
        write(folder, {f"{package}/__init__.py": f"number = {number}"})
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "a commit")
    write(folder, {f"{package}/__init__.py": "number = 3"})


def _can_install() -> bool:
    if find_spec("pip") is None or find_spec("setuptools") is None:
        return False
    return find_spec("wheel") is not None or int(version("setuptools").split(".")[0]) > 70  # older ones need wheel


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Install a project of every layout into one new environment, and ask both sides of each where its code lies."""
    if not _can_install():
        pytest.skip("pip and setuptools make the editable installs")
    home = tmp_path_factory.mktemp("editable")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "env"], cwd=home, check=True)
    python = home / "env" / "bin" / "python"
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    ours = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    write(Path(packages), {"ours.pth": ours})
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST_", "COV_"))}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    for layout, (package, lines, _) in LAYOUTS.items():
        (home / layout).mkdir()
        _project(home / layout, package, lines)
    for settings in {settings for _, _, settings in LAYOUTS.values()}:
        options = [f"--config-settings={setting}" for setting in settings]
        options += [f"-e{home / layout}" for layout in LAYOUTS if LAYOUTS[layout][2] == settings]
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-index",
             "--no-build-isolation", "--no-deps", *options],
            check=True, capture_output=True, env=environment,
        )  # fmt: skip
    folders = [str(home / layout) for layout in LAYOUTS]
    done = subprocess.run(
        [python, "-P", "-c", ASK, *folders], cwd=home, check=True, capture_output=True, text=True, env=environment
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize(("layout", "file"), [("src", "src/srcshop"), ("flat", "flatshop")])
@pytest.mark.parametrize("side", ["base", "head"])
def test_editable_install_is_imported_from_the_checkout(
    answers: dict[str, Any], layout: str, file: str, side: str
) -> None:
    """Each side imports its own checkout, though the environment points to the user's tree."""
    assert answers[f"{layout} {side}"] == [f"CHECKOUT/{file}/__init__.py", None]


@pytest.mark.parametrize("layout", ["strict", "renamed"])
def test_editable_install_that_cannot_be_redirected_is_reported(answers: dict[str, Any], layout: str) -> None:
    """If a search path cannot lead to the checkout, a sentence says so, and head is not compared with itself."""
    for side in ("base", "head"):
        sentence = answers[f"{layout} {side}"][1]
        assert sentence is not None
        assert sentence.startswith(f"{layout}shop was imported from ")
        assert "base and head would run the same code" in sentence


def test_import_roots_are_those_inside_the_repository(tmp_path: Path) -> None:
    """Entries of the search path count if they are inside the repository; each is returned once, in order."""
    write(tmp_path, {"home/src/a.py": "", "home/lib/b.py": "", "other/c.py": ""})
    home = tmp_path / "home"
    (tmp_path / "link").symlink_to(home)
    path = [
        "",
        str(tmp_path / "other"),
        str(home / "src"),
        str(tmp_path / "link" / "lib"),
        str(home / "src"),
        str(home),
    ]
    roots = import_roots(home, path, [])
    assert roots == [Path("src"), Path("lib"), Path()]
    write(tmp_path, {"tree/src/a.py": ""})
    assert existing_roots(tmp_path / "tree", roots) == [str(tmp_path / "tree/src"), str(tmp_path / "tree")]


def test_product_packages_are_found(tmp_path: Path) -> None:
    """Packages in the usual folders are the product; tests, other folders and names of the standard library are not."""
    packages = ["shop", "src/till", "services/one/van", "tests", "json", "py/ware"]
    write(tmp_path, {f"{package}/__init__.py": "" for package in packages})
    write(tmp_path, {"data/file.txt": "", "script.py": ""})
    assert product_packages(tmp_path, "services/one", [Path("py"), Path("absent")]) == ["shop", "till", "van", "ware"]


@pytest.mark.parametrize(
    ("file", "reported"),
    [
        pytest.param("tree/shop/__init__.py", False, id="own checkout"),
        pytest.param("home/shop/__init__.py", True, id="the user's checkout"),
        pytest.param("home/.venv/site-packages/shop/__init__.py", True, id="installed beside"),
        pytest.param("elsewhere/site-packages/shop/__init__.py", True, id="installed"),
    ],
)
def test_product_from_outside_the_checkout_is_reported(tmp_path: Path, file: str, reported: bool) -> None:
    """A package of the checkout must be imported from the checkout."""
    write(tmp_path, {"tree/shop/__init__.py": "", file: ""})
    sentence = describe_foreign_import({"shop": str(tmp_path / file)}, ["shop"], tmp_path / "tree", tmp_path / "home")
    assert (sentence is not None) == reported
    if sentence:
        assert str(tmp_path / file) in sentence


@pytest.mark.parametrize(
    ("file", "reported"),
    [
        pytest.param("tree/helpers.py", False, id="own checkout"),
        pytest.param("home/helpers.py", True, id="the user's, where the checkout has one"),
        pytest.param("home/.venv/site-packages/helpers.py", False, id="a library in the user's folder"),
        pytest.param("home/only_there.py", False, id="a file that the checkout does not have"),
        pytest.param("elsewhere/helpers.py", False, id="a library"),
    ],
)
def test_modules_of_the_users_tree_are_reported(tmp_path: Path, file: str, reported: bool) -> None:
    """A module from the user's tree is reported if the checkout has the same file; libraries are not."""
    write(tmp_path, {"tree/helpers.py": "", file: ""})
    sentence = describe_foreign_import({"any": str(tmp_path / file)}, ["shop"], tmp_path / "tree", tmp_path / "home")
    assert (sentence is not None) == reported
