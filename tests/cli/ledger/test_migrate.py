"""ledger migrate: a ledger in a database is made, upgraded, and used like any other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from tests.samples import NOW

DATABASE = '[ledger]\nsql = "sqlite:///shop.db"\nrepository = "org/shop"\n'
BUDGETS = """
[features.checkout.budget]
limit = "40 kJ"
"""


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_REPOSITORY", "PYTEST_CARBON_SQL"):
        monkeypatch.delenv(variable, raising=False)


def test_a_database_is_made_and_used_like_any_ledger(project: Any) -> None:
    """append, list, verify, correct, compact, budget and check work on a ledger in a database."""
    project.policy(BUDGETS + DATABASE)
    made = project.carbon("ledger", "migrate", now=None)
    where = f"database {project.root}/shop.db"
    assert (made.code, made.out) == (0, f"the {where} held no ledger, and has version 0002 now\n")
    again = project.carbon("ledger", "migrate", "--json", now=None)
    assert again.json == {"ledger": where, "before": "0002", "after": "0002"}
    project.baseline()
    report = project.report()
    done = project.carbon("ledger", "append", report)
    assert (done.code, done.out) == (0, f"added run-1 to the {where}\n")
    assert project.carbon("ledger", "append", report).out == "1 of 1 run had been added before\n"
    corrected = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "label")
    assert corrected.code == 0
    before = project.carbon("budget", "--json").json["budgets"]
    assert project.carbon("ledger", "compact").out == "packed org/shop 2026/06\n"
    assert project.carbon("budget", "--json").json["budgets"] == before
    assert project.carbon("check", report).code == 0
    verified = project.carbon("ledger", "verify", "--json").json
    assert (verified["whole"], verified["runs"], verified["records"]) == (True, 6, {"correction": 1, "entry": 6})
    assert len(project.carbon("ledger", "list", "--json").json["entries"]) == 6
    assert project.carbon("ledger", "list", "--repository", "org/other", "--json").json["entries"] == []


def test_the_scope_of_an_organisation_lists_every_repository(project: Any) -> None:
    """With that scope the runs of all repositories are listed; an appended run still belongs to one."""
    project.policy(DATABASE)
    project.carbon("ledger", "migrate", now=None)
    for number, name in enumerate(("org/shop", "org/pay")):
        assert project.carbon("ledger", "append", project.report(number), "--repository", name).code == 0
    assert len(project.carbon("ledger", "list", "--json").json["entries"]) == 1
    project.policy(DATABASE + 'scope = "organisation"\n')
    assert len(project.carbon("ledger", "list", "--json").json["entries"]) == 2


def test_migrate_needs_a_database_and_roles_need_postgresql(project: Any) -> None:
    """Without a database the message says where to name it; a SQLite file has no roles."""
    assert "no database is named; give --sql URL, or set sql = " in project.carbon("ledger", "migrate", now=None).err
    done = project.carbon("ledger", "migrate", "--sql", "sqlite:///a.db", "--roles", "w", "r", now=None)
    assert (done.code, "only PostgreSQL has roles" in done.err) == (2, True)


def test_a_ledger_in_a_folder_loads_no_database_library(project: Any) -> None:
    """Libraries for databases are loaded only for a ledger in a database."""
    (project.root / "x").mkdir()
    assert project.carbon("ledger", "list", "--folder", "x").code == 0
    script = (
        "import sys; from pytest_carbon.cli.main import main; main(['ledger', 'list', '--folder', 'x']); "
        "sys.exit(bool({'sqlalchemy', 'alembic', 'psycopg'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


def test_the_commands_of_the_page_work_in_an_empty_folder(
    project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands of docs/scale.md, in order; the command that makes a report is left out."""
    page = (Path(__file__).parents[3] / "docs" / "scale.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    commands = [line.split()[1:] for block in blocks for line in block.splitlines()]
    assert [words[0] for words in commands].count("ledger") == len(commands) - 1 == 10
    report = project.root / project.report()
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    for words in commands:
        if words[0] == "run":
            copyfile(report, empty / ".carbon" / "report.json")
            continue
        done = project.carbon(*words, now=None if words[1] == "migrate" else NOW)
        assert (done.code, done.err) == (0, ""), words
    assert (empty / ".carbon" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_folder_that_cannot_be_made_is_an_error_with_a_next_step(project: Any) -> None:
    """The folder of a new SQLite file is made; where a file is in the way, the message names the folder."""
    (project.root / "file").write_text("", encoding="utf-8")
    done = project.carbon("ledger", "migrate", "--sql", "sqlite:///file/deep/a.db", now=None)
    assert (done.code, done.out) == (2, "")
    assert f"its folder cannot be made (Not a directory); make {project.root}/file/deep yourself" in done.err
