"""confirm, compare --repeat and selftest measure a tiny project: real git, real pytest, few runs."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

PYTEST = ("--", sys.executable, "-m", "pytest", "-q")
CODE = """
import time

def work():
    start = time.process_time()
    while time.process_time() - start < {}:
        pass
"""
TESTS = """
import os, time
import pytest
from shop import work

@pytest.mark.parametrize("n", range(6))
def test_work(n):
    work()
    time.sleep(float(os.environ["NAP_S"]) * (n == 0))
"""
NODEIDS = {"shop": [f"test_shop.py::test_work[{n}]" for n in range(6)]}
POLICY = 'on-inconclusive = "fail"\n[budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'


@pytest.fixture
def shop(project: Any, lab: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project with six tests, on a branch whose commit and working tree both differ from main, and its report."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # quicker
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_carbon.plugin")
    monkeypatch.setenv("NAP_S", "0")
    project.policy(whole=POLICY)
    for name, text in {"shop.py": CODE.format(0.01), "test_shop.py": TESTS, "pytest.ini": "[pytest]\n"}.items():
        (project.root / name).write_text(text, encoding="utf-8")
    project.repository()
    project.git("checkout", "-q", "-b", "work")
    project.commit_again("work")
    (project.root / "shop.py").write_text(CODE.format(0.02), encoding="utf-8")
    project.write(lab.report(tests=NODEIDS, commit=project.git("rev-parse", "HEAD")))
    return project


def _pairs(shop: Any) -> Any:
    return json.loads((shop.root / ".carbon" / "report.json").read_text(encoding="utf-8")).get("pairs")


def test_confirm_measures_in_turns_and_judges_again(shop: Any) -> None:
    """The pairs are in the report afterwards, so that check gives the same verdict from the file alone."""
    done = shop.carbon("confirm", "--json", "--cap", "4", *PYTEST)
    assert "measuring 6 tests of repository, base and head in turns" in done.err
    assert f"the base is {shop.git('rev-parse', 'main')[:12]}, where this branch left the local main; to" in done.err
    pairs = _pairs(shop)
    assert (pairs["base"], pairs["head"]) == (shop.git("rev-parse", "main"), "working tree")
    assert [run["side"] for run in pairs["runs"][:2]] == ["base", "head"]
    assert len(pairs["runs"][0]["figures"]["tests"]) == 6
    assert f"stopped after {len(pairs['runs']) // 2} pair" in done.err
    assert done.json["base"]["why"].startswith("measured in turns with this change on one machine")
    assert done.json["judged"][0]["growth"]["state"] in ("costlier", "could not tell", "no change")
    again = shop.carbon("check", "--json")
    assert (again.code, again.out) == (done.code, done.out)
    assert shop.git("worktree", "list").count("\n") == 0


def test_confirm_says_where_a_command_stands(shop: Any) -> None:
    """Whoever forgets -- learns it, whether the command has arguments or not; a lost report is not taken for one."""
    assert "write the command after --: pytest-carbon confirm -- python" in shop.carbon("confirm", "python").err
    assert "write the command that it runs after --" in shop.carbon("confirm", "python", "-m", "pytest").err
    assert "there is no carbon report at lost.json" in shop.carbon("confirm", "lost.json").err


def test_confirm_that_is_cut_short_is_inconclusive(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pair is too few; a second pair would not fit into the cap: exit code 3."""
    monkeypatch.setenv("NAP_S", "2.5")
    done = shop.carbon("confirm", "--cap", "8", *PYTEST)
    assert done.code == 3
    assert done.out.startswith("Carbon budget: inconclusive.")
    assert "stopped after 1 pair: the next pair would probably have passed the limit of 8 s" in done.err
    assert len(_pairs(shop)["runs"]) == 2


def test_confirm_measures_nothing_if_nothing_is_unclear(shop: Any) -> None:
    """Without a limit on growth there is nothing to measure."""
    shop.policy(whole='[budget]\nper-run = "1 kJ"\n')
    done = shop.carbon("confirm", *PYTEST)
    assert (done.code, done.err) == (0, "nothing to confirm: this run left no limit on growth open\n")
    assert done.out.startswith("Carbon budget: pass.")
    assert _pairs(shop) is None


def test_confirm_refuses_the_report_of_another_commit(shop: Any) -> None:
    """The pairs would be of other code than the report."""
    shop.git("checkout", "-q", "-f", "main")
    done = shop.carbon("confirm", *PYTEST)
    assert done.code == 2
    assert "the report is of commit " in done.err
    assert "measure the commit that is checked out first: pytest --carbon" in done.err


@pytest.mark.parametrize("option", ["--base", "--head"])
def test_a_commit_that_is_not_there_is_refused_before_anything_is_judged(project: Any, option: str) -> None:
    """Also if the run leaves nothing to confirm."""
    project.repository()
    project.report()
    done = project.carbon("confirm", "reports/run-1.json", option, "nonsense")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "pytest-carbon: there is no commit 'nonsense' in this repository; is it spelt right? If it is new, run: "
        "git fetch\n"
    )


@pytest.mark.parametrize(
    ("change", "arguments", "complaint"),
    [
        ((), ("--base", "nonsense"), "there is no commit 'nonsense'"),
        (("branch", "-m", "main", "other"), (), "this branch has no commit in common with a branch main of this clone"),
        (("branch", "-f", "main", "work"), (), "the tests of base could not be collected"),
    ],
    ids=["a base that is not there", "no default branch", "a command that cannot run"],
)
def test_confirm_refuses_a_base_that_cannot_be_measured(
    shop: Any, change: tuple[str, ...], arguments: tuple[str, ...], complaint: str
) -> None:
    """The mistake is one line, and the report stays as it was."""
    shop.policy(whole=f'default-branch = "main"\n{POLICY}')
    if change:
        shop.git(*change)
    done = shop.carbon("confirm", *arguments, "--", sys.executable, "-m", "pytest", "--no-such-option")
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert _pairs(shop) is None


def test_confirm_refuses_a_first_commit(shop: Any, lab: SimpleNamespace) -> None:
    """On the default branch the base is the commit before; a first commit has none."""
    shop.git("checkout", "-q", "-f", "main")
    shop.write(lab.report(tests=NODEIDS, commit=shop.git("rev-parse", "HEAD")))
    done = shop.carbon("confirm", *PYTEST)
    assert done.code == 2
    assert "no base: this is the first commit" in done.err


def test_compare_measures_two_commits_in_turns(shop: Any) -> None:
    """--repeat measures both commits so often, whatever the ledger has; the checkout stays as it is."""
    shop.commit()
    done = shop.carbon("compare", "main", "HEAD", "--repeat", "1", "--json", *PYTEST)
    assert done.code == 0
    assert done.json["runs"] == [1, 1]
    assert done.json["base"] == shop.git("rev-parse", "main")
    assert done.json["parts"][0]["tests"] == 6
    assert done.json["tests"][0]["change"] > 0.3
    assert "pair 1 of at most 1: head, 6 tests" in done.err
    assert shop.git("status", "--porcelain") == ""


def test_a_selftest_is_a_record_of_the_ledger(shop: Any) -> None:
    """The suite is compared with itself, and the result is stored, unless the machine was too busy to compare."""
    done = shop.carbon("selftest", "--repeat", "2", "--json", *PYTEST)
    assert done.json["runs"] == 4
    (whole,) = done.json["units"]
    assert (whole["name"], whole["tests"]) == ("", 6)
    compared = bool(whole["comparisons"])
    assert (done.code, bool(done.json["stored"])) == (0 if compared else 3, compared)
    assert shop.carbon("ledger", "verify", "--json").json["records"] == ({"selftest": 1} if compared else {})
    budget = shop.carbon("budget", "--json").json
    assert budget["notes"] == []
