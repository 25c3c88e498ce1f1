"""ledger sync: many ledgers become one database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.ledger.conftest import fill_ledger


def test_many_ledgers_become_one_database(project: Any, database: str) -> None:
    """Each ledger is copied once under its name; verify shows that nothing is lost."""
    fill_ledger(project, "one", [1, 2])
    fill_ledger(project, "two", [1, 3, 4])
    places = ("org/one=one", "org/two=two")
    where = f"database {project.root}/runs.db"
    first = project.carbon("ledger", "sync", *places, "--sql", database)
    assert (first.code, first.err) == (0, "")
    assert first.out == (
        f"org/one: added 2 records and 2 baselines to the {where}\n"
        f"org/two: added 3 records and 3 baselines to the {where}\n"
    )
    fill_ledger(project, "two", [5])
    again = project.carbon("ledger", "sync", *places, "--sql", database)
    assert again.out == (
        f"org/one: added 0 records and 0 baselines to the {where}; 2 had been added before\n"
        f"org/two: added 1 record and 1 baseline to the {where}; 3 had been added before\n"
    )
    result = project.carbon("ledger", "verify", "--sql", database, "--against", *places)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        f"{where}: 6 runs (6 entry), 6 baselines\n"
        "org/one: 2 records and 2 baselines of the folder one are here with the same content\n"
        "org/two: 4 records and 4 baselines of the folder two are here with the same content\n"
        "no faults\n"
    )
    listed = project.carbon("ledger", "list", "--sql", database, "--repository", "org/two", "--json").json
    assert [entry["id"] for entry in listed["entries"]] == ["run-1", "run-3", "run-4", "run-5"]


def test_a_ledger_that_cannot_be_read_does_not_stop_the_others(project: Any, database: str) -> None:
    """The exit code is 1, and the reason is printed; a corrupt record of a source is named and skipped."""
    fill_ledger(project, "one", [1, 2])
    (project.root / "one/2026/06/13/run-2.json").write_text("{", encoding="ascii")
    (project.root / "places").write_text("# ours\n\nshop=nowhere\norg/one=one\n", encoding="utf-8")
    done = project.carbon("ledger", "sync", "--sources", "places", "--sql", database, "--json")
    assert done.code == 1
    assert done.json["failed"] == [{"source": "nowhere", "reason": "there is no folder nowhere; is it spelt right?"}]
    (one,) = done.json["sources"]
    assert (one["name"], one["added"], one["known"], one["baselines"]) == ("org/one", 1, 0, 2)
    assert [skip["path"] for skip in one["skipped"]] == ["2026/06/13/run-2.json"]
    text = project.carbon("ledger", "sync", "--sources", "places", "--sql", database)
    assert "org/one: skipped 2026/06/13/run-2.json of folder one: it is not valid JSON" in text.out
    assert "nowhere could not be copied: there is no folder nowhere" in text.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("sync", "--sql", "sqlite:///runs.db"),
            "nothing to copy; name a folder or a repository, or a file that lists",
        ),
        (("sync", "shop=one"), "no database to copy into; give --sql URL, or set sql = "),
        (
            ("sync", "--sources", "none", "--sql", "sqlite:///runs.db"),
            "--sources is none, which cannot be read (No such",
        ),
        (("sync", "shop=one", "--sql", "sqlite:///none.db"), "none.db"),
    ],
)
def test_a_mistake_is_refused_in_one_line(project: Any, arguments: tuple[str, ...], complaint: str) -> None:
    """The exit code is 2, and no file is left behind."""
    fill_ledger(project, "one", [1])
    (project.root / "places").write_text("org/one=one\n", encoding="utf-8")
    before = sorted(project.root.iterdir())
    done = project.carbon("ledger", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(project.root.iterdir()) == before
