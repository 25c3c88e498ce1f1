"""Files and links of a hostile checkout: nothing hangs, nothing outside of the project is read, written or removed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.attack import Attack
from tests.samples import NOW, make_report

pytestmark = pytest.mark.timeout(30)


def _pipe(path: Path, _: Attack) -> None:
    os.mkfifo(path)


def _zero(path: Path, _: Attack) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path, _: Attack) -> None:
    path.mkdir()


def _huge(path: Path, _: Attack) -> None:
    with path.open("wb") as file:
        file.truncate(5_000_000_000)


def _stolen(path: Path, attack: Attack) -> None:
    secret = attack.folder / "secret.toml"
    secret.write_text(f'zone = "{attack.secret}"\n', encoding="utf-8")
    path.symlink_to(secret)


def _nothing(path: Path, _: Attack) -> None:
    path.symlink_to("missing")


UNFIT = pytest.mark.parametrize("make", [_pipe, _zero, _folder, _huge, _stolen])


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("make", [_pipe, _zero, _folder, _huge, _stolen, _nothing])
@pytest.mark.parametrize("name", ["carbon.toml", "pyproject.toml"])
@pytest.mark.parametrize("verb", ["budget", "check", "devices"])
def test_a_policy_that_is_no_small_file_of_the_project_is_an_error(
    project: Any, attack: Attack, make: Callable[[Path, Attack], None], name: str, verb: str
) -> None:
    """It is never taken for no policy, also in a folder below it."""
    (project.root / "carbon.toml").unlink()
    make(project.root / name, attack)
    (project.root / "below").mkdir()
    os.chdir(project.root / "below")
    done = project.carbon(verb)
    attack.ended(done.code, done.out, done.err)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert f"{name} " in done.err


@pytest.mark.attack("files-and-links")
@UNFIT
def test_a_report_that_is_no_small_file_of_the_project_is_an_error(
    project: Any, attack: Attack, make: Callable[[Path, Attack], None]
) -> None:
    """The last run's report is at its usual place."""
    (project.root / ".carbon").mkdir()
    make(project.root / ".carbon/report.json", attack)
    for verb in (["check"], ["report"], ["explain"], ["ledger", "append"], ["confirm"]):
        done = project.carbon(
            *verb, *(["--", "pytest"] if verb == ["confirm"] else []), now=None if verb == ["report"] else NOW
        )
        attack.ended(done.code, done.out, done.err)
        assert "report.json cannot be read (" in done.err


@pytest.mark.attack("files-and-links")
@UNFIT
@pytest.mark.parametrize("file_format", ["jsonl", "codecarbon"])
def test_an_import_that_is_no_small_file_is_an_error(
    project: Any, attack: Attack, make: Callable[[Path, Attack], None], file_format: str
) -> None:
    """A user names the file, so that a link may lead anywhere; what it leads to is no ledger."""
    make(project.root / "runs", attack)
    done = project.carbon("ledger", "import", "runs", "--format", file_format, "--folder", "ledger")
    attack.ended(done.code, done.err)
    assert not (project.root / "ledger").exists()


@pytest.mark.attack("files-and-links")
@UNFIT
def test_a_table_of_devices_that_is_no_small_file_of_the_project_is_an_error(
    project: Any, attack: Attack, make: Callable[[Path, Attack], None]
) -> None:
    """The refreshed lifecycles lie in the checkout."""
    project.repository()
    (project.root / ".carbon").mkdir()
    make(project.root / ".carbon/lifecycles.json", attack)
    done = project.carbon("devices", "--base", "HEAD")
    attack.ended(done.code, done.out, done.err)
    assert "lifecycles.json cannot be read (" in done.err


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("make", [_pipe, _zero, _huge, _stolen])
def test_a_file_of_the_ledger_that_is_no_small_file_is_left_out(
    project: Any, attack: Attack, make: Callable[[Path, Attack], None]
) -> None:
    """It is named, and verify fails."""
    project.baseline(1)
    day = next((project.root / ".carbon/ledger/2026").glob("*/*"))
    make(day / "run-9.json", attack)
    done = project.carbon("ledger", "verify")
    attack.ended(done.code, done.out, done.err)
    assert "run-9.json" in done.out


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("link", [".carbon", ".carbon/ledger", ".carbon/ledger/2026"])
@pytest.mark.parametrize("arguments", [("append", "run.json"), ("compact",), ("verify",), ("list",)])
def test_no_ledger_behind_a_link_out_of_the_project(
    project: Any, attack: Attack, link: str, arguments: tuple[str, ...]
) -> None:
    """Nothing is written, packed or removed in a folder that a link of the checkout leads to."""
    (attack.folder / "ledger").mkdir()
    (project.root / link).parent.mkdir(parents=True, exist_ok=True)
    (project.root / link).symlink_to(attack.folder)
    project.report(1)
    before = sorted(attack.folder.rglob("*"))
    done = project.carbon("ledger", arguments[0], *(["reports/run-1.json"] if len(arguments) > 1 else []))
    attack.harmless(done.out, done.err) if link.endswith("2026") else attack.ended(done.code, done.out, done.err)
    assert sorted(attack.folder.rglob("*")) == before


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("place", ["link/verdict.txt", "file", ".git/config"])
@pytest.mark.parametrize("verb", ["check", "summary", "export"])
def test_a_link_of_the_checkout_redirects_no_output(project: Any, attack: Attack, verb: str, place: str) -> None:
    """Neither a folder of the path nor the file itself; and nothing is written into .git."""
    project.repository()
    project.baseline(1)
    project.write(make_report(1))
    (project.root / "link").symlink_to(attack.folder)
    (project.root / "file").symlink_to(attack.outside)
    before = (project.root / ".git/config").read_bytes(), sorted(attack.folder.rglob("*"))
    words = {"check": ["check", "--output", place], "summary": ["summary", "--format", "json", "--out", place],
             "export": ["ledger", "export", place]}[verb]  # fmt: skip
    done = project.carbon(*words)
    attack.ended(done.code, done.out, done.err)
    assert ((project.root / ".git/config").read_bytes(), sorted(attack.folder.rglob("*"))) == before


@pytest.mark.attack("files-and-links")
def test_a_site_behind_a_link_is_not_written(project: Any, attack: Attack) -> None:
    """The folder that the link leads to is neither replaced nor emptied, even if it holds nothing else."""
    project.baseline(1)
    (attack.folder / "empty").mkdir()
    (project.root / "public").symlink_to(attack.folder / "empty")
    for place in ("public", "public/site"):
        done = project.carbon("site", place)
        attack.ended(done.code, done.out, done.err)
    assert list((attack.folder / "empty").iterdir()) == []


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("place", [".carbon", ".carbon/report.json"])
def test_a_report_is_not_written_through_a_link(project: Any, attack: Attack, place: str) -> None:
    """``run`` measures any command; the command's result stands, and the report is missing."""
    (project.root / place).parent.mkdir(exist_ok=True)
    (project.root / place).symlink_to(attack.folder if place == ".carbon" else attack.outside)
    before = sorted(attack.folder.rglob("*"))
    done = project.carbon("run", "--", "true", now=None)
    attack.harmless(done.out, done.err)
    assert "could not be written" in done.err
    assert sorted(attack.folder.rglob("*")) == before


@pytest.mark.attack("files-and-links")
def test_a_policy_names_no_report_outside_of_the_project(project: Any, attack: Attack) -> None:
    """A checkout may not choose which file of the user is replaced; the user's own option may."""
    project.policy(whole=f'report = "{attack.outside}"\n')
    done = project.carbon("run", "--", "true", now=None)
    attack.harmless(done.out, done.err)
    assert "lies outside of the project" in done.err
    named = attack.folder / "named.json"
    assert "could not be written" not in project.carbon("run", "--report", str(named), "--", "true", now=None).err
    assert named.stat().st_mode & 0o777 == 0o640 & ~_umask()


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("name", ["conftest.py", "tox.toml", "README.md", "data.json", "src/__init__.py"])
def test_a_policy_names_no_file_of_the_project_as_report(project: Any, attack: Attack, name: str) -> None:
    """The file stays, and the run's report is in its usual place; the user's own option replaces any file."""
    path = project.root / name
    path.parent.mkdir(exist_ok=True)
    content = {"README.md": "# Shop\n", "data.json": '{"schema": "shop/1"}'}.get(name, "")
    path.write_text(content, encoding="utf-8")
    project.policy(whole=f'report = "{name}"\n')
    done = project.carbon("run", "--", "true", now=None)
    attack.harmless(done.out, done.err)
    assert path.read_text(encoding="utf-8") == content
    assert f"{name} (this file is no carbon report, and would be lost)" in done.err
    assert "the report of this run is in .carbon/report.json instead" in done.err
    assert project.carbon("report", ".carbon/report.json", now=None).code == 0
    assert project.carbon("check", now=None).code == 2
    assert "could not be written" not in project.carbon("run", "--report", name, "--", "true", now=None).err
    assert project.carbon("report", name, now=None).code == 0


@pytest.mark.attack("files-and-links")
@pytest.mark.parametrize("verb", ["migrate", "list"])
def test_a_database_behind_a_link_is_not_used(project: Any, attack: Attack, verb: str) -> None:
    """Neither by an option nor by the policy."""
    (project.root / "runs.db").symlink_to(attack.outside)
    project.policy('\n[ledger]\nsql = "sqlite:///runs.db"\nrepository = "org/shop"\n')
    for option in ((), ("--sql", "sqlite:///runs.db")):
        done = project.carbon("ledger", verb, *option, now=None)
        attack.ended(done.code, done.out, done.err)
        assert "a link that leaves the project" in done.err


def test_a_new_database_is_for_owner_and_group(project: Any) -> None:
    """SQLite itself would make it for everybody to read."""
    before = os.umask(0)
    try:
        done = project.carbon("ledger", "migrate", "--sql", "sqlite:///runs.db", now=None)
    finally:
        os.umask(before)
    assert (done.code, (project.root / "runs.db").stat().st_mode & 0o777) == (0, 0o640)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
