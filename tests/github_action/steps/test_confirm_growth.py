"""When and how ``pytest-carbon confirm`` is started: never with the token, and never to the job's harm."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps.command_result import CommandResult
from github_action.steps.fetch_for_confirm import ledger_folder
from github_action.steps.measure_command import measure
from pytest_carbon.git import run_git
from tests.github_action.steps.project_job import BUDGET, COPY, FAKE_CONFIRM, GROWTH, ProjectJob, write_reports


def test_arguments_of_confirm(job: ProjectJob) -> None:
    """Confirm gets base, policy, ledger, labels and command; it gets no token, and no shell reads the words."""
    payload = job.commit_base_and_head(GROWTH, GROWTH)
    job.install_fake_confirm()
    ledger_folder(ActionInputs(temporary_folder=job.folder / "temporary")).mkdir(parents=True)
    result = job.measure(f"{COPY} # 'a b'", payload, "pull_request", confirm_command="pytest -k 'a b' $(touch owned)")
    assert result == CommandResult(0, job.kept)
    base = payload["pull_request"]["base"]["sha"]
    assert job.confirm_arguments == [
        "confirm",
        f"--folder={job.folder}/temporary/pytest-carbon/ledger",
        "--label=feature:a b",
        "--label=-x",
        str(job.kept),
        *("--policy-from", base, "--base", base, "--head", payload["pull_request"]["head"]["sha"], "--"),
        *("pytest", "-k", "a b", "$(touch", "owned)"),
    ]
    env = (job.folder / "saw.env").read_text(encoding="utf-8")
    assert "ghs_secret" not in env
    assert "\nCARBON_" not in env
    assert not list(job.folder.rglob("owned"))


@pytest.mark.parametrize(
    ("base", "head", "event", "starts"),
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
    job: ProjectJob, base: str, head: str, event: str, starts: bool
) -> None:
    """The policy of the base decides, and only pull requests and merge queues are compared."""
    payload = job.commit_base_and_head(base, head)
    job.install_fake_confirm()
    assert job.measure(COPY, payload, event).report is not None
    assert bool(job.confirm_arguments) is starts
    assert "not confirmed" not in job.log


@pytest.mark.parametrize("database", [True, False])
def test_output_of_confirm_is_hidden_with_a_database(job: ProjectJob, database: bool) -> None:
    """Runs of a database are not copied, so what confirm says about windows would be wrong."""
    payload = job.commit_base_and_head(GROWTH + ('[ledger]\nsql = "env"\n' if database else ""), GROWTH)
    job.install_fake_confirm(
        text=FAKE_CONFIRM.replace("exit", '[ /dev/stdout -ef /dev/null ] && touch "$STUB_SAW.unseen"; exit')
    )
    ledger_folder(ActionInputs(temporary_folder=job.folder / "temporary")).mkdir(parents=True)
    assert job.measure(COPY, payload, "pull_request").report is not None
    assert job.confirm_arguments
    assert (job.folder / "saw.unseen").exists() is database
    assert "not confirmed" not in job.log


def test_confirm_needs_the_copy_of_the_database(job: ProjectJob) -> None:
    """Without the copy confirm would need the database's URL, which a command must not know."""
    payload = job.commit_base_and_head(GROWTH + '[ledger]\nsql = "env"\n', GROWTH)
    job.install_fake_confirm()
    assert job.measure(COPY, payload, "pull_request").report is not None
    assert job.confirm_arguments == []
    assert "growth is not confirmed: the ledger's database was not read" in job.log


def test_confirm_needs_a_command(job: ProjectJob) -> None:
    """Reports of other steps cannot be measured again."""
    payload = job.commit_base_and_head(GROWTH, GROWTH)
    job.install_fake_confirm()
    write_reports(job, ["a.json"])
    assert job.measure(payload=payload, event="pull_request", reports=("out/*",)).report is not None
    assert job.confirm_arguments == []


@pytest.mark.parametrize("code", [0, 1, 3, 2, 137])
def test_exit_code_of_confirm_changes_nothing(job: ProjectJob, code: int) -> None:
    """The gate judges, not this step; a confirm that could not judge is a warning."""
    payload = job.commit_base_and_head(GROWTH, GROWTH)
    job.install_fake_confirm(code)
    assert job.measure(f"{COPY}; exit 4", payload, "pull_request") == CommandResult(4, job.kept)
    assert ("::warning title=pytest-carbon::growth is not confirmed" in job.log) is (code in (2, 137))


def _no_program(job: ProjectJob) -> str:
    (job.folder / "bin" / "pytest-carbon").unlink()
    return COPY


def _broken_program(job: ProjectJob) -> str:
    job.install_fake_confirm(text="#!/no/such/interpreter\n")
    return COPY


def _no_words(_: ProjectJob) -> str:
    return f'{COPY} # it"s'


def _no_base(job: ProjectJob) -> str:
    run_git.run(["update-ref", "-d", "refs/heads/main"], job.shop)
    run_git.run(["reflog", "expire", "--expire=now", "--all"], job.shop)
    run_git.run(["gc", "-q", "--prune=now"], job.shop)
    return COPY


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (_no_program, "there is no pytest-carbon on PATH; install it beside pytest"),
        (_broken_program, "No such file or directory"),
        (_no_words, "the command cannot be split into words (No closing quotation); set the input confirm-command"),
        (_no_base, "there is no such commit here; is it spelt right? If it is new, run: git fetch"),
    ],
)
def test_confirm_that_cannot_be_started(job: ProjectJob, break_it: Any, why: str) -> None:
    """The exit code and the report of the tests stay, and the log says what is missing."""
    payload = job.commit_base_and_head(GROWTH, GROWTH)
    job.install_fake_confirm()
    assert job.measure(break_it(job), payload, "pull_request") == CommandResult(0, job.kept)
    log = job.log
    assert "::warning title=pytest-carbon::growth is not confirmed: " in log
    assert why in log


TESTS = """
import time
import pytest

@pytest.mark.parametrize("n", range(6))
def test_work(n):
    start = time.process_time()
    while time.process_time() - start < {}:
        pass
"""


def test_growth_in_doubt_is_measured_in_turns(job: ProjectJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real pytest and pytest-carbon the report gets pairs of base and head."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # quicker
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_carbon.plugin")
    for name in ("CI", "GITHUB_HEAD_REF", "GITHUB_REF_NAME", "PYTEST_ADDOPTS", "PYTHONHASHSEED"):
        monkeypatch.delenv(name, raising=False)
    (job.shop / "test_shop.py").write_text(TESTS.format(0.005), encoding="utf-8")
    (job.shop / ".gitignore").write_text(".carbon\n__pycache__\n", encoding="utf-8")
    policy = 'default-branch = "main"\n[confirm]\ncap-s = 4\n'
    payload = job.commit_base_and_head(policy + GROWTH, policy)
    python = f"'{sys.executable}' -m pytest -q"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    context = GitHubContext("pull_request", "octo/shop", "e" * 40, "refs/pull/1/merge", 7, 1, "test", payload=payload)
    inputs = ActionInputs(command=f"{python} --carbon", workspace=job.shop, temporary_folder=job.folder / "temporary")
    ledger_folder(inputs).mkdir(parents=True)
    result = measure(context, replace(inputs, confirm_command=python), environment)
    assert (result.exit_code, result.problem) == (0, "")
    pairs = json.loads(job.kept.read_text(encoding="utf-8"))["pairs"]
    assert pairs["base"] == payload["pull_request"]["base"]["sha"]
    assert [run["side"] for run in pairs["runs"][:2]] == ["base", "head"]
    assert len(pairs["runs"][0]["figures"]["tests"]) == 6
