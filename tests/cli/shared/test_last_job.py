"""The runs of one commit are one job: appended and judged together. What an earlier job left is left out and named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.attack import Attack
from tests.samples import TESTS, make_report

A, B = ".carbon/reports/a.json", ".carbon/reports/b.json"
LIMIT = "\n[budget]\nper-run = '5 kJ'\non-exceeded = 'fail'\n"
DEAR = {"checkout": 2.0, "search": 2.0}
CHECKOUT, SEARCH = ({name: TESTS[name]} for name in ("checkout", "search"))
OTHER = "b" * 40


def _tox(project: Any, *runs: tuple[str, Any]) -> None:
    for name, report in runs:
        project.write(report, name)
        project.write(report)


@pytest.mark.attack("lost-report")
@pytest.mark.parametrize("branch", ["feature", "other", None])
@pytest.mark.parametrize("cost", [1.0, 2.0], ids=["their sum is too much", "one is too much"])
def test_kind_17_check_judges_all_runs_of_the_commit(
    project: Any, attack: Attack, cost: float, branch: str | None
) -> None:
    """A cheap environment of tox that ends last hides no dear one, and the verdict says what it is of."""
    project.policy(LIMIT)
    _tox(project, (A, make_report(1, cost={"checkout": cost, "search": cost}, branch=branch)), (B, make_report(2)))
    done = project.carbon("check")
    assert "2 runs of aaaaaaa are judged as one: b, a; to judge one of them" in " ".join(done.out.split())
    attack.ended(done.code, done.out, done.err)
    assert project.carbon("check", B).code == 0


def test_kind_17_runs_of_other_commits_are_not_judged(project: Any) -> None:
    """What an earlier job left is no part of this one."""
    project.policy(LIMIT)
    _tox(project, (A, make_report(1, cost=DEAR, commit=OTHER)), (B, make_report(2)))
    done = project.carbon("check")
    assert (done.code, "judged as one" in done.out) == (0, False)


def test_kind_17_the_runs_of_one_job_have_the_base_of_such_jobs(project: Any) -> None:
    """Nothing is missing that ran in another environment; the runs count once, also after they were appended."""
    project.policy('\n[budget]\ngrowth = "5 %"\nlimit = "100 kJ"\non-exceeded = "fail"\n')
    for day in range(5, 0, -1):
        days = {"branch": "main", "commit": f"{day}" * 40, "ago": timedelta(days=day)}
        a, b = make_report(10 + day, tests=CHECKOUT, **days), make_report(20 + day, tests=SEARCH, **days)
        _tox(project, (A, a), (B, b))
        assert project.carbon("ledger", "append").code == 0
    _tox(project, (A, make_report(1, tests=CHECKOUT)), (B, make_report(2, tests=SEARCH)))
    before = project.carbon("check", "--json")
    assert (before.json["state"], before.json["base"]["runs"]) == ("pass", 5)
    assert project.carbon("ledger", "append").code == 0
    after = project.carbon("check", "--json")
    assert after.json["judged"] == before.json["judged"]


@pytest.mark.attack("lost-base")
def test_kind_17_append_leaves_out_what_is_of_another_commit(project: Any, attack: Attack) -> None:
    """A run of a change never becomes a base of main, nor is a run of main paid by a pull request."""
    _tox(project, (A, make_report(1, commit=OTHER, branch="topic")), (B, make_report(2, branch="main")))
    done = project.carbon("ledger", "append", "--on", "main", "--json")
    attack.harmless(done.out)
    assert done.json["added"] == ["run-2"]
    assert done.json["notes"] == [
        "left out, because the last run is of another commit or branch: reports/a.json (bbbbbbb of topic); to add one, "
        "name it"
    ]
    assert project.carbon("ledger", "append", A, "--json").json["added"] == ["run-1"]


def test_the_newest_is_the_last_run_if_no_report_is_in_the_usual_place(project: Any) -> None:
    """Such as after a run that ended before it wrote its report."""
    project.write(make_report(1, ago=timedelta(days=1), commit=OTHER), A)
    project.write(make_report(2), B)
    assert project.carbon("ledger", "append", "--json").json["added"] == ["run-2"]


def test_kind_17_the_label_of_the_appended_runs_pays(project: Any) -> None:
    """After ledger append, check needs no label again, as with a single run."""
    project.policy('\n[features.search.budget]\nlimit = "1 kJ"\non-exceeded = "fail"\n')
    _tox(project, (A, make_report(1, tests=CHECKOUT)), (B, make_report(2, tests=CHECKOUT)))
    assert project.carbon("check").code == 0
    assert project.carbon("ledger", "append", "--label", "feature:search").code == 0
    assert project.carbon("check").code == 1
