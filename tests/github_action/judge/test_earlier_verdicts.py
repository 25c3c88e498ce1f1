"""A ledger without a base: GitHub's earlier verdicts tell whether it is new or has lost its runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.git import git as run_git
from tests.github_action.project import FakeProject
from tests.samples import POLICY

GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
STRICT = 'on-inconclusive = "fail"\n'
BRANCH = "refs/heads/carbon-ledger"


@pytest.fixture
def gate(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose growth must be judged."""
    return FakeProject(hub, tmp_path, capsys, STRICT + POLICY + GROWTH)


def _record(project: FakeProject, runs: int = 6) -> None:
    """Put runs of main into the ledger, as the job of main does."""
    ledger = BranchLedger(project.repo.git, "carbon-ledger", datetime.now(UTC), None)
    for n in range(runs):
        report = project.report(900 + n, branch="main", commit=f"{n:040x}")
        measured = measurements_of(report)
        assert measured.branch == "main"
        ledger.append([make_entry(report, RunSource("main"))], measured)


def _merge(project: FakeProject, number: int) -> None:
    sha = project.repo.commit({f"{number}.py": "x"}, message=f"Work (#{number})")
    project.repo.close_pull(number, merged_as=sha)


def test_first_pull_requests_pass_as_a_beginning(gate: FakeProject) -> None:
    """The first use is not blocked, nor is a second pull request that is judged before main is recorded."""
    for _ in range(2):
        number = gate.open_pull("feature:checkout")
        assert gate.judge(number).outputs["verdict"] == "pass"
        status = gate.status(gate.head(number))
        assert status["state"] == "success"
        assert status["description"].endswith(". This is the beginning: no run of main is in the ledger yet.")
        _merge(gate, number)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("trace", ["merged pull request", "status of the base", "check run of the base"])
def test_a_ledger_that_was_deleted_is_no_beginning(gate: FakeProject, trace: str, attack: Attack) -> None:
    """An earlier verdict with a base shows that there were runs; the job starts with an empty repository each time."""
    _record(gate)
    first = gate.open_pull("feature:checkout")
    assert gate.judge(first).outputs["verdict"] == "pass"
    if trace == "merged pull request":
        _merge(gate, first)
    else:
        base = gate.repo.bare.commit_of("main")
        if trace == "status of the base":
            gate.repo.statuses.append({**gate.status(gate.head(first)), "sha": base})
        else:
            gate.repo.check_runs.append({**gate.repo.check_runs[0], "id": 10**6, "head_sha": base})
        gate.repo.close_pull(first)
    gate.repo.bare.text("update-ref", "-d", BRANCH)
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number, comment="always")
    assert result.outputs["verdict"] == "inconclusive"
    status = gate.status(gate.head(number))
    assert "no run of main is in the ledger, although " in result.outputs["sentence"]
    assert "with more runs before" in result.outputs["sentence"]
    assert "restore the ledger" in gate.comment(number)
    attack.ended(status["state"], gate.comment(number), result.log)


@pytest.mark.attack("lost-base")
def test_a_ledger_that_was_emptied_is_no_beginning(gate: FakeProject, attack: Attack) -> None:
    """The branch's own history tells it."""
    _record(gate)
    git = gate.repo.bare
    empty = run_git(git.path, "hash-object", "-w", "-t", "tree", "--stdin").decode().strip()
    git.point(BRANCH, git.text("commit-tree", empty, "-p", BRANCH, "-m", "less"))
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number)
    assert "has lost 12 files of runs" in result.outputs["sentence"]
    attack.ended(gate.status(gate.head(number))["state"], result.log)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("runs", [1, 4])
def test_a_ledger_begun_anew_with_few_runs_is_no_beginning(gate: FakeProject, runs: int, attack: Attack) -> None:
    """A deleted branch that was made anew with fewer runs than a base needs is still a loss."""
    _record(gate)
    first = gate.open_pull("feature:checkout")
    assert gate.judge(first).outputs["verdict"] == "pass"
    assert gate.status(gate.head(first))["description"].endswith(" Base: 6 runs.")
    _merge(gate, first)
    gate.repo.bare.text("update-ref", "-d", BRANCH)
    _record(gate, runs)
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number)
    assert f"the ledger has {runs} run" in result.outputs["sentence"]
    attack.ended(gate.status(gate.head(number))["state"], result.outputs["sentence"])


@pytest.mark.parametrize(
    "budget",
    [
        'per-run = "3 kJ"\ngrowth = "5 %"\non-exceeded = "fail"\n',
        'per-run = "100 J"\ngrowth = "5 %"\non-exceeded = "warn"\n',
        'per-run = "100 J"\nlimit = "9 kJ"\non-exceeded = "warn"\n',
        'per-run = "100 J"\nlimit = "1 kJ"\non-exceeded = "fail"\n',
    ],
)
def test_no_verdict_of_the_first_day_is_a_trace(gate: FakeProject, budget: str) -> None:
    """A warning or a failure without a base that was merged all the same does not block the next pull request."""
    gate.repo.commit({"carbon.toml": STRICT + POLICY + "[features.checkout.budget]\n" + budget})
    for cost in (2.0, 0.01):
        number = gate.open_pull("feature:checkout")
        run = gate.add_measured_run(number, gate.report(number, cost={"checkout": cost}))
        result = gate.judge(number, run)
        assert "although" not in result.outputs["sentence"]
        assert result.outputs["verdict"] != "inconclusive"
        _merge(gate, number)


def test_nothing_to_measure_is_no_trace(gate: FakeProject) -> None:
    """A first pull request that needed no test does not block the second."""
    gate.repo.commit({"carbon.toml": 'no-measurement = ["docs/**"]\n' + STRICT + POLICY + GROWTH})
    first = gate.open_pull(files={"docs/a.md": "a"})
    done = gate.run_step("finish", "pull_request_target", gate.repo.event_pull_request(first, "opened"))
    assert done.outputs["sentence"].startswith("Nothing to measure")
    _merge(gate, first)
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number).outputs["verdict"] == "pass"


def test_five_new_runs_are_a_base_again(gate: FakeProject) -> None:
    """Then nothing is asked any more, and growth is judged."""
    _record(gate)
    first = gate.open_pull("feature:checkout")
    gate.judge(first)
    _merge(gate, first)
    gate.repo.bare.text("update-ref", "-d", BRANCH)
    _record(gate, 5)
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number).outputs["verdict"] == "pass"


def test_what_cannot_be_asked_is_not_known(gate: FakeProject) -> None:
    """Without the right to read statuses nobody knows whether the ledger is new."""
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number, token=gate.token(statuses="none"))
    assert result.outputs["verdict"] == "inconclusive"
    assert "whether it had more could not be asked" in result.outputs["sentence"]


def test_a_job_without_check_runs_asks_the_statuses(gate: FakeProject) -> None:
    """The right to read check runs is not needed to tell a beginning."""
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number, token=gate.token(checks="none")).outputs["verdict"] == "pass"


def test_limits_per_run_ask_nothing(gate: FakeProject) -> None:
    """A policy that needs no ledger has no base to lose."""
    gate.repo.commit({"carbon.toml": POLICY + '[features.checkout.budget]\nper-run = "100 kJ"\n'})
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number, token=gate.token(statuses="none")).outputs["verdict"] == "pass"


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("file", ["carbon.toml", "pyproject.toml"])
def test_a_policy_above_the_working_directory_is_not_passed_over(gate: FakeProject, file: str, attack: Attack) -> None:
    """A package without a policy of its own, below a policy, gets no verdict instead of a pass."""
    policy = {"carbon.toml": None, file: "[tool.pytest-carbon]\n" if file == "pyproject.toml" else STRICT + POLICY}
    gate.repo.commit({**policy, "packages/a/pyproject.toml": '[project]\nname = "a"\n'})
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number, working_directory="packages/a")
    status = gate.status(gate.head(number))
    assert f"and {file} is not read" in result.log + result.summary + status["description"]
    attack.ended(status["state"], result.log)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"carbon.toml": None, "CARBON.TOML": STRICT + POLICY}, "git mv CARBON.TOML carbon.toml"),
        ({"carbon.toml": "", "pyproject.toml": "[tool.pytest-carbon]\nzone = 'DE'\n"}, "carbon.toml is empty"),
        ({"carbon.toml": (STRICT + POLICY).encode("utf-16")}, "it looks like UTF-16"),
    ],
    ids=["another case", "empty beside a table", "UTF-16"],
)
def test_a_policy_that_is_not_read_at_the_base_is_no_pass(
    gate: FakeProject, files: dict[str, str | bytes | None], said: str, attack: Attack
) -> None:
    """Each is said, with the next step, in place of a green status without any rule."""
    gate.repo.commit(files)
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number)
    status = gate.status(gate.head(number))
    assert said in result.log + result.summary + status["description"]
    attack.ended(status["state"], result.log)


DOCS = 'no-measurement = ["docs/**"]\n' + STRICT + POLICY + GROWTH


def _merge_many(project: FakeProject, count: int, status: str | None) -> None:
    """Merge pull requests that change only docs; their status may be one of ours."""
    for n in range(count):
        head = project.repo.commit({f"docs/{n}.md": "a"}, branch=f"docs-{n}")
        number = project.repo.open_pull(head=f"docs-{n}", author="ann")
        if status is not None:
            said = {"state": "success", "context": "carbon/budget", "description": status, "sha": head}
            project.repo.statuses.append({**project.repo.statuses[-1], **said})
        _merge(project, number)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize(
    ("count", "status"), [(10, None), (25, None), (25, "Nothing to measure: x."), (40, "Nothing to measure: x.")]
)
def test_later_pull_requests_without_a_measurement_hide_no_loss(
    gate: FakeProject, count: int, status: str | None, attack: Attack
) -> None:
    """They count for nothing; where too many of them are in between, nobody knows, and that is no beginning."""
    gate.repo.commit({"carbon.toml": DOCS})
    _record(gate)
    first = gate.open_pull("feature:checkout")
    gate.judge(first)
    _merge(gate, first)
    _merge_many(gate, count, status)
    gate.repo.bare.text("update-ref", "-d", BRANCH)
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number)
    if count > 30:
        assert "only 0 merged pull requests of the last 30 were judged by a measurement" in result.outputs["sentence"]
    else:
        assert f"although pull request #{first} was judged and merged" in result.outputs["sentence"]
    attack.ended(gate.status(gate.head(number))["state"], result.log)


@pytest.mark.parametrize(("old", "docs", "judged"), [(40, 0, 0), (40, 15, 0), (0, 15, 0), (5, 15, 10)])
def test_a_young_project_is_a_beginning(gate: FakeProject, old: int, docs: int, judged: int) -> None:
    """Pull requests from before the first use block nobody, and ten that were judged without a base suffice."""
    gate.repo.commit({"carbon.toml": DOCS})
    _merge_many(gate, old, None)
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number).outputs["verdict"] == "pass"
    _merge(gate, number)
    _merge_many(gate, judged, "This is the beginning: no run of main is in the ledger yet.")
    _merge_many(gate, docs, "Nothing to measure: x.")
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number).outputs["verdict"] == "pass"


@pytest.mark.attack("lost-base")
def test_a_flood_of_closed_pull_requests_hides_no_loss(gate: FakeProject, attack: Attack) -> None:
    """A stranger may open and close pull requests; if no merged one is in sight, nobody knows."""
    _record(gate)
    first = gate.open_pull("feature:checkout")
    gate.judge(first)
    _merge(gate, first)
    _close_many(gate, "eve", 300)
    gate.repo.bare.text("update-ref", "-d", BRANCH)
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number)
    assert (
        "whether it had more is not known: of the last 300 closed pull requests, none is" in result.outputs["sentence"]
    )
    attack.ended(gate.status(gate.head(number))["state"], result.log)


def _close_many(project: FakeProject, author: str, count: int) -> None:
    """Close pull requests that GitHub does not call merged."""
    project.repo.commit({"x.py": "x"}, branch="flood")
    clock = project.hub.clock
    for _ in range(count):
        project.repo.close_pull(project.repo.open_pull(head="flood", author=author))
    project.hub.clock = clock


def test_first_use_where_a_bot_merges_is_a_beginning(gate: FakeProject) -> None:
    """A bot that pushes to main leaves pull requests that GitHub calls closed, not merged."""
    _close_many(gate, "ann", 300)
    number = gate.open_pull("feature:checkout")
    assert gate.judge(number).outputs["verdict"] == "pass"


@pytest.mark.attack("lost-base")
def test_a_loss_where_a_bot_merges_is_no_beginning(gate: FakeProject, attack: Attack) -> None:
    """There, what was judged with a base is closed."""
    _close_many(gate, "ann", 299)
    _record(gate)
    first = gate.open_pull("feature:checkout")
    gate.judge(first)
    gate.repo.close_pull(first)
    gate.repo.bare.text("update-ref", "-d", BRANCH)
    number = gate.open_pull("feature:checkout")
    result = gate.judge(number)
    assert f"although pull request #{first} was judged and closed with more runs before" in result.outputs["sentence"]
    attack.ended(gate.status(gate.head(number))["state"], result.log)
