"""What confirming needs is fetched while there is a token: the base commit and the ledger, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.repository.open_ledger import Secrets
from github_action.steps.fetch_for_confirm import fetch_for_confirm, find_base_commit, ledger_folder
from pytest_carbon.config.load import default_branch, load_config
from pytest_carbon.core.records.ledger_records import SelfTest
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.git import run_git
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
from tests.attack import Attack
from tests.git.hostile_folder import plant
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.samples import NOW, make_report

GROWTH = '[budget]\ngrowth = "5 %"\n'
DATABASE = 'default-branch = "main"\n' + GROWTH + '[ledger]\nsql = "env"\n'
BUDGET = '[budget]\nper-run = "1 kJ"\n'


@dataclass
class CheckoutJob:
    """A job with a shallow checkout, as actions/checkout makes it, of a repository that needs a token."""

    hub: FakeGitHub
    folder: Path
    public: bool = False
    ledger_url: str | None = None
    repo: Repository = field(init=False)
    secret: str = ""

    def __post_init__(self) -> None:
        self.repo = self.hub.repository("octo/shop", public=self.public)
        self.secret = self.hub.token({"contents": "read"})

    def pull(self, base: Mapping[str, str | None], head: Mapping[str, str | None]) -> dict[str, Any]:
        """Open a pull request, check out GitHub's merge of it, and return its event."""
        self.repo.commit({"first": "1"})
        self.repo.commit({**base, "README.md": "A shop."})
        self.repo.commit({**head, "work.py": "work = 1\n"}, branch="topic")
        number = self.repo.open_pull(head="topic")
        self.checkout(f"refs/pull/{number}/merge")
        return self.repo.event_pull_request(number)

    def checkout(self, ref: str, *options: str) -> None:
        """Check out a ref at depth 1, or with other options."""
        shop = self.folder / "shop"
        shop.mkdir()
        run_git.run(["init", "-q", "."], shop)
        run_git.run(["fetch", "-q", "--no-tags", *(options or ["--depth=1"]), self.repo.git.as_uri(), ref], shop)
        run_git.run(["checkout", "-q", "--detach", "FETCH_HEAD"], shop)

    @property
    def inputs(self) -> ActionInputs:
        """The inputs of the step."""
        temporary = self.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        return ActionInputs(command="pytest", workspace=self.folder / "shop", temporary_folder=temporary)

    def context(self, payload: dict[str, Any], event: str = "pull_request") -> GitHubContext:
        """Return the run of the workflow for an event."""
        facts = ("octo/shop", "e" * 40, "refs/pull/1/merge", 7, 1, "test", self.hub.server_url, self.hub.api_url)
        return GitHubContext(event, *facts, payload)

    def fetch(
        self, payload: dict[str, Any], event: str = "pull_request", token: str | None = "", **inputs: str
    ) -> list[str]:
        """Fetch with the token of the job or another one, and return the problems."""
        secrets = Secrets(self.secret if token == "" else token, self.ledger_url)
        changed = replace(self.inputs, **inputs)
        return fetch_for_confirm(self.context(payload, event), changed, secrets, self.hub.clock)

    def has(self, commit: str) -> bool:
        """Return whether a commit is in the checkout."""
        return run_git.find_commit(commit, self.folder / "shop") is not None

    def git(self, *arguments: str) -> str:
        """Run git in the checkout and return its output."""
        return run_git.run_text(arguments, self.folder / "shop")

    @property
    def ledger(self) -> dict[str, str]:
        """The ledger's files as ``pytest-carbon confirm`` reads them."""
        folder = ledger_folder(self.inputs)
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}

    @property
    def fetches(self) -> int:
        """How often git asked the server for refs."""
        return len(self.hub.asked("GET", "info/refs"))


@pytest.fixture
def job(hub: FakeGitHub, tmp_path: Path) -> CheckoutJob:
    """Return a job of a private repository."""
    return CheckoutJob(hub, tmp_path)


def test_base_and_ledger_are_fetched(job: CheckoutJob) -> None:
    """With a token both are fetched; the checkout does not move, and the token is in no file."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    job.repo.commit({"2026/06/15/run-1.json": "{}"}, branch="carbon-ledger")
    base, before = payload["pull_request"]["base"]["sha"], job.git("rev-parse", "HEAD")
    assert not job.has(base)
    assert job.fetch(payload) == []
    assert job.has(base)
    assert job.ledger["2026/06/15/run-1.json"] == "{}"
    assert not (ledger_folder(job.inputs) / ".git").exists()
    assert (job.git("rev-parse", "HEAD"), job.git("status", "--porcelain")) == (before, "")
    assert job.git("rev-list", "--count", base) == "1"
    for path in job.folder.rglob("*"):
        assert path.is_relative_to(job.folder / "github") or not path.is_file() or job.secret not in _text(path)


def _text(path: Path) -> str:
    return path.read_text(encoding="latin-1")


def test_public_repository_needs_no_token(hub: FakeGitHub, tmp_path: Path) -> None:
    """A public repository is fetched without a token."""
    job = CheckoutJob(hub, tmp_path, public=True)
    payload = job.pull({"carbon.toml": GROWTH}, {})
    assert job.fetch(payload, token=None) == []
    assert job.has(payload["pull_request"]["base"]["sha"])


def test_missing_token_is_a_problem(job: CheckoutJob) -> None:
    """A private repository refuses; the problem is returned and not raised."""
    (problem,) = job.fetch(job.pull({"carbon.toml": GROWTH}, {}), token=None)
    assert problem.startswith("the base commit ")
    assert "could not be fetched" in problem


def test_failed_fetch_of_the_ledger_leaves_no_folder(job: CheckoutJob) -> None:
    """A folder would look like an empty ledger."""
    payload = job.pull({"carbon.toml": GROWTH + '[ledger]\nbranch = "energy"\n'}, {})
    run_git.run(["fetch", "-q", job.repo.git.as_uri(), payload["pull_request"]["base"]["sha"]], job.folder / "shop")
    job.hub.fault("GET", "info/refs", status=500, times=None)
    (problem,) = job.fetch(payload)
    assert problem.startswith("the ledger could not be fetched")
    assert job.secret not in problem
    assert not ledger_folder(job.inputs).exists()


def test_missing_ledger_is_an_empty_folder(job: CheckoutJob) -> None:
    """Before the first record there is no ledger: the folder is empty, whatever an earlier step left in it."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    ledger_folder(job.inputs).mkdir(parents=True)
    (ledger_folder(job.inputs) / "old.json").write_text("{}", encoding="utf-8")
    assert job.fetch(payload) == []
    assert ledger_folder(job.inputs).is_dir()
    assert job.ledger == {}


def test_token_of_the_checkout_is_not_sent_beside_ours(job: CheckoutJob) -> None:
    """GitHub refuses a request with two tokens, and actions/checkout leaves its token in the checkout."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    job.git("config", f"http.{job.hub.server_url}/.extraheader", "AUTHORIZATION: basic b2xk")
    assert job.fetch(payload) == []
    assert job.has(payload["pull_request"]["base"]["sha"])


@pytest.mark.attack("policy-of-the-change")
@pytest.mark.parametrize(
    ("base", "head", "ledger"),
    [(BUDGET, BUDGET, False), (BUDGET, GROWTH, False), (GROWTH, BUDGET, True), (GROWTH, "zone = [", True)],
    ids=["none", "only the change has one", "the change removes it", "the change breaks it"],
)
def test_limit_on_growth_is_that_of_the_base(
    job: CheckoutJob, base: str, head: str, ledger: bool, attack: Attack
) -> None:
    """A pull request cannot avoid a limit by removing it. Without a limit the ledger is not fetched."""
    payload = job.pull({"carbon.toml": base}, {"carbon.toml": head})
    job.repo.commit({"run-1.json": "{}"}, branch="carbon-ledger")
    assert job.fetch(payload) == []
    assert bool(job.ledger) is ledger
    attack.harmless()


def test_broken_policy_of_the_base(job: CheckoutJob) -> None:
    """The gate reports a broken policy; here there is only nothing to fetch."""
    assert job.fetch(job.pull({"carbon.toml": "zone = ["}, {"carbon.toml": GROWTH})) == []
    assert job.ledger == {}


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize("work_tree", [False, True], ids=["bare", "with a work tree"])
def test_working_directory_that_looks_like_a_repository(job: CheckoutJob, attack: Attack, work_tree: bool) -> None:
    """The files of a pull request get no command run, while the token is in git's environment."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    evil = plant(job.folder / "shop" / "evil", attack.command, job.hub.server_url, work_tree)
    (evil / "carbon.toml").write_text(GROWTH, encoding="utf-8")
    (problem,) = job.fetch(payload, working_directory="evil")
    assert "could not be fetched" in problem
    assert job.fetches == 0
    attack.ended("error", problem)


@pytest.mark.attack("git-in-checkout")
def test_tag_with_the_name_of_the_ledger_is_not_read(job: CheckoutJob, attack: Attack) -> None:
    """Only a branch is the ledger; a link in it leads nowhere."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    tagged = job.repo.commit({"2026/06/15/forged.json": "{}"}, branch="work")
    run_git.run(["update-ref"], job.repo.git, names=["refs/tags/carbon-ledger", tagged], git_dir=job.repo.git)
    assert job.fetch(payload) == []
    assert job.ledger == {}
    attack.harmless()


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize(
    "branch", ["--upload-pack=touch owned", "-oops", "+refs/heads/*:refs/heads/*", "../x", "a b", "x\n-f"]
)
def test_hostile_name_of_the_ledger(job: CheckoutJob, branch: str, attack: Attack) -> None:
    """A hostile name of a branch is no option of git, and leads to no other path."""
    text = f'{GROWTH}[ledger]\nbranch = "{branch}"\n'.replace("x\n-f", "x\\n-f")
    problems = job.fetch(job.pull({"carbon.toml": text}, {}))
    assert not list(job.folder.rglob("owned"))
    assert job.ledger == {}
    attack.harmless(*problems)


def test_ledger_in_a_database(job: CheckoutJob, database: str) -> None:
    """Baselines and self-tests become files; runs and the URL do not."""
    now, source = job.hub.clock, RunSource("main")
    ledger = SqlLedger(database, "octo/shop", now)
    for number in range(1, 4):
        report = make_report(number, ago=NOW - now + timedelta(hours=number), commit=str(number) * 40, branch="main")
        ledger.append([make_entry(report, source)], measurements_of(report))
    noise = SelfTest("selftest-1", (now - timedelta(days=1)).isoformat(), "p", 4, 0, {"checkout": 0.01}, {})
    SqlLedger(database, "octo/web", now).append([], measurements_of(make_report(9, commit="9" * 40, branch="main")))
    ledger.append([noise])
    payload = job.pull({"carbon.toml": DATABASE}, {})
    job.ledger_url = database
    assert job.fetch(payload) == []
    copied = FolderLedger(ledger_folder(job.inputs), now)
    assert copied.baselines("main") == ledger.baselines("main")
    assert [run.run for run in copied.baselines("main")[0]] == ["run-1", "run-2", "run-3"]
    day = now.date()
    assert copied.read(day - timedelta(days=9), day).records == (noise,)
    for path in job.folder.rglob("*"):
        assert path.name == "ledger.db" or not path.is_file() or database not in _text(path)


def test_default_branch_is_set_in_the_checkout(job: CheckoutJob) -> None:
    """A checkout of one commit does not know the default branch; a name that is set already stays."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    payload["repository"]["default_branch"] = "develop"
    assert job.fetch(payload) == []
    assert default_branch(load_config(job.folder / "shop")) == "develop"
    payload["repository"]["default_branch"] = "other"
    assert job.fetch(payload) == []
    assert default_branch(load_config(job.folder / "shop")) == "develop"
    assert job.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("url", "problem_part"),
    [
        (None, "this job has no URL of it; give the Action the input ledger-url"),
        ("postgresql://127.0.0.2:9/orders?connect_timeout=1", "ledger's database: it cannot be reached"),
        ("nonsense", "the URL of the database cannot be read"),
    ],
)
def test_failed_read_of_the_database_leaves_no_folder(job: CheckoutJob, url: str | None, problem_part: str) -> None:
    """No folder is left, not even that of an earlier step, and the URL is in no problem."""
    payload = job.pull({"carbon.toml": DATABASE}, {})
    ledger_folder(job.inputs).mkdir(parents=True)
    job.ledger_url = url
    (problem,) = job.fetch(payload)
    assert problem.startswith("the ledger could not be fetched: ")
    assert problem_part in problem
    assert "127.0.0.2" not in problem
    assert not ledger_folder(job.inputs).exists()


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch", "pull_request_target"])
def test_nothing_is_fetched_where_nothing_is_confirmed(job: CheckoutJob, event: str) -> None:
    """Only pull requests and the merge queue are compared with a base."""
    assert job.fetch(job.pull({"carbon.toml": GROWTH}, {}), event) == []
    assert job.fetches == 0


def test_full_checkout_stays_full(job: CheckoutJob) -> None:
    """A checkout with all history is not made shallow when a newer base is fetched."""
    job.repo.commit({"carbon.toml": GROWTH})
    head = job.repo.commit({"work.py": "work = 1\n"}, branch="topic")
    base = job.repo.commit({"b.py": "b"})
    number = job.repo.open_pull(head="topic")
    job.checkout(head, "--update-shallow")
    assert job.fetch(job.repo.event_pull_request(number)) == []
    assert job.has(base)
    assert job.git("rev-parse", "--is-shallow-repository") == "false"
    assert job.git("rev-list", "--count", base) == "2"


def test_base_in_the_checkout_is_not_fetched(job: CheckoutJob) -> None:
    """A checkout that has the base commit asks the server nothing."""
    payload = job.pull({"carbon.toml": BUDGET}, {})
    run_git.run(["fetch", "-q", job.repo.git.as_uri(), payload["pull_request"]["base"]["sha"]], job.folder / "shop")
    assert job.fetch(payload) == []
    assert job.fetches == 0


def test_base_of_a_merge_is_its_first_parent(job: CheckoutJob) -> None:
    """GitHub's merge may have a newer base than the event names; the base of the merge counts."""
    payload = job.pull({}, {})
    pull, shop = payload["pull_request"], job.folder / "shop"
    first = pull["base"]["sha"]
    pull["base"]["sha"] = "d" * 40
    assert find_base_commit(job.context(payload), shop) == first
    pull["head"]["sha"] = "c" * 40  # another merge than GitHub's
    assert find_base_commit(job.context(payload), shop) == "d" * 40
    pull["base"]["sha"] = "--upload-pack=x"
    assert find_base_commit(job.context(payload), shop) is None


def test_base_of_a_merge_group(job: CheckoutJob) -> None:
    """The event of a merge queue names the base."""
    job.pull({}, {})
    payload = {"merge_group": {"head_sha": "a" * 40, "base_sha": "b" * 40}}
    assert find_base_commit(job.context(payload, "merge_group"), job.folder / "shop") == "b" * 40
    assert find_base_commit(job.context({}, "merge_group"), job.folder / "shop") is None


def test_missing_checkout_is_a_problem(job: CheckoutJob) -> None:
    """Without a checkout the step returns a problem and goes on."""
    payload = job.pull({}, {})
    job.folder = job.folder / "elsewhere"
    job.folder.mkdir()
    (problem,) = job.fetch(payload)
    assert "could not be fetched" in problem


def test_kind_14_a_checkout_of_another_user(job: CheckoutJob, dubious_git: Callable[[], None]) -> None:
    """The log of the step says why nothing is confirmed, and the command that trusts the folder."""
    payload = job.pull({"carbon.toml": GROWTH}, {})
    dubious_git()
    (problem,) = job.fetch(payload)
    assert "could not be fetched: git refuses the repository at " in problem
    assert f"git config --global --add safe.directory '{job.folder / 'shop'}'" in problem
