"""The Action's own environment: from a lock with hashes, made once, and nothing of a checkout gets into it."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "github_action" / "install.py"
STEPS = {
    step["id"]: step for step in yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
}
OURS = "import sys\nimport tiny\nprint('ours', tiny.__name__, sys.argv[1])\n"
THEIRS = "from pathlib import Path\nPath('owned').touch()\nraise SystemExit('theirs')\n"
THEIR_MODULES = ("github_action/__init__.py", "github_action/__main__.py", "pytest_carbon/__init__.py", "tiny.py",
                 "sitecustomize.py", "usercustomize.py", "os.py", "pip.py", "venv.py", "platform.py")  # fmt: skip
OLD = "import runpy, sys\nsys.version_info = (3, 9, 18)\nrunpy.run_path(sys.argv[1], run_name='__main__')\n"


@dataclass
class Action:
    """A checkout of an Action with one tiny package in its lock, and a runner's folders."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("action/github_action", "wheels", "temporary", "home"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(SOURCE, self.package)
        (self.package / "__init__.py").touch()
        (self.package / "__main__.py").write_text(OURS, encoding="utf-8")
        self.lock(_wheel(self.folder / "wheels", "tiny"))
        digest = _wheel(self.folder / "wheels", "driver")
        (self.package / "requirements-sql.txt").write_text(f"driver==1.0 --hash=sha256:{digest}\n", encoding="utf-8")

    @property
    def package(self) -> Path:
        """The Action's Python package."""
        return self.folder / "action" / "github_action"

    def lock(self, digest: str) -> None:
        """Write the lock; without a digest, one that lacks it."""
        text = f"tiny==1.0 --hash=sha256:{digest}\n" if digest else "tiny==1.0\n"
        (self.package / "requirements.txt").write_text(text, encoding="utf-8")

    def step(self, name: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a step as action.yml has it."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "RUNNER_TEMP": str(self.folder / "temporary"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_ACTION_PATH": str(self.folder / "action"),
            "CARBON_PYTHON": sys.executable,
            "CARBON_OWN_PYTHON": self.python,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder / "wheels"),
            **more,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
        return subprocess.run(
            command, cwd=cwd or self.folder, env=environment, capture_output=True, text=True, check=False
        )

    @property
    def python(self) -> str:
        """What the step told the next ones; empty if nothing."""
        output = self.folder / "output"
        told = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
        return told[-1].removeprefix("python=") if told else ""


def _wheel(folder: Path, name: str) -> str:
    """Make a wheel of one empty module, and return its digest."""
    path, info = folder / f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Action:
    """An Action whose environment is made."""
    action = Action(tmp_path_factory.mktemp("installed"))
    done = action.step("install")
    assert done.returncode == 0, done.stdout + done.stderr
    return action


def test_environment_is_below_the_runners_folder(installed: Action) -> None:
    """It has what the lock names and this checkout, and no pip; the python that made it is as it was."""
    python = Path(installed.python)
    assert python.is_relative_to(installed.folder / "temporary")
    ask = "import importlib.util as u; print([bool(u.find_spec(n)) for n in ('tiny', 'github_action', 'pip')])"
    asked = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True)
    assert asked.stdout == "[True, True, False]\n"
    assert subprocess.run([sys.executable, "-c", "import tiny"], capture_output=True, check=False).returncode == 1


def test_second_call_makes_nothing(installed: Action) -> None:
    """A job may use the Action several times: the environment is there, and pip is not even asked."""
    before = {path: path.stat().st_mtime_ns for path in (installed.folder / "temporary").rglob("*")}
    told = installed.python
    done = installed.step("install", PIP_FIND_LINKS="/no/such/folder")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert installed.python == told
    assert {path: path.stat().st_mtime_ns for path in (installed.folder / "temporary").rglob("*")} == before


def test_driver_of_a_database_is_only_there_for_a_job_that_has_one(installed: Action) -> None:
    """It is an environment of its own beside the other, so that each is made once."""
    plain = installed.python
    assert installed.step("install", CARBON_DATABASE="true").returncode == 0
    ask = "import importlib.util as u; print([bool(u.find_spec(n)) for n in ('tiny', 'driver', 'github_action')])"
    for python, found in (plain, [True, False, True]), (installed.python, [True, True, True]):
        asked = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True)
        assert asked.stdout == f"{found}\n"
    assert installed.step("install", CARBON_DATABASE="false").returncode == 0
    assert installed.python == plain


def test_pull_request_cannot_put_itself_in_our_place(installed: Action, tmp_path: Path) -> None:
    """Modules in the checkout, in PYTHONPATH and at home with our names are never run, in any step."""
    for place in (tmp_path / "checkout", tmp_path / "path"):
        for name in THEIR_MODULES:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(THEIRS, encoding="utf-8")
    hostile = {"PYTHONPATH": str(tmp_path / "path"), "PYTHONHOME": "/nowhere", "PYTHONUSERBASE": str(tmp_path / "path")}
    for name in ("begin", "measure", "finish"):
        done = installed.step(name, tmp_path / "checkout", **hostile)
        assert (done.returncode, done.stdout) == (0, f"ours tiny {name}\n"), done.stderr
    done = Action(tmp_path / "new").step("install", tmp_path / "checkout", **hostile)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize(("digest", "why"), [("0" * 64, "DO NOT MATCH THE HASHES"), ("", "Hashes are required")])
def test_package_that_is_not_the_locked_one(tmp_path: Path, digest: str, why: str) -> None:
    """A package or a lock that somebody has changed stops the job before anything of ours runs, and says so."""
    action = Action(tmp_path)
    action.lock(digest)
    done = action.step("install")
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stdout.startswith("::error title=pytest-carbon::its packages could not be installed")
    assert action.python == ""
    assert not list((tmp_path / "temporary").glob("*/ready"))


def test_old_python_is_told(tmp_path: Path) -> None:
    """It can still be read by one, which then says what to do."""
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))
    done = subprocess.run(
        [sys.executable, "-c", OLD, str(SOURCE)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "this python is 3.9.18, and 3.11 or newer is needed; run actions/setup-python before" in done.stdout


@pytest.mark.parametrize("name", ["requirements", "requirements-sql"])
def test_lock_holds_what_is_asked_for(name: str) -> None:
    """Every package with the hashes of its files, and those that were asked for; a gate measures and tests nothing."""
    locked = _locked(name)
    lines = (SOURCE.parent / f"{name}.in").read_text(encoding="utf-8").splitlines()
    assert {line.replace(".", "-").partition("[")[0] for line in lines if not line.startswith("#")} <= locked.keys()
    pinned = r"[a-z0-9-]+==\S+(?: ; [^\\\n]+)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+"
    assert all(re.fullmatch(pinned, entry) for entry in locked.values())
    assert not {"codecarbon", "pytest"} & locked.keys()


def test_locks_agree() -> None:
    """They are installed together: what both hold is of one version."""
    one, other = _locked("requirements"), _locked("requirements-sql")
    versions = {name: {lock[name].split()[0] for lock in (one, other)} for name in one.keys() & other.keys()}
    assert [name for name, found in versions.items() if len(found) > 1] == []


def _locked(name: str) -> dict[str, str]:
    text = (SOURCE.parent / f"{name}.txt").read_text(encoding="utf-8").strip()
    return {re.split(r"[=\s]", entry)[0]: entry for entry in re.split(r"\n(?=\S)", text)}
