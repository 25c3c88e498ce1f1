"""site: the pages are made from the project's ledger and policy."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.cli.site import newest_runs
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger

BUDGETS = """
[budget]
limit = "90 kJ"
[teams.shop]
features = ["checkout", "search"]
budget = { limit = "80 kJ" }
[features.checkout.budget]
limit = "30 kJ"
window = "month"
"""


def _ledger(project: Any, runs: int = 7) -> None:
    """Append some runs to the ledger; those of main also become baselines."""
    project.policy(BUDGETS)
    if runs:
        project.baseline(runs)
    report = project.report(1, ago=timedelta(hours=30))
    assert project.carbon("ledger", "append", report, "--pr", "12").code == 0


def _read(project: Any, path: str, out: str = "public") -> str:
    return str((project.root / out / path).read_text(encoding="utf-8"))


def test_the_pages_show_the_ledger(project: Any) -> None:
    """Budgets, runs and tests of the ledger are on the pages, under the project's name."""
    _ledger(project)
    done = project.carbon("site", "public")
    assert (done.code, done.err) == (0, "")
    files = [path for path in (project.root / "public").rglob("*") if path.is_file()]
    assert done.out == f"wrote {len(files) - 1} files to public; open public/index.html\n"
    assert "Carbon report: shop" in _read(project, "index.html")
    assert "The newest 8 runs" in _read(project, "runs.html")
    assert "40 tests in 7 runs of main, from 2026-06-08 to 2026-06-14." in _read(project, "tests.html")
    checkout = _read(project, "features/checkout.html")
    assert "test_checkout.py::test_0" in checkout
    assert "test_search.py" not in checkout
    assert "test_checkout.py" in _read(project, "teams/shop.html")
    badges = {name: json.loads(_read(project, f"badges/{name}.json")) for name in ("repository", "features/checkout")}
    assert badges["features/checkout"]["message"] == "53 % of June, critical"
    assert badges["repository"]["message"] == "36 % of 28 days, at risk"


def test_an_empty_ledger_gives_pages_that_say_so(project: Any) -> None:
    """The pages exist before the first run."""
    done = project.carbon("site", "--output", "public", "--json")
    assert done.code == 0
    assert done.json["out"] == "public"
    assert "The ledger has no run yet." in _read(project, "runs.html")
    assert "has no figures of single tests on main yet" in _read(project, "tests.html")
    assert "The ledger has no run yet." in _read(project, "features/search.html")


def test_the_same_ledger_gives_the_same_bytes(project: Any) -> None:
    """Written twice as of one time, into two folders and onto itself, the site is the same."""
    _ledger(project)
    for out in ("one", "two", "two"):
        assert project.carbon("site", out).code == 0
    one, two = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (project.root / "one", project.root / "two")
    )
    assert one == two


def test_a_corrected_run_is_shown_as_corrected(project: Any) -> None:
    """The newest correction decides who pays."""
    _ledger(project, 0)
    assert project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "label").code == 0
    assert project.carbon("site", "public").code == 0
    assert '<td class="text">search</td>' in _read(project, "runs.html")


def test_only_the_newest_runs_are_listed(project: Any, lab: SimpleNamespace) -> None:
    """Of many runs the newest are listed, also as of an earlier time."""
    ledger = FolderLedger(project.root / "kept", lab.NOW)
    ledger.append([make_entry(lab.report(n, ago=timedelta(hours=7 * n)), RunSource()) for n in range(40)])
    assert [run.id for run in newest_runs(ledger, lab.NOW, 10)] == [f"run-{n}" for n in range(10)]
    earlier = lab.NOW - timedelta(hours=7 * 5 + 1)
    assert [run.id for run in newest_runs(ledger, earlier, 3)] == ["run-6", "run-7", "run-8"]
    assert len(newest_runs(ledger, lab.NOW, 100)) == 40


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (".", "files that no earlier site wrote"),
        ("carbon.toml", "is a file, but the site needs a folder"),
        ("reports", "such as run-1.json"),
    ],
)
def test_files_of_others_are_never_replaced(project: Any, out: str, message: str) -> None:
    """The project itself, a file, and a folder with other files are refused before anything is read."""
    project.report()
    done = project.carbon("site", out)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_without_pygal_the_package_to_install_is_named(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written without the extra."""
    monkeypatch.setitem(sys.modules, "pygal", None)
    done = project.carbon("site", "public")
    assert done.code == 2
    assert "pip install 'pytest-carbon[site]'" in done.err
    assert not Path("public").exists()


def test_a_remote_names_the_project(project: Any) -> None:
    """The title is the repository's name, never the URL, which may hold a password."""
    project.repository()
    project.git("remote", "add", "origin", "https://user:secret@example.org/group/web-shop.git")
    assert project.carbon("site", "public").code == 0
    assert "<strong>Carbon report: web-shop</strong>" in _read(project, "index.html")
    assert not [path for path in Path("public").rglob("*.html") if "secret" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("remote", "environment", "options", "address"),
    [
        ("https://user:secret@github.com/org/shop.git", {}, (), "https://github.com/org/shop"),
        ("git@github.com:org/shop.git", {}, (), "https://github.com/org/shop"),
        ("ssh://git@github.com/org/shop", {}, (), "https://github.com/org/shop"),
        ("https://gitlab.com/org/shop.git", {}, (), None),
        ("https://github.com.example.org/org/shop.git", {}, (), None),
        ("/srv/github.com/org/shop.git", {}, (), None),
        ('https://github.com/org/sh"op.git', {}, (), None),
        ("git@git.example.org:org/shop.git", {"GITHUB_SERVER_URL": "https://git.example.org"}, (),
         "https://git.example.org/org/shop"),
        ("/srv/mirror", {"GITHUB_REPOSITORY": "org/shop"}, (), "https://github.com/org/shop"),
        ("/srv/mirror", {}, ("--address", "https://git.example.org/shop/"), "https://git.example.org/shop"),
    ],
)  # fmt: skip
def test_pull_requests_are_links(
    project: Any, monkeypatch: pytest.MonkeyPatch, remote: str, environment: Any, options: Any, address: str | None
) -> None:
    """There are links if the repository is on GitHub or its address is given; other hosts are unknown."""
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    project.repository()
    project.git("remote", "add", "origin", remote)
    _ledger(project, 0)
    assert project.carbon("site", "public", *options).code == 0
    for page in ("runs.html", "repository.html"):
        text = _read(project, page)
        assert "#12" in text
        assert (f'<a href="{address}/pull/12">#12</a>' in text) == (address is not None)
        assert ("/pull/12" in text) == (address is not None)


def test_pull_requests_of_many_repositories_are_not_linked(project: Any) -> None:
    """A number alone does not name its repository."""
    project.repository()
    project.git("remote", "add", "origin", "https://github.com/org/shop.git")
    url = f"sqlite:///{project.root / 'ledger.db'}"
    project.policy(BUDGETS + f'[ledger]\nsql = "{url}"\nscope = "organisation"\n')
    assert project.carbon("ledger", "migrate", "--sql", url, now=None).code == 0
    assert project.carbon("ledger", "append", project.report(1), "--pr", "12").code == 0
    assert project.carbon("site", "public").code == 0
    assert "#12" in _read(project, "runs.html")
    assert "/pull/12" not in _read(project, "runs.html")


@pytest.mark.parametrize("address", ["shop", "javascript:alert(1)", "https://", "https://a b/c", "https://host/x?y"])
def test_an_address_that_is_no_web_address_is_refused(project: Any, address: str) -> None:
    """The mistake is named before anything is read or written."""
    done = project.carbon("site", "public", "--address", address)
    assert (done.code, done.out) == (2, "")
    assert f"--address is {address!r}; it must be a web address" in done.err
    assert not Path("public").exists()
