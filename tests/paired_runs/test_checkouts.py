"""Base and head are checked out, set up and run apart from each other and from the user's tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git.worktree import CheckoutError
from pytest_carbon.paired_runs.checkouts import PairsPlan, check_out_sides
from pytest_carbon.paired_runs.run_command import MeasureError


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    """Run git for a test, as a user with a name."""
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with two commits of a package, the second of which has a file more."""
    folder = tmp_path / "repository"
    (folder / "shop").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for name in ("shop/__init__.py", "shop/new.py"):
        (folder / name).write_text("", encoding="utf-8")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "a commit")
    return folder


def plan(repository: Path, **changes: Any) -> PairsPlan:
    """Return a plan for the last two commits."""
    return PairsPlan(**{"repository": repository, "base": "HEAD~1", "head": "HEAD", "command": ("pytest",), **changes})


def test_sides_are_separate(repository: Path) -> None:
    """Each side has the files of its commit and a folder of its own for reports; all are removed at the end."""
    lines: list[str] = []
    with check_out_sides(plan(repository), lines.append) as (base, head):
        assert [side.commit for side in (base, head)] == [git(repository, "rev-parse", c) for c in ("HEAD~1", "HEAD")]
        assert [(side.tree / "shop" / "new.py").exists() for side in (base, head)] == [False, True]
        assert (base.packages, base.cwd, base.gaps) == (("shop",), base.tree, ())
        folders = {base.tree, head.tree, base.work, head.work}
        assert len(folders) == 4
        assert all(folder.is_dir() for folder in folders)
    assert not any(folder.exists() for folder in folders)
    assert lines == [f"checking out {side.name} ({side.commit[:12]})" for side in (base, head)]


@pytest.mark.parametrize(("changed", "commit"), [(False, None), (True, "working tree")])
def test_working_tree_without_changes_is_its_commit(repository: Path, changed: bool, commit: str | None) -> None:
    """The user's changes are copied into the head only, which is then named "working tree"."""
    if changed:
        (repository / "shop" / "more.py").write_text("", encoding="utf-8")
    with check_out_sides(plan(repository, base="HEAD", head=None), lambda _: None) as (base, head):
        assert head.commit == (commit or base.commit)
        assert [(side.tree / "shop" / "more.py").exists() for side in (base, head)] == [False, changed]


def test_variables_of_a_hook_do_not_reach_the_runs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of a git hook are removed; a side's import roots come before the user's search path.

    The sides share no compiled modules, and no files that were installed by links to one cache.
    """
    monkeypatch.setenv("GIT_PREFIX", "x/")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "/elsewhere")
    monkeypatch.setenv("UV_LINK_MODE", "hardlink")
    monkeypatch.setenv("PYTHONPATH", f"{repository}{os.pathsep}/elsewhere")
    monkeypatch.syspath_prepend(str(repository))
    with check_out_sides(plan(repository), lambda _: None) as (base, _):
        assert not {"GIT_PREFIX", "PYTHONPYCACHEPREFIX"} & base.environment.keys()
        assert base.environment["UV_LINK_MODE"] == "copy"
        paths = base.environment["PYTHONPATH"].split(os.pathsep)
        assert (paths[0], paths[-1]) == (str(base.tree), "/elsewhere")


@pytest.mark.parametrize("own", [True, False])
def test_relative_program_is_the_sides_own_if_its_setup_made_it(repository: Path, own: bool) -> None:
    """Otherwise the user's program is run."""
    setup = ("sh", "-c", "mkdir .env && touch .env/python") if own else ("true",)
    command = (".env/python", "-m", "pytest")
    with check_out_sides(plan(repository, setup=setup, command=command), lambda _: None) as (base, _):
        expected = ".env/python" if own else str(repository / ".env/python")
        assert base.command == (expected, "-m", "pytest")


@pytest.mark.parametrize(
    ("changes", "error", "complaint"),
    [
        (
            {"setup": ("sh", "-c", "echo why; exit 4")},
            MeasureError,
            r"\[confirm\] setup \(sh -c .*\) failed with 4 on base.*\nwhy",
        ),
        ({"folder": "gone"}, MeasureError, r"base \([0-9a-f]{12}\) has no folder gone; run the command where both"),
        ({"base": "nonsense"}, CheckoutError, "there is no commit 'nonsense'"),
        ({"setup": ("no-such-program",)}, MeasureError, "'no-such-program' could not be started"),
    ],
)
def test_side_that_cannot_be_made_ready_is_explained(
    repository: Path, changes: dict[str, Any], error: type[CarbonError], complaint: str
) -> None:
    """The error names the side, and no worktree is left."""
    with pytest.raises(error, match=complaint), check_out_sides(plan(repository, **changes), lambda _: None):
        pytest.fail("it was made ready")
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_run_has_the_request_the_options_and_the_variables(repository: Path) -> None:
    """The output and the request are in the side's folder; at the time limit the exit code is None."""
    script = "import os, sys, time; print(sys.argv[1:], os.environ['COLOUR']); time.sleep(float(os.environ['NAP']))"
    command = (sys.executable, "-c", script)
    with check_out_sides(plan(repository, command=command), lambda _: None) as (base, _):
        variables = {"COLOUR": "red", "NAP": "0"}
        code, log = base.run_pytest("step", {"chosen": None}, ["--more"], variables, None)
        assert code == 0
        assert log == base.work / "step.log"
        words = log.read_text(encoding="utf-8")
        assert f"--carbon-side={base.work / 'step.json'}', '--more'] red" in words
        assert (base.work / "step.json").read_text(encoding="utf-8") == '{"chosen": null}'
        assert base.run_pytest("slow", {}, [], {**variables, "NAP": "600"}, 0.5)[0] is None
