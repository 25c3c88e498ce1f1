"""check, explain and budget: exit codes, formats, who pays, which policy counts, growth against the base."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from tests.attack import Attack
from tests.samples import make_report

GROWTH = '\n[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
UNSURE = 'on-inconclusive = "fail"\n'


def _limit(amount: str, on_exceeded: str = "fail", feature: str = "checkout", more: str = "") -> str:
    return f'\n[features.{feature}.budget]\nlimit = "{amount}"\non-exceeded = "{on_exceeded}"\n{more}'


@pytest.mark.parametrize(
    ("budget", "cost", "code", "word"),
    [
        pytest.param(_limit("40 kJ"), 1.0, 0, "pass", id="pass"),
        pytest.param(_limit("1 kJ"), 1.0, 1, "fail", id="fail"),
        pytest.param(_limit("1 kJ", "warn"), 1.0, 0, "warning", id="warn"),
        pytest.param("\n[budget]\nper-run = '5 kJ'\non-exceeded = 'fail'\n", 2.0, 1, "fail", id="the run's limit"),
        pytest.param("\n[budget]\nper-run = '3 kJ'\non-exceeded = 'fail'\n", 1.0, 0, "warning", id="the base's fault"),
        pytest.param(GROWTH, 1.3, 0, "inconclusive", id="could not tell"),
        pytest.param(GROWTH, 1.0, 0, "pass", id="no growth"),
    ],
)
def test_the_exit_code_is_that_of_the_state(project: Any, budget: str, cost: float, code: int, word: str) -> None:
    """0 is pass or warning, 1 is fail; inconclusive passes unless the policy asks otherwise."""
    project.policy(budget)
    project.baseline()
    done = project.carbon("check", project.report(cost={"checkout": cost, "search": cost}))
    assert (done.code, done.err) == (code, "")
    assert done.out.startswith(f"Carbon budget: {word}.")


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("verb", ["check", "explain"])
def test_a_folder_without_a_policy_is_no_pass(project: Any, verb: str, attack: Attack) -> None:
    """A step of CI that runs in the wrong folder judges nothing, and says so; an empty policy is meant."""
    (project.root / "carbon.toml").unlink()
    done = project.carbon(verb, project.report())
    assert done.err.startswith(f"pytest-carbon: there is no policy in {project.root}, so nothing can be judged; is ")
    attack.ended(done.code, done.out, done.err)
    (project.root / "pyproject.toml").write_text("[tool.pytest-carbon]\n", encoding="utf-8")
    assert project.carbon(verb, project.report()).code == 0


def test_tests_belong_to_the_features_of_the_policy_that_judges(project: Any, lab: SimpleNamespace) -> None:
    """After features are renamed, a run needs not be measured again; a branch cannot take a test out of a limit."""
    project.write(lab.report())
    assert project.carbon("check").out.startswith("Carbon budget: not judged. ")
    shop = 'zone = "DE"\n[features.shop]\npaths = ["tests/**"]\n[features.shop.budget]\n'
    project.policy(whole=shop + 'per-run = "1 mJ"\non-exceeded = "fail"\n')
    done = project.carbon("check")
    text = " ".join(done.out.split())
    assert (done.code, "feature shop used" in text) == (1, True)
    assert "40 of 40 tests were measured with other features, and belong to those of carbon.toml here" in text


def test_a_run_of_another_commit_is_named(project: Any, lab: SimpleNamespace) -> None:
    """Who forgot to run the tests again after a commit sees it first, and it is no pass; a named report is of any."""
    project.repository()
    old = project.git("rev-parse", "HEAD")
    project.write(lab.report(commit=old))
    assert "HEAD" not in project.carbon("check").out
    assert project.carbon("check").out.startswith("Carbon budget: not judged. ")
    project.git("commit", "-q", "--allow-empty", "-m", "the same files")
    assert project.carbon("check").out.startswith("Carbon budget: not judged. ")
    new = project.commit_again("later")
    done = project.carbon("check")
    assert " ".join(done.out.split()).startswith(
        "Carbon budget: inconclusive. Could not tell whether this change fits its carbon budget: "
        f"this run is of {old[:7]}, and HEAD is {new[:7]}, which was not measured."
    )
    assert "measure what is checked out: pytest --carbon" in done.out
    project.policy(whole='on-inconclusive = "fail"\n' + lab.POLICY)
    assert project.carbon("check").code == 3
    project.policy(whole='on-inconclusive = "fail"\nno-measurement = ["*.txt"]\n' + lab.POLICY)
    assert project.carbon("check").code == 0
    project.policy(whole='on-inconclusive = "fail"\n' + lab.POLICY)
    assert "HEAD" not in project.carbon("check", ".carbon/report.json").out


def test_a_branch_that_judges_itself_is_told_how_a_gate_would(project: Any, lab: SimpleNamespace) -> None:
    """Who has changed the policy sees it; who has not sees nothing, and neither does who names the policy."""
    project.repository()
    project.git("switch", "-q", "-c", "topic")
    report, hint = (
        project.report(),
        "carbon.toml is not that of main; to judge by that one, as a gate does: --policy-from main",
    )
    assert "--policy-from" not in project.carbon("check", report).out
    project.policy(whole='timezone = "UTC"\n' + lab.POLICY)
    assert hint in " ".join(project.carbon("check", report).out.split())
    assert "is not that of main" not in project.carbon("check", report, "--policy-from", "main").out
    project.git("switch", "-q", "main")
    assert "is not that of main" not in project.carbon("check", report).out


@pytest.mark.parametrize(("cost", "code"), [(1.3, 3), (1.0, 0)])
def test_inconclusive_is_exit_code_3_if_the_policy_asks(
    project: Any, lab: SimpleNamespace, cost: float, code: int
) -> None:
    """With on-inconclusive = "fail", growth that is only suspicious ends with 3."""
    project.policy(whole=UNSURE + lab.POLICY + GROWTH)
    project.baseline()
    assert project.carbon("check", project.report(cost={"checkout": cost})).code == code


def test_paired_runs_confirm_or_clear_a_suspicion(project: Any, lab: SimpleNamespace) -> None:
    """One costlier run against five of the base is suspicious; the pairs make it a fail or a pass."""
    project.policy(whole=UNSURE + lab.POLICY + GROWTH)
    project.baseline()
    head = lab.report(cost={"checkout": 1.3})
    once = project.carbon("check", project.write(head), "--json").json
    growth = {holder["name"]: holder["growth"] for holder in once["judged"]}["checkout"]
    assert (once["state"], growth["state"], once["base"]["runs"]) == ("inconclusive", "suspicious", 5)
    assert any("pytest-carbon confirm" in todo["text"] for todo in once["todo"])
    costlier = lab.replace(head, pairs=lab.pairs(lab.report(branch="main"), head))
    done = project.carbon("check", project.write(costlier), "--json")
    growth = {holder["name"]: holder["growth"] for holder in done.json["judged"]}["checkout"]
    assert (done.code, growth["state"], growth["stage"]) == (1, "costlier", "confirm")
    assert growth["change"] == pytest.approx(0.3)
    calm = lab.replace(head, pairs=lab.pairs(lab.report(branch="main"), lab.report()))
    assert project.carbon("check", project.write(calm)).code == 0


def test_growth_is_not_judged_against_four_runs(project: Any) -> None:
    """Growth is judged from five runs of the default branch on; before, the verdict says that it is not."""
    project.policy(GROWTH)
    project.baseline(4)
    done = project.carbon("check", project.report(cost={"checkout": 3.0}))
    assert done.code == 0
    assert "the ledger has 4 runs of main in this environment" in done.out


@pytest.mark.parametrize("form", ["terminal", "markdown", "json", "junit", "sarif"])
def test_every_format_is_well_formed(project: Any, form: str) -> None:
    """The output is the same each time, and the same in a file; with a file, one line is printed."""
    project.policy(_limit("1 kJ"))
    report = project.report()
    done = project.carbon("check", report, "--format", form)
    again = project.carbon("check", report, "--format", form)
    assert done == again
    assert (done.code, done.err) == (1, "")
    written = project.carbon("check", report, "--format", form, "--output", "verdict")
    text = Path("verdict").read_text(encoding="utf-8")
    assert written.code == 1
    assert written.out.startswith("fail: This change does not fit its carbon budget")
    assert len(written.out.splitlines()) == 1
    assert text == done.out or form == "terminal"
    assert "checkout has used 2 kJ of 1 kJ" in " ".join(text.split())
    if form == "json":
        assert json.loads(text)["exit_code"] == 1
    elif form == "junit":
        assert Xml.fromstring(text).get("failures") == "1"  # noqa: S314 (our own)
    elif form == "sarif":
        assert json.loads(text)["version"] == "2.1.0"
    elif form == "terminal":
        assert max(map(len, text.splitlines())) <= 100


def test_the_configured_report_is_the_default(project: Any, lab: SimpleNamespace) -> None:
    """Without a path, check and explain read the report of the last run, also in a folder below."""
    project.write(lab.report(7))
    assert project.carbon("check", "--json").json["run"] == "run-7"
    (project.root / "below").mkdir()
    os.chdir(project.root / "below")
    assert project.carbon("check", "--json").json["run"] == "run-7"
    assert project.carbon("explain").code == 0


@pytest.mark.parametrize("verb", [("check",), ("explain",), ("budget",)], ids=lambda verb: verb[0])
def test_json_is_deterministic(project: Any, verb: tuple[str, ...]) -> None:
    """The same files as of the same time give the same bytes."""
    project.policy(_limit("40 kJ"))
    project.baseline(7)
    report = () if verb == ("budget",) else (project.report(),)
    first, second = (project.carbon(*verb, *report, "--json") for _ in range(2))
    assert first == second
    assert isinstance(first.json, dict)
    assert first.out.isascii()


def test_the_verdict_does_not_depend_on_the_hash_seed(project: Any) -> None:
    """Another process with another hash seed prints the same."""
    project.policy(_limit("1 kJ"))
    project.baseline()
    arguments = ["check", project.report(cost={"search": 2.0}), "--json", "--now", "2026-06-15T12:00:00Z"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest_carbon.cli", *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == project.carbon(*arguments[:3]).out


def test_labels_decide_who_pays(project: Any) -> None:
    """Without a label a feature pays for its own tests; the feature of a label pays for the whole run."""
    project.policy(_limit("3 kJ") + _limit("3 kJ", feature="search"))
    report = project.report()

    def used(*labels: str) -> dict[str, float]:
        words = [word for label in labels for word in ("--label", label)]
        judged = project.carbon("check", report, "--pr", "7", "--json", *words).json["judged"]
        return {holder["name"]: holder["standing"]["consumed"] for holder in judged}

    assert used() == used("unknown") == {"checkout": 2000, "search": 2000}
    assert used("feature:checkout") == {"checkout": 4000, "search": 0}
    assert used("feature:checkout", "feature:search") == {"checkout": 2000, "search": 2000}
    assert project.carbon("check", report, "--label", "feature:checkout").code == 1


@pytest.mark.parametrize("verb", ["check", "ledger append", "confirm"])
def test_a_label_that_no_feature_claims_is_said(project: Any, verb: str) -> None:
    """A misspelt label is no error, but it does not pass silently; a label in another case counts."""
    report, command = project.report(), ["--", "true"] if verb == "confirm" else []
    done = project.carbon(*verb.split(), report, "--label", "bug,feature:serach", "--pr", "7", *command)
    assert done.code == 0
    said = 'no feature of carbon.toml claims the label feature:serach; did you mean "feature:search"?'
    assert said in " ".join((done.out + done.err).split())
    for labels in (["--label", "Feature:Search,bug"], ["--label", "bug", "--pr", "7"], []):
        done = project.carbon(*verb.split(), report, *labels, *command)
        assert "no feature of" not in done.out + done.err


def test_a_path_without_a_file_is_said_once(project: Any) -> None:
    """Whether the report says it already, or not; a path with tests or a file is not named."""
    path = '[features.docs]\npaths = ["docz/**"]\n'
    project.policy(path)
    said = "the path 'docz/**' of feature docs matches no file of the project; correct it in the policy, or remove it"
    report = make_report(1)
    for gaps in ((), (said,)):
        notes = project.carbon("check", project.write(replace(report, gaps=gaps)), "--json").json["notes"]
        assert [note for note in notes if "match" in note] == [said]
    project.policy(path.replace("docz", "docs"))
    (project.root / "docs").mkdir()
    (project.root / "docs" / "a.md").touch()
    assert "no file of the project" not in project.carbon("check", project.report()).out


def test_a_pull_request_pays_for_all_its_runs(project: Any) -> None:
    """The runs of a pull request are summed up, without those of other pull requests."""
    project.policy(_limit("30 kJ"))
    for number, pr in ((1, "7"), (2, "7"), (3, "8")):
        assert project.carbon("ledger", "append", project.report(number), "--pr", pr).code == 0
    (judged, _) = project.carbon("check", project.report(4), "--pr", "7", "--json").json["judged"]
    assert judged["standing"]["sunk"] == 6000
    assert judged["standing"]["consumed"] == 8000


def test_a_run_is_counted_once(project: Any) -> None:
    """A run that is in the ledger already, or is checked twice, uses its budget once."""
    project.policy(_limit("30 kJ"))
    report = project.report()
    before = project.carbon("check", report, "--json").out
    project.carbon("ledger", "append", report)
    assert project.carbon("check", report, "--json").out == before


@pytest.mark.attack("policy-of-the-change")
def test_a_change_is_judged_by_the_policy_of_its_base(project: Any, attack: Attack) -> None:
    """With --policy-from, a pull request that raises its own budget is judged by the old budget."""
    project.policy(_limit("1 kJ"))
    project.repository()
    base = project.git("rev-parse", "HEAD")
    project.policy(_limit("100 kJ"))
    project.commit()
    report = project.report()
    assert project.carbon("check", report).code == 0
    done = project.carbon("check", report, "--policy-from", base)
    assert done.code == 1
    assert f"carbon.toml at {base[:12]}" in done.out
    assert project.carbon("explain", report, "--policy-from", base).code == 1
    assert project.carbon("check", report, "--policy-from", "HEAD~1").code == 1
    attack.ended(done.code)


@pytest.mark.parametrize("features", ["", '[features.shop]\npaths = ["nothing/**"]\n'], ids=["removed", "renamed"])
def test_a_change_without_the_features_of_its_base_keeps_their_limits(project: Any, features: str) -> None:
    """A report that names no feature, as the policy of the change has it, is divided by the policy of the base."""
    project.policy('[features.checkout.budget]\nper-run = "1 mJ"\non-exceeded = "fail"\n')
    project.repository()
    project.git("checkout", "-q", "-b", "topic")
    project.policy(whole='zone = "DE"\n' + features)
    project.commit()
    report = make_report(1)
    rows = tuple(replace(row, feature=None) for row in report.rows)
    path = project.write(replace(report, rows=rows, features={}), "reports/run-1.json")
    done = project.carbon("check", path, "--policy-from", "main", "--json")
    judged = {holder["name"]: holder["state"] for holder in json.loads(done.out)["judged"]}
    assert (done.code, judged["checkout"], judged["search"]) == (1, "fail", "pass")


def test_a_base_without_a_policy_has_no_limits(project: Any) -> None:
    """The verdict says that the base has no configuration."""
    (project.root / "carbon.toml").unlink()
    project.repository()
    project.policy(_limit("1 kJ"))
    project.commit()
    done = project.carbon("check", project.report(), "--policy-from", "HEAD~1")
    assert done.code == 0
    assert "no configuration file at HEAD~1" in done.out
    assert project.carbon("check", project.report(), "--policy-from", "nonsense").code == 2


def test_explain_gives_reasons_and_three_next_steps(project: Any) -> None:
    """explain says the verdict, what was compared, why, and three steps; its exit code is that of check."""
    project.policy(_limit("1 kJ", more='growth = "5 %"\n'))
    project.baseline()
    done = project.carbon("explain", project.report(cost={"checkout": 1.5}))
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith("Verdict: fail.")
    assert "compared with main" in lines[1]
    assert [line[:2] for line in lines[-3:]] == ["1.", "2.", "3."]
    assert "tests/checkout/test_checkout.py::test_0" in lines[-3]
    as_json = project.carbon("explain", project.report(cost={"checkout": 1.5}), "--json")
    assert as_json.json == {"state": "fail", "explanation": lines}


def test_budget_shows_the_status_of_every_budget(project: Any) -> None:
    """budget needs no report; it shows every holder, or the named holder."""
    project.policy(
        _limit("40 kJ") + _limit("2 g", feature="search", more="g-per-kwh = 381\n") + "[budget]\nlimit = '50 kJ'\n"
    )
    project.baseline()
    statuses = {holder["name"]: holder["standing"] for holder in project.carbon("budget", "--json").json["budgets"]}
    assert {name: (s["consumed"], s["runs"]) for name, s in statuses.items()} == {
        "checkout": (10_000, 5), "repository": (20_000, 5),
        "search": (pytest.approx(5 * (2000 * 381 / 3.6e6 + 0.05)), 5),
    }  # fmt: skip
    (only,) = project.carbon("budget", "search", "--json").json["budgets"]
    assert only["name"] == "search"
    done = project.carbon("budget")
    assert all(word in done.out for word in ("checkout", "search", "whole repository", "25 % of 40 kJ in 28 days"))


def test_budget_of_an_unknown_holder_is_refused(project: Any) -> None:
    """The nearest name is suggested; a policy without budgets is named as such."""
    assert "No budget over a window is set:" in project.carbon("budget").out
    project.policy(_limit("40 kJ"))
    done = project.carbon("budget", "chekout")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "pytest-carbon: no feature or team is called 'chekout'; did you mean \"checkout\"? "
        "(there are: repository, checkout, search)\n"
    )


def test_old_and_later_runs_are_outside_of_the_window(project: Any, lab: SimpleNamespace) -> None:
    """As of a later time, old runs have left the window; as of an earlier time, later runs do not count yet."""
    project.policy(_limit("40 kJ"))
    project.baseline()

    def runs(days: float) -> int:
        (budget,) = project.carbon("budget", "--json", now=lab.NOW + timedelta(days=days)).json["budgets"]
        return int(budget["standing"]["runs"])

    assert [runs(days) for days in (-3, 0, 25.5, 40)] == [3, 5, 2, 0]


def test_the_recipe_of_the_readme_says_which_command_decides(project: Any) -> None:
    """README's policy and six runs of main: one run that costs 46 % more is no pass, and confirm is the next step."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"^```toml\n([^`]*growth = \"5 %\"[^`]*)```$", readme, re.MULTILINE)
    project.policy(whole=policy)
    project.baseline(6)
    report = project.report(cost={"checkout": 1.46})
    done = project.carbon("check", report)
    assert (done.code, done.err) == (3, "")
    said = " ".join(done.out.split())
    assert "cost 46 % more than on the base in this one run, more than the 5 % allowed; to be sure, base and" in said
    assert "1. measure base and head in turns, to be sure: pytest-carbon confirm -- pytest" in said
    project.policy(whole=policy.replace("on-inconclusive", "# on-inconclusive"))
    done = project.carbon("check", report)
    assert (done.code, "Could not tell" in done.out, "pytest-carbon confirm" in done.out) == (0, True, True)
