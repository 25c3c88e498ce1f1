"""The drops between two states of a repository, by its policy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.errors import CarbonError, ConfigError
from pytest_carbon.usecases.judge_devices import judge_devices
from tests.samples import NOW

PYPROJECT = "[project]\nname = 'shop'\nrequires-python = '>={}'\ndependencies = [{}]\n"


def _config(root: Path, policy: str = "") -> Config:
    (root / "carbon.toml").write_text(policy, encoding="utf-8")
    return load_config(root, environment={})


def _declare(root: Path, python: str, dependencies: str = "") -> None:
    (root / "pyproject.toml").write_text(PYPROJECT.format(python, dependencies), encoding="utf-8")


def _commit(root: Path) -> str:
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *identity, "commit", "-q", "-m", "a commit"], cwd=root, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _names(verdict: DevicesVerdict) -> list[str]:
    return [name for judged in verdict.judged_drops for name in judged.drop.names]


@pytest.fixture
def raised(tmp_path: Path) -> tuple[Path, str]:
    """A repository whose working tree drops Python 3.8, and its only commit."""
    _declare(tmp_path, "3.8")
    commit = _commit(tmp_path)
    _declare(tmp_path, "3.9")
    return tmp_path, commit


def test_the_working_tree_is_judged_by_default(raised: tuple[Path, str]) -> None:
    """Named commits are compared instead; a commit drops nothing of itself."""
    root, commit = raised
    config = _config(root)
    assert _names(judge_devices(config, NOW)) == ["python 3.8"]
    assert _names(judge_devices(config, NOW, commit)) == ["python 3.8"]
    assert _names(judge_devices(config, NOW, commit, commit)) == []


def test_a_rule_that_is_off_needs_no_repository(tmp_path: Path) -> None:
    """Nothing is read, and the verdict passes."""
    assert judge_devices(_config(tmp_path, 'devices = "off"\n'), NOW).state == "pass"
    with pytest.raises(ConfigError, match="is in no git repository"):
        judge_devices(_config(tmp_path), NOW)


def test_an_unknown_commit_is_an_error(raised: tuple[Path, str]) -> None:
    """The message names the commit."""
    with pytest.raises(CarbonError, match="there is no commit 'nowhere'"):
        judge_devices(_config(raised[0]), NOW, "nowhere")


@pytest.mark.parametrize(("package", "drops"), [("pytest", True), ("no-such-package-here", False)])
def test_an_installed_package_says_which_python_it_needs(tmp_path: Path, package: str, drops: bool) -> None:
    """The lower bound of a dependency is raised to the installed version; an unknown package drops nothing."""
    _declare(tmp_path, "3.6", f"'{package}>=3'")
    _commit(tmp_path)
    _declare(tmp_path, "3.6", f"'{package}>={pytest.__version__}'")
    assert ("python 3.6" in _names(judge_devices(_config(tmp_path), NOW))) is drops
