"""``carbon-budget``: warnings about the budgets that a push touches, and silence if no budget is near its end."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import Any

import pytest

from tests.attack import Attack
from tests.samples import TESTS, make_report

LIMITS = """
[budget]
limit = "1 MJ"
[features.checkout.budget]
limit = "13 kJ"
growth = "5 %"
[features.search.budget]
limit = "100 kJ"
[teams.shop]
features = ["checkout", "search"]
budget = { limit = "2 MJ" }
"""


@pytest.fixture
def shop(project: Any) -> Any:
    """Return a project with a checked-out branch, and five runs of main in its ledger, each 2 kJ per feature."""
    for name in TESTS:
        path = project.root / "tests" / name / f"test_{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text("", encoding="utf-8")
    project.policy(LIMITS)
    project.baseline()
    project.write(make_report())
    project.repository()
    project.git("checkout", "-q", "-b", "change")
    return project


def _change(shop: Any, *names: str) -> None:
    for name in names:
        path = shop.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed = 1\n", encoding="utf-8")
    shop.commit()


def test_silent_if_no_budget_is_near_its_end(shop: Any) -> None:
    """No change, and a change whose budgets are far from their end, have no warning."""
    done = shop.carbon("hook", "carbon-budget", "--fail")
    assert (done.code, done.out, done.err) == (0, "", "")
    _change(shop, "tests/search/test_search.py", "readme.md")
    assert shop.carbon("hook", "carbon-budget", "--fail").out == ""


def test_budget_near_its_end_growth_and_costliest_tests(shop: Any) -> None:
    """Remaining budget, burn rate and its end; growth of the last run; the touched tests, the costliest first."""
    _change(shop, "tests/checkout/test_checkout.py")
    shop.write(make_report(cost={"checkout": 1.5}))
    done = shop.carbon("hook", "carbon-budget")
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == """\
feature checkout: its budget is critical, 77 % of 13 kJ in 28 days used, 3 kJ left; in the last 7 days the \
budget was used 3.1 times as fast as its window allows; at this pace it is exhausted in 36 hours, on 2026-06-17
the same 20 tests of feature checkout cost 50 % more than on the base in this one run, more than the 5 % allowed; \
to be sure, base and head must be measured in turns
the costliest tests that this change touches, in the run of 2026-06-15:
    75 J ref, 3 % of the run: tests/checkout/test_checkout.py::test_0
    75 J ref, 3 % of the run: tests/checkout/test_checkout.py::test_1
    75 J ref, 3 % of the run: tests/checkout/test_checkout.py::test_10
"""
    )
    assert shop.carbon("hook", "carbon-budget", "--fail").code == 1


def test_only_touched_budgets_have_a_warning(shop: Any) -> None:
    """Paths, the features of the tests in changed files, teams and the repository count; other features do not."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ").replace("100 kJ", "9 kJ").replace("2 MJ", "5 kJ"))
    shop.write(make_report(tests={"checkout": TESTS["checkout"], "search": ["tests/other/test_x.py::test_1"]}))
    holders = {
        "tests/checkout/new.py": ["feature checkout", "team shop"],
        "tests/other/test_x.py": ["feature search", "team shop"],
        "source/pay.py": [],
    }
    for file, expected in holders.items():
        warnings = shop.carbon("hook", "carbon-budget", file).out.splitlines()
        assert [line.partition(":")[0] for line in warnings if "its budget" in line] == expected
    shop.policy(LIMITS.replace("1 MJ", "2 kJ"))
    assert shop.carbon("hook", "carbon-budget", "source/pay.py").out.startswith(
        "the repository: its budget is exhausted,"
    )


def test_limit_per_run_that_the_last_run_broke(shop: Any) -> None:
    """Only the limits of touched features are named."""
    shop.policy('[features.checkout.budget]\nper-run = "1 kJ"\n[features.search.budget]\nper-run = "1 kJ"\n')
    warnings = shop.carbon("hook", "carbon-budget", "tests/checkout/test_checkout.py").out.splitlines()
    assert warnings[0] == "last run: feature checkout used 2 kJ, over its limit of 1 kJ per run by 100 %"
    assert not any("search" in line for line in warnings)


def test_pre_commit_names_the_pushed_commits(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the files of the pushed commits count; commits that are missing here are ignored."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ"))
    _change(shop, "tests/checkout/test_checkout.py")
    begun = shop.git("rev-parse", "HEAD")
    _change(shop, "readme.md")
    assert "feature checkout" in shop.carbon("hook", "carbon-budget").out
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", begun)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", shop.git("rev-parse", "HEAD"))
    assert shop.carbon("hook", "carbon-budget").out == ""
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "1" * 40)
    assert "feature checkout" in shop.carbon("hook", "carbon-budget").out


# -- the ledger as it is on disk ---------------------------------------------------------------------------


@pytest.fixture
def fetched(shop: Any) -> Any:
    """Return the same project with its ledger in a branch of a remote."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ"))
    shop.git("init", "-q", "--bare", str(shop.root.with_name("remote.git")))
    shop.git("remote", "add", "origin", shop.root.with_name("remote.git").as_uri())
    shop.carbon(
        "ledger", "append", *(shop.report(n, ago=timedelta(days=n)) for n in range(1, 6)), "--branch", "carbon-ledger"
    )
    shutil.rmtree(shop.root / ".carbon" / "ledger")
    return shop


def _gone(shop: Any) -> None:
    shop.root.with_name("remote.git").rename(shop.root.with_name("gone.git"))


FILE = "tests/checkout/test_checkout.py"
EXHAUSTED = "feature checkout: its budget is exhausted, 100 % of 10 kJ in 28 days used"


@pytest.mark.parametrize("configured", [True, False])
def test_a_branch_is_read_as_it_was_fetched(fetched: Any, configured: bool) -> None:
    """The ledger of CI is read without the network, also if the policy names no ledger."""
    fetched.git("fetch", "-q", "origin")
    _gone(fetched)
    if configured:
        fetched.policy(LIMITS.replace("13 kJ", "10 kJ") + '[ledger]\nbranch = "carbon-ledger"\n')
    assert fetched.carbon("hook", "carbon-budget", FILE).out.startswith(EXHAUSTED)


def test_our_cache_of_a_branch_is_read(fetched: Any) -> None:
    """The copy that ``pytest-carbon budget`` fetched is read, though git itself has no such branch."""
    fetched.policy(LIMITS.replace("13 kJ", "10 kJ") + '[ledger]\nbranch = "carbon-ledger"\n')
    assert fetched.carbon("budget").code == 0
    _gone(fetched)
    assert fetched.carbon("hook", "carbon-budget", FILE).out.startswith(EXHAUSTED)


def test_missing_branch_is_a_note(fetched: Any) -> None:
    """The note says how to get the branch, and does not fail the hook."""
    fetched.policy(LIMITS.replace("13 kJ", "10 kJ") + '[ledger]\nbranch = "carbon-ledger"\n')
    shutil.rmtree(fetched.root / ".git" / "pytest-carbon")
    done = fetched.carbon("hook", "carbon-budget", FILE, "--fail")
    assert done.code == 0
    assert done.out == (
        "no copy of the ledger's branch carbon-ledger is on this disk; if origin has it, "
        "run: git fetch origin carbon-ledger\n"
    )


def test_a_partial_clone_fetches_nothing(fetched: Any) -> None:
    """Files that git left on the server are named as missing, and are not fetched."""
    remote, clone = fetched.root.with_name("remote.git"), fetched.root.with_name("clone")
    fetched.git("config", "uploadpack.allowFilter", "true", where=remote)
    fetched.git("clone", "-q", "--filter=blob:none", "--no-checkout", remote.as_uri(), str(clone))
    shutil.rmtree(fetched.root / ".git")
    shutil.move(clone / ".git", fetched.root / ".git")
    objects = sorted((fetched.root / ".git" / "objects").rglob("*"))
    done = fetched.carbon("hook", "carbon-budget", FILE)
    assert done.code == 0
    assert "git cat-file" in done.out or "its content is not on this disk" in done.out  # as old and new git say it
    assert sorted((fetched.root / ".git" / "objects").rglob("*")) == objects


def test_broken_file_of_the_ledger_is_a_note(shop: Any) -> None:
    """The other files count, and the first broken file is named."""
    next((shop.root / ".carbon" / "ledger" / "2026").rglob("*.json")).write_text("{", encoding="utf-8")
    out = shop.carbon("hook", "carbon-budget", FILE).out
    assert "\n1 file of the ledger could not be read, such as 2026/06/" in out


def test_a_database_is_not_read(shop: Any) -> None:
    """A note names the database, because a hook uses no network."""
    shop.policy(LIMITS + '[ledger]\nsql = "postgresql://nowhere.invalid/carbon"\n')
    assert shop.carbon("hook", "carbon-budget", FILE).out == (
        "the ledger is in a database, which hooks do not ask; run pytest-carbon budget instead\n"
    )


# -- what may be missing -----------------------------------------------------------------------------------


def test_empty_folder(project: Any) -> None:
    """Without a policy, a report, a ledger and git, every hook is silent and succeeds."""
    (project.root / "carbon.toml").unlink()
    for name in ("carbon-budget", "carbon-policy", "carbon-workflows"):
        done = project.carbon("hook", name, "--fail")
        assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize("state", ["no git", "no commit", "detached", "shallow", "no branch to compare with"])
def test_states_of_a_repository(shop: Any, state: str) -> None:
    """If nobody can tell what changed, every budget is checked, and nothing fails."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ"))
    _change(shop, FILE)
    if state in ("no git", "no commit", "shallow"):
        shutil.rmtree(shop.root / ".git") if state != "shallow" else _make_shallow(shop)
        if state == "no commit":
            shop.git("init", "-q", "-b", "main")
    elif state == "detached":
        shop.git("checkout", "-q", "--detach")
    else:
        shop.git("branch", "-q", "-D", "main")
    done = shop.carbon("hook", "carbon-budget")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(EXHAUSTED)
    assert shop.carbon("hook", "carbon-policy").code == 0


def _make_shallow(shop: Any) -> None:
    """Replace the repository by a clone of its newest commit."""
    clone = shop.root.with_name("shallow")
    shop.git("clone", "-q", "--depth", "1", "-b", "change", shop.root.as_uri(), str(clone))
    shop.git("branch", "-q", "--unset-upstream", where=clone)
    shutil.rmtree(shop.root / ".git")
    shutil.move(clone / ".git", shop.root / ".git")


def _broken(change: Any) -> str:
    from pytest_carbon.core.report import to_json

    data = to_json(make_report())
    change(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "\xff",
        "[" * 100_000,
        _broken(lambda data: data["rows"][0].update(reference_j="much")),
        _broken(lambda data: data["rows"][0].update(reference_j=float("nan"))),
        _broken(lambda data: data["totals"].update(energy_j="much")),
        _broken(lambda data: data["features"]["search"].update(energy_j=[])),
        _broken(lambda data: data["machine"].update(full_speed="fast")),
        _broken(lambda data: data["run"].update(command=3)),
        _broken(lambda data: data.pop("grid")),
        _broken(lambda data: data.update(features=7)),
    ],
)
def test_unreadable_report_is_a_note(shop: Any, text: str) -> None:
    """The budgets are checked without the report, and no exception is raised."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ"))
    (shop.root / ".carbon" / "report.json").write_text(text, encoding="latin-1")
    done = shop.carbon("hook", "carbon-budget", FILE)
    assert (done.code, done.err) == (0, "")
    first, *_, last = done.out.splitlines()
    assert first.startswith(EXHAUSTED)
    assert "report.json cannot be read as a carbon report (" in last


def test_no_report(shop: Any) -> None:
    """Without a local run the budgets are checked all the same, and nothing is noted."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ"))
    (shop.root / ".carbon" / "report.json").unlink()
    assert len(shop.carbon("hook", "carbon-budget", FILE).out.splitlines()) == 1


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize("name", ["--output={outside}", "HEAD\n--output={outside}", "-O{outside}"])
def test_names_of_pushed_commits_are_no_options(
    shop: Any, monkeypatch: pytest.MonkeyPatch, attack: Attack, name: str
) -> None:
    """What the environment calls a commit empties no file."""
    shop.policy(LIMITS)
    for variables in (("PRE_COMMIT_FROM_REF",), ("PRE_COMMIT_TO_REF",), ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF")):
        for variable in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"):
            monkeypatch.setenv(variable, name.format(outside=attack.outside) if variable in variables else "HEAD")
        done = shop.carbon("hook", "carbon-budget")
        attack.harmless(done.out, done.err)


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize("name", ["--output={outside}", "-O{outside}", "main\\n--output={outside}", "a..b", "x@{{1}}"])
@pytest.mark.parametrize("key", ['default-branch = "{}"', '[ledger]\nbranch = "{}"', '[ledger]\nremote = "{}"'])
def test_names_of_the_policy_are_no_options(shop: Any, attack: Attack, key: str, name: str) -> None:
    """A name that git may misread is a mistake of the policy, and empties no file."""
    shop.policy(whole=key.format(name.format(outside=attack.outside)) + "\n" + (LIMITS if "ledger" not in key else ""))
    done = shop.carbon("hook", "carbon-budget")
    assert "write its name alone, such as main" in done.out
    attack.harmless(done.out, done.err)


def test_a_file_with_the_name_of_a_commit_is_not_taken_for_it(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git itself asks what such a name means, and then tells nothing."""
    shop.policy(LIMITS.replace("13 kJ", "10 kJ"))
    begun = shop.git("rev-parse", "HEAD")
    _change(shop, "tests/checkout/test_checkout.py", begun, f"{begun}...HEAD")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", begun)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    assert "feature checkout" in shop.carbon("hook", "carbon-budget").out
