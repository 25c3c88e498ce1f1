"""The Action end to end: the workflows of the docs, run by a real runner, against the fake GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
from tests.attack import Attack
from tests.github_action.act_runner import ROOT, ActRunner, copy_action
from tests.github_action.fake import FakeGitHub
from tests.github_action.project import RIGHTS

FILES = {
    "carbon.toml": 'zone = "DE"\ndefault-branch = "main"\n\n[features.checkout]\nlabels = ["feature:checkout"]\n'
    'paths = ["tests/**"]\n\n[features.checkout.budget]\nper-run = "1 mJ"\nlimit = "1 MJ"\non-exceeded = "fail"\n',
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n\n[build-system]\nrequires = ["setuptools"]\n'
    'build-backend = "setuptools.build_meta"\n\n[tool.setuptools]\npy-modules = ["shop"]\n',
    "shop.py": "def price():\n    return 1\n",
    "tests/test_shop.py": "import shop\n\n\ndef test_price():\n    assert sum(range(20_000)) and shop.price() == 1\n",
}
CHEAPER = {"shop.py": "def price():\n    return 1  # a bargain\n"}
SHORT, SHORT_FOR_FORKS = "short/own-branches/carbon.yml", "short/forks/carbon.yml"
pytestmark = pytest.mark.long
RECORDING = {**RIGHTS, "contents": "write", "issues": "write"}


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Action with its environment, made once."""
    return copy_action(tmp_path_factory.mktemp("action"), installed=True)


@pytest.fixture
def act(hub: FakeGitHub, tmp_path: Path, action: Path) -> Iterator[ActRunner]:
    """A small project whose feature is over its limit per run."""
    hub.clock = datetime.now(UTC).replace(microsecond=0)
    made = ActRunner(hub, tmp_path / "act", FILES, action)
    yield made
    made.close()


@pytest.mark.parametrize("workflow", ["carbon.yml", SHORT])
def test_pull_request_is_measured_judged_and_judged_again(act: ActRunner, workflow: str) -> None:
    """A branch of the repository: pending, measured, failed with a comment; labels and a reason judge without tests."""
    act.repo.commit(CHEAPER, branch="topic")
    number = act.repo.open_pull(head="topic", author="ann", labels=("feature:checkout",), title="Bargain")
    head = act.repo.pull(number)["head"]["sha"]
    ran = act.run(workflow, "pull_request", act.repo.event_pull_request(number, "opened"), head)
    assert ran.code == 0, ran.output
    states = [s["state"] for s in act.repo.statuses]
    assert (set(states[:-1]), states[-1]) == ({"pending"}, "failure"), ran.output
    (comment,) = act.repo.comments(number)
    assert "feature checkout used" in comment["body"]
    act.repo.runs[ran.run_id]["status"] = "completed"
    for action in ("unlabel", "label"):
        getattr(act.repo, action)(number, "feature:checkout", by="ann")
        payload = act.repo.event_pull_request(number, f"{action}ed", label="feature:checkout")
        again = act.run(workflow, "pull_request", payload, head)
        assert again.code == 0, again.output
        assert "test session starts" not in again.output
        assert act.repo.statuses[-1]["target_url"].endswith(f"/{again.run_id}/attempts/1"), again.output
        act.repo.runs[again.run_id]["status"] = "completed"
    assert len(act.repo.comments(number)) == 1
    act.repo.collaborators["bob"] = "write"
    act.repo.label(number, "carbon/override", by="bob")
    main = act.repo.pull(number)["base"]["sha"]
    for text, state in (("Well done", "failure"), ("carbon override: tonight", "success")):
        act.repo.comment(number, text, by="bob")
        heard = act.run(workflow, "issue_comment", act.repo.event_issue_comment(number), main)
        assert "test session starts" not in heard.output
        assert ("stage: begin" in heard.output, act.repo.statuses[-1]["state"]) == (False, state), heard.output
        assert (str(heard.run_id) in act.repo.statuses[-1]["target_url"]) == (state == "success"), heard.output


def test_fork_is_measured_without_a_token_and_published_by_another_workflow(act: ActRunner) -> None:
    """A fork with a matrix: two reports, one verdict; if a report is lost, the verdict is inconclusive."""
    fork = act.hub.repository("eve/shop", fork_of=act.repo)
    fork.commit(CHEAPER, branch="topic")
    number = act.repo.open_pull(head="topic", author="eve", labels=("feature:checkout",), head_repository=fork)
    head = act.repo.pull(number)["head"]["sha"]
    facts = {"head_sha": head, "head_branch": "topic", "path": ".github/workflows/carbon-measure.yml"}
    run_id = act.repo.workflow_run(head_repository=fork, **facts)
    opened = act.repo.event_pull_request(number, "opened", sender="eve")
    reading = dict.fromkeys(RIGHTS, "read")
    ran = act.run("carbon-measure.yml", "pull_request", opened, head, rights=reading, run_id=run_id)
    assert ran.code == 0, ran.output
    assert act.repo.statuses == []
    names = sorted(artifact["name"].removesuffix(".of2") for artifact in act.repo.artifacts)
    assert names == ["carbon-report-py3.11", "carbon-report-py3.12"]
    publishing = act.run("carbon-publish.yml", "workflow_run", act.repo.event_workflow_run(run_id), head)
    assert publishing.code == 0, publishing.output
    assert act.repo.statuses[-1]["state"] == "failure", publishing.output
    assert "measured by the fork eve/shop; nobody here checked the figures" in act.repo.comments(number)[0]["body"]
    act.repo.artifacts.pop()
    act.run("carbon-publish.yml", "workflow_run", act.repo.event_workflow_run(run_id), head)
    assert "1 of 2 parts is missing: py3.1" in act.repo.comments(number)[0]["body"]


def test_two_short_workflows_measure_a_fork_without_rights_and_publish(act: ActRunner, tmp_path: Path) -> None:
    """The first file only measures, whatever its caller grants; the second judges all parts, and hears of labels."""
    fork = act.hub.repository("eve/shop", fork_of=act.repo)
    fork.commit(CHEAPER, branch="topic")
    number = act.repo.open_pull(head="topic", author="eve", labels=("feature:checkout",), head_repository=fork)
    head = act.repo.pull(number)["head"]["sha"]
    facts = {"head_sha": head, "head_branch": "topic", "path": ".github/workflows/carbon.yml"}
    run_id = act.repo.workflow_run(head_repository=fork, **facts)
    measuring = tmp_path / "carbon.yml"
    text = (ROOT / "docs" / "workflows" / SHORT_FOR_FORKS).read_text(encoding="utf-8")
    measuring.write_text(
        text.replace("{forks: true,", """{python: '["3.11", "3.12"]', forks: true,"""), encoding="utf-8"
    )
    opened = act.repo.event_pull_request(number, "opened", sender="eve")
    ran = act.run(str(measuring), "pull_request", opened, head, rights=dict.fromkeys(RIGHTS, "read"), run_id=run_id)
    assert ran.code == 0, ran.output
    assert ("stage: begin" in ran.output, act.repo.statuses) == (False, []), ran.output
    names = sorted(artifact["name"].removesuffix(".of2") for artifact in act.repo.artifacts)
    assert names == ["carbon-report-py3.11", "carbon-report-py3.12"]
    publishing = "short/forks/carbon-publish.yml"
    judged = act.run(publishing, "workflow_run", act.repo.event_workflow_run(run_id), head)
    assert judged.code == 0, judged.output
    assert act.repo.statuses[-1]["state"] == "failure", judged.output
    assert "measured by the fork eve/shop; nobody here checked the figures" in act.repo.comments(number)[0]["body"]
    payload = act.repo.event_pull_request(number, "labeled", label="feature:checkout")
    again = act.run(publishing, "pull_request_target", payload, act.repo.pull(number)["base"]["sha"])
    assert again.code == 0, again.output
    assert str(again.run_id) in act.repo.statuses[-1]["target_url"], again.output
    assert "test session starts" not in judged.output + again.output


@pytest.mark.parametrize("workflow", ["carbon.yml", SHORT_FOR_FORKS])
def test_push_is_recorded_and_paid_by_the_merged_pull_request(act: ActRunner, workflow: str) -> None:
    """The run of main is in the ledger, on a new branch, and the issues include it."""
    act.repo.commit(CHEAPER, branch="topic")
    number = act.repo.open_pull(head="topic", author="ann", labels=("feature:checkout",), title="Bargain")
    merged = act.repo.commit(CHEAPER, message=f"Bargain (#{number})")
    act.repo.close_pull(number, merged_as=merged)
    ran = act.run(workflow, "push", act.repo.event_push(merged), merged, rights=RECORDING)
    assert ran.code == 0, ran.output
    now = datetime.now(UTC)
    ledger = BranchLedger(act.repo.git, "carbon-ledger", now, None)
    (entry,) = ledger.read((now - timedelta(days=2)).date(), now.date()).records
    assert isinstance(entry, Entry)
    assert (entry.pr, entry.labels, entry.shares) == (number, ("feature:checkout",), {"checkout": 1.0})
    assert [run.commit for run in ledger.baselines("main")[0]] == [merged]
    issues = {thread.title: str(thread.body) for thread in act.repo.threads.values() if not thread.branches}
    assert issues.keys() == {"Carbon report: checkout", "Carbon budgets"}, ran.output
    assert "of its 28-day carbon budget" in issues["Carbon report: checkout"]


def test_push_is_recorded_in_a_database(act: ActRunner, tmp_path: Path, postgres: str) -> None:
    """With the URL as a secret, in a real PostgreSQL: each job installs the driver; the log does not tell the URL."""
    act.action = copy_action(tmp_path, installed=False)
    policy = act.files["carbon.toml"] + '[ledger]\nsql = "env"\n'
    merged = act.repo.commit({**CHEAPER, "carbon.toml": policy})
    text = (ROOT / "docs" / "workflows" / SHORT).read_text(encoding="utf-8")
    text += '    secrets: {CARBON_LEDGER_URL: "${{ secrets.CARBON_LEDGER_URL }}"}\n'
    workflow = tmp_path / "carbon.yml"
    workflow.write_text(text, encoding="utf-8")
    rights = {**RECORDING, "contents": "read"}
    secrets = {"CARBON_LEDGER_URL": postgres}
    ran = act.run(str(workflow), "push", act.repo.event_push(merged), merged, rights=rights, secrets=secrets)
    assert ran.code == 0, ran.output
    now = datetime.now(UTC)
    ledger = SqlLedger(postgres, "octo/shop", now)
    (entry,) = ledger.read((now - timedelta(days=2)).date(), now.date()).records
    assert (entry.id[:8], [run.commit for run in ledger.baselines("main")[0]]) == (f"{now:%Y%m%d}", [merged])
    assert {t.title for t in act.repo.threads.values()} == {"Carbon report: checkout", "Carbon budgets"}, ran.output
    assert "added to the ledger's database" in ran.output
    assert postgres.partition("host=")[2] not in ran.output  # the whole would be masked by the runner
    assert act.repo.bare.branches().keys() == {"main"}


THIEF = """import os, pathlib, re, subprocess


def test_what_a_dependency_could_take():
    os.environ.pop("GITHUB_TOKEN", None)  # act gives it to every step, and GitHub to none
    seen = " ".join([*os.environ.values(), pathlib.Path(".git/config").read_text()])
    if re.search("ghs_[0-9]{{36}}", seen):
        subprocess.run([{command!r}])
    assert False, "a failing test is recorded, too"
"""


@pytest.mark.parametrize(
    ("workflow", "event", "job"),
    [("carbon-nightly.yml", "workflow_dispatch", "measure"), (SHORT, "schedule", "py3.12")],
)
@pytest.mark.attack("code-beside-rights")
def test_nightly_run_is_measured_without_rights_and_recorded_without_code(
    act: ActRunner, attack: Attack, workflow: str, event: str, job: str
) -> None:
    """No test of the measuring job finds the token; the next job records the run, also if a test failed."""
    head = act.repo.commit({"tests/test_thief.py": THIEF.format(command=str(attack.command))})
    ran = act.run(workflow, event, act.repo.event_push(head), head, rights=RECORDING)
    now = datetime.now(UTC)
    ledger = BranchLedger(act.repo.git, "carbon-ledger", now, None)
    (entry,) = ledger.read((now - timedelta(days=2)).date(), now.date()).records
    assert isinstance(entry, Entry)
    assert (entry.branch, entry.job, entry.commit, entry.pr) == ("main", job, head, None)
    assert {t.title for t in act.repo.threads.values()} == {"Carbon report: checkout", "Carbon budgets"}, ran.output
    assert "1 failed" in ran.output, ran.output
    attack.ended(ran.code, ran.output)


@pytest.mark.parametrize("workflow", ["carbon.yml", SHORT_FOR_FORKS])
def test_merge_group_is_measured_and_judged(act: ActRunner, workflow: str) -> None:
    """The commit of the queue gets its own status."""
    act.repo.commit(CHEAPER, branch="topic")
    number = act.repo.open_pull(head="topic", author="ann", labels=("feature:checkout",))
    base = act.repo.bare.commit_of("main") or ""
    head = act.repo.commit(CHEAPER, branch=f"gh-readonly-queue/main/pr-{number}-{base}")
    payload = act.repo.event_merge_group(head, base, [number])
    ran = act.run(workflow, "merge_group", payload, head)
    assert ran.code == 0, ran.output
    assert {s["sha"] for s in act.repo.statuses} == {head}
    assert act.repo.statuses[-1]["state"] == "failure"


def test_run_that_is_cancelled_half_way_ends_its_pending_status(act: ActRunner) -> None:
    """A run cancelled while its tests run replaces the pending status by an error with the reason."""
    slow = {"tests/test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(60)\n"}
    act.repo.commit(slow, branch="topic")
    number = act.repo.open_pull(head="topic", author="ann")
    head = act.repo.pull(number)["head"]["sha"]
    path = ".github/workflows/carbon-measure.yml"
    run_id = act.repo.workflow_run(head_sha=head, head_branch="topic", path=path, conclusion=None)
    act.run("carbon-publish.yml", "workflow_run", act.repo.event_workflow_run(run_id, "requested"), head)
    assert [s["state"] for s in act.repo.statuses] == ["pending"]
    opened = act.repo.event_pull_request(number, "opened")
    began = "test session starts"
    ran = act.run("carbon-measure.yml", "pull_request", opened, head, run_id=run_id, cancel_after=began)
    assert ran.code != 0
    act.repo.runs[run_id] |= {"status": "completed", "conclusion": "cancelled"}
    act.run("carbon-publish.yml", "workflow_run", act.repo.event_workflow_run(run_id), head)
    assert [s["state"] for s in act.repo.statuses] == ["pending", "error"]
    assert "cancelled" in act.repo.statuses[-1]["description"]
