"""Dropped devices in the gate, end to end: what a pull request drops, who may approve it, what stays inconclusive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.judge.dropped_devices import DroppedDevices
from github_action.judge.judge_context import JudgeContext
from github_action.reports.find_pull_request import find_pull_requests_to_judge
from github_action.repository.git_objects import MOST_FILES
from github_action.repository.open_ledger import Secrets
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.judge_drops import DevicesVerdict
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Approval
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.git import git
from tests.github_action.project import FakeProject, StepResult, zip_report
from tests.samples import POLICY

OLD, NEW = '[project]\nrequires-python = ">=3.8"\n', '[project]\nrequires-python = ">=3.9"\n'
STRICT = '[devices]\nmode = "fail"\nlevel = 5\n'
UNSURE = 'on-inconclusive = "fail"\n'
LABEL, WHY = "carbon/devices-approved", "carbon devices: nobody has called since May"
DROPS = {"pyproject.toml": NEW}
SAID = "This change drops Python 3.8 and strands Windows 7 PCs"
Make = Callable[..., FakeProject]


@pytest.fixture
def make(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Make:
    """Return a function that makes a project with a policy and files."""

    def made(policy: str = STRICT, files: Mapping[str, str] | None = None) -> FakeProject:
        project = FakeProject(hub, tmp_path, capsys, POLICY + policy)
        project.repo.commit(files or {"pyproject.toml": OLD})
        return project

    return made


def _fetches(project: FakeProject) -> int:
    return len(project.hub.asked("GET", "/info/refs"))


def test_drop_fails_and_is_published_everywhere(make: Make) -> None:
    """Status, comment, check run, summary and outputs name the drop; 21 calls of the API are enough."""
    project = make()
    number, before = project.open_pull("feature:checkout", files=DROPS), project.hub.api_calls
    done = project.judge(number)
    assert project.hub.api_calls - before <= 21
    status = project.status(project.head(number))
    assert (done.outputs["verdict"], status["state"]) == ("fail", "failure")
    assert status["description"].startswith(SAID)
    assert done.outputs["sentence"].startswith(SAID)
    for text in (project.comment(number), done.summary, project.repo.check_runs[0]["output"]["summary"]):
        assert "### ❌ Devices: fail" in text
        assert (
            "| Python 3.8 | requires-python of pyproject.toml | "
            "❌ The policy (\\[devices\\] level = 5) protects every working device" in text
        )


@pytest.mark.parametrize(
    ("policy", "verdict", "told"),
    [
        ('devices = "fail"\n' + POLICY, "pass", "### ✅ Devices: pass"),
        (POLICY + "[devices]\nlevel = 5\n", "warn", "### ⚠️ Devices: warning"),
        (POLICY + '[devices]\nmode = "off"\nlevel = 5\n', "pass", ""),
    ],
)
def test_rule_decides(make: Make, policy: str, verdict: str, told: str) -> None:
    """Level 4 allows the drop, because it strands older devices only; a rule may also warn only, or be off."""
    project = make()
    project.repo.commit({"carbon.toml": policy})
    number = project.open_pull("feature:checkout", files=DROPS)
    done = project.judge(number, comment="always")
    assert (done.outputs["verdict"], project.status(project.head(number))["state"]) == (verdict, "success")
    assert told in project.comment(number)
    assert ("Devices" in project.comment(number)) is bool(told)


@pytest.mark.parametrize(
    ("files", "fetches", "told"),
    [
        ({"work.py": "work = 2\n"}, 1, False),
        ({"pyproject.toml": OLD + 'name = "shop"\n'}, 2, False),
        (DROPS, 2, True),
    ],
)
def test_only_what_is_needed_is_fetched(make: Make, files: dict[str, str], fetches: int, told: bool) -> None:
    """Trees of both sides; files only if a file changed that may declare support; otherwise nothing is published."""
    project = make()
    number = project.open_pull("feature:checkout", files=files)
    before = _fetches(project)
    done = project.judge(number, comment="always")
    assert _fetches(project) - before == 1 + fetches  # one is for the ledger
    assert ("Devices" in project.comment(number)) is told
    assert ("Devices" in done.summary) is told


@pytest.mark.parametrize("asked", [True, False])
def test_support_added_to_the_base_later_is_no_drop(make: Make, asked: bool) -> None:
    """A pull request does not drop what its base supports only since it branched off; GitHub tells the merge base."""
    project = make(files={"pyproject.toml": NEW})
    number = project.open_pull("feature:checkout")
    tip = project.repo.commit({"pyproject.toml": OLD})
    project.repo.commit({"work.py": "work = 2\n"}, branch="topic")  # GitHub notes the base of a push
    assert project.repo.pull(number)["base"]["sha"] == tip
    if not asked:
        project.hub.fault("GET", "/compare/", status=404)
    assert project.judge(number).outputs["verdict"] == ("pass" if asked else "fail")


@pytest.mark.parametrize(("kept", "verdict"), [(OLD, "pass"), (None, "fail")])
def test_maintained_branch_lets_the_drop_pass(make: Make, kept: str | None, verdict: str) -> None:
    """A maintained branch of the base's policy that still supports the devices lets the drop pass."""
    project = make(STRICT + 'maintained-branches = ["1.x", "0.x"]\n')
    if kept is not None:
        project.repo.commit({"pyproject.toml": kept}, branch="1.x")
    assert project.judge(project.open_pull("feature:checkout", files=DROPS)).outputs["verdict"] == verdict


def test_target_branch_is_no_maintained_branch(make: Make) -> None:
    """The drop takes support from main, so main does not count, even if the policy calls it maintained."""
    project = make(STRICT + 'maintained-branches = ["main"]\n')
    assert project.judge(project.open_pull("feature:checkout", files=DROPS)).outputs["verdict"] == "fail"


@pytest.mark.attack("policy-of-the-change")
def test_policy_of_the_base_counts(make: Make, attack: Attack) -> None:
    """A pull request cannot switch the rule off for itself; the comment previews the verdict by its policy."""
    project = make()
    files = {**DROPS, "carbon.toml": f'devices = "off"\n{POLICY}'}
    number = project.open_pull("feature:checkout", files=files)
    assert project.judge(number).outputs["verdict"] == "fail"
    comment = project.comment(number)
    assert "a change that strands devices is no longer checked; before: it failed" in comment
    assert "With the new policy, the verdict would be pass" in comment
    attack.ended(project.status(project.head(number))["state"])


def test_refreshed_facts_of_the_base_are_used(make: Make) -> None:
    """The lifecycles that the project refreshed are read in the base; a broken file is named."""
    project = make()
    project.repo.commit({".carbon/lifecycles.json": "{"})
    number = project.open_pull("feature:checkout", files=DROPS)
    assert project.judge(number).outputs["verdict"] == "inconclusive"
    assert "lifecycles.json cannot be read" in project.comment(number)


def test_drop_of_a_fork(make: Make) -> None:
    """The head of a fork is fetched from the repository itself, where GitHub keeps a copy."""
    project = make()
    fork = project.hub.repository("eve/shop", fork_of=project.repo)
    assert project.judge(project.open_pull("feature:checkout", fork=fork, files=DROPS)).outputs["verdict"] == "fail"


# -- what could not be told ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "rule", "state"),
    [("", STRICT, "success"), (UNSURE, "", "success"), (UNSURE, STRICT, "failure")],
)
def test_failed_fetch(make: Make, before: str, rule: str, state: str) -> None:
    """A failed fetch fails the status only if the policy lets devices fail and inconclusive checks fail."""
    project = make()
    project.repo.commit({"carbon.toml": before + POLICY + rule})
    number = project.open_pull("feature:checkout", files=DROPS)
    project.hub.fault("POST", "/git-upload-pack", times=2)  # those for the ledger are answered
    project.hub.fault("POST", "/git-upload-pack", status=500, times=None)
    done = project.judge(number)
    assert (done.code, project.status(project.head(number))["state"]) == (0, state)
    assert "could not tell whether this change drops anything: the remote" in project.comment(number).lower()


# -- approvals -----------------------------------------------------------------------------------------------------


def _label(project: FakeProject, number: int, by: str) -> StepResult:
    project.repo.label(number, LABEL, by=by)
    return project.run_step(
        "finish", "pull_request", project.repo.event_pull_request(number, "labeled", LABEL, sender=by)
    )


def test_approval_lets_this_commit_pass(make: Make) -> None:
    """Another person's label with a reason lets the commit pass, as status and comment say; the next commit fails."""
    project = make()
    number = project.open_pull("feature:checkout", files=DROPS)
    project.add_measured_run(number)
    project.repo.comment(number, "carbon override: that is another matter", by="bob")
    assert _label(project, number, "bob").outputs["verdict"] == "fail"
    assert "bob must give a reason in a comment: carbon devices: REASON" in project.comment(number)
    project.repo.comment(number, WHY, by="bob")
    assert project.judge(number).outputs["verdict"] == "overridden"
    status = project.status(project.head(number))
    assert (status["state"], status["description"][:45]) == ("success", "Approved by bob (nobody has called since May)")
    assert "bob approved this for ann: nobody has called since May" in project.comment(number)
    project.repo.commit({"more.py": "x = 1\n"}, branch="topic")
    assert project.judge(number).outputs["verdict"] == "fail"
    assert "for an earlier commit" in project.comment(number)


@pytest.mark.parametrize(
    ("rule", "by", "why"),
    [
        ("", "ann", "Not approved: the label carbon/devices-approved was added by the author"),
        ('approvers = ["@carol"]\n', "bob", "but is not an approver: @&#8203;carol"),
        ('approval-label = "old phones"\n', "bob", "to add the label old phones and to write the comment"),
    ],
)
def test_refused_approval(make: Make, rule: str, by: str, why: str) -> None:
    """The author, a person who is no listed approver, and another label: the verdict fails and says why."""
    project = make(STRICT + rule)
    number = project.open_pull("feature:checkout", files=DROPS)
    project.add_measured_run(number)
    project.repo.comment(number, WHY, by=by)
    assert _label(project, number, by).outputs["verdict"] == "fail"
    assert why in project.comment(number)


def test_approval_while_the_tests_run(make: Make) -> None:
    """The label's run has nothing to judge yet; the run that measures counts the label when it ends."""
    project = make()
    number = project.open_pull("feature:checkout", files=DROPS)
    run_id = project.add_measured_run(number, conclusion=None)
    project.repo.comment(number, WHY, by="bob")
    assert "is being measured" in _label(project, number, "bob").log
    project.repo.runs[run_id].update(status="completed", conclusion="success")
    assert project.judge(number, run_id).outputs["verdict"] == "overridden"


@pytest.mark.parametrize("approved", [True, False])
def test_approval_holds_in_the_merge_queue_and_is_recorded(make: Make, approved: bool) -> None:
    """The merge group of an approved pull request passes; after the merge the ledger has the approval."""
    project = make()
    number = project.open_pull("feature:checkout", files=DROPS)
    project.add_measured_run(number)
    if approved:
        project.repo.comment(number, WHY, by="bob")
        _label(project, number, "bob")
    base, queue = project.repo.bare.branches()["main"], f"gh-readonly-queue/main/pr-{number}-"
    head = project.repo.commit(DROPS, branch=f"{queue}{project.repo.bare.branches()['main']}")
    payload = project.repo.event_merge_group(head, base, [number])
    payload["merge_group"]["head_ref"] = f"refs/heads/{queue}{base}"
    run_id = project.repo.workflow_run(event="merge_group", head_sha=head, head_branch="x")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report(2)))
    done = project.run_step("finish", "merge_group", payload, run_id=run_id)
    assert done.outputs["verdict"] == ("overridden" if approved else "fail")
    assert _recorded(project, number) == (
        [("ann", "bob", "nobody has called since May", ("python 3.8",), number)] if approved else []
    )


@pytest.mark.parametrize("forks", ["accept", "queue"])
@pytest.mark.attack("approvals")
def test_approval_of_one_in_a_group_with_a_fork(make: Make, forks: str, attack: Attack) -> None:
    """A label of another pull request approves nothing of a fork about whose drops nothing was decided before."""
    project = make(f'{STRICT}[github]\nforks = "{forks}"\n')
    fork = project.hub.repository("eve/shop", fork_of=project.repo)
    strange = project.open_pull("feature:checkout", files=DROPS, fork=fork)
    project.repo.commit({"own.py": ""}, branch="own")
    own = project.repo.open_pull(head="own", author="ann", labels=["feature:checkout"])
    project.repo.comment(own, WHY, by="bob")
    _label(project, own, "bob")
    base = project.repo.bare.branches()["main"]
    below = project.repo.commit({"own.py": ""}, branch=f"gh-readonly-queue/main/pr-{own}-{base}")
    branch = f"gh-readonly-queue/main/pr-{strange}-{below}"
    project.repo.point(branch, below)
    head = project.repo.commit(DROPS, branch=branch)
    payload = project.repo.event_merge_group(head, base, [own, strange])
    payload["merge_group"]["head_ref"] = f"refs/heads/{branch}"
    run_id = project.repo.workflow_run(event="merge_group", head_sha=head, head_branch="x")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report(2)))
    done = project.run_step("finish", "merge_group", payload, run_id=run_id)
    assert done.outputs["verdict"] == ("overridden" if forks == "accept" else "fail")
    if forks == "accept":
        attack.harmless(done.log)
    else:
        assert f"counts for no group with #&#8203;{strange}" in done.summary
        attack.ended(project.status(head)["state"], done.log, done.summary)


def test_approval_is_recorded_without_the_report_of_an_override(make: Make) -> None:
    """The approval is recorded even if the override of the same pull request cannot be."""
    project = make()
    number = project.open_pull("feature:checkout", "carbon/override", files=DROPS)
    project.repo.comment(number, WHY, by="bob")
    _label(project, number, "bob")
    assert [one[1] for one in _recorded(project, number)] == ["bob"]


def _recorded(project: FakeProject, number: int) -> list[tuple[Any, ...]]:
    sha = project.repo.commit(DROPS, message=f"Work (#{number})")
    project.repo.close_pull(number, merged_as=sha)
    run_id = project.repo.workflow_run(head_sha=sha, head_branch="main", event="push")
    project.repo.artifact(run_id, "carbon-report-test", zip_report(project.report(3)))
    done = project.run_step(
        "finish",
        "push",
        project.repo.event_push(sha),
        run_id=run_id,
        token=project.token(contents="write"),
        stage="record",
    )
    assert "added to the" in done.log, done.log
    ledger = BranchLedger(project.repo.git, "carbon-ledger", project.hub.clock + timedelta(days=1), None)
    today = project.hub.clock.date()
    result = ledger.read(today - timedelta(days=3), today).records
    return [(one.author, one.approver, one.reason, one.drops, one.pr) for one in result if isinstance(one, Approval)]


# -- attacks -------------------------------------------------------------------------------------------------------


def _committed(project: FakeProject, lines: bytes) -> int:
    """Commit lines of git fast-import that no client would write; return the number of the pull request."""
    who = b"author ann <ann@example.org> 1780000000 +0000\ncommitter ann <ann@example.org> 1780000000 +0000\n"
    base = project.repo.bare.branches()["main"].encode()
    head = b"commit refs/heads/topic\n" + who + b"data 1\nx\nfrom " + base + b"\n"
    git(project.repo.git, "fast-import", "--quiet", stdin=head + lines + b"\n")
    return int(project.repo.open_pull(head="topic", author="ann", labels=["feature:checkout"], title="Work"))


def _verdict(project: FakeProject, number: int, rule: DevicesRule) -> DevicesVerdict | None:
    """Judge only the devices of a pull request."""
    place = project.folder / "judge"
    place.mkdir()
    payload = project.repo.event_pull_request(number, "synchronize")
    urls = project.hub.server_url, project.hub.api_url
    context = GitHubContext("pull_request", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", *urls, payload)
    token = project.token()
    judge = JudgeContext(
        context,
        ActionInputs(temporary_folder=place),
        Client(project.hub.api_url, token),
        Secrets(token),
        place,
        project.hub.clock,
    )
    (subject,) = find_pull_requests_to_judge(judge.client, context)
    policy = Policy(devices=rule)
    result = DroppedDevices(judge, subject).verdict(policy)
    if result and not result.inconclusive_reason:
        assert (
            DroppedDevices(judge, subject).verdict(policy) == result
        )  # as where an override is recorded beside an approval
    assert not [file for file in place.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]
    return result


def _inline(path: bytes, content: bytes) -> bytes:
    return b"M 100644 inline %b\ndata %d\n%b\n" % (path, len(content), content)


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%b]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 110)
)


@pytest.mark.attack("hostile-files")
def test_hostile_files_make_the_verdict_inconclusive(make: Make, attack: Attack) -> None:
    """A large file, a broken file and a number of thousands of digits hide no declaration of the base."""
    before = {"a/pyproject.toml": OLD, "b/setup.cfg": "[options]\npython_requires = >=3.8\n", "pyproject.toml": OLD}
    lines = [
        _inline(b"a/pyproject.toml", b"#" * 50_000_000),
        _inline(b"b/setup.cfg", b"\xff\x00[" * 1000),
        _inline(b"pyproject.toml", b'[project]\nrequires-python = ">=' + b"9" * 5000 + b'"\n'),
    ]
    project = make(files=before)
    result = _verdict(project, _committed(project, b"".join(lines)), DevicesRule("fail", 5))
    assert result is not None
    assert (result.state, result.judged_drops) == ("inconclusive", ())
    unreadable = "declares something in the base, but cannot be read in the head"
    for text in (f"a/pyproject.toml {unreadable} (the file has more than", f"b/setup.cfg {unreadable}"):
        assert text in result.inconclusive_reason
    assert f"pyproject.toml {unreadable} (requires-python" in result.inconclusive_reason
    attack.ended(result.state, result.inconclusive_reason)


@pytest.mark.attack("hostile-files")
def test_hostile_trees_are_only_data(make: Make, attack: Attack) -> None:
    """Links, submodules, odd names, deep folders and exploding files are not followed or run; nothing is raised."""
    project = make(files={"pyproject.toml": OLD, "link/setup.py": "x", "sub/setup.py": "x"})
    lines = [
        b"M 120000 inline link/setup.py\ndata 11\n/etc/passwd\n",
        b"D sub/setup.py\nM 160000 " + b"a" * 40 + b" sub/setup.py\n",
        _inline(b'"evil\\n| x\\033[31m/pyproject.toml"', NEW.encode()),
        _inline(b"\xff\xfe/Dockerfile", b"FROM debian:9\n"),
        _inline(b".github/workflows/bomb.yml", BOMB),
        _inline(b"a/" * 1000 + b"package.json", b"{" * 100_000),
    ]
    result = _verdict(project, _committed(project, b"".join(lines)), DevicesRule("fail", 5))
    assert result is not None
    assert (result.state, result.judged_drops, result.inconclusive_reason) == ("pass", (), "")
    attack.harmless(str(result))


def test_twenty_thousand_files_are_listed_only(make: Make) -> None:
    """The files of a large commit are listed and not fetched."""
    project = make()
    lines = _inline(b"pyproject.toml", OLD.encode() + b"name = 'shop'") + b"".join(
        b"M 100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 d%d/f%d.py\n" % (n % 300, n) for n in range(20_000)
    )
    git(project.repo.git, "hash-object", "-w", "--stdin")
    result = _verdict(project, _committed(project, lines), DevicesRule("fail", 5))
    assert result is not None
    assert (result.state, result.inconclusive_reason) == ("pass", "")


def test_too_many_declaring_files(make: Make) -> None:
    """More declaring files than the limit are not fetched, and the verdict says so."""
    project = make()
    lines = b"".join(_inline(b"p%d/package.json" % n, b'{"name": "%d"}' % n) for n in range(MOST_FILES))
    result = _verdict(project, _committed(project, lines), DevicesRule("fail", 5))
    assert result is not None
    assert (
        f"{MOST_FILES + 1} files may declare what is supported, but at most {MOST_FILES} are read; "
        "are generated files committed?" in result.inconclusive_reason
    )
