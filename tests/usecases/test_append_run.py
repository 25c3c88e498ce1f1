"""A run is appended once, and becomes a baseline only if later runs may be compared with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.usecases.append_run import append_parts, append_run, notes_of_append, why_no_base
from tests.attack import Attack
from tests.samples import NOW, make_report
from tests.usecases.conftest import MAIN, Shop


@pytest.mark.parametrize(
    ("source", "changes", "baseline"),
    [
        (MAIN, {}, True),
        (RunSource(None, None, (), 1, ""), {"branch": "main"}, True),
        (RunSource("topic", None, (), 1, ""), {}, False),
        (replace(MAIN, pr=7), {}, False),
        (MAIN, {"commit": None}, False),
    ],
)
def test_which_run_becomes_a_baseline(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, source: RunSource, changes: dict[str, Any], baseline: bool
) -> None:
    """A run of the default branch with a known commit becomes a baseline, a pull request's run never."""
    monkeypatch.delenv("GITHUB_HEAD_REF", raising=False)
    config = shop.config()
    assert append_run(config, make_report(1, **changes), source, shop.ledger) == ["run-1"]
    runs, _ = shop.ledger.baselines("main", 10)
    assert [run.run for run in runs] == (["run-1"] if baseline else [])


def test_a_run_without_tests_becomes_no_baseline(shop: Shop) -> None:
    """Such a run has nothing to compare with."""
    append_run(shop.config(), make_report(1, tests={}), MAIN, shop.ledger)
    assert shop.ledger.baselines("main", 10) == ((), ())


def test_a_run_is_appended_once(shop: Shop) -> None:
    """The second append adds nothing."""
    config, report = shop.config(), make_report(1)
    assert append_run(config, report, MAIN, shop.ledger) == ["run-1"]
    assert append_run(config, report, MAIN, shop.ledger) == []


def test_each_job_is_an_entry(shop: Shop) -> None:
    """The id of an entry has the name of the job."""
    parts = [("unit", make_report(1)), ("slow", make_report(2))]
    added = append_parts(shop.config(), parts, MAIN, shop.ledger, None)
    assert sorted(name.rpartition("-")[0] for name in added) == ["run-1.1.unit", "run-2.1.slow"]


def test_the_policy_says_who_pays(shop: Shop) -> None:
    """A run that was measured with other features is paid by those of the policy that appends it."""
    config, own = shop.config(), make_report(1, branch="main")
    moved = replace(own, rows=tuple(replace(row, feature=None) for row in own.rows), features={})
    append_run(config, moved, MAIN, shop.ledger)
    (entry,) = [record for record in shop.ledger.read(NOW.date(), NOW.date()).records if isinstance(record, Entry)]
    assert dict(entry.shares) == pytest.approx({"checkout": 0.5, "search": 0.5, "unattributed": 0.0})
    assert set(shop.ledger.baselines("main", 10)[0][0].features.values()) == own.features.keys()
    (note,) = notes_of_append(config, moved, MAIN, shop.ledger)
    assert note.endswith("and belong to those of carbon.toml here: the policy changed after the run")


def test_a_young_base_is_told_where_growth_is_limited(shop: Shop) -> None:
    """Each run of the default branch tells how far the base is, until growth is judged; other runs tell nothing."""
    growing, told = shop.config('[budget]\ngrowth = "5 %"\n'), []
    for number in range(1, 6):
        report = make_report(number, branch="main", commit=f"{number:040x}")
        append_run(growing, report, MAIN, shop.ledger)
        told += notes_of_append(growing, report, MAIN, shop.ledger)
        assert notes_of_append(shop.config(), report, MAIN, shop.ledger) == []
        assert notes_of_append(growing, report, replace(MAIN, pr=7), shop.ledger) == []
    assert told == [f"growth is judged from 5 runs of main on; the ledger has {runs}" for runs in range(1, 5)]


@pytest.mark.attack("lost-base")
def test_a_job_of_a_pull_request_appends_no_baseline(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, attack: Attack
) -> None:
    """Its report may say that it is of main, but the job's own variables say otherwise."""
    monkeypatch.setenv("GITHUB_HEAD_REF", "topic")
    config, report, source = shop.config(), make_report(1, branch="main"), RunSource()
    assert append_run(config, report, source, shop.ledger) == ["run-1"]
    assert shop.ledger.baselines("main", 10) == ((), ())
    attack.harmless(why := why_no_base(config, report, source))
    assert why.startswith("of the pull request of topic, as the variables of this job say, so no base of main; ")


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("source", [RunSource("main"), RunSource()])
def test_kind_14_a_pull_request_from_a_branch_main_is_never_the_base(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, attack: Attack, source: RunSource
) -> None:
    """Travis names the target as the branch, so a script that passes it on names main."""
    for name, value in {"": "main", "_PULL_REQUEST": "7", "_PULL_REQUEST_BRANCH": "main"}.items():
        monkeypatch.setenv(f"TRAVIS{name or '_BRANCH'}", value)
    config, report = shop.config(), make_report(1, branch="main")
    append_run(config, report, source, shop.ledger)
    assert shop.ledger.baselines("main", 10) == ((), ())
    records = shop.ledger.read(NOW.date() - timedelta(days=9), NOW.date()).records
    assert [record.branch for record in records if isinstance(record, Entry)] == ["pull/7"]
    attack.harmless(why := why_no_base(config, report, source))
    assert why == (
        "of the pull request of pull/7, as the variables of this job say, so no base of main; append runs of main in a "
        "job of main"
    )


def test_kind_14_a_run_without_a_commit_says_why(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, dubious_git: Callable[[], None]
) -> None:
    """A repository that another user owns has commits, and git does not tell them."""
    monkeypatch.delenv("GITHUB_HEAD_REF", raising=False)
    config, report = shop.config(), make_report(1, commit=None, branch="main")
    assert why_no_base(config, report, MAIN).endswith("no base of main; measure in a git repository")
    subprocess.run(["git", "init", "-q", str(shop.root)], check=True)
    dubious_git()
    assert why_no_base(config, report, MAIN).endswith(f"git config --global --add safe.directory '{shop.root}'")
    gone = replace(report, run=replace(report.run, branch=None))
    why = why_no_base(config, gone, RunSource())
    assert why.endswith(f"git config --global --add safe.directory '{shop.root}'; then measure again")


@pytest.mark.parametrize("remote", ["upstream", "eve"])
def test_kind_14_a_branch_with_the_name_of_a_remote_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, remote: str
) -> None:
    """Jenkins names it so; nobody but the user knows whether the remote is the project's own."""
    monkeypatch.delenv("GITHUB_HEAD_REF", raising=False)
    git = ["git", "-C", str(shop.root), "-c", "user.name=n", "-c", "user.email=n@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(shop.root)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "a"], check=True)
    subprocess.run([*git, "update-ref", "refs/remotes/upstream/main", "HEAD"], check=True)
    subprocess.run([*git, "checkout", "-q", "--detach"], check=True)
    config, report = shop.config(), make_report(1, branch=f"{remote}/main")
    assert why_no_base(config, report, RunSource()) == (
        "of upstream/main, so no base of main; if the remote upstream is this project's own, write "
        'remote = "upstream" below [ledger] in the policy, or add --on main'
        if remote == "upstream"
        else ""
    )


def test_the_parts_of_a_job_are_entries_and_one_base(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later jobs are compared with all of it."""
    monkeypatch.delenv("GITHUB_HEAD_REF", raising=False)
    parts = [make_report(n, branch="main") for n in (1, 2)]
    whole = merge_reports([("a", parts[0]), ("b", parts[1])])
    assert append_run(shop.config(), whole, RunSource(), shop.ledger, parts) == ["run-1", "run-2"]
    assert [run.run for run in shop.ledger.baselines("main", 10)[0]] == [whole.run.id]
