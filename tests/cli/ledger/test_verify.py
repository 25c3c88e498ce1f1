"""ledger verify: faults of a ledger, and differences to other ledgers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack import Attack
from tests.cli.ledger.conftest import fill_ledger


@pytest.mark.parametrize("where", ["database", "folder"])
def test_missing_and_different_records_are_named(project: Any, database: str, where: str) -> None:
    """This holds for a database and for other ledgers; a source that cannot be read is a fault, too."""
    fill_ledger(project, "one", [1, 2])
    ledger = ("--sql", database) if where == "database" else ("--folder", "other")
    if where == "database":
        project.carbon("ledger", "sync", "org/one=one", *ledger)
    else:
        fill_ledger(project, "other", [1, 2])
    file = project.root / "one/2026/06/14/run-1.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"tests":40', '"tests":41'), encoding="utf-8")
    fill_ledger(project, "one", [3])
    done = project.carbon("ledger", "verify", *ledger, "--against", "org/one=one", "shop=nowhere", "--json")
    (result,) = done.json["against"]
    assert (done.code, done.json["whole"], done.json["runs"]) == (1, False, 2)
    assert (result["name"], result["records"], result["different"]) == ("org/one", 3, ["run-1"])
    assert [lost.rpartition("/")[2] for lost in result["lost"]] == ["run-3", f"{'a' * 40}.run-3.json.gz"]
    assert done.json["faults"][-2:] == [
        "org/one: run-1 has other content here",
        "nowhere could not be compared: there is no folder nowhere; is it spelt right?",
    ]
    text = project.carbon("ledger", "verify", *ledger, "--against", "org/one=one")
    assert "org/one: 3 records and 3 baselines of the folder one were compared\n" in text.out
    assert "org/one: run-3 is missing here\n" in text.out
    assert text.out.endswith("3 faults; records at fault are never counted; restore them from git or a backup\n")


@pytest.mark.attack("lost-base")
def test_record_that_cannot_be_read_there_is_a_fault(project: Any, attack: Attack) -> None:
    """Nobody knows whether it is here."""
    for folder in ("one", "other"):
        fill_ledger(project, folder, [1, 2])
    (project.root / "one/2026/06/14/run-3.json").write_text("{}", encoding="utf-8")
    done = project.carbon("ledger", "verify", "--folder", "other", "--against", "org/one=one")
    assert "org/one: 2 records and 2 baselines of the folder one were compared\n" in done.out
    assert "\norg/one: 2026/06/14/run-3.json cannot be read there, and was not compared: " in done.out
    assert done.out.endswith("1 fault; records at fault are never counted; restore them from git or a backup\n")
    attack.ended(done.code, done.out)
    told = project.carbon("ledger", "verify", "--folder", "other", "--against", "org/one=one", "--json").json
    assert (told["whole"], len(told["faults"]), len(told["against"][0]["skipped"])) == (False, 1, 1)
