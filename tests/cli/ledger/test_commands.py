"""ledger append, list, verify and compact, in a folder and on a branch."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

BUDGETS = """
[features.checkout.budget]
limit = "40 kJ"
"""
BRANCH = "carbon-ledger"


def _files(project: Any, where: Path) -> list[str]:
    """Return the paths of the records on the ledger's branch."""
    names = project.git("ls-tree", "-r", "--name-only", BRANCH, where=where).splitlines()
    return [name for name in names if name != "README.md"]


def test_a_run_is_appended_once(project: Any) -> None:
    """The same report again adds nothing; another attempt or job of the run is a record of its own."""
    report = project.report()
    first = project.carbon("ledger", "append", report)
    assert (first.code, first.out) == (0, f"added run-1 to the folder {project.root}/.carbon/ledger\n")
    again = project.carbon("ledger", "append", report, report)
    assert (again.code, again.out) == (0, "2 of 2 runs had been added before\n")
    other = project.carbon("ledger", "append", report, "--attempt", "2", "--job", "py 3.12/linux", "--json")
    (added,) = other.json["added"]
    assert added.startswith("run-1.2.py-3-12-linux-")
    assert project.carbon("ledger", "append", report, "--attempt", "2", "--job", "py 3.12/linux", "--json").json == {
        "ledger": other.json["ledger"], "added": [], "known": 1,
    }  # fmt: skip
    assert len(list((project.root / ".carbon" / "ledger" / "2026").rglob("*.json"))) == 2


@pytest.mark.parametrize("remote", [True, False], ids=["of a remote", "of the repository"])
def test_a_ledger_on_a_branch_has_a_file_for_every_run(project: Any, remote: bool) -> None:
    """The name of the file is the run's id; the checkout, its branch and its index stay as they are."""
    project.repository(remote=remote)
    before = (project.git("rev-parse", "HEAD"), project.git("status", "--porcelain"))
    for _ in range(2):
        reports = [project.report(1), project.report(2, branch="main", ago=timedelta(days=1))]
        done = project.carbon("ledger", "append", "--branch", BRANCH, *reports)
        assert (done.code, done.err) == (0, "")
    where = project.root.with_name("remote.git") if remote else project.root
    days, (baseline,) = _files(project, where)[:2], _files(project, where)[2:]
    assert days == ["2026/06/14/run-2.json", "2026/06/15/run-1.json"]
    assert baseline.startswith("baseline/main-")
    assert baseline.endswith(f"/{'a' * 40}.run-2.json.gz")
    assert (project.git("rev-parse", "HEAD"), project.git("status", "--porcelain")) == before
    listed = project.carbon("ledger", "list", "--branch", BRANCH, "--json").json
    assert [entry["id"] for entry in listed["entries"]] == ["run-1", "run-2"]
    assert project.carbon("ledger", "verify", "--branch", BRANCH).code == 0


@pytest.mark.parametrize(
    ("ci", "remote", "setting", "expected"),
    [
        (False, True, "", "folder "),
        (True, True, "", "branch carbon-ledger of origin"),
        (True, False, "", "folder "),
        (True, True, '[ledger]\nfolder = "kept"\n', "folder "),
        (False, True, '[ledger]\nbranch = "books"\n', "branch books of origin"),
        (False, False, '[ledger]\nbranch = "books"\n', "branch books"),
    ],
)
def test_which_ledger_is_used(
    project: Any, monkeypatch: pytest.MonkeyPatch, ci: bool, remote: bool, setting: str, expected: str
) -> None:
    """The default is the folder, or the branch in CI with a remote; a setting or an option goes first."""
    project.policy(setting)
    project.repository(remote=remote)
    if ci:
        monkeypatch.setenv("CI", "true")
    assert project.carbon("check", project.report()).code == 0
    done = project.carbon("ledger", "append", project.report(), "--json")
    assert done.code == 0
    assert done.json["ledger"].startswith(expected)
    assert done.json["ledger"].endswith(expected) or expected == "folder "
    assert (project.root / "kept").exists() == ("kept" in setting)
    elsewhere = project.carbon("ledger", "append", project.report(), "--json", "--folder", "other")
    assert elsewhere.json["added"] == ["run-1"]


@pytest.mark.parametrize(
    ("policy", "head", "branches", "expected"),
    [
        ('default-branch = "trunk"\n', "develop", ["main"], "trunk"),
        ("", "develop", ["main"], "develop"),
        ("", None, ["main"], "main"),
        ("", None, ["master"], "master"),
        ("", None, [], "main"),
    ],
    ids=["the policy's", "the remote's own", "main", "master", "nothing known"],
)
def test_only_runs_of_the_default_branch_become_baselines(
    project: Any, policy: str, head: str | None, branches: list[str], expected: str
) -> None:
    """A run of a pull request does not become a baseline, even if its branch has the same name."""
    project.policy(whole=policy)
    project.repository()
    project.git("branch", "-m", "work")
    for branch in branches:
        project.git("branch", branch)
    if head:
        project.git("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{head}")
    project.git("checkout", "-q", "--detach")  # as CI systems do
    for number, branch in enumerate(("main", "master", "trunk", "develop", "work")):
        project.carbon("ledger", "append", project.report(number, branch=branch))
    project.carbon("ledger", "append", project.report(8, branch=expected), "--pr", "7")
    project.carbon("ledger", "append", project.report(9, branch="fork"), "--on", expected)
    ledger = project.root / ".carbon" / "ledger" / "baseline"
    (folder,) = ledger.iterdir()
    assert folder.name.startswith(f"{expected}-")
    assert len(list(folder.iterdir())) == 2


def test_a_run_without_a_commit_becomes_no_baseline(project: Any) -> None:
    """A run before the first commit, or outside of git, counts in budgets all the same."""
    done = project.carbon("ledger", "append", project.report(branch="main", commit=None))
    assert (done.code, done.err) == (0, "")
    assert not (project.root / ".carbon" / "ledger" / "baseline").exists()


def test_list_shows_runs_and_payers(project: Any) -> None:
    """list shows the last four weeks, or the runs since a day, of all features or of one."""
    project.carbon("ledger", "append", project.report(1), "--label", "feature:checkout", "--pr", "7")
    project.carbon("ledger", "append", project.report(2, ago=timedelta(days=40)))
    done = project.carbon("ledger", "list")
    assert done.code == 0
    assert "run-1" in done.out
    assert "#7" in done.out
    assert "checkout 100 %" in done.out
    assert "run-2" not in done.out
    since = ("--since", "2026-05-01", "--json")
    assert [e["id"] for e in project.carbon("ledger", "list", *since).json["entries"]] == ["run-1", "run-2"]
    table = project.carbon("ledger", "list", *since[:-1]).out
    assert table.index("run-1") < table.index("run-2")
    only = project.carbon("ledger", "list", *since, "--feature", "search")
    assert [e["id"] for e in only.json["entries"]] == ["run-2"]


def test_a_corrupt_file_is_named_and_not_counted(project: Any) -> None:
    """verify ends with 1; check, budget and list go on without the file and name it."""
    project.policy(BUDGETS)
    project.baseline()
    day = project.root / ".carbon" / "ledger" / "2026" / "06" / "12"
    (day / "run-103.json").write_text('{"schema": "pytest-carb', encoding="utf-8")
    note = "2026/06/12/run-103.json: it is not valid JSON"
    verified = project.carbon("ledger", "verify")
    assert verified.code == 1
    assert f"skipped {note}" in verified.out
    assert verified.out.endswith("1 fault; records at fault are never counted; restore them from git or a backup\n")
    as_json = project.carbon("ledger", "verify", "--json")
    assert (as_json.code, as_json.json["whole"], as_json.json["runs"]) == (1, False, 4)
    checked = project.carbon("check", project.report(), "--json")
    assert checked.code == 0
    assert any(note in line for line in checked.json["notes"])
    budget = project.carbon("budget", "--json").json
    assert {holder["name"]: holder["standing"]["consumed"] for holder in budget["budgets"]}["checkout"] == 8000
    assert any(note in line for line in budget["notes"])
    assert "2026/06/12/run-103.json" in project.carbon("ledger", "list").out
    assert len(project.carbon("ledger", "list", "--json").json["skipped"]) == 1


def test_growth_is_judged_without_a_corrupt_baseline(project: Any) -> None:
    """Of six baselines one may be broken, and growth is still judged."""
    project.baseline(6)
    broken = next((project.root / ".carbon" / "ledger" / "baseline").rglob("*.json.gz"))
    broken.write_bytes(broken.read_bytes()[:100])
    verdict = project.carbon("check", project.report(), "--json").json
    assert verdict["base"]["runs"] == 5
    assert [note for note in verdict["notes"] if broken.name in note]


@pytest.mark.parametrize("where", [(), ("--branch", BRANCH)], ids=["folder", "branch"])
def test_compact_changes_no_answer(project: Any, where: tuple[str, ...]) -> None:
    """compact packs the months that are over once; budget, list and verify print the same as before."""
    project.policy(BUDGETS)
    project.repository()
    reports = [project.report(n, ago=timedelta(days=5 * n)) for n in range(1, 8)]
    project.carbon("ledger", "append", *reports, *where)
    verbs = [("budget", "--json"), ("ledger", "list", "--json"), ("ledger", "verify", "--json")]
    before = [project.carbon(*verb, *where) for verb in verbs]
    done = project.carbon("ledger", "compact", *where)
    assert (done.code, done.out) == (0, "packed 2026/05.jsonl.gz\n")
    assert [project.carbon(*verb, *where) for verb in verbs] == before
    assert project.carbon("ledger", "compact", *where).out.startswith("nothing to pack")
    later = project.carbon("ledger", "compact", "--before", "2026-07-01", "--json", *where)
    assert later.json["packed"] == ["2026/06.jsonl.gz"]
    assert [project.carbon(*verb, *where) for verb in verbs] == before
    assert project.carbon("ledger", "append", *reports, "--json", *where).json["known"] == 7


def test_json_of_the_same_moment_is_the_same(project: Any) -> None:
    """--json prints one JSON object, also of an empty ledger."""
    for _ in range(2):
        for verb in (("list",), ("verify",), ("compact",)):
            one, two = (project.carbon("ledger", *verb, "--json") for _ in range(2))
            assert one == two
            assert (one.code, one.err, one.json["ledger"][:7]) == (0, "", "folder ")
        project.baseline()


def test_a_misspelt_feature_of_a_list_is_refused(project: Any) -> None:
    """A feature that neither the policy nor the ledger knows lists nothing; one of them without a run lists none."""
    project.policy(BUDGETS)
    assert project.carbon("ledger", "append", project.report()).code == 0
    wrong = project.carbon("ledger", "list", "--feature", "chekout")
    assert wrong.code == 2
    assert "--feature: no feature is called 'chekout'; did you mean \"checkout\"? (there are: checkout" in wrong.err
    assert project.carbon("ledger", "list", "--feature", "unattributed").code == 0
