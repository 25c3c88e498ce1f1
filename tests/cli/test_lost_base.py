"""A gate without its base: a ledger that is gone, a place that is not there, runs of no branch, a policy above."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.attack import Attack

STRICT = 'on-inconclusive = "fail"\n'
GROWTH = '\n[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
READING = [
    ("check",), ("explain",), ("budget",), ("summary",), ("site", "public"), ("ledger", "list"), ("ledger", "verify"),
    ("ledger", "compact"), ("ledger", "export", "out.jsonl"), ("confirm", "--", "true"),
]  # fmt: skip


YOUNG = "growth is judged from 5 runs of main on; the ledger has {}"


@pytest.fixture
def gate(project: Any, lab: Any) -> Any:
    """A project that is a repository, whose growth must be judged."""
    project.policy(whole=STRICT + lab.POLICY + GROWTH)
    project.repository()
    project.write(lab.report(commit=project.git("rev-parse", "HEAD")))
    return project


@pytest.mark.parametrize("place", [(), ("--branch", "runs"), ("--folder", "runs")])
def test_the_beginning_passes_and_says_so(gate: Any, place: tuple[str, ...]) -> None:
    """The first use is not blocked: without a ledger, and with a ledger whose only run is the one under judgement."""
    if not place:
        done = gate.carbon("check")
        assert (done.code, done.out.split(".")[1].strip()[:18]) == (0, "Nothing was judged")
    assert gate.carbon("ledger", "append", *place).code == 0
    done = gate.carbon("check", *place)
    assert done.code == 0
    assert "This is the beginning: no run of main is in the ledger yet." in " ".join(done.out.split())


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("loss", ["deleted", "emptied", "renamed", "baselines cut", "folder emptied"])
def test_a_lost_base_ends_with_3(gate: Any, loss: str, attack: Attack) -> None:
    """Whichever way the base got lost, the verdict is inconclusive and says what was seen and what to do."""
    place = ("--folder", "runs") if loss == "folder emptied" else ("--branch", "carbon-ledger")
    reports = [gate.report(100 + n, branch="main") for n in range(6)]
    assert gate.carbon("ledger", "append", *place, *reports).code == 0
    assert gate.carbon("check", *place).code == 0
    if loss == "deleted":
        gate.git("branch", "-D", "carbon-ledger")
    elif loss == "renamed":
        gate.policy(whole=Path("carbon.toml").read_text().replace('"main"', '"trunk"'))
    elif loss == "folder emptied":
        shutil.rmtree("runs/2026")
        shutil.rmtree("runs/baseline")
    else:
        folders = ["baseline"] if loss == "baselines cut" else ["2026", "baseline", "README.md"]
        _commit_without(gate, folders)
    done = gate.carbon("check", *place)
    text = " ".join(done.out.split())
    assert (done.code, text[:27]) == (3, "Carbon budget: inconclusive")
    assert {
        "deleted": "the branch carbon-ledger is gone",
        "emptied": "has lost 12 files of runs",
        "renamed": "the ledger has runs of main to compare with, and none of trunk",
        "baselines cut": "has lost 6 files of runs",
        "folder emptied": "runs has no run, though it had some",
    }[loss] in text
    assert "not judged (the base is lost)" in text
    assert gate.carbon("explain", *place).code == 3
    attack.ended(done.code, done.out, done.err)


def _commit_without(project: Any, folders: list[str]) -> None:
    where = project.root / "scratch"
    project.git("worktree", "add", "-q", str(where), "carbon-ledger")
    project.git("rm", "-r", "-q", *folders, where=where)
    project.git("commit", "-q", "-m", "less", where=where)
    project.git("worktree", "remove", "--force", str(where))


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("verb", READING, ids=" ".join)
@pytest.mark.parametrize("place", [("--folder", "nowhere"), ("--branch", "mispelt"), ("--ledger", "folder:nowhere")])
def test_a_place_that_is_not_there_is_an_error(
    gate: Any, verb: tuple[str, ...], place: tuple[str, ...], attack: Attack
) -> None:
    """A verb that reads says that nothing is there, and how to begin a ledger."""
    at = verb.index("--") if "--" in verb else len(verb)
    done = gate.carbon(*verb[:at], *place, *verb[at:])
    assert done.code == 2
    assert "there is no " in done.err
    assert place[1].rpartition(":")[2] in done.err
    assert "To begin a ledger there, run pytest-carbon ledger append" in done.err
    assert not Path("nowhere").exists()
    attack.ended(done.code, done.out, done.err)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("verb", [*READING, ("ledger", "append")], ids=" ".join)
@pytest.mark.parametrize("files", [("t.py",), ("README.md", "baseline/a.png")])
def test_a_folder_of_other_files_is_no_ledger(
    gate: Any, verb: tuple[str, ...], files: tuple[str, ...], attack: Attack
) -> None:
    """A mistyped folder that exists is no beginning, and nothing is written into it."""
    for name in files:
        path = gate.root / "elsewhere" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Shop\n")
    at = verb.index("--") if "--" in verb else len(verb)
    done = gate.carbon(*verb[:at], "--folder", "elsewhere", *verb[at:])
    assert f"elsewhere: it is not a ledger: it holds other files, such as {files[-1]!r}" in done.err
    found = [p.relative_to(gate.root / "elsewhere").as_posix() for p in (gate.root / "elsewhere").rglob("*.*")]
    assert sorted(found) == sorted(files)
    attack.ended(done.code, done.out, done.err)


@pytest.mark.attack("lost-base")
def test_a_branch_of_code_is_no_ledger(gate: Any, attack: Attack) -> None:
    """The same for a branch that holds something else."""
    done = gate.carbon("check", "--branch", "main")
    assert "it is not a ledger: it holds other files, such as '.gitignore'" in done.err
    attack.ended(done.code, done.out, done.err)


@pytest.mark.parametrize("files", [(), (".gitignore",), ("README.md",)])
def test_an_empty_folder_and_one_with_other_files_beside_runs_can_be_a_ledger(
    gate: Any, files: tuple[str, ...]
) -> None:
    """A folder that was made for a ledger, and a ledger with a file of somebody else's."""
    (gate.root / "runs").mkdir()
    for name in files:
        (gate.root / "runs" / name).parent.mkdir(exist_ok=True)
        (gate.root / "runs" / name).write_text("x")
    assert gate.carbon("ledger", "append", "--folder", "runs").code == 0
    (gate.root / "runs" / "notes.txt").write_text("x")
    assert gate.carbon("check", "--folder", "runs").code == 0


def test_other_verbs_say_what_is_lost(gate: Any) -> None:
    """A table of budgets without its ledger would show nothing used."""
    gate.carbon("ledger", "append", "--branch", "runs")
    gate.git("branch", "-D", "runs")
    done = gate.carbon("budget", "--branch", "runs")
    assert (done.code, done.out) == (2, "")
    assert "the branch runs is gone" in done.err
    assert "git update-ref refs/heads/runs" in done.err


def test_a_run_of_no_branch_is_named_as_it_is_appended(gate: Any) -> None:
    """Without a branch a run is never a base: append says so, and how to name the branch; --on makes it one."""
    report = gate.report(7, branch=None)
    done = gate.carbon("ledger", "append", report)
    assert done.out.splitlines()[1:] == ["run-7 is of no branch, so no base; name the branch with --on"]
    assert gate.carbon("ledger", "append", report, "--json").json["notes"] == [
        "run-7 is of no branch, so no base; name the branch with --on"
    ]
    named = gate.carbon("ledger", "append", gate.report(8, branch=None), "--on", "main")
    assert named.out.splitlines()[1:] == [YOUNG.format(1)]
    assert len(gate.carbon("ledger", "append", gate.report(9, branch=None), "--pr", "7").out.splitlines()) == 1
    unknown = gate.carbon("ledger", "append", gate.report(10, branch="main", commit=None)).out.splitlines()
    assert unknown[1].startswith("run-10 is of no known commit, so no base of main")


@pytest.mark.attack("lost-base")
def test_a_report_that_contradicts_the_checkout_is_no_base(gate: Any, attack: Attack) -> None:
    """A run of a topic branch that calls itself one of main is appended, but nothing is compared with it."""
    gate.git("checkout", "-q", "-b", "topic")
    said = "as its report says, but topic is checked out, so no base; if it is, add --on main"
    done = gate.carbon("ledger", "append", gate.report(7, branch="main"))
    assert done.out.splitlines()[1:] == [f"run-7 is of main, {said}"]
    ledger = gate.root / ".carbon" / "ledger"
    assert not (ledger / "baseline").exists()
    attack.harmless(done.out)
    gate.git("checkout", "-q", "--detach")
    detached = gate.carbon("ledger", "append", gate.report(8, branch="main"))
    assert detached.out.splitlines()[1:] == [YOUNG.format(1)]
    gate.git("checkout", "-q", "topic")
    named = gate.carbon("ledger", "append", gate.report(9, branch="main"), "--on", "main")
    assert named.out.splitlines()[1:] == [YOUNG.format(2)]
    assert len([*ledger.glob("baseline/*/*.json.gz")]) == 2


@pytest.mark.attack("lost-base")
def test_runs_of_no_branch_are_no_base_for_ever(gate: Any, attack: Attack) -> None:
    """A gate whose main branch is measured on a detached head does not pass as fine."""
    assert gate.carbon("ledger", "append", *(gate.report(n, branch=None) for n in range(6))).code == 0
    done = gate.carbon("check", gate.report(50, branch=None))
    assert "the ledger has 6 runs of no branch, and none of main" in " ".join(done.out.split())
    attack.ended(done.code, done.out)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("verb", ["check", "explain", "budget", "summary", "confirm"])
@pytest.mark.parametrize("file", ["carbon.toml", "pyproject.toml"])
def test_a_policy_above_is_not_passed_over(
    gate: Any, monkeypatch: pytest.MonkeyPatch, verb: str, file: str, attack: Attack
) -> None:
    """In a package without a policy of its own, below a policy, nothing is judged as fine."""
    if file == "pyproject.toml":
        Path("carbon.toml").unlink()
        Path(file).write_text('[tool.pytest-carbon]\nzone = "DE"\n', encoding="utf-8")
    package = Path("packages/a")
    package.mkdir(parents=True)
    (package / "pyproject.toml").write_text('[project]\nname = "a"\n', encoding="utf-8")
    monkeypatch.chdir(package)
    done = gate.carbon(verb, *(["--", "true"] if verb == "confirm" else []))
    assert done.code == 2
    assert f"../../{file} is not read" in done.err
    assert "--rootdir ../.." in done.err
    attack.ended(done.code, done.out, done.err)
    Path("pyproject.toml").write_text("[tool.pytest-carbon]\n", encoding="utf-8")
    assert "is not read" not in gate.carbon(verb, *(["--", "true"] if verb == "confirm" else [])).err


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("verb", ["check", "explain", "budget", "summary", "confirm", "run", "doctor"])
def test_a_policy_in_another_case_is_not_passed_over(gate: Any, verb: str, attack: Attack) -> None:
    """A file CARBON.TOML, which this machine would not read, is an error of every verb."""
    Path("carbon.toml").rename("CARBON.TOML")
    done = gate.carbon(verb, *(["--", "true"] if verb in ("confirm", "run") else []), now=None)
    assert "git mv CARBON.TOML carbon.toml" in done.err
    attack.ended(done.code, done.out, done.err)


def test_a_default_branch_of_another_name_is_asked_for(project: Any) -> None:
    """In a clone without main, master and trunk, the run of another branch says how it becomes a base; else nothing."""
    project.policy(whole="[features.checkout]\nlabels = ['feature:checkout']\n")
    project.repository()
    project.git("branch", "-m", "main", "develop")
    appended = project.carbon("ledger", "append", project.report(1, branch="develop")).out.splitlines()
    assert appended[1:] == [
        "run-1 is of develop, and this clone has no branch main, so no base; if others start from develop, write "
        'default-branch = "develop" in the policy'
    ]
    project.git("branch", "main")
    assert len(project.carbon("ledger", "append", project.report(2, branch="develop")).out.splitlines()) == 1
