"""The hooks as pre-commit knows them, and the command that starts them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_carbon.cli.hook import HOOKS, main
from tests.attack import Attack

MANIFEST = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
HEAVY = "import sys; from pytest_carbon.cli.hook import main; main(sys.argv[1:]); print(*sys.modules)"


def test_pre_commit_knows_every_hook() -> None:
    """The manifest has each hook with its command; warnings are shown although the hook succeeds."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}
    assert hooks.keys() == HOOKS.keys()
    for name, hook in hooks.items():
        assert hook["entry"] == f"pytest-carbon-hook {name}"
        assert (hook["language"], hook["verbose"]) == ("python", True)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_loads_little(project: Any, name: str) -> None:
    """Nothing that prints tables, measures or uses a network is loaded before a push."""
    project.repository()
    done = subprocess.run([sys.executable, "-c", HEAVY, name], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"rich", "jinja2", "pytest", "codecarbon", "pandas", "psutil", "sqlalchemy", "http.client"}


@pytest.mark.parametrize("name", sorted(HOOKS.keys() - {"carbon-workflows"}))
def test_a_policy_that_cannot_be_read_is_a_warning(project: Any, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The warning stops a push only with --fail; an unknown hook is wrong usage."""
    project.repository()
    project.policy("[[")
    assert main([name]) == 0
    assert "carbon.toml is not valid TOML" in capsys.readouterr().out
    assert main([name, "--fail"]) == 1
    with pytest.raises(SystemExit) as end:
        main(["carbon"])
    assert end.value.code == 2


def test_a_wrong_time_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """A time that cannot be read is no warning of the hook: exit code 2, with or without --fail."""
    assert [main(["carbon-policy", "--now", "nonsense", *more]) for more in ([], ["--fail"])] == [2, 2]
    assert "--now: 'nonsense' is not a time" in capsys.readouterr().err


@pytest.mark.attack("hostile-text")
def test_hostile_names_of_files_are_harmless(project: Any, attack: Attack) -> None:
    """A name that looks like a command of a CI, or moves the cursor, is only shown."""
    done = project.carbon("hook", "carbon-workflows", "::error::\x1b[2J.yml")
    assert "\x1b" not in done.out
    assert not done.out.startswith("::error::")
    attack.harmless(done.out)


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize("folder", ["--fail", "--now=x", "-x", "--help"])
def test_names_of_files_are_no_options(
    project: Any, capsys: pytest.CaptureFixture[str], attack: Attack, folder: str
) -> None:
    """pre-commit gives the names of a commit's files as they are: a folder can be called like an option."""
    project.repository()
    (project.root / folder).mkdir()
    (project.root / folder / "carbon.toml").write_text("[[", encoding="utf-8")
    assert main(["carbon-policy", f"{folder}/carbon.toml"]) == 0
    shown = capsys.readouterr().out
    assert f"{folder}: {folder}/carbon.toml is not valid TOML" in shown
    assert main(["carbon-policy", "--fail", f"{folder}/carbon.toml"]) == 1
    attack.harmless(shown)


@pytest.mark.attack("hostile-text")
def test_hostile_words_are_harmless(capsys: pytest.CaptureFixture[str], attack: Attack) -> None:
    """Neither a name that is no hook nor an option that is none can command a terminal or a CI."""
    for words in (["\x1b[2J\n::error::x"], ["carbon-policy", "--\x1b[2J\n##[error]x"]):
        with pytest.raises(SystemExit) as end:
            main(words)
        shown = capsys.readouterr().err
        assert "\x1b" not in shown
        assert not re.search(r"^\s*(::|##\[)", shown, re.MULTILINE)
        attack.ended(int(str(end.value.code)), shown)
