"""The locks in .ci/locks: every package in one version with hashes, all that pyproject.toml asks for, no address."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCKS = ROOT / ".ci" / "locks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS, GROUPS = PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]
RUNTIME = PROJECT["project"]["dependencies"]
LEDGER_AND_PAGE = [*EXTRAS["sql"], *EXTRAS["site"]]
WANTED = {
    "demo": [*RUNTIME, *GROUPS["build"]],
    "wheel": [*RUNTIME, *LEDGER_AND_PAGE],
    "test": [*RUNTIME, *LEDGER_AND_PAGE, *EXTRAS["test"], *GROUPS["build"]],
    "lint": [*RUNTIME, *LEDGER_AND_PAGE, *EXTRAS["test"], *EXTRAS["lint"], *GROUPS["build"]],
    "lock": GROUPS["lock"],
}
ENTRY = r"[a-z0-9-]+==\S+(?: ; [^\\\n]+)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+"


def _entries(path: Path) -> list[str]:
    return re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip())


def _locked(path: Path) -> dict[str, set[str]]:
    """Return the versions of each package; one that differs between Pythons has several."""
    versions: dict[str, set[str]] = {}
    for entry in _entries(path):
        requirement = Requirement(entry.split(" \\\n")[0])
        versions.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier)[2:])
    return versions


def test_every_lock_is_known() -> None:
    """No lock lies there that nothing checks."""
    assert {path.stem for path in LOCKS.iterdir()} == WANTED.keys()


@pytest.mark.parametrize("name", WANTED)
def test_lock_has_hashes_and_names_no_index(name: str) -> None:
    """An entry is a name, a version, perhaps a marker, and the hashes of the files: no option and no address."""
    assert [entry for entry in _entries(LOCKS / f"{name}.txt") if not re.fullmatch(ENTRY, entry)] == []


@pytest.mark.parametrize("name", WANTED)
def test_lock_holds_what_the_project_asks_for(name: str) -> None:
    """A dependency that is new in pyproject.toml, or has a new bound, needs `make lock`."""
    locked = _locked(LOCKS / f"{name}.txt")
    wanted = [Requirement(line) for line in WANTED[name] if not line.startswith("pytest-carbon[")]
    unmet = [
        str(requirement)
        for requirement in wanted
        if not any(
            Version(version) in requirement.specifier for version in locked.get(canonicalize_name(requirement.name), ())
        )
    ]
    assert unmet == []


def test_locks_agree() -> None:
    """All locks, the Action's too, hold a package in the same version: what is tested is what runs."""
    whole = _locked(LOCKS / "lint.txt")
    for path in [*LOCKS.glob("*.txt"), *(ROOT / "github_action").glob("requirements*.txt")]:
        other = _locked(path)
        assert {name: other[name] for name in other.keys() & whole.keys() if other[name] - whole[name]} == {}, path


def test_build_backend_is_the_locked_one() -> None:
    """The locks install what pip's isolated build would fetch."""
    assert PROJECT["build-system"]["requires"] == GROUPS["build"]


def test_npm_packages_have_hashes_and_no_address() -> None:
    """npm checks the file of every package, wherever it comes from."""
    packages = json.loads((ROOT / ".ci" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all(name == "" or package["integrity"].startswith("sha512-") for name, package in packages.items())
    assert not [name for name, package in packages.items() if "resolved" in package]
