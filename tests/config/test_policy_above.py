"""A policy above a project without one is found, named and never taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.config.policy_above import (
    ignored_policy,
    nearer_policy,
    passed_over_policy,
    refuse_ignored_policy,
    refuse_missing_policy,
)
from pytest_carbon.core.errors import ConfigError

POLICY, OTHER = '[tool.pytest-carbon]\nzone = "DE"\n', '[project]\nname = "a"\n'


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"carbon.toml": ""}, "../../carbon.toml"),
        ({"pyproject.toml": POLICY}, "../../pyproject.toml"),
        ({"packages/pyproject.toml": OTHER, "carbon.toml": ""}, "../../carbon.toml"),
        ({"packages/carbon.toml": "", "carbon.toml": ""}, "../carbon.toml"),
        ({"pyproject.toml": OTHER}, ""),
        ({"pyproject.toml": "not TOML ["}, ""),
        ({"pyproject.toml": f"{POLICY}a{'.a' * 300} = 1\n"}, "../../pyproject.toml"),
        ({"pyproject.toml": "tool = []"}, ""),
        ({"pyproject.toml": "tool = 1"}, ""),
        ({"packages/a/carbon.toml": "", "carbon.toml": ""}, ""),
        ({"packages/a/pyproject.toml": "[tool.pytest-carbon]\n", "carbon.toml": ""}, ""),
        ({"packages/a/.git": "gitdir: elsewhere", "carbon.toml": ""}, ""),
        ({"packages/.git": "gitdir: elsewhere", "carbon.toml": ""}, ""),
        ({"packages/.git": "gitdir: elsewhere", "packages/carbon.toml": ""}, "../carbon.toml"),
    ],
)
def test_policy_above_is_named(tmp_path: Path, files: dict[str, str], named: str) -> None:
    """The nearest policy above counts, as far as the top of the repository; a policy of one's own, also empty, wins."""
    root = tmp_path / "packages/a"
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text(OTHER, encoding="utf-8")
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config(root, environment={})
    sentence = ignored_policy(config)
    assert bool(sentence) == bool(named)
    assert f"{named} is not read" in sentence or not named
    if named:
        with pytest.raises(ConfigError, match="is not read"):
            refuse_ignored_policy(config)
    else:
        refuse_ignored_policy(config)


@pytest.mark.parametrize(
    ("file", "text", "folder", "option"),
    [
        ("a/carbon.toml", "", "a", "."),
        ("a/carbon.toml", "", "a/b", ".."),
        ("a/pyproject.toml", POLICY, "a/b", ".."),
        ("a/pyproject.toml", OTHER, "a", ""),
        ("carbon.toml", "", "a", ""),
        ("carbon.toml", "", ".", ""),
        ("a/carbon.toml", "", ".", ""),
        ("a/carbon.toml", "", "..", ""),
    ],
)
def test_nearer_policy_is_named(tmp_path: Path, file: str, text: str, folder: str, option: str) -> None:
    """Of a project whose root folder, for pytest, lies above it; the step that makes its policy count is named, too."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    sentence = nearer_policy(tmp_path, tmp_path / folder)
    assert sentence.startswith(f"{file} is not read") if option else not sentence
    assert not option or f"--rootdir {option}, or give that folder a pytest.ini and call pytest there" in sentence


@pytest.mark.parametrize(
    ("files", "folder", "said"),
    [
        ({"a/carbon.toml": ""}, ".", "a/carbon.toml is not read, .* --rootdir a a, "),
        ({"a/b/CARBON.TOML": ""}, ".", "a/b/CARBON.TOML is not read, .* --rootdir a/b a/b, "),
        ({"a/carbon.toml": ""}, "a", "a/carbon.toml is not read, .* --rootdir ., "),
        ({"a/carbon.toml": "", "carbon.toml": ""}, ".", ""),
        ({"a/carbon.toml": "", "pyproject.toml": "[tool.pytest-carbon]\n"}, ".", ""),
        ({"other/carbon.toml": ""}, ".", ""),
        ({"../carbon.toml": ""}, ".", "../carbon.toml is not read"),
        ({}, ".", ""),
    ],
)
def test_policy_that_a_run_passes_over_is_named(tmp_path: Path, files: dict[str, str], folder: str, said: str) -> None:
    """Above the project, where the run was called, or beside its tests, if the project itself has no policy."""
    root = tmp_path / "root"
    (root / "a/b").mkdir(parents=True)
    (root / "other").mkdir()
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    sentence = passed_over_policy(load_config(root, environment={}), root / folder, {"a/b/test_a.py", "a/b/test_b.py"})
    assert re.search(said, sentence) if said else not sentence


@pytest.mark.parametrize(
    ("called_in", "step"),
    [
        (".", "run pytest --carbon --rootdir ., and pytest-carbon in this folder;"),
        ("tests", "run pytest --carbon --rootdir .., and pytest-carbon in ..;"),
        ("tests/a", "run pytest --carbon --rootdir ../.., and pytest-carbon in ../..;"),
    ],
)
def test_next_step_is_right_where_the_run_was_called(tmp_path: Path, called_in: str, step: str) -> None:
    """Settings of pytest beside the tests make their folder the root, wherever pytest is called."""
    (tmp_path / "tests/a").mkdir(parents=True)
    (tmp_path / "carbon.toml").touch()
    assert step in ignored_policy(load_config(tmp_path / "tests", environment={}), tmp_path / called_in)


def test_every_policy_that_a_run_passes_over_is_named(tmp_path: Path) -> None:
    """Two packages with policies of their own, measured from the top: the note names both."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "carbon.toml").touch()
    sentence = passed_over_policy(load_config(tmp_path, environment={}), tmp_path, ["a/test_a.py", "b/test_b.py"])
    assert sentence.startswith("a/carbon.toml is not read")
    assert sentence.endswith("; likewise for b/carbon.toml")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "is this the project's folder"),
        (["packages/a/carbon.toml", "b/carbon.toml"], "below it there is one in b, packages/a: run the command in"),
        ([".hidden/carbon.toml"], "is this the project's folder"),
    ],
)
def test_a_folder_without_a_policy_names_those_below(tmp_path: Path, files: list[str], said: str) -> None:
    """The top of a monorepo has no policy; its packages have."""
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    with pytest.raises(ConfigError, match=said):
        refuse_missing_policy(load_config(tmp_path, environment={}))
