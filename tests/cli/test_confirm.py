"""confirm, compare --repeat and selftest on a tiny project: real git, real pytest, as few runs as can be."""

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
    """The pairs stand in the report afterwards, so that check gives the same verdict from the file alone."""
    done = shop.carbon("confirm", "--json", "--cap", "4", *PYTEST)
    assert "measuring 6 tests of repository in turns" in done.err
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


def test_confirm_that_is_cut_short_could_not_tell(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pair, as a second would not fit into the cap, says nothing: exit code 3 where the policy asks for that."""
    monkeypatch.setenv("NAP_S", "0.8")
    done = shop.carbon("confirm", "--cap", "3", *PYTEST)
    assert done.code == 3
    assert done.out.startswith("Carbon budget: unclear.")
    assert "stopped after 1 pair: the next pair would probably have passed the limit of 3 s" in done.err
    assert len(_pairs(shop)["runs"]) == 2


def test_confirm_with_nothing_left_open(shop: Any) -> None:
    """Without a limit on growth nothing is measured."""
    shop.policy(whole='[budget]\nper-run = "1 kJ"\n')
    done = shop.carbon("confirm", *PYTEST)
    assert (done.code, done.err) == (0, "nothing to confirm: no limit on growth was left open by this run\n")
    assert done.out.startswith("Carbon budget: fine.")
    assert _pairs(shop) is None


def test_confirm_of_another_commit(shop: Any) -> None:
    """The report must be of what is checked out, or the pairs would be of other code."""
    shop.git("checkout", "-q", "-f", "main")
    done = shop.carbon("confirm", *PYTEST)
    assert done.code == 2
    assert "the report is of commit " in done.err
    assert "measure this one first: pytest --carbon" in done.err


@pytest.mark.parametrize(
    ("change", "arguments", "complaint"),
    [
        ((), ("--base", "nonsense"), "there is no commit 'nonsense'"),
        (("branch", "-m", "main", "other"), (), "no branch main is here that this one left"),
        (("branch", "-f", "main", "work"), (), "the tests of base could not be collected"),
    ],
    ids=["a base that is not there", "no default branch", "a command that cannot run"],
)
def test_confirm_without_a_base(shop: Any, change: tuple[str, ...], arguments: tuple[str, ...], complaint: str) -> None:
    """A base that cannot be found or measured is a mistake, told in a line; the report stays as it was."""
    shop.policy(whole=f'default-branch = "main"\n{POLICY}')
    if change:
        shop.git(*change)
    done = shop.carbon("confirm", *arguments, "--", sys.executable, "-m", "pytest", "--no-such-option")
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert _pairs(shop) is None


def test_confirm_on_a_first_commit(shop: Any, lab: SimpleNamespace) -> None:
    """On the default branch itself the base is the commit before; the first one has none."""
    shop.git("checkout", "-q", "-f", "main")
    shop.write(lab.report(tests=NODEIDS, commit=shop.git("rev-parse", "HEAD")))
    done = shop.carbon("confirm", *PYTEST)
    assert done.code == 2
    assert "no base: this is the first commit" in done.err


def test_compare_measures_two_commits_in_turns(shop: Any) -> None:
    """--repeat measures both commits that often, whatever is in the ledger; the checkout stays as it is."""
    shop.commit()
    done = shop.carbon("compare", "main", "HEAD", "--repeat", "1", "--json", *PYTEST)
    assert done.code == 0
    assert done.json["runs"] == [1, 1]
    assert done.json["base"] == shop.git("rev-parse", "main")
    assert done.json["parts"][0]["tests"] == 6
    assert done.json["tests"][0]["change"] > 0.3
    assert "pair 1 of at most 1: head, 6 tests" in done.err
    assert shop.git("status", "--porcelain") == ""


def test_selftest_is_kept_in_the_ledger(shop: Any) -> None:
    """The suite is compared with itself, and what that said is a record of the ledger."""
    done = shop.carbon("selftest", "--repeat", "2", "--json", *PYTEST)
    assert done.code == 0
    assert done.json["runs"] == 4
    (whole,) = done.json["units"]
    assert (whole["name"], whole["tests"]) == ("", 6)
    assert shop.carbon("ledger", "verify", "--json").json["records"] == {"selftest": 1}
    told = shop.carbon("budget", "--json").json
    assert told["notes"] == []
