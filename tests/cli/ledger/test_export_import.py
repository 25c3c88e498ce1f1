"""ledger export and ledger import: JSON lines, Parquet, and the emissions.csv of CodeCarbon."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.ledger.conftest import fill_ledger

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


def test_an_export_imported_gives_the_same_ledger(project: Any) -> None:
    """The lines of a file and of standard output are the same; imported again they add nothing."""
    fill_ledger(project, "one", [1, 2])
    done = project.carbon("ledger", "export", "out.jsonl", "--folder", "one")
    assert (done.code, done.out) == (0, "wrote 4 lines to out.jsonl\n")
    lines = (project.root / "out.jsonl").read_text(encoding="utf-8")
    streamed = project.carbon("ledger", "export", "-", "--folder", "one")
    assert (streamed.out, streamed.err) == (lines, "wrote 4 lines to standard output\n")
    where = f"folder {project.root}/two"
    taken = project.carbon("ledger", "import", "out.jsonl", "--folder", "two")
    assert (taken.code, taken.out) == (0, f"added 2 records and 2 baselines to the {where}\n")
    again = project.carbon("ledger", "import", "out.jsonl", "--folder", "two", "--json").json
    assert again == {"ledger": where, "added": 0, "known": 4, "baselines": 0, "left_out": [], "notes": []}
    assert project.carbon("ledger", "export", "-", "--folder", "two").out == lines


def test_a_bad_line_is_left_out_and_named(project: Any) -> None:
    """The exit code is 1, and the other lines are added."""
    fill_ledger(project, "one", [1, 2])
    project.carbon("ledger", "export", "out.jsonl", "--folder", "one")
    lines = (project.root / "out.jsonl").read_text(encoding="utf-8")
    (project.root / "out.jsonl").write_text("::error::{\n" + lines, encoding="utf-8")
    done = project.carbon("ledger", "import", "out.jsonl", "--folder", "two")
    assert done.code == 1
    assert done.out.startswith("added 2 records and 2 baselines")
    assert "left out line 1: it is not valid JSON" in done.out


def test_many_bad_lines_are_five_and_a_count(project: Any) -> None:
    """The others are added; --json lists every line that is left out."""
    fill_ledger(project, "one", [1, 2])
    project.carbon("ledger", "export", "--output", "out.jsonl", "--folder", "one")
    lines = (project.root / "out.jsonl").read_text(encoding="utf-8")
    (project.root / "out.jsonl").write_text(lines + "{\n" * 40, encoding="utf-8")
    done = project.carbon("ledger", "import", "out.jsonl", "--folder", "two")
    assert done.code == 1
    assert done.out.count("left out line") == 5
    assert done.out.endswith("and 35 more; --json lists all\n")
    again = project.carbon("ledger", "import", "out.jsonl", "--folder", "two", "--json").json
    assert len(again["left_out"]) == 40


def test_the_place_of_an_export_has_one_name(project: Any) -> None:
    """It is --output; the argument that it was before still works, and both or none are refused."""
    fill_ledger(project, "one", [1])
    by_option = project.carbon("ledger", "export", "--output", "-", "--folder", "one")
    assert by_option.out == project.carbon("ledger", "export", "-", "--folder", "one").out
    assert "--output is '-', and 'x' is given, too" in project.carbon("ledger", "export", "x", "--output", "-").err
    assert "no place to write to is given; name it: --output runs.jsonl" in project.carbon("ledger", "export").err


def test_an_export_is_written_whole_or_not_at_all(project: Any) -> None:
    """An earlier file is replaced only at the end; a corrupt record is named and left out."""
    fill_ledger(project, "one", [1, 2])
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


def test_only_parquet_can_hold_several_repositories(project: Any, database: str) -> None:
    """Each row of Parquet names its repository; JSON lines hold one repository."""
    for name, numbers in (("one", [1, 2]), ("two", [3])):
        fill_ledger(project, name, numbers)
        project.carbon("ledger", "sync", f"org/{name}={name}", "--sql", database)
    project.policy('[ledger]\nsql = "sqlite:///runs.db"\nscope = "organisation"\n')
    assert project.carbon("ledger", "export", "out.parquet", "--format", "parquet").code == 0
    from pyarrow.parquet import read_table

    rows = read_table(project.root / "out.parquet").to_pylist()
    result = {(row["repository"], row["run"]) for row in rows}
    assert result == {("org/one", "run-1"), ("org/one", "run-2"), ("org/two", "run-3")}
    refused = project.carbon("ledger", "export", "out.jsonl")
    assert (refused.code, "export one repository: --repository org/name" in refused.err) == (2, True)
    assert project.carbon("ledger", "export", "out.jsonl", "--repository", "org/two").out.startswith("wrote 2 lines")


def test_runs_of_codecarbon_count_in_the_budgets(project: Any) -> None:
    """The named features pay in proportion to their weights; assumptions and bad lines are printed."""
    project.policy(BUDGETS)
    (project.root / "emissions.csv").write_text(EMISSIONS, encoding="utf-8")
    taking = ("ledger", "import", "emissions.csv", "--format", "codecarbon", "--feature", "checkout")
    done = project.carbon(*taking, "--feature", "search")
    assert (done.code, done.err) == (1, "")
    assert done.out == (
        f"added 2 records to the folder {project.root}/.carbon/ledger\n"
        "the file's times have no time zone and are taken as UTC; --timezone names another zone\n"
        "the reference energy of these runs is unknown: a limit in reference energy counts them as unknown\n"
        "the embodied emissions of these runs are unknown: a limit in grams counts them as unknown; "
        "--embodied-g-per-h gives them\n"
        "left out line 4: its duration is 'nan'; it must be a number that is not negative\n"
    )
    again = project.carbon(*taking, "--timezone", "Europe/Berlin", "--embodied-g-per-h", "1", "--json").json
    assert (again["added"], again["known"], len(again["left_out"]), len(again["notes"])) == (0, 2, 1, 1)
    budgets = {budget["name"]: budget["standing"] for budget in project.carbon("budget", "--json").json["budgets"]}
    assert (budgets["checkout"]["consumed"], budgets["checkout"]["runs"]) == (18_000, 2)
    assert (budgets["repository"]["consumed"], budgets["repository"]["unknown_runs"]) == (0, 2)
    assert "run" in project.carbon("ledger", "list").out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("export", "-", "--format", "parquet"), "the format parquet is not text; name a file instead of -"),
        (("export", "-", "--json"), "--json would print into the export on standard output"),
        (("export", "."), ". could not be written (there is a folder or a device of this name); free space, or choose"),
        (("export", "none/out.jsonl"), "none/out.jsonl could not be written (No such file or directory)"),
        (("import", "none.jsonl"), "none.jsonl cannot be read (No such file or directory); is it spelt right?"),
        (
            ("import", "x", "--feature", "search"),
            "--feature is for --format codecarbon; the lines of an export hold it themselves",
        ),
        (("import", "x", "--format", "codecarbon"), "no feature pays for these runs; name it with --feature NAME"),
        (
            ("import", "x", "--format", "codecarbon", "--feature", "chekout"),
            "no feature of carbon.toml is called 'chekout'; did you mean \"checkout\"? (there are: checkout, search, ",
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
        (("import", "places"), "the file is no export of a ledger: none of its first lines is a record"),
        (("import", "other.json"), "the file is no export of a ledger: none of its first lines is a record"),
        (
            ("import", "reports/run-1.json"),
            "the file is a carbon report, no export of a ledger; to add its run, give the report to pytest-carbon "
            "ledger append",
        ),
    ],
)
def test_a_mistake_is_refused_in_one_line(project: Any, arguments: tuple[str, ...], complaint: str) -> None:
    """The exit code is 2, and no file is left behind."""
    fill_ledger(project, "one", [1])
    (project.root / "places").write_text("org/one=one\n", encoding="utf-8")
    (project.root / "other.json").write_text('{\n  "schema": "pytest-carbon/verdict/1"\n}\n', encoding="utf-8")
    before = sorted(project.root.iterdir())
    done = project.carbon("ledger", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(project.root.iterdir()) == before
