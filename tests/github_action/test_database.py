"""The Action with a ledger in a database: it records and judges there, and does not publish the address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import FakeProject, StepResult, zip_report
from tests.ledgers.sql.conftest import Server
from tests.samples import POLICY

IN_DATABASE = '[ledger]\nsql = "env"\n'
BUDGET = '[features.checkout.budget]\nlimit = "9 kJ"\nwindow = "28d"\non-exceeded = "fail"\n'
NIGHT = {"schedule": "17 3 * * *", "ref": "refs/heads/main"}
EVERYBODY = "org/elsewhere"


class Stored(FakeProject):
    """A project whose ledger is in a database."""

    url: str = ""

    def kept(self, repository: str = "octo/shop") -> list[Entry]:
        """Return the runs of a repository in the database."""
        now = datetime.now(UTC)
        ledger = SqlLedger(self.url, repository, now)
        result = ledger.read((now - timedelta(days=3)).date(), now.date())
        return [record for record in result.records if isinstance(record, Entry)]

    def remember(self, *numbers: int, repository: str = "octo/shop", branch: str = "main", **more: Any) -> None:
        """Add runs that checkout pays for; runs of main are baselines."""
        ledger = SqlLedger(self.url, repository, datetime.now(UTC))
        for number in numbers:
            report = self.report(number, **{"branch": branch, "commit": f"{number:040}", **more})
            entry = make_entry(report, RunSource(branch, shares={"checkout": 1.0}, job="test"))
            ledger.append([entry], measurements_of(report) if branch == "main" else None)

    def recorded(self, event: str = "push", **more: Any) -> StepResult:
        """Measure main and record the run."""
        sha = self.repo.bare.branches()["main"]
        run_id = self.repo.workflow_run(head_sha=sha, head_branch="main", event="push")
        self.repo.artifact(run_id, "carbon-report-test", zip_report(self.report(commit=sha)))
        payload = self.repo.event_push(sha) if event == "push" else {**NIGHT, "after": sha}
        return self.run_step("finish", event, payload, run_id=run_id, ledger_url=self.url, **more)


@pytest.fixture
def stored(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], database: str) -> Stored:
    """A project of two features, and an empty database."""
    project = Stored(hub, tmp_path, capsys, POLICY + BUDGET + IN_DATABASE)
    project.url = database
    return project


def test_main_is_recorded_and_pull_requests_are_judged_by_it(stored: Stored) -> None:
    """The database is used, and no branch; the token needs no permission to write contents."""
    done = stored.recorded()
    assert (done.code, [entry.run for entry in stored.kept()]) == (0, ["run-1"])
    assert "added to the ledger's database: " in done.log
    stored.remember(2, 3)
    number = stored.open_pull("feature:checkout")
    judged = stored.judge(number, stored.add_measured_run(number, stored.report(4)), ledger_url=stored.url)
    assert judged.outputs["verdict"] == "fail"
    assert "has used 14 kJ of 9 kJ in 28 days" in stored.comment(number)
    assert "the ledger has 3 runs of main in this environment" in stored.comment(number)
    assert stored.repo.bare.branches().keys() == {"main", "topic"}


def test_nightly_run_records_pull_requests_and_updates_issues(stored: Stored) -> None:
    """Everything that the Action does with a ledger works with a database."""
    number = stored.open_pull("feature:checkout")
    stored.add_measured_run(number, stored.report(2))
    done = stored.recorded("schedule", token=stored.token(issues="write"))
    assert {(entry.run, entry.pr) for entry in stored.kept()} == {("run-1", None), ("run-2", number)}
    assert "measured by pull requests: " in done.log
    (body,) = [t.body for t in stored.repo.threads.values() if t.title == "Carbon report: checkout"]
    assert "of 9 kJ" in str(body)


def test_budget_of_the_organisation_counts_every_repository(stored: Stored) -> None:
    """The use of other repositories counts; their runs are not taken for our own."""
    stored.repo.commit({"carbon.toml": stored.policy + 'scope = "organisation"\n'})
    number = stored.open_pull("feature:checkout")
    stored.remember(11, 12, repository=EVERYBODY)
    stored.remember(13, repository=EVERYBODY, branch="topic", commit=stored.head(number))
    run_id = stored.add_measured_run(number, stored.report(4))
    assert stored.judge(number, run_id, ledger_url=stored.url).outputs["verdict"] == "fail"
    stored.recorded("schedule", token=stored.token(issues="write"))
    assert {entry.run for entry in stored.kept()} == {"run-1", "run-4"}
    assert {entry.run for entry in stored.kept(EVERYBODY)} == {"run-11", "run-12", "run-13"}


def test_growth_is_judged_by_our_own_runs(stored: Stored) -> None:
    """Cheaper tests of the same names in another repository are no base of the comparison."""
    growth = POLICY + '[budget]\ngrowth = "5 %"\non-exceeded = "fail"\n' + IN_DATABASE + 'scope = "organisation"\n'
    stored.repo.commit({"carbon.toml": growth})
    stored.remember(*range(1, 7))
    stored.remember(*range(11, 23), repository=EVERYBODY, cost={"checkout": 0.5, "search": 0.5})
    number = stored.open_pull("feature:checkout")
    done = stored.judge(
        number, stored.add_measured_run(number, stored.report(30)), ledger_url=stored.url, comment="always"
    )
    assert (done.outputs["verdict"], done.outputs["change"]) == ("pass", "0.0")
    assert "the last 6 runs of main in the same environment" in stored.comment(number)
    assert "| ▄▄▄▄▄▄▄ |" in stored.comment(number)


def test_proposed_policy_may_not_read_much_more(stored: Stored) -> None:
    """A stranger cannot make the gate read a whole organisation's database; the verdict is reached all the same."""
    stored.repo.commit({"carbon.toml": stored.policy + 'scope = "organisation"\n'})
    windows = "".join(f'[features.f{n}.budget]\nlimit = "1 kJ"\nwindow = "{n}d"\n' for n in range(181, 361, 9))
    many = "".join(f'[features.f{n}.budget]\nlimit = "1 kJ"\n' for n in range(21))
    for more, why in (
        ('[budget]\nlimit = "1 MJ"\n', "it counts the runs of every repository, which no budget does now"),
        (windows, "more days run by run; give fewer windows different lengths"),
        (many, "it reads the use of 21 more features in every repository"),
        ('[features.unattributed.budget]\nlimit = "1 kJ"\n', "it reads the use of 1 more feature in"),
        ('[budget]\ngrowth = "5 %"\n', None),
        ('[features.unattributed.budget]\nper-run = "1 MJ"\n', None),
    ):
        policy = POLICY + BUDGET + more + IN_DATABASE + 'scope = "organisation"\n'
        number = stored.open_pull("feature:checkout", files={"carbon.toml": policy})
        done = stored.judge(number, ledger_url=stored.url, comment="always")
        assert done.outputs["verdict"] == "pass"
        unknown = "Could not tell what the verdict with the new policy would be: "
        sentence = unknown if why else "With the new policy, the verdict would be "
        assert sentence in stored.comment(number)
        assert why is None or why in stored.comment(number)
        stored.repo.close_pull(number)


def test_job_without_the_url_reaches_no_verdict(stored: Stored) -> None:
    """An empty branch in its place would say that nothing was used."""
    number = stored.open_pull("feature:checkout")
    done = stored.judge(number)
    assert (done.outputs["verdict"], stored.status(stored.head(number))["state"]) == ("error", "error")
    assert "give the Action the input ledger-url, from a secret" in done.log
    assert "carbon-publish.yml" in stored.comment(number)
    done = stored.run_step("finish", "push", stored.repo.event_push(stored.repo.bare.branches()["main"]))
    assert done.code == 1
    assert not stored.kept()


def test_url_without_a_database_in_the_policy(stored: Stored) -> None:
    """While a pull request proposes the database, the base's policy still uses the branch, and a note says so."""
    stored.repo.commit({"carbon.toml": POLICY + BUDGET})
    number = stored.open_pull("feature:checkout", files={"carbon.toml": stored.policy})
    done = stored.judge(number, ledger_url=stored.url, comment="always")
    assert done.outputs["verdict"] == "pass"
    texts = stored.comment(number)
    assert "the input ledger-url is not used" in texts
    assert "runs are kept in a database; before: in the branch carbon-ledger" in texts
    assert "the input ledger-url is not used" in stored.recorded(token=stored.token(contents="write")).log
    assert "carbon-ledger" in stored.repo.bare.branches()


def test_address_of_the_database_is_not_published(
    hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], server: Server
) -> None:
    """Address, user and name are in no log, comment or status, although the server's own messages have them."""
    project = Stored(hub, tmp_path, capsys, POLICY + BUDGET + IN_DATABASE)
    closed = "postgresql://carbon:hunter2@127.0.0.2:9/orders?connect_timeout=1"
    stranger = server.url(server.database(), user="nobody_here")
    for url, why in (closed, "it cannot be reached"), (stranger, "it refused this user"):
        project.url = url
        number = project.open_pull("feature:checkout")
        done = project.judge(number, ledger_url=url)
        recorded = project.recorded()
        texts = done.log + done.summary + recorded.log + project.comment(number) + str(project.repo.statuses)
        assert done.outputs["verdict"] == "error"
        assert f"ledger's database: {why}" in done.log
        assert f"ledger's database: {why}" in recorded.log
        assert not [word for word in ("127.0.0.2", "hunter2", "orders", "nobody_here", "/pg") if word in texts]
        project.repo.close_pull(number)
