"""The gate end to end, against a fake GitHub that refuses what GitHub refuses: verdicts, statuses and comments."""

from __future__ import annotations

import json

import pytest

from github_action.api.client import Client
from tests.attack import Attack
from tests.github_action.project import FAILS, RIGHTS, FakeProject
from tests.samples import POLICY


def test_passing_pull_request_gets_no_comment(project: FakeProject) -> None:
    """A passing pull request gets a status and a check run, and no comment."""
    number = project.open_pull("feature:checkout")
    done = project.judge(number)
    assert (done.code, done.outputs["verdict"]) == (0, "pass")
    assert project.status(project.head(number))["state"] == "success"
    assert [run["conclusion"] for run in project.repo.check_runs] == ["success"]
    assert project.repo.comments(number) == []
    assert "### ⚪ Carbon budget: not judged" in done.summary


def test_failing_pull_request(strict: FakeProject) -> None:
    """Over its limit: a failed status with the numbers, a comment and a failed check run; the job passes."""
    number = strict.open_pull("feature:checkout")
    done = strict.judge(number)
    status = strict.status(strict.head(number))
    assert (done.code, done.outputs["verdict"], status["state"]) == (0, "fail", "failure")
    assert "feature checkout used 2 kJ, over its limit of 100 J per run" in status["description"]
    assert "### ❌ Carbon budget: fail" in strict.comment(number)
    assert "carbon.toml at" in strict.comment(number)
    assert [run["conclusion"] for run in strict.repo.check_runs] == ["failure"]
    assert "nothing" not in done.log


def test_removed_label_is_judged_without_measuring(strict: FakeProject) -> None:
    """After a label was removed, the same report is judged again; the features that pay are others."""
    number = strict.open_pull("feature:checkout", "feature:search")
    strict.add_measured_run(number)
    for label, payers in (("feature:checkout", {"search"}), ("feature:search", set())):
        strict.repo.unlabel(number, label, by="ann")
        payload = strict.repo.event_pull_request(number, "unlabeled", label=label)
        done = strict.run_step("finish", "pull_request", payload, command="exit 9")
        assert done.code == 0
        assert strict.status(strict.head(number))["state"] == "failure"  # its tests ran, whoever pays
        assert not payers or payers <= {load["name"] for load in json.loads(done.outputs["features"])}


def test_labels_are_read_when_the_verdict_is_made(project: FakeProject) -> None:
    """The labels of now count, not the labels in the event."""
    number = project.open_pull()
    run_id = project.add_measured_run(number)
    payload = project.repo.event_workflow_run(run_id)
    project.repo.label(number, "feature:search", by="bob")
    done = project.run_step("finish", "workflow_run", payload)
    assert {load["name"] for load in json.loads(done.outputs["features"])} >= {"search"}


def test_newer_commit_has_its_own_run(project: FakeProject) -> None:
    """The run of an older commit judges nothing, and does not fail."""
    number = project.open_pull()
    run_id = project.add_measured_run(number)
    project.repo.commit({"more.py": "more = 1\n"}, branch="topic")
    done = project.judge(number, run_id)
    assert (done.code, project.repo.statuses) == (0, [])
    assert "nothing to judge: 0 open pull requests have the head" in done.log


def test_closed_pull_request_is_not_judged(project: FakeProject) -> None:
    """Whoever opens it again measures it again."""
    number = project.open_pull()
    run_id = project.add_measured_run(number)
    project.repo.close_pull(number)
    done = project.judge(number, run_id)
    assert (done.code, project.repo.statuses) == (0, [])
    assert "0 open pull requests" in done.log


def test_run_of_another_event_is_not_judged(project: FakeProject) -> None:
    """Only runs of the event pull_request are judged as a pull request."""
    number = project.open_pull()
    done = project.judge(number, project.add_measured_run(number, event="push"))
    assert "only runs of pull_request are judged" in done.log
    assert project.repo.statuses == []


@pytest.mark.parametrize(
    ("names", "inputs", "missing"),
    [
        (("py3.11",), {"shards": "py3.11\npy3.12"}, "1 of 2 parts is missing: py3.12"),
        (("py3.11.of3", "py3.12.of3"), {}, "1 of 3 parts is missing"),
        (("py3.11", "py3.12"), {"shards": "py3.11, py3.12"}, ""),
    ],
)
def test_missing_part_is_named_and_the_verdict_inconclusive(
    project: FakeProject, names: tuple[str, ...], inputs: dict[str, str], missing: str
) -> None:
    """A part without a report never counts as zero."""
    number = project.open_pull()
    reports = [project.report(n + 1) for n in range(len(names))]
    done = project.judge(number, project.add_measured_run(number, *reports, names=names), comment="always", **inputs)
    assert done.outputs["verdict"] == ("inconclusive" if missing else "pass")
    assert missing in done.outputs["sentence"]


def test_no_report_fails_closed(project: FakeProject) -> None:
    """Without a report the status is an error, and blocks."""
    number = project.open_pull()
    run_id = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic")
    done = project.judge(number, run_id)
    assert (done.outputs["verdict"], project.status(project.head(number))["state"]) == ("error", "error")
    assert "no job of the run uploaded a report" in project.comment(number)


@pytest.mark.parametrize("status", [500, 403])
def test_unreadable_ledger_gives_no_verdict(project: FakeProject, status: int) -> None:
    """Without the ledger the remaining budget is unknown: the status is an error with the reason."""
    number = project.open_pull()
    project.hub.fault("GET", r"octo/shop/info/refs", status=status, times=None)
    project.judge(number)
    assert project.status(project.head(number))["state"] == "error"
    assert "the ledger" in project.comment(number) or "carbon-ledger" in project.comment(number)


def test_failed_api_gives_no_verdict(project: FakeProject) -> None:
    """If the pull request is unknown, the event's commit gets an error status; without a status the job fails."""
    number = project.open_pull()
    run_id = project.add_measured_run(number)
    project.hub.fault("GET", "/pulls", status=404, times=None)
    done = project.judge(number, run_id)
    assert (done.code, project.status(project.head(number))["state"]) == (0, "error")
    project.hub.fault("POST", "/statuses/", status=404, times=None)
    done = project.judge(number, run_id)
    assert done.code == 1
    assert "::error" in done.log


@pytest.mark.parametrize("label", ["carbon/override", "Carbon/Override"])
def test_override(strict: FakeProject, label: str) -> None:
    """Another person's label with a reason lets the commit pass; the next commit needs a new label."""
    number = strict.open_pull("feature:checkout")
    strict.add_measured_run(number)
    strict.repo.label(number, label, by="bob")
    payload = strict.repo.event_pull_request(number, "labeled", label=label, sender="bob")
    done = strict.run_step("finish", "pull_request", payload)
    assert done.outputs["verdict"] == "fail"
    assert "bob must give a reason in a comment" in strict.comment(number)
    strict.repo.comment(number, "Please!\n\ncarbon override: the provider ends tonight", by="bob")
    done = strict.judge(number)
    assert done.outputs["verdict"] == "overridden"
    assert strict.status(strict.head(number))["state"] == "success"
    assert "the provider ends tonight" in strict.comment(number)
    strict.repo.commit({"sneaky.py": "x = 1\n"}, branch="topic")
    done = strict.judge(number)
    assert done.outputs["verdict"] == "fail"
    assert "for an earlier commit" in strict.comment(number)


@pytest.mark.parametrize(
    ("by", "comment_by", "why"),
    [
        ("ann", "ann", "added by the author"),
        ("eve", "eve", "who may not write"),
        ("bob", "ann", "bob must give a reason in a comment"),
        ("bob", None, "bob must give a reason in a comment"),
    ],
)
def test_refused_override(strict: FakeProject, by: str, comment_by: str | None, why: str) -> None:
    """The author's label, a stranger's label, and a label without the approver's own reason are refused."""
    number = strict.open_pull("feature:checkout")
    strict.add_measured_run(number)
    strict.repo.comment(number, "carbon override: because", by=comment_by)
    strict.repo.label(number, "carbon/override", by=by)
    payload = strict.repo.event_pull_request(number, "labeled", label="carbon/override", sender=by)
    done = strict.run_step("finish", "pull_request", payload)
    assert done.outputs["verdict"] == "fail"
    assert why in strict.comment(number)


@pytest.mark.attack("approvals")
def test_forged_status_cannot_renew_an_override(strict: FakeProject, attack: Attack) -> None:
    """No status of a commit makes an old label count for a new head, also not one of our own login."""
    number = strict.open_pull("feature:checkout")
    strict.add_measured_run(number)
    strict.repo.comment(number, "carbon override: because", by="bob")
    strict.repo.label(number, "carbon/override", by="bob")
    event = strict.repo.threads[number].events[-1]["id"]
    strict.repo.commit({"sneaky.py": "x = 1\n"}, branch="topic")
    body = {"state": "success", "context": "carbon/override", "description": f"label event {event}"}
    forger = Client(strict.hub.api_url, strict.hub.token({"statuses": "write"}))
    forger.post(f"repos/octo/shop/statuses/{strict.head(number)}", body)
    strict.judge(number)
    assert "for an earlier commit" in strict.comment(number)
    attack.ended(strict.status(strict.head(number))["state"], strict.comment(number))


def test_gate_makes_at_most_seventeen_calls(strict: FakeProject) -> None:
    """A pull request is judged and published with at most seventeen calls of the API."""
    number = strict.open_pull("feature:checkout")
    run_id = strict.add_measured_run(number)
    payload = strict.repo.event_workflow_run(run_id)
    before = strict.hub.api_calls
    strict.run_step("finish", "workflow_run", payload)
    assert strict.hub.api_calls - before <= 17, [r.path for r in strict.hub.requests[-18:]]


@pytest.mark.parametrize(("login", "user"), [("carbon-app[bot]", False), ("robin", True)])
def test_token_of_an_app_or_a_person(strict: FakeProject, login: str, user: bool) -> None:
    """Nobody names the account: GitHub is asked whose token it is, so there is one comment, and statuses are known."""
    number = strict.open_pull("feature:checkout")
    for _ in range(3):
        done = strict.judge(number, token=strict.hub.token(RIGHTS, login=login, user=user))
        assert (done.code, done.outputs["verdict"]) == (0, "fail")
        (comment,) = strict.repo.comments(number)
        assert comment["user"]["login"] == login
        strict.repo.commit({f"{strict.runs}.py": "x = 1\n"}, branch="topic")
    head = strict.head(number)
    first, later = (strict.add_measured_run(number, conclusion=None) for _ in range(2))
    opened, token = strict.repo.event_pull_request(number, "opened"), strict.hub.token(RIGHTS, login=login, user=user)
    strict.run_step("begin", "pull_request", opened, run_id=first, token=token)
    strict.run_step("begin", "pull_request", opened, run_id=later, token=token)
    done = strict.run_step("finish", "pull_request", opened, run_id=first, token=token)
    assert f"nothing was published, because run {later}.1 began to judge this commit later" in done.log
    assert strict.status(head)["state"] == "pending"


def test_label_while_the_tests_run(project: FakeProject) -> None:
    """Nothing is published: the run that measures reads the labels when it ends."""
    number = project.open_pull()
    project.add_measured_run(number, conclusion=None)
    payload = project.repo.event_pull_request(number, "labeled", label="feature:checkout")
    done = project.run_step("finish", "pull_request", payload)
    assert (done.code, project.repo.statuses) == (0, [])
    assert "is being measured" in done.log


def test_later_of_two_label_runs_has_the_last_word(project: FakeProject) -> None:
    """Runs of labels do not wait for each other: the later event decides, whichever run ends first."""
    number = project.open_pull("feature:checkout")
    project.add_measured_run(number)
    first = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None)
    second = project.repo.workflow_run(head_sha=project.head(number), head_branch="topic", conclusion=None)
    payload = project.repo.event_pull_request(number, "labeled", label="feature:checkout")
    project.run_step("finish", "pull_request", payload, run_id=second)
    before = len(project.repo.statuses)
    late = project.run_step("finish", "pull_request", payload, run_id=first)
    assert project.repo.statuses[-1]["target_url"].endswith(f"/{second}/attempts/1")
    assert (late.code, len(project.repo.statuses)) == (0, before)


def test_provenance_after_a_label_names_the_run_that_measured(strict: FakeProject) -> None:
    """The run that judges the same report again, after a label, measured nothing."""
    number = strict.open_pull("feature:checkout")
    measured = strict.add_measured_run(number)
    strict.judge(number, measured)
    strict.repo.label(number, "feature:search", by="bob")
    payload = strict.repo.event_pull_request(number, "labeled", label="feature:search")
    done = strict.run_step("finish", "pull_request", payload, run_id=6_000_000)
    assert done.outputs["verdict"] == "fail"
    assert f"measured by run {measured} of this repository" in strict.comment(number)
    assert "run 6000000" not in strict.comment(number)


def test_broken_policy_of_the_base_is_mended_on_the_base(project: FakeProject) -> None:
    """No commit of the pull request mends it, so none is asked for."""
    project.repo.commit({"carbon.toml": "zone = 5\n"})
    number = project.open_pull()
    project.judge(number)
    comment = project.comment(number)
    assert project.status(project.head(number))["state"] == "error"
    assert "mend it on main, and then update the branch of the pull request" in comment
    assert "push a commit that mends the cause" not in comment


@pytest.mark.parametrize("folder", ["packages/a", "Packages/a"])
def test_wrong_folder_is_mended_in_the_workflow(project: FakeProject, folder: str) -> None:
    """The policy of the base is right: nothing is to be mended there."""
    project.repo.commit({"packages/a/x.py": "x = 1\n", "carbon.toml": POLICY + FAILS})
    done = project.judge(project.open_pull("feature:checkout"), working_directory=folder)
    assert done.outputs["verdict"] == "error"
    assert "working-directory" in done.outputs["sentence"]
    assert "mend it on main" not in done.outputs["sentence"]


@pytest.mark.parametrize("failed", ["upload", "download"])
def test_the_tests_are_not_doubted_where_an_upload_or_a_download_failed(project: FakeProject, failed: str) -> None:
    """What is missing is the report, and the tests may have run: no text asks whether they did."""
    number = project.open_pull()
    facts = {"head_sha": project.head(number), "head_branch": "topic"}
    run_id = project.repo.workflow_run(**facts) if failed == "upload" else project.add_measured_run(number)
    if failed == "download":
        project.hub.fault("GET", r"/artifacts/\d+/zip", status=404, times=None)
    done = project.judge(number, run_id)
    expected = {"upload": "whether the upload failed", "download": "could not be downloaded"}[failed]
    assert expected in done.outputs["sentence"]
    assert "did the tests run" not in project.comment(number) + done.summary + done.log
