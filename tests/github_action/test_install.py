"""The Action's own environment: made once from a lock with hashes, with nothing of the user's checkout in it."""

from __future__ import annotations

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

from tests.attack import Attack

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "github_action" / "install.py"
STEPS = {
    step["id"]: step for step in yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
}
OUR_MAIN = "import sys\nimport tiny\nprint('ours', tiny.__name__, sys.argv[1])\n"
HOSTILE_MODULE = "from pathlib import Path\nPath('owned').touch()\nraise SystemExit('theirs')\n"
HOSTILE_NAMES = ("github_action/__init__.py", "github_action/__main__.py", "pytest_carbon/__init__.py", "tiny.py",
                 "sitecustomize.py", "usercustomize.py", "os.py", "pip.py", "venv.py", "platform.py")  # fmt: skip


@dataclass
class Action:
    """A checkout of an Action with one tiny package in its lock, and the folders of a runner."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("action/github_action", "wheels", "temporary", "home"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(SOURCE, self.package)
        (self.package / "__init__.py").touch()
        (self.package / "__main__.py").write_text(OUR_MAIN, encoding="utf-8")
        self.write_lock(_wheel(self.folder / "wheels", "tiny"))
        digest = _wheel(self.folder / "wheels", "driver")
        (self.package / "requirements-sql.txt").write_text(f"driver==1.0 --hash=sha256:{digest}\n", encoding="utf-8")

    @property
    def package(self) -> Path:
        """The Action's Python package."""
        return self.folder / "action" / "github_action"

    def write_lock(self, digest: str) -> None:
        """Write a lock with this hash, or without a hash if it is empty."""
        text = f"tiny==1.0 --hash=sha256:{digest}\n" if digest else "tiny==1.0\n"
        (self.package / "requirements.txt").write_text(text, encoding="utf-8")

    def step(self, name: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a step as action.yml does."""
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
        """The python that the step named for the next steps; empty if it named none."""
        output = self.folder / "output"
        lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
        return lines[-1].removeprefix("python=") if lines else ""


def _wheel(folder: Path, name: str) -> str:
    """Make a wheel of one empty module, and return its hash."""
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
    """Return an Action whose environment exists."""
    action = Action(tmp_path_factory.mktemp("installed"))
    done = action.step("install")
    assert done.returncode == 0, done.stdout + done.stderr
    return action


def test_environment_is_below_the_runners_folder(installed: Action) -> None:
    """The environment has the locked packages and this checkout, and no pip; the python that made it is unchanged."""
    python = Path(installed.python)
    assert python.is_relative_to(installed.folder / "temporary")
    ask = "import importlib.util as u; print([bool(u.find_spec(n)) for n in ('tiny', 'github_action', 'pip')])"
    asked = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True)
    assert asked.stdout == "[True, True, False]\n"
    assert subprocess.run([sys.executable, "-c", "import tiny"], capture_output=True, check=False).returncode == 1


def test_second_call_changes_nothing(installed: Action) -> None:
    """A job may use the Action several times: the environment is made once, and pip is not started again."""
    before = {path: path.stat().st_mtime_ns for path in (installed.folder / "temporary").rglob("*")}
    python = installed.python
    done = installed.step("install", PIP_FIND_LINKS="/no/such/folder")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert installed.python == python
    assert {path: path.stat().st_mtime_ns for path in (installed.folder / "temporary").rglob("*")} == before


def test_job_without_a_database_gets_no_driver(installed: Action) -> None:
    """A job with a database gets an environment of its own, so that each environment is made once."""
    plain = installed.python
    assert installed.step("install", CARBON_DATABASE="true").returncode == 0
    ask = "import importlib.util as u; print([bool(u.find_spec(n)) for n in ('tiny', 'driver', 'github_action')])"
    for python, result in (plain, [True, False, True]), (installed.python, [True, True, True]):
        asked = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True)
        assert asked.stdout == f"{result}\n"
    assert installed.step("install", CARBON_DATABASE="false").returncode == 0
    assert installed.python == plain


@pytest.mark.attack("replaced-modules")
def test_pull_request_cannot_replace_our_modules(installed: Action, tmp_path: Path, attack: Attack) -> None:
    """No step runs a module with one of our names from the checkout, PYTHONPATH or the home folder."""
    for place in (tmp_path / "checkout", tmp_path / "path"):
        for name in HOSTILE_NAMES:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(HOSTILE_MODULE, encoding="utf-8")
    hostile = {"PYTHONPATH": str(tmp_path / "path"), "PYTHONHOME": "/nowhere", "PYTHONUSERBASE": str(tmp_path / "path")}
    for name in ("begin", "measure", "finish"):
        done = installed.step(name, tmp_path / "checkout", **hostile)
        assert (done.returncode, done.stdout) == (0, f"ours tiny {name}\n"), done.stderr
    done = Action(tmp_path / "new").step("install", tmp_path / "checkout", **hostile)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.rglob("owned"))
    attack.harmless(done.stdout)


@pytest.mark.attack("replaced-modules")
@pytest.mark.parametrize(("digest", "why"), [("0" * 64, "DO NOT MATCH THE HASHES"), ("", "Hashes are required")])
def test_changed_package_or_lock_is_refused(tmp_path: Path, digest: str, why: str, attack: Attack) -> None:
    """A package or a lock that somebody changed stops the job before our code runs."""
    action = Action(tmp_path)
    action.write_lock(digest)
    done = action.step("install")
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stdout.startswith("::error title=pytest-carbon::the Action's packages could not be installed")
    assert action.python == ""
    assert not list((tmp_path / "temporary").glob("*/ready"))
    attack.ended(done.returncode)


OLD_PYTHON = f"""#!/bin/sh
exec {sys.executable} -c "import sys; sys.version_info = (3, 6, 8, 'final', 0); exec(sys.argv[1])" "$3"
"""
PYTHON_2 = "#!/bin/sh\necho 'Unknown option: -I' >&2\nexit 2\n"


@pytest.mark.parametrize(
    ("python", "is_what"), [(OLD_PYTHON, "3.6.8"), (PYTHON_2, "missing, or much older"), ("", "missing, or much older")]
)
def test_runner_without_a_new_python_is_a_red_job(tmp_path: Path, python: str, is_what: str) -> None:
    """The first step says so, and what to do, before an old python reads a line that it does not understand."""
    action = Action(tmp_path)
    name = tmp_path / "old-python"
    if python:
        name.write_text(python, encoding="utf-8")
        name.chmod(0o755)
    done = action.step("install", CARBON_PYTHON=str(name))
    assert (done.returncode, done.stderr, action.python) == (1, "", "")
    assert done.stdout == (
        f"::error title=pytest-carbon::the Action needs Python 3.11 or newer, and {name} is {is_what}; "
        "run actions/setup-python before, or name another python with the input python\n"
    )


def test_windows_is_a_red_job(tmp_path: Path) -> None:
    """There the steps would fail for reasons that nobody understands."""
    done = Action(tmp_path).step("install", RUNNER_OS="Windows")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::error title=pytest-carbon::the Action does not run on Windows; give this job")


def test_upload_that_failed_is_explained(tmp_path: Path) -> None:
    """The message of the step after it is one line, which the runner reads as an error."""
    done = Action(tmp_path).step("not-uploaded")
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert done.stdout.startswith("::error title=pytest-carbon::the report was not uploaded")


@pytest.mark.parametrize("name", ["requirements", "requirements-sql"])
def test_lock_has_the_required_packages(name: str) -> None:
    """The lock has the required packages, each with hashes; no package measures or tests, because the Action judges."""
    locked = _locked(name)
    lines = (SOURCE.parent / f"{name}.in").read_text(encoding="utf-8").splitlines()
    assert {line.replace(".", "-").partition("[")[0] for line in lines if not line.startswith("#")} <= locked.keys()
    pinned = r"[a-z0-9-]+==\S+(?: ; [^\\\n]+)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+"
    assert all(re.fullmatch(pinned, entry) for entry in locked.values())
    assert not {"codecarbon", "pytest"} & locked.keys()


def test_locks_agree() -> None:
    """Both locks are installed together, so a package in both has one version."""
    plain, sql = _locked("requirements"), _locked("requirements-sql")
    assert [name for name in plain.keys() & sql.keys() if plain[name].split()[0] != sql[name].split()[0]] == []


def _locked(name: str) -> dict[str, str]:
    text = (SOURCE.parent / f"{name}.txt").read_text(encoding="utf-8").strip()
    return {re.split(r"[=\s]", entry)[0]: entry for entry in re.split(r"\n(?=\S)", text)}
