"""The step without a token: it runs the command, takes its report, and lets base and head be measured in turns."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs, read_inputs
from github_action.steps.fetch_for_confirm import ledger_folder
from github_action.steps.run_command import CommandResult, measure, read_result, save_result
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.report import Report
from pytest_carbon.git import run_git as git
from pytest_carbon.reporters.run import report_file
from tests.samples import make_report

GROWTH = '[budget]\ngrowth = "5 %"\n'
BUDGET = '[budget]\nper-run = "1 MJ"\n'
COPY = "mkdir -p .carbon && cp ../made.json .carbon/report.json"
STUB = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done > "$STUB_SAW"
env > "$STUB_SAW.env"
exit {code}
"""


@dataclass
class Job:
    """A project's checkout, the programs on its PATH, and a report that its command can copy."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        for name in ("shop", "bin", "temporary"):
            (self.folder / name).mkdir()
        report_file.write(make_report(), self.folder / "made.json")

    @property
    def shop(self) -> Path:
        """The checkout."""
        return self.folder / "shop"

    @property
    def report(self) -> Path:
        """Where the project's report is, unless its policy says otherwise."""
        return self.shop / ".carbon" / "report.json"

    def policy(self, text: str) -> None:
        """Write the checkout's policy."""
        (self.shop / "carbon.toml").write_text(text, encoding="utf-8")

    def commits(self, base: str, head: str) -> dict[str, Any]:
        """Commit a base and a head with their policies; return the event of a pull request."""
        git.run(["init", "-q", "-b", "main", "."], self.shop)
        shas = []
        for text in (base, head):
            self.policy(f"{text}# {len(shas)}\n")
            git.run(["add", "-A"], self.shop)
            git.run(["-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "-q", "-m", "x"], self.shop)
            shas.append(git.run_text(["rev-parse", "HEAD"], self.shop))
        told = {"base": {"sha": shas[0]}, "head": {"sha": shas[1]}, "labels": [{"name": "feature:a b"}, {"name": "-x"}]}
        return {"pull_request": told}

    def stub(self, code: int = 0, text: str = STUB) -> None:
        """Put a pytest-carbon on PATH that notes what it is asked."""
        program = self.folder / "bin" / "pytest-carbon"
        program.write_text(text.format(code=code), encoding="utf-8")
        program.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """What the stub was asked; nothing if it was not started."""
        saw = self.folder / "saw"
        return saw.read_text(encoding="utf-8").splitlines() if saw.exists() else []

    def measured(
        self, command: str = "", payload: Mapping[str, Any] = {}, event: str = "push", **more: Any
    ) -> CommandResult:
        """Measure with a command, or by other inputs."""
        inputs = ActionInputs(command=command, workspace=self.shop, temporary_folder=self.folder / "temporary", **more)
        context = GitHubContext(event, "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", payload=payload)
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "STUB_SAW": str(self.folder / "saw"),
            "CARBON_TOKEN": "ghs_secret",
            "CARBON_COMMAND": command,
            "OTHER": "kept",
        }
        return measure(context, inputs, environment)

    @property
    def said(self) -> str:
        """What the log shows."""
        return "".join(self.capsys.readouterr())


@pytest.fixture
def job(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job with an empty project."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return Job(tmp_path, capsys)


# -- the command -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("true", 0),
        ("exit 3", 3),
        ("false | true", 1),
        ("false; true", 1),
        ("kill -9 $$", 137),
        ("no-such-program", 127),
    ],
)
def test_exit_code_is_the_commands_own(job: Job, end: str, code: int) -> None:
    """However it ends; what it measured before counts all the same."""
    assert job.measured(f"{COPY}; {end}") == CommandResult(code, job.report)
    job.report.unlink()
    found = job.measured(end)
    assert (found.exit_code, found.report) == (code, None)
    assert f"the command ended with {code} and left no report at ./.carbon/report.json" in found.problem


def test_report_is_where_the_policy_says(job: Job) -> None:
    """Below the working directory of a monorepo, by the policy that is there."""
    (job.shop / "sub").mkdir()
    (job.shop / "sub" / "carbon.toml").write_text('report = "out/energy.json"\n', encoding="utf-8")
    found = job.measured("mkdir out && cp ../../made.json out/energy.json", folder="sub")
    assert found == CommandResult(0, job.shop / "sub" / "out" / "energy.json")


def test_report_of_an_earlier_run_is_not_taken(job: Job) -> None:
    """A self-hosted runner may have one lying about."""
    report_file.write(make_report(9), job.report)
    found = job.measured("test ! -e .carbon/report.json")
    assert (found.exit_code, found.report) == (0, None)
    assert "left no report" in found.problem


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ("zone = [", "carbon.toml is not valid TOML"),
        ('report = "taken"\n', "taken"),
        ('report = "a\\u0000b"\n', "null"),
        ("[tool]\nx = 1\n", "unknown key 'tool'"),
    ],
    ids=["broken", "a folder", "no path", "unknown key"],
)
def test_tests_run_whatever_the_policy_says(job: Job, policy: str, why: str) -> None:
    """A change that breaks its policy does not turn its tests off: their exit code is the job's."""
    job.policy(policy)
    (job.shop / "taken").mkdir()
    found = job.measured(f"{COPY}; touch ran; exit 5")
    assert (found.exit_code, found.report) == (5, None)
    assert why in found.problem
    assert str(job.folder) not in found.problem
    assert (job.shop / "ran").exists()


def test_report_that_is_none(job: Job) -> None:
    """What the command left is looked at here, before anybody uploads it."""
    found = job.measured("mkdir .carbon; echo '{' > .carbon/report.json")
    assert (found.exit_code, found.report) == (0, None)
    assert found.problem.startswith("./.carbon/report.json is not complete JSON")


def test_working_directory_that_is_not_there(job: Job) -> None:
    """The job fails: nothing was tested."""
    found = job.measured("touch ../ran", folder="nowhere")
    assert (found.exit_code, found.report) == (1, None)
    assert "there is no folder 'nowhere'" in found.problem
    assert not (job.folder / "ran").exists()


@pytest.mark.parametrize("folder", ["/etc", "..", "a/../../b", "../shop"])
def test_working_directory_outside_of_the_workspace(folder: str) -> None:
    """It lies below the workspace, or is refused by its name."""
    with pytest.raises(ConfigError, match="must lie below the workspace"):
        read_inputs({"CARBON_WORKING_DIRECTORY": folder})


def test_environment_of_the_command(job: Job) -> None:
    """It sees no token and no input of ours, all else, and that a gate judges later."""
    job.measured(f"env > ../env; {COPY}")
    env = dict(line.partition("=")[::2] for line in (job.folder / "env").read_text(encoding="utf-8").splitlines())
    assert not any(name.startswith("CARBON_") for name in env)
    assert "ghs_secret" not in env.values()
    assert (env["OTHER"], env["PYTEST_CARBON_GATE"], env["PWD"]) == ("kept", "1", str(job.shop))


# -- reports that others made ------------------------------------------------------------------------------

ODD = [
    "a.json",
    "b c.json",
    "::error::owned.json",
    "new\nline.json",
    "ü\u202e.json",
    "-x.json",
    "\udcff.json",
    "deep/er/a.json",
]


def _write(job: Job, names: list[str], **more: Any) -> None:
    for number, name in enumerate(names):
        report_file.write(make_report(number, **more), job.shop / "out" / name)


def test_reports_are_joined(job: Job) -> None:
    """Each once, though several patterns name it, whatever it is called; nothing is run or removed."""
    _write(job, ODD)
    before = sorted(job.shop.rglob("*"))
    found = job.measured(reports=("out/*.json", "out/**/*.json"))
    assert (found.exit_code, found.problem) == (0, "")
    joined = _read(found)
    assert joined.totals.energy_j == pytest.approx(len(ODD) * (make_report().totals.energy_j or 0))
    assert {row.worker for row in joined.rows} == {f"out/{name}" for name in ODD}
    assert sorted(job.shop.rglob("*")) == before


def _read(found: CommandResult) -> Report:
    assert found.report is not None
    return report_file.read(found.report)


def test_one_report_is_taken_as_it_is(job: Job) -> None:
    """Its rows keep their workers."""
    _write(job, ["a.json"])
    assert _read(job.measured(reports=("out/a.json",))) == report_file.read(job.shop / "out" / "a.json")


@pytest.mark.parametrize(
    ("patterns", "why"),
    [
        (("none/*.json",), "no file in . is called so"),
        (("out",), "no file in . is called so"),
        (("/etc/*.json",), "a pattern that is none below working-directory"),
        (("out/*",), "./out/broken is not complete JSON"),
        (("out/*.json",), "the parts are not of one commit"),
    ],
)
def test_reports_that_cannot_be_taken(job: Job, patterns: tuple[str, ...], why: str) -> None:
    """None, a folder, a place elsewhere, something else than a report, or those of two commits: each is told."""
    _write(job, ["a.json"])
    report_file.write(make_report(2, commit="b" * 40), job.shop / "out" / "b.json")
    (job.shop / "out" / "broken").write_text("{", encoding="utf-8")
    found = job.measured(reports=patterns)
    assert (found.exit_code, found.report) == (0, None)
    assert why in found.problem
    assert str(job.folder) not in found.problem


# -- base and head in turns --------------------------------------------------------------------------------


def test_confirm_is_told_all_it_needs(job: Job) -> None:
    """The base and its policy, the ledger, the labels and the command; no token, and no shell reads any of it."""
    payload = job.commits(GROWTH, GROWTH)
    job.stub()
    ledger_folder(ActionInputs(temporary_folder=job.folder / "temporary")).mkdir(parents=True)
    found = job.measured(f"{COPY} # 'a b'", payload, "pull_request", confirm_command="pytest -k 'a b' $(touch owned)")
    assert found == CommandResult(0, job.report)
    base = payload["pull_request"]["base"]["sha"]
    assert job.asked == [
        "confirm",
        f"--folder={job.folder}/temporary/pytest-carbon/ledger",
        "--label=feature:a b",
        "--label=-x",
        str(job.report),
        *("--policy-from", base, "--base", base, "--"),
        *("pytest", "-k", "a b", "$(touch", "owned)"),
    ]
    env = (job.folder / "saw.env").read_text(encoding="utf-8")
    assert "ghs_secret" not in env
    assert "\nCARBON_" not in env
    assert not list(job.folder.rglob("owned"))


@pytest.mark.parametrize(
    ("base", "head", "event", "started"),
    [
        (GROWTH, GROWTH, "pull_request", True),
        (GROWTH, BUDGET, "pull_request", True),
        (BUDGET, GROWTH, "pull_request", False),
        (BUDGET, BUDGET, "merge_group", False),
        (GROWTH, GROWTH, "push", False),
        (GROWTH, GROWTH, "pull_request_target", False),
    ],
)
def test_confirm_is_started_where_the_base_limits_growth(
    job: Job, base: str, head: str, event: str, started: bool
) -> None:
    """The policy of the base decides that, and only pull requests and the queue are compared."""
    payload = job.commits(base, head)
    job.stub()
    assert job.measured(COPY, payload, event).report is not None
    assert bool(job.asked) is started
    assert "not confirmed" not in job.said


@pytest.mark.parametrize("database", [True, False])
def test_what_confirm_says_of_windows_is_told_where_their_runs_are(job: Job, database: bool) -> None:
    """Of a database only what growth is told from was brought: its verdict on windows would be none."""
    payload = job.commits(GROWTH + ('[ledger]\nsql = "env"\n' if database else ""), GROWTH)
    job.stub(text=STUB.replace("exit", '[ /dev/stdout -ef /dev/null ] && touch "$STUB_SAW.unseen"; exit'))
    ledger_folder(ActionInputs(temporary_folder=job.folder / "temporary")).mkdir(parents=True)
    assert job.measured(COPY, payload, "pull_request").report is not None
    assert job.asked
    assert (job.folder / "saw.unseen").exists() is database
    assert "not confirmed" not in job.said


def test_confirm_without_what_the_database_has(job: Job) -> None:
    """It is not started: with no files it would ask for the URL, which a command must not know."""
    payload = job.commits(GROWTH + '[ledger]\nsql = "env"\n', GROWTH)
    job.stub()
    assert job.measured(COPY, payload, "pull_request").report is not None
    assert job.asked == []
    assert "growth is not confirmed: the ledger is in a database that was not read" in job.said


def test_confirm_needs_a_command(job: Job) -> None:
    """Reports that other steps made cannot be made again."""
    payload = job.commits(GROWTH, GROWTH)
    job.stub()
    _write(job, ["a.json"])
    assert job.measured(payload=payload, event="pull_request", reports=("out/*",)).report is not None
    assert job.asked == []


@pytest.mark.parametrize("code", [0, 1, 3, 2, 137])
def test_exit_code_of_confirm_changes_nothing(job: Job, code: int) -> None:
    """The gate judges, not this step; that it could not measure is a warning."""
    payload = job.commits(GROWTH, GROWTH)
    job.stub(code)
    assert job.measured(f"{COPY}; exit 4", payload, "pull_request") == CommandResult(4, job.report)
    assert ("::warning title=pytest-carbon::growth is not confirmed" in job.said) is (code in (2, 137))


def _no_program(job: Job) -> str:
    (job.folder / "bin" / "pytest-carbon").unlink()
    return COPY


def _broken_program(job: Job) -> str:
    job.stub(text="#!/no/such/interpreter\n")
    return COPY


def _no_words(_: Job) -> str:
    return f'{COPY} # it"s'


def _no_base(job: Job) -> str:
    git.run(["update-ref", "-d", "refs/heads/main"], job.shop)
    git.run(["reflog", "expire", "--expire=now", "--all"], job.shop)
    git.run(["gc", "-q", "--prune=now"], job.shop)
    return COPY


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (_no_program, "there is no pytest-carbon on PATH; install it beside pytest"),
        (_broken_program, "No such file or directory"),
        (_no_words, "the command cannot be split into words (No closing quotation); set confirm-command"),
        (_no_base, "there is no such commit here; fetch it first"),
    ],
)
def test_confirm_that_cannot_be_started(job: Job, break_it: Any, why: str) -> None:
    """The tests' exit code and report are what they were, and the log says what is missing."""
    payload = job.commits(GROWTH, GROWTH)
    job.stub()
    assert job.measured(break_it(job), payload, "pull_request") == CommandResult(0, job.report)
    said = job.said
    assert "::warning title=pytest-carbon::growth is not confirmed: " in said
    assert why in said


# -- what the next step finds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "found", [CommandResult(0, Path("/x/report.json")), CommandResult(3, None, "no report\nat all ✗")]
)
def test_what_is_kept_is_found(tmp_path: Path, found: CommandResult) -> None:
    """What was measured, and what became of it."""
    assert read_result(save_result(found, tmp_path / "new" / "place")) == found


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"exit_code": "x", "report": "", "trouble": ""}', "\x00"])
def test_step_that_did_not_get_so_far(tmp_path: Path, text: str | None) -> None:
    """Nothing, or something half written, is no measurement."""
    if text is not None:
        (tmp_path / "measured.json").write_text(text, encoding="utf-8")
    assert read_result(tmp_path) is None


# -- all of it, with the real programs ---------------------------------------------------------------------

TESTS = """
import time
import pytest

@pytest.mark.parametrize("n", range(6))
def test_work(n):
    start = time.process_time()
    while time.process_time() - start < {}:
        pass
"""


def test_growth_in_doubt_is_measured_in_turns(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real pytest and pytest-carbon: the report has the pairs of base and head that the gate needs."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # quicker
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_carbon.plugin")
    for name in ("CI", "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "PYTEST_ADDOPTS", "PYTHONHASHSEED"):
        monkeypatch.delenv(name, raising=False)
    (job.shop / "test_shop.py").write_text(TESTS.format(0.005), encoding="utf-8")
    (job.shop / ".gitignore").write_text(".carbon\n__pycache__\n", encoding="utf-8")
    policy = 'default-branch = "main"\n[confirm]\ncap-s = 1\n'
    payload = job.commits(policy + GROWTH, policy)
    python = f"'{sys.executable}' -m pytest -q"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    context = GitHubContext("pull_request", "octo/shop", "e" * 40, "refs/pull/1/merge", 7, 1, "test", payload=payload)
    inputs = ActionInputs(command=f"{python} --carbon", workspace=job.shop, temporary_folder=job.folder / "temporary")
    ledger_folder(inputs).mkdir(parents=True)
    found = measure(context, replace(inputs, confirm_command=python), environment)
    assert (found.exit_code, found.problem) == (0, "")
    pairs = json.loads(job.report.read_text(encoding="utf-8"))["pairs"]
    assert pairs["base"] == payload["pull_request"]["base"]["sha"]
    assert [run["side"] for run in pairs["runs"][:2]] == ["base", "head"]
    assert len(pairs["runs"][0]["figures"]["tests"]) == 6
