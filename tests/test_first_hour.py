"""The first hour: README's commands lead from nothing to a pull request that a budget fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.config.load import load_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_COMMANDS = 6
GOODS = "        goods = sum("
"""The line of the sample before which the change adds up numbers that nobody needs, 300 times in one of its tests."""


def _commands() -> list[str]:
    """Return the commands of README's first block with an init."""
    blocks = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if "pytest-carbon init" in block).splitlines()


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    who = {f"GIT_{role}_{what}": "n@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(
        ["bash", "-euc", command], cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env={**variables, **who, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull},
    )  # fmt: skip


def _must(command: str, folder: Path) -> str:
    done = _run(command, folder)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The sample as it was before pytest-carbon: in a repository whose pull requests are on GitHub, without a policy.

    A bare repository stands for GitHub's.
    """
    folder = Path(shutil.copytree(ROOT / "examples/shop", tmp_path / "shop", ignore=shutil.ignore_patterns(".*")))
    (folder / "carbon.toml").unlink()
    (folder / ".gitignore").write_text("__pycache__\n.pytest_cache\n", encoding="utf-8")
    bare = tmp_path / "shop.git"
    _must(f"git init -q --bare -b main '{bare}'", tmp_path)
    _must("git init -q -b main && git add . && git commit -q -m 'The shop'", folder)
    _must("git remote add origin https://github.com/acme/shop.git", folder)
    _must(f"git config url.'{bare.as_uri()}'.pushInsteadOf https://github.com/acme/shop.git", folder)
    _must("git config push.default current", folder)
    return folder


@pytest.mark.long
def test_six_commands_lead_to_a_gated_pull_request(shop: Path) -> None:
    """Nothing is edited. The base passes, and a change that makes a feature dearer fails by the base's policy."""
    commands = _commands()
    assert len(commands) <= MOST_COMMANDS
    assert commands[0] == "pip install pytest-carbon"  # these tests run where it is installed
    for command in commands[1:]:
        _must(command, shop)
    policy = load_config(shop, environment={})
    limited = {budget.feature for budget in policy.budgets if budget.per_run and budget.on_exceeded == "fail"}
    assert (policy.zone, limited) == ("DE", {"catalogue", "checkout", "search"})
    assert (shop / ".github/workflows/carbon.yml").is_file()
    assert _must("pytest-carbon hook carbon-policy", shop) == ""
    assert _run("pytest-carbon check", shop).returncode == 3  # the run was before the policy, so nothing is known yet
    _must("pytest --carbon && pytest-carbon check", shop)

    clone = shop.with_name("clone")
    _must(f"git clone -q '{shop.with_name('shop.git').as_uri()}' '{clone}'", shop.parent)
    _must("git switch -q -c dearer", clone)
    checkout = clone / "shop/checkout.py"
    text = checkout.read_text(encoding="utf-8")
    assert GOODS in text
    checkout.write_text(text.replace(GOODS, f"        sum(range(400_000))\n{GOODS}"), encoding="utf-8")
    looser = re.sub(r"per-run = .*", 'per-run = "1 MJ"', (clone / "carbon.toml").read_text(encoding="utf-8"))
    (clone / "carbon.toml").write_text(looser, encoding="utf-8")  # which does not count, because the base's does
    _must("git add . && git commit -q -m 'A dearer checkout'", clone)
    _must("PYTEST_CARBON_GATE=1 pytest --carbon", clone)
    done = _run("pytest-carbon check --policy-from origin/main", clone)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "checkout used" in done.stdout
    assert "over its limit of" in done.stdout
