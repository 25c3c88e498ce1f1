"""Base and head measured alternately: real git, real pytest, tiny projects."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.records.paired_runs import PairedRuns
from pytest_carbon.git.worktree import CheckoutError
from pytest_carbon.paired_runs.measure_pairs import MeasureError, PairsPlan, measure_pairs
from pytest_carbon.reporters.run.report_file import read

PYTEST = (sys.executable, "-m", "pytest")
LIBRARY = "def work(): return sum(range({}))\n"
TESTS = """
import pathlib, os, pytest
from shop import work

@pytest.mark.parametrize("n", ["a b", "x[1]", "ü/::y"])
def test_work(n):
    assert work() == sum(range({}))

def test_other(): pass

def test_failing(): assert False
"""
NOTE_SEEDS = """
import os

def pytest_runtest_setup(item):
    with open(os.environ["NOTES"] + "/seeds", "a") as file:
        print(item.config.option.randomly_seed, os.environ["PYTHONHASHSEED"], item.name, file=file)
"""
Commit = Callable[..., str]


pytestmark = pytest.mark.usefixtures("settings_of_pairs")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with two commits whose library, and the test of it, differ; a new test in the second."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {"shop.py": LIBRARY.format(10), "test_shop.py": TESTS.format(10), "pytest.ini": "[pytest]\n"})
    commit(folder, {"shop.py": LIBRARY.format(20), "test_shop.py": TESTS.format(20) + "\ndef test_new(): pass\n"})
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a commit")
    return git(folder, "rev-parse", "HEAD")


def at_once(pairs: PairedRuns) -> str:
    return f"{len(pairs.runs) // 2} are enough here"


def measure(
    plan: PairsPlan, enough: Callable[[PairedRuns], str | None] = at_once, say: Callable[[str], None] = print
) -> PairedRuns:
    return measure_pairs(plan, enough, say, read)


def state_of(repository: Path, tmp_path: Path) -> tuple[object, ...]:
    """Return all that a measurement must leave alone."""
    files = {p: p.read_bytes() for p in repository.rglob("*") if p.is_file() and ".git" not in p.parts}
    index = (repository / ".git" / "index").read_bytes()
    left = [p.name for p in (tmp_path / "temporary").iterdir() if p.name.startswith("pytest-carbon-")]
    return files, index, git(repository, "rev-parse", "HEAD"), git(repository, "worktree", "list"), left


def test_two_commits_are_measured_in_alternating_order(repository: Path, tmp_path: Path) -> None:
    """Each side runs its own code, the order alternates, a pair shares its seeds; the user's files do not change."""
    before = state_of(repository, tmp_path)
    lines: list[str] = []
    asked = tuple(f"test_shop.py::{name}" for name in ("test_work[a b]", "test_work[x[1]]", "test_failing", "test_new"))
    pairs = measure(PairsPlan(repository, "HEAD~1", "HEAD", (*PYTEST, "-q", "."), asked), say=lines.append)
    assert [run.side for run in pairs.runs] == ["base", "head", "head", "base"]
    assert (pairs.base, pairs.head) == (git(repository, "rev-parse", "HEAD~1"), git(repository, "rev-parse", "HEAD"))
    for run in pairs.runs:
        assert run.measurements.commit == (pairs.base if run.side == "base" else pairs.head)
        assert {nodeid: test.outcome for nodeid, test in run.measurements.tests.items()} == {
            asked[0]: "passed", asked[1]: "passed", asked[2]: "failed",
        }  # fmt: skip
    assert [run.measurements.fingerprint["hashseed"] for run in pairs.runs] == ["1", "1", "2", "2"]
    assert pairs.selected_tests == asked
    assert pairs.stop_reason == "2 are enough here"
    assert pairs.gaps == ("not on both sides, and left out: test_shop.py::test_new",)
    assert [line.partition(",")[0] for line in lines if line.startswith("pair")] == [
        "pair 1 of at most 7: base", "pair 1 of at most 7: head",
        "pair 2 of at most 7: head", "pair 2 of at most 7: base",
    ]  # fmt: skip
    assert "3 tests" in lines[-1]
    assert 0 < pairs.took_s < 300
    assert state_of(repository, tmp_path) == before


def one_pair(repository: Path, base: str | None, head: str | None, *command: str, **more: Any) -> PairsPlan:
    """Return the plan of a single pair."""
    return PairsPlan(repository, base, head, command or PYTEST, **{"min_pairs": 1, "max_pairs": 1, **more})


def test_working_tree_is_measured_against_its_commit(repository: Path, tmp_path: Path) -> None:
    """The head has the changed, new, deleted and generated files of the user's tree; the base is the commit."""
    commit(repository, {".gitignore": "_version.py\n.carbon\n"})
    changed = {"shop.py": "from new import work\nimport _version\n", "new.py": LIBRARY.format(30)}
    for name, text in {
        **changed,
        "test_shop.py": TESTS.format(30),
        "_version.py": "",
        ".carbon/report.json": "mine",
    }.items():
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(text, encoding="utf-8")
    before = state_of(repository, tmp_path)
    pairs = measure(one_pair(repository, "HEAD", None))
    base, head = pairs.runs
    assert (pairs.base, pairs.head) == (git(repository, "rev-parse", "HEAD"), "working tree")
    assert (base.measurements.commit, head.measurements.commit) == (pairs.base, None)
    assert base.measurements.tests["test_shop.py::test_other"].outcome == "passed"
    assert head.measurements.tests["test_shop.py::test_work[a b]"].outcome == "passed"
    assert set(base.measurements.tests) - set(head.measurements.tests) == {"test_shop.py::test_new"}
    assert pairs.stop_reason == "1 are enough here"
    assert pairs.gaps == ("_version.py is not in git: both sides use the file of your checkout",)
    assert state_of(repository, tmp_path) == before


def test_clean_working_tree_is_its_commit(repository: Path) -> None:
    """Without changes, both sides are HEAD, and are named by its hash."""
    pairs = measure(one_pair(repository, None, None, max_pairs=1, min_pairs=9))
    assert pairs.base == pairs.head == git(repository, "rev-parse", "HEAD")
    assert pairs.stop_reason == "the maximum of 1 pairs was measured"
    assert [run.measurements.commit for run in pairs.runs] == [pairs.head, pairs.head]


def test_both_sides_of_a_pair_have_the_same_seeds(repository: Path, tmp_path: Path) -> None:
    """pytest-randomly and the hash seed are the same in a pair; xdist's workers run only the chosen tests."""
    pytest.importorskip("pytest_randomly")
    pytest.importorskip("xdist")
    commit(repository, {"conftest.py": NOTE_SEEDS})
    command = (*PYTEST, "-p", "randomly", "-p", "xdist", "-n2", "test_shop.py")
    asked = ("test_shop.py::test_other", "test_shop.py::test_work[x[1]]")
    pairs = measure(one_pair(repository, "HEAD", "HEAD", *command, nodeids=asked))
    assert [set(run.measurements.tests) for run in pairs.runs] == [set(asked)] * 2
    noted = (tmp_path / "seeds").read_text(encoding="utf-8").splitlines()
    assert sorted(noted) == sorted(["1 1 test_other", "1 1 test_work[x[1]]"] * 2)


def test_project_in_a_folder_with_a_setup_of_its_own(repository: Path) -> None:
    """The setup runs in the project's folder of each side, and may make the program that runs the tests there."""
    shop = {
        f"services/shop/{name}": (repository / name).read_text() for name in ("shop.py", "test_shop.py", "pytest.ini")
    }
    commit(repository, {**shop, "services/shop/py.sh": f'#!/bin/sh\nexec {sys.executable} "$@"\n'})
    setup = ("sh", "-c", "mkdir .env && cp py.sh .env/python && chmod +x .env/python")
    plan = one_pair(repository, None, None, ".env/python", "-m", "pytest", setup=setup, folder="services/shop")
    assert all("test_shop.py::test_other" in run.measurements.tests for run in measure(plan).runs)


@pytest.mark.parametrize(
    ("change", "error", "complaint"),
    [
        pytest.param(
            {"command": (*PYTEST, "--nonsense")}, MeasureError, "unrecognized arguments: --nonsense", id="crash"
        ),
        pytest.param(
            {"command": ("no-such-program",)}, MeasureError, "'no-such-program' could not be started", id="no program"
        ),
        pytest.param(
            {"setup": ("sh", "-c", "echo no wheel; exit 3")}, MeasureError, "failed with 3 on base", id="setup"
        ),
        pytest.param({"setup": ("sh", "-c", "echo no wheel; exit 3")}, MeasureError, "no wheel", id="setup's output"),
        pytest.param({"folder": "elsewhere"}, MeasureError, "has no folder elsewhere", id="no folder"),
        pytest.param({"base": "nonsense"}, CheckoutError, "there is no commit 'nonsense'", id="no commit"),
    ],
)
def test_failures_are_explained(
    repository: Path, tmp_path: Path, change: dict[str, Any], error: type[CarbonError], complaint: str
) -> None:
    """The error has the last lines of the output, and nothing is left behind."""
    before = state_of(repository, tmp_path)
    with pytest.raises(error) as caught:
        measure(replace(one_pair(repository, "HEAD~1", "HEAD"), **change))
    assert complaint in str(caught.value)
    assert state_of(repository, tmp_path) == before


def test_failed_collection_is_an_error(repository: Path) -> None:
    """A side whose tests cannot be imported is an error, not a side without tests."""
    commit(repository, {"shop.py": "import no_such_module\n"})
    with pytest.raises(MeasureError, match="no test of head could be collected") as caught:
        measure(one_pair(repository, "HEAD~1", "HEAD"))
    assert "No module named 'no_such_module'" in str(caught.value)


def test_sides_without_a_common_test_are_not_measured(repository: Path) -> None:
    """If base has none of the given tests, nothing is measured, and the reason is returned."""
    pairs = measure(one_pair(repository, "HEAD~1", "HEAD", nodeids=("test_shop.py::test_new",)))
    assert (pairs.runs, pairs.stop_reason) == ((), "base and head have no test in common; is the base right?")


def test_code_from_outside_the_checkouts_is_not_measured(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If tests import an installed copy, nothing is measured, and the reason says what to do."""
    commit(repository, {"src/till/__init__.py": "", "test_shop.py": "import till\ndef test_till(): pass\n"})
    (tmp_path / "installed" / "till").mkdir(parents=True)
    (tmp_path / "installed" / "till" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "installed"))
    pairs = measure(one_pair(repository, None, None))
    assert pairs.runs == ()
    assert pairs.stop_reason.startswith(
        f"till was imported from {tmp_path}/installed/till/__init__.py, not from the commit"
    )
    assert "install the project with pip install -e" in pairs.stop_reason


def test_time_limit_stops_before_the_next_pair(repository: Path) -> None:
    """A pair that would not fit into the limit is not started; here one pair takes more than half of it."""
    commit(repository, {"test_shop.py": "import time\ndef test_slow(): time.sleep(1)\n"})
    pairs = measure(one_pair(repository, None, None, limit_s=4, max_pairs=7, min_pairs=7))
    assert len(pairs.runs) == 2
    assert (
        pairs.stop_reason
        == "the next pair would probably have passed the limit of 4 s; give more with --cap, or cap-s of [confirm]"
    )


HANG = """
import os, pathlib, time

def test_hang():
    pathlib.Path(os.environ["NOTES"], "pid").write_text(str(os.getpid()))
    time.sleep(600)
"""


def test_run_that_hangs_is_ended(repository: Path, tmp_path: Path) -> None:
    """A run long past the limit is ended; earlier measurements are kept."""
    commit(repository, {"test_shop.py": HANG})
    before = state_of(repository, tmp_path)
    pairs = measure(one_pair(repository, "HEAD", "HEAD", limit_s=1.5))
    assert (pairs.runs, pairs.stop_reason) == (
        (),
        "a run went on long after the limit of 2 s and was ended; give more with --cap, or cap-s of [confirm]",
    )
    assert state_of(repository, tmp_path) == before


INTERRUPTED = """
import faulthandler, sys
from pathlib import Path
faulthandler.dump_traceback_later(200, exit=True)
from pytest_carbon.paired_runs.measure_pairs import PairsPlan, measure_pairs
from pytest_carbon.reporters.run.report_file import read

measure_pairs(PairsPlan(Path.cwd(), None, None, (sys.executable, "-m", "pytest")), lambda _: None, print, read)
"""


def test_interrupt_leaves_nothing(repository: Path, tmp_path: Path) -> None:
    """Ctrl-C ends the current run, removes the checkouts, and is raised again."""
    commit(repository, {"test_shop.py": HANG})
    before = state_of(repository, tmp_path)
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], cwd=repository, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert _until((tmp_path / "pid").exists)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=240)[1]
    assert _until(lambda: not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists())
    assert state_of(repository, tmp_path) == before


def _until(true: Callable[[], bool]) -> bool:
    """Wait for something that must come, at most a minute."""
    limit_s = time.monotonic() + 60
    while not true() and time.monotonic() < limit_s:
        time.sleep(0.02)
    return true()
