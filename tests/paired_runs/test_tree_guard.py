"""A side cannot touch the other: what it changes or leaves behind is seen, in real runs and in the files alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.records.paired_runs import PairedRuns, from_json, to_json
from pytest_carbon.paired_runs.measure_pairs import PairsPlan, measure_pairs
from pytest_carbon.paired_runs.tree_guard import (
    TreeGuard,
    changed_source,
    read_source,
    remove_new,
    source_paths,
    take_stamps,
)
from pytest_carbon.reporters.run.report_file import read
from tests.attack import Attack
from tests.git.small_repository import commit, new_repository, write

BASE = {
    "shop.py": "def work(): return sum(range(10))\n",
    "test_shop.py": "from shop import work\ndef test_work(): work()\n",
    "slow.txt": "1",
}
SIBLING = "import importlib.util, pathlib\nbase = pathlib.Path(__file__).parent.parent / 'base'\n"
ON_END = SIBLING + "def pytest_sessionfinish(session):\n    "
ON_RUN = (
    SIBLING
    + """
def pytest_sessionfinish(session):
    if session.testscollected and not session.config.option.collectonly:
        """
)


pytestmark = pytest.mark.usefixtures("settings_of_pairs")


def _measure(tmp_path: Path, head: dict[str, str], **more: Any) -> PairedRuns:
    """Measure one pair of the base and a head with other files."""
    repository = new_repository(tmp_path / "repository")
    for files in (BASE, head):
        commit(repository, files)
    command = (sys.executable, "-m", "pytest", "-q")
    facts = {"command": command, "min_pairs": 2, "max_pairs": 2, **more}
    plan = PairsPlan(repository, "HEAD~1", "HEAD", **facts)
    return measure_pairs(plan, lambda _: None, print, read)


@pytest.mark.attack("head-touches-base")
@pytest.mark.parametrize(
    ("attempt", "named"),
    [
        ("(base / 'shop.py').write_text('import time')", "base/shop.py"),
        ("(base / 'shop.py').unlink()", "base/shop.py"),
        ("(base / 'conftest.py').write_text('')", "base/conftest.py"),
        ("(base.parent / 'pytest.ini').write_text('[pytest]')", "pytest.ini"),
        ("(base.parent / 'runs-base' / 'report-2.json').write_text('')", "runs-base/report-2.json"),
        ("(base.parent.parent / 'conftest.py').write_text('')", "conftest.py"),
        (
            "import os; f = base / 'slow.txt'; s = f.stat(); f.write_text('2'); "
            "os.utime(f, ns=(s.st_atime_ns, s.st_mtime_ns))",
            "base/slow.txt",
        ),
        ("import os; os.link(base / 'shop.py', base.parent / 'head' / 'linked')", "base/shop.py"),
        ("(pathlib.Path(__file__).parent / 'shop.py').write_text('def work(): pass')", "head/shop.py"),
    ],
    ids=["changed", "removed", "added", "settings", "report", "above", "same times", "hard link", "own source"],
)
def test_head_that_touches_base_gives_no_evidence(tmp_path: Path, attack: Attack, attempt: str, named: str) -> None:
    """No pair is kept, and the reason names the side and the file; it comes through the report's JSON."""
    pairs = _measure(tmp_path, {"conftest.py": ON_END + attempt + "\n"})
    assert pairs.runs == ()
    assert pairs.spoiled == pairs.stop_reason
    assert pairs.spoiled.startswith("head changed what ")
    assert named in pairs.spoiled
    assert pairs.spoiled in pairs.gaps
    assert from_json(to_json(pairs)).spoiled == pairs.spoiled
    attack.ended("inconclusive" if pairs.spoiled else "success", pairs.spoiled)


@pytest.mark.attack("head-touches-base")
@pytest.mark.parametrize("step", ["setup", "collection"])
@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("base / 'shop.py'", "base/shop.py"),
        ("pathlib.Path(importlib.util.cache_from_source(base / 'lazy.py'))", "base/__pycache__"),
    ],
    ids=["source", "compiled"],
)
def test_head_that_touches_base_before_the_pairs(
    tmp_path: Path, attack: Attack, step: str, place: str, named: str
) -> None:
    """The setup of head, and the collection of its tests, are turns of head, too.

    Python would load a compiled module without a look at its source.
    """
    edit = f"{SIBLING}file = {place}\nif base.exists():\n    file.parent.mkdir(exist_ok=True); file.write_text('')\n"
    files = {"conftest.py": edit} if step == "collection" else {"build.py": edit}
    setup = ("sh", "-c", f"[ ! -e build.py ] || {sys.executable} build.py") if step == "setup" else ()
    pairs = _measure(tmp_path, files, setup=setup)
    assert pairs.runs == ()
    assert named in pairs.spoiled
    attack.ended("inconclusive" if pairs.spoiled else "success", pairs.spoiled)


@pytest.mark.attack("head-touches-base")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the processes of a tree")
def test_what_head_leaves_running_does_not_meet_base(tmp_path: Path, attack: Attack) -> None:
    """A loop that detaches ends with its turn; it is named, and the pairs are kept."""
    script = "echo $$ >> $HOME/pids; while :; do :; done"
    loop = f"import subprocess; subprocess.Popen(['sh', '-c', {script!r}], start_new_session=True)"
    (tmp_path / "temporary" / "home").mkdir()
    os.environ["HOME"], home = str(tmp_path / "temporary" / "home"), os.environ["HOME"]
    try:
        pairs = _measure(tmp_path, {"conftest.py": ON_RUN + loop + "\n"}, min_pairs=1, max_pairs=1)
    finally:
        os.environ["HOME"] = home
    assert len(pairs.runs) == 2
    assert pairs.gaps == ("head left running, and it was ended after its turn: sh",)
    for pid in (tmp_path / "temporary" / "home" / "pids").read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
    attack.harmless(*pairs.gaps)


HONEST = """
import pathlib, tempfile, time

def test_writes(tmp_path):
    here = pathlib.Path(__file__).parent
    assert not (here / "made").exists()
    assert not list(pathlib.Path(tempfile.gettempdir()).glob("left*"))
    (here / "made" / "deep").mkdir(parents=True)
    (here / "made" / "deep" / "file").write_text("x")
    (here / ".coverage").write_text("x")
    (here / "slow.txt").write_text((here / "slow.txt").read_text())
    pathlib.Path(tempfile.gettempdir(), "left").write_text("x")
"""


def test_honest_writes_raise_no_alarm_and_are_removed(tmp_path: Path) -> None:
    """Caches, new files in the own tree and temporary files are fine, and no later run finds them."""
    pairs = _measure(tmp_path, {"test_more.py": HONEST})
    assert (len(pairs.runs), pairs.spoiled, pairs.gaps) == (4, "", ())
    outcomes = {run.measurements.tests["test_more.py::test_writes"].outcome for run in pairs.runs if run.side == "head"}
    assert outcomes == {"passed"}


def test_source_of_a_side(tmp_path: Path) -> None:
    """Content counts, not the time of writing; links count by their target; a missing file is a change."""
    write(tmp_path, {"same": "x", "other": "x", "gone": "x"})
    (tmp_path / "link").symlink_to("same")
    source = read_source(tmp_path, source_paths(tmp_path))
    assert changed_source(source) == []
    (tmp_path / "same").write_text("x")
    (tmp_path / "other").write_text("y")
    (tmp_path / "gone").unlink()
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "new").write_text("")
    assert changed_source(source) == [str(tmp_path / name) for name in ("gone", "link", "other")]


def test_new_compiled_modules_are_removed_and_changed_ones_are_seen(tmp_path: Path) -> None:
    """Running a side compiles modules of shared packages, which the other side must not load."""
    packages = tmp_path / "packages"
    write(packages, {"a/__pycache__/a.pyc": "", "a/a.py": ""})
    (tmp_path / "link").symlink_to(packages)
    guard = TreeGuard(tmp_path / "sides", {"head": ()}, [], [packages, tmp_path / "link" / "a"])
    write(packages, {"a/__pycache__/b.pyc": "", "a/data.json": ""})
    assert guard.changes("head") == []
    assert [path.name for path in (packages / "a" / "__pycache__").iterdir()] == ["a.pyc"]
    write(packages, {"a/__pycache__/a.pyc": "x"})
    changed = [tmp_path / "link/a/__pycache__/a.pyc", packages / "a/__pycache__/a.pyc"]
    assert guard.changes("head") == list(map(str, changed))


@pytest.mark.attack("head-touches-base")
@pytest.mark.parametrize(
    "name",
    [
        "six.py", "six.pyc", "__pycache__/sub/six.pyc", "__pycache__/six.py", "evil.pth", "six.so", "a.libs/x.so.3",
        "six.pyd", "x.dylib", "a-1.dist-info/entry_points.txt", "new-1.dist-info/entry_points.txt", "a.egg-link",
        "a.egg-info/PKG-INFO", "x.zip",
    ],
)  # fmt: skip
@pytest.mark.parametrize("there", [True, False], ids=["changed", "new"])
def test_what_python_loads_or_finds_modules_by_is_guarded(
    tmp_path: Path, attack: Attack, name: str, there: bool
) -> None:
    """A plain library wins over a module of the same name; the entry points of a package tell pytest's plugins."""
    packages = tmp_path / "packages"
    (packages / name).parent.mkdir(parents=True)
    write(packages, {name: ""} if there else {})
    guard = TreeGuard(tmp_path / "sides", {"head": ()}, [], [packages])
    write(packages, {name: "x"})
    changed = guard.changes("head")
    assert changed == [str(packages / name)]
    attack.ended("inconclusive" if changed else "success")


@pytest.mark.attack("head-touches-base")
def test_links_in_shared_packages_are_guarded(tmp_path: Path, attack: Attack) -> None:
    """A folder wins over a module of the same name, and a link may be one."""
    guard = TreeGuard(tmp_path / "sides", {"head": ()}, [], [tmp_path])
    (tmp_path / "six").symlink_to(attack.folder)
    changed = guard.changes("head")
    assert changed == [str(tmp_path / "six")]
    attack.ended("inconclusive" if changed else "success")


def test_package_files_that_are_linked_or_get_rights_have_not_changed(tmp_path: Path) -> None:
    """Installers of other environments link to them, and programs set the rights of their libraries."""
    packages = tmp_path / "packages"
    write(packages, {"six.py": "x", "lib/vector.so": "x", "odd.py": "x"})
    guard = TreeGuard(tmp_path / "sides", {"head": ()}, [], [packages])
    os.link(packages / "six.py", tmp_path / "linked")
    (packages / "lib" / "vector.so").chmod(0o744)
    assert guard.changes("head") == []
    times = (packages / "odd.py").stat()
    write(packages, {"odd.py": "y"})
    os.utime(packages / "odd.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert guard.changes("head") == [str(packages / "odd.py")]


@pytest.mark.attack("head-touches-base")
@pytest.mark.parametrize(
    ("when", "name"), [(ON_RUN, "config"), (ON_END, "hooks/post-checkout")], ids=["run", "collection"]
)
def test_git_of_the_other_side_is_not_a_sides_own(tmp_path: Path, attack: Attack, when: str, name: str) -> None:
    """Each side has a repository of its own, also apart from the user's."""
    edit = f"p = base / '.git' / {name!r}; p.parent.mkdir(exist_ok=True); p.write_text('')"
    pairs = _measure(tmp_path, {"conftest.py": when + edit + "\n"})
    assert pairs.runs == ()
    assert f"base/.git/{name.partition('/')[0]}" in pairs.spoiled
    attack.ended("inconclusive" if pairs.spoiled else "success", pairs.spoiled)


@pytest.mark.attack("head-touches-base")
def test_packages_of_another_interpreter_are_shared(tmp_path: Path, attack: Attack) -> None:
    """The tests run in an environment of the project, which is not ours: what head installs there, base would load."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    ours = [*map(str, Path(pytest.__file__).parents[1:2]), str(Path(__file__).parents[2])]
    (packages / "ours.pth").write_text("\n".join(ours), encoding="utf-8")
    evil = f"import pathlib\npathlib.Path({str(packages / 'evil.pth')!r}).write_text('import time')\n"
    command = (str(tmp_path / "venv" / "bin" / "python"), "-m", "pytest", "-q")
    pairs = _measure(tmp_path, {"conftest.py": evil}, command=command)
    assert pairs.runs == ()
    assert "evil.pth" in pairs.spoiled
    attack.ended("inconclusive" if pairs.spoiled else "success", pairs.spoiled)


OWN_FILES = """
import os, pathlib, subprocess

def test_counts():
    counter = pathlib.Path(__file__).parent / "slow.txt"
    assert counter.read_text() == "1"
    counter.write_text("2")

def test_commits():
    git = ["git", "-c", "user.email=n@example.org"]
    assert subprocess.run([*git, "config", "user.name"]).returncode
    subprocess.run([*git, "config", "user.name", "ci"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    subprocess.run([*git, "tag", "made"], check=True)
"""


def test_own_files_and_the_own_repository_are_put_back(tmp_path: Path) -> None:
    """A counter, a setting of git, a commit and a tag are fine, and no later run nor the user finds them."""
    pairs = _measure(tmp_path, {"test_more.py": OWN_FILES})
    assert (len(pairs.runs), pairs.spoiled) == (4, "")
    assert pairs.gaps == ("head wrote to its own files, which were put back after its turn: slow.txt",)
    heads = [run.measurements for run in pairs.runs if run.side == "head"]
    assert {test.outcome for head in heads for test in head.tests.values()} == {"passed"}
    assert "[user]" not in (tmp_path / "repository" / ".git" / "config").read_text()


def test_only_what_is_new_is_removed(tmp_path: Path) -> None:
    """Links are removed and not followed, compiled modules stay."""
    write(tmp_path, {"tree/known/a": "", "outside/a": ""})
    known = frozenset(take_stamps([tmp_path / "tree"]))
    write(tmp_path, {"tree/known/b": "", "tree/new/c": "", "tree/known/__pycache__/a.pyc": ""})
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "outside")
    remove_new(tmp_path / "tree", known)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir()}
    assert left == {"tree/known/a", "tree/known/__pycache__/a.pyc", "outside/a"}
