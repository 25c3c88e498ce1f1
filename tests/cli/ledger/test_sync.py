"""ledger sync, verify --against, export and import, as they are called."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.cli.shared.progress import Progress

BUDGETS = """
[features.checkout.budget]
limit = "40 kJ"
[budget]
limit = "10 g"
"""
EMISSIONS = """\
timestamp,project_name,run_id,duration,emissions,energy_consumed,country_iso_code,cpu_model
2026-06-10T13:00:00,training,a,3600,0.002,0.005,DEU,CPU
2026-06-10T14:00:00,training,a,7200,0.004,0.010,DEU,CPU
2026-06-11T14:00:00,training,b,nan,0.004,0.010,DEU,CPU
"""


@pytest.fixture
def database(project: Any) -> str:
    """The URL of an empty database in a file."""
    assert project.carbon("ledger", "migrate", "--sql", "sqlite:///runs.db", now=None).code == 0
    return "sqlite:///runs.db"


def _ledger(project: Any, name: str, numbers: Sequence[int]) -> None:
    reports = [project.report(n, branch="main", ago=timedelta(days=n)) for n in numbers]
    assert project.carbon("ledger", "append", *reports, "--folder", name).code == 0


def test_many_ledgers_become_one(project: Any, database: str) -> None:
    """Each by its name, once, and proven: what was copied is there, alike."""
    _ledger(project, "one", [1, 2])
    _ledger(project, "two", [1, 3, 4])
    places = ("org/one=one", "org/two=two")
    where = f"database {project.root}/runs.db"
    first = project.carbon("ledger", "sync", *places, "--sql", database)
    assert (first.code, first.err) == (0, "")
    assert first.out == (
        f"org/one: added 2 records and 2 baselines to the {where}\n"
        f"org/two: added 3 records and 3 baselines to the {where}\n"
    )
    _ledger(project, "two", [5])
    again = project.carbon("ledger", "sync", *places, "--sql", database)
    assert again.out == (
        f"org/one: added 0 records and 0 baselines to the {where}; 2 were there already\n"
        f"org/two: added 1 record and 1 baseline to the {where}; 3 were there already\n"
    )
    found = project.carbon("ledger", "verify", "--sql", database, "--against", *places)
    assert (found.code, found.err) == (0, "")
    assert found.out == (
        f"{where}: 6 runs (6 entry), 6 baselines\n"
        "org/one: 2 records and 2 baselines of the folder one are there, once and alike\n"
        "org/two: 4 records and 4 baselines of the folder two are there, once and alike\n"
        "whole: nothing is wrong with it\n"
    )
    listed = project.carbon("ledger", "list", "--sql", database, "--repository", "org/two", "--json").json
    assert [entry["id"] for entry in listed["entries"]] == ["run-5", "run-4", "run-3", "run-1"]


def test_one_that_fails_does_not_stop_the_others(project: Any, database: str) -> None:
    """It is told with its reason, and the exit code says so; what is corrupt in a source is told and left."""
    _ledger(project, "one", [1, 2])
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


@pytest.mark.parametrize("where", ["database", "folder"])
def test_what_is_lost_or_different_is_named(project: Any, database: str, where: str) -> None:
    """In a database and in any other ledger; also a source that cannot be read is a fault, for it proves nothing."""
    _ledger(project, "one", [1, 2])
    ledger = ("--sql", database) if where == "database" else ("--folder", "other")
    if where == "database":
        project.carbon("ledger", "sync", "org/one=one", *ledger)
    else:
        _ledger(project, "other", [1, 2])
    file = project.root / "one/2026/06/14/run-1.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"tests":40', '"tests":41'), encoding="utf-8")
    _ledger(project, "one", [3])
    done = project.carbon("ledger", "verify", *ledger, "--against", "org/one=one", "shop=nowhere", "--json")
    (found,) = done.json["against"]
    assert (done.code, done.json["whole"], done.json["runs"]) == (1, False, 2)
    assert (found["name"], found["records"], found["different"]) == ("org/one", 3, ["run-1"])
    assert [lost.rpartition("/")[2] for lost in found["lost"]] == ["run-3", f"{'a' * 40}.run-3.json.gz"]
    assert done.json["faults"][-2:] == [
        "org/one: run-1 is there with other content",
        "nowhere could not be compared: there is no folder nowhere; is it spelt right?",
    ]
    text = project.carbon("ledger", "verify", *ledger, "--against", "org/one=one")
    assert "org/one: 3 records and 3 baselines of the folder one were compared\n" in text.out
    assert "org/one: run-3 is not there\n" in text.out
    assert text.out.endswith("3 faults; what is at fault is never counted\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("sync", "--sql", "sqlite:///runs.db"),
            "nothing to copy from; name a folder or a repository, or a file of th",
        ),
        (("sync", "shop=one"), "no database to copy into; say --sql URL, or set sql = "),
        (
            ("sync", "--sources", "none", "--sql", "sqlite:///runs.db"),
            "--sources is none, which cannot be read (No such",
        ),
        (("sync", "shop=one", "--sql", "sqlite:///none.db"), "none.db"),
        (("export", "-", "--format", "parquet"), "only JSON lines go to standard output, and nothing beside them; nam"),
        (("export", "-", "--json"), "only JSON lines go to standard output"),
        (("export", "."), ". could not be written (something that is no file stands there); free space, or choose"),
        (("export", "none/out.jsonl"), "none/out.jsonl could not be written (No such file or directory)"),
        (("import", "none.jsonl"), "none.jsonl cannot be read (No such file or directory); is it spelt right?"),
        (("import", "x", "--feature", "search"), "--feature is for --format codecarbon; JSON lines say it themselves"),
        (("import", "x", "--format", "codecarbon"), "nobody pays for these runs; say --feature NAME, which may be giv"),
        (
            ("import", "x", "--format", "codecarbon", "--feature", "chekout"),
            "no feature of carbon.toml is called 'chekout'; did you mean \"checkout\"?; it has checkout, search, ",
        ),
        (
            ("import", "x", "--format", "codecarbon", "--feature", "search", "--timezone", "Berlin"),
            "--timezone: no time zone is called 'Berlin'",
        ),
        (
            ("import", "x", "--format", "codecarbon", "--feature", "search", "--embodied-g-per-h", "-1"),
            "--embodied-g-per-h is -1; it must be a number that is not negative",
        ),
        (("import", "places", "--format", "codecarbon", "--feature", "search"), "the file has no column timestamp"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(project: Any, arguments: tuple[str, ...], complaint: str) -> None:
    """A mistake ends with 2 and says what to do; nothing is left behind by it."""
    _ledger(project, "one", [1])
    (project.root / "places").write_text("org/one=one\n", encoding="utf-8")
    before = sorted(project.root.iterdir())
    done = project.carbon("ledger", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(project.root.iterdir()) == before


def test_an_export_is_imported_as_it_was(project: Any) -> None:
    """JSON lines from a file or standard output make the same ledger; again they add nothing."""
    _ledger(project, "one", [1, 2])
    done = project.carbon("ledger", "export", "out.jsonl", "--folder", "one")
    assert (done.code, done.out) == (0, "wrote 4 lines to out.jsonl\n")
    lines = (project.root / "out.jsonl").read_text(encoding="utf-8")
    streamed = project.carbon("ledger", "export", "-", "--folder", "one")
    assert (streamed.out, streamed.err) == (lines, "wrote 4 lines to -\n")
    where = f"folder {project.root}/two"
    taken = project.carbon("ledger", "import", "out.jsonl", "--folder", "two")
    assert (taken.code, taken.out) == (0, f"added 2 records and 2 baselines to the {where}\n")
    again = project.carbon("ledger", "import", "out.jsonl", "--folder", "two", "--json").json
    assert again == {"ledger": where, "added": 0, "known": 4, "baselines": 0, "left_out": [], "notes": []}
    assert project.carbon("ledger", "export", "-", "--folder", "two").out == lines


def test_a_bad_line_is_told(project: Any) -> None:
    """The exit code says so, and the others are there."""
    _ledger(project, "one", [1, 2])
    project.carbon("ledger", "export", "out.jsonl", "--folder", "one")
    lines = (project.root / "out.jsonl").read_text(encoding="utf-8")
    (project.root / "out.jsonl").write_text("::error::{\n" + lines, encoding="utf-8")
    done = project.carbon("ledger", "import", "out.jsonl", "--folder", "two")
    assert done.code == 1
    assert done.out.startswith("added 2 records and 2 baselines")
    assert "left out line 1: it is not valid JSON" in done.out


def test_an_export_is_written_whole_or_not_at_all(project: Any) -> None:
    """What was there before is replaced at the end; what is corrupt is told, and is no part of it."""
    _ledger(project, "one", [1, 2])
    (project.root / "one/2026/06/13/run-2.json").write_text("{", encoding="ascii")
    (project.root / "out").write_text("before", encoding="ascii")
    done = project.carbon("ledger", "export", "out", "--format", "parquet", "--folder", "one", "--json")
    assert (done.code, done.json["lines"], len(done.json["skipped"])) == (0, 2, 1)
    assert (project.root / "out").read_bytes()[:4] == b"PAR1"
    assert not [path for path in project.root.iterdir() if path.name.endswith(".part")]
    (project.root / "one").rename(project.root / "gone")
    (project.root / "one").write_text("no folder", encoding="ascii")
    assert project.carbon("ledger", "export", "out", "--folder", "one").code == 2
    assert (project.root / "out").read_bytes()[:4] == b"PAR1"


def test_an_organisation_is_exported_by_its_repositories(project: Any, database: str) -> None:
    """Parquet names the repository in every row; JSON lines are of one."""
    for name, numbers in (("one", [1, 2]), ("two", [3])):
        _ledger(project, name, numbers)
        project.carbon("ledger", "sync", f"org/{name}={name}", "--sql", database)
    project.policy('[ledger]\nsql = "sqlite:///runs.db"\nscope = "organisation"\n')
    assert project.carbon("ledger", "export", "out.parquet", "--format", "parquet").code == 0
    from pyarrow.parquet import read_table

    rows = read_table(project.root / "out.parquet").to_pylist()
    found = {(row["repository"], row["run"]) for row in rows}
    assert found == {("org/one", "run-1"), ("org/one", "run-2"), ("org/two", "run-3")}
    refused = project.carbon("ledger", "export", "out.jsonl")
    assert (refused.code, "name one repository: --repository org/name" in refused.err) == (2, True)
    assert project.carbon("ledger", "export", "out.jsonl", "--repository", "org/two").out.startswith("wrote 2 lines")


def test_other_measured_work_shares_a_budget(project: Any) -> None:
    """CodeCarbon's runs are paid by the features named, by their weight; what was assumed and left out is told."""
    project.policy(BUDGETS)
    (project.root / "emissions.csv").write_text(EMISSIONS, encoding="utf-8")
    taking = ("ledger", "import", "emissions.csv", "--format", "codecarbon", "--feature", "checkout")
    done = project.carbon(*taking, "--feature", "search")
    assert (done.code, done.err) == (1, "")
    assert done.out == (
        f"added 2 records to the folder {project.root}/.carbon/ledger\n"
        "its times have no zone and are taken as UTC; --timezone names another\n"
        "their reference energy is not known: a limit in reference joules counts these runs as unknown\n"
        "their embodied grams are not known: a limit in grams does so too; --embodied-g-per-h tells them\n"
        "left out line 4: its duration is 'nan'; it must be a number that is not negative\n"
    )
    again = project.carbon(*taking, "--timezone", "Europe/Berlin", "--embodied-g-per-h", "1", "--json").json
    assert (again["added"], again["known"], len(again["left_out"]), len(again["notes"])) == (0, 2, 1, 1)
    budgets = {one["name"]: one["standing"] for one in project.carbon("budget", "--json").json["budgets"]}
    assert (budgets["checkout"]["consumed"], budgets["checkout"]["runs"]) == (18_000, 2)
    assert (budgets["repository"]["consumed"], budgets["repository"]["unknown_runs"]) == (0, 2)
    assert "run" in project.carbon("ledger", "list").out


def test_what_is_quick_says_nothing_on_its_way(project: Any, database: str) -> None:
    """Standard output is for the result alone, and standard error is empty."""
    _ledger(project, "one", range(1, 6))
    done = project.carbon("ledger", "sync", "org/one=one", "--sql", database, "--json")
    assert done.err == ""
    assert json.loads(done.out)["added"] == 5


def test_what_is_slow_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A line now and then, in which a name does nothing."""
    with Progress(every_s=0) as progress:
        progress.begin("::error::\x1b[31m (1 of 2)")
        progress(5, 20)
    assert capsys.readouterr().err == ": :error::\\x1b[31m (1 of 2): 5 of 20, 0 s so far\n"


def _all_of(terminal: int) -> bytes:
    """Read what a terminal was sent whose other end is closed; a busy machine draws the bar more often."""
    shown = b""
    with suppress(OSError):  # which is how Linux tells the end
        while part := os.read(terminal, 100_000):
            shown += part
    return shown


def test_a_terminal_shows_a_bar(project: Any, database: str) -> None:
    """It is gone at the end; what was done is left."""
    _ledger(project, "one", [1])
    reader, terminal = pty.openpty()
    verb = [sys.executable, "-m", "pytest_carbon.cli", "ledger", "sync", "org/one=one", "--sql", database]
    done = subprocess.run(
        verb, stdout=subprocess.PIPE, stderr=terminal, check=True, env={**os.environ, "TERM": "xterm"}
    )
    os.close(terminal)
    shown = _all_of(reader).decode()
    os.close(reader)
    assert done.stdout.startswith(b"org/one: added 1 record and 1 baseline")
    assert "org/one (1 of 1)" in shown
    assert shown.endswith("\x1b[2K")
