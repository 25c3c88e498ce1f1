"""``init`` at the command line, with and without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_carbon.config.load import load_config
from tests.attack import Attack
from tests.cli.process import run_in_terminal
from tests.samples import make_report

FILES = ("carbon.toml", ".github/workflows/carbon.yml", ".pre-commit-config.yaml")
EXPECTED = Path(__file__).parents[2] / "expected"


@pytest.fixture
def shop(project: Any) -> Any:
    """A repository on GitHub with two features, without a policy."""
    (project.root / "carbon.toml").unlink()
    for name in ("tests/checkout/test_checkout.py", "tests/search/test_search.py", "shop/checkout.py", "README.md"):
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).touch()
    project.repository()
    project.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    return project


def _init(project: Any, *arguments: str) -> Any:
    return project.carbon("init", *arguments, now=None)


def _written(project: Any) -> list[str]:
    return project.git("status", "--porcelain", "--untracked-files=all").replace("?? ", "").split("\n")


def test_whole_output(shop: Any) -> None:
    """Each file is shown before it is written; then what a person does by hand, what is open, and the next step."""
    done = _init(shop)
    assert (done.code, done.err) == (0, "")
    assert done.out == (EXPECTED / "init.txt").read_text(encoding="utf-8")
    assert _written(shop) == sorted(FILES)


def test_what_it_writes_has_no_warning_of_the_hooks(shop: Any) -> None:
    """The policy loads, its paths match, and the workflow wastes nothing; also with what was added later."""
    shop.write(make_report())
    assert _init(shop, "--zone", "DE", "--yes").code == 0
    shop.commit()
    for hook in ("carbon-policy", "carbon-workflows"):
        assert (shop.carbon("hook", hook, "--fail").code, shop.carbon("hook", hook).out) == (0, "")
    (shop.root / "tests/pay").mkdir()
    (shop.root / "tests/pay/test_a.py").touch()
    shop.git("add", "-A")
    assert _init(shop).code == 0
    said = shop.carbon("hook", "carbon-policy").out.splitlines()
    assert all("this change loosens it: " in line and "feature pay" in line for line in said)  # another pays, as is so
    shop.commit()
    assert shop.carbon("hook", "carbon-policy").out == ""
    policy = load_config(shop.root, environment={})
    assert list(policy.features) == ["checkout", "search", "pay"]
    assert policy.zone == "DE"


def test_limits_come_from_the_last_report(shop: Any) -> None:
    """At once, or after the first measured run; the zone likewise. The rest of the file stays as it is."""
    _init(shop)
    before = (shop.root / "carbon.toml").read_bytes()
    shop.write(make_report())
    done = _init(shop, "--zone", "SE3")
    assert '+per-run = "1.5 kJ ref"  # 1 kJ ref measured, and a half more' in done.out
    after = (shop.root / "carbon.toml").read_bytes()
    assert after.startswith(before.replace(b'# zone = "..."', b'zone = "SE3"'))
    limits = {b.feature: b.per_run.value for b in load_config(shop.root, environment={}).budgets if b.per_run}
    assert limits == {"checkout": 1500.0, "search": 1500.0}
    assert "nothing new" in _init(shop).out
    assert (shop.root / "carbon.toml").read_bytes() == after


def test_dry_run_writes_nothing(shop: Any) -> None:
    """With --diff, files are shown as differences."""
    done = _init(shop, "--dry-run", "--diff")
    assert done.code == 0
    assert "    +++ b/carbon.toml\n" in done.out
    assert "wrote" not in done.out
    assert _written(shop) == [""]


def test_forks_have_two_workflows_and_another_forge_has_none(shop: Any) -> None:
    """The options win over the remote."""
    assert _init(shop, "--forge", "gitlab", "--dry-run").out.count("(new):") == 2
    assert _init(shop, "--forks").code == 0
    folder = shop.root / ".github/workflows"
    assert sorted(path.name for path in folder.iterdir()) == ["carbon-publish.yml", "carbon.yml"]
    assert yaml.safe_load((folder / "carbon.yml").read_text())["jobs"]["carbon"]["with"]["forks"] is True


@pytest.mark.parametrize(
    "options", [(), ("--zone", "de"), ("--forks", "--dry-run"), ("--zone", "DE", "--yes", "--diff")]
)
def test_without_a_remote_the_next_step_is_the_command_with_the_forge(shop: Any, options: tuple[str, ...]) -> None:
    """It has the options that were given, and writes the workflow; who names a forge is not told of another."""
    shop.git("remote", "remove", "origin")
    zone, rest = (options[:2], options[2:]) if "--zone" in options else ((), options)
    command = " ".join(("pytest-carbon init", *zone, "--forge github", *rest))
    done = _init(shop, *options)
    assert (
        f"\nnext: if pull requests are made on GitHub, which no remote tells, write the workflow, too:\n    {command}\n"
        in (done.out)
    )
    assert ".github/workflows" not in done.out
    assert ".github/workflows/carbon.yml (new)" in _init(shop, *command.split()[2:]).out
    assert "--forge github" not in _init(shop, "--forge", "other", "--dry-run").out


def test_without_a_remote_a_project_with_a_policy_is_told_of_the_workflow(shop: Any) -> None:
    """As often as nothing tells where pull requests are made; a remote of another host is asked about once."""
    shop.git("remote", "remove", "origin")
    command = "pytest-carbon init --zone DE --forge github"
    for _ in range(2):
        assert f"\n    {command}\n" in _init(shop, "--zone", "DE").out
    shop.git("remote", "add", "origin", "https://git.example.org/shop/shop.git")
    assert "--forge" not in _init(shop, "--zone", "DE").out
    shop.git("remote", "remove", "origin")
    assert ".github/workflows/carbon.yml (new)" in _init(shop, *command.split()[2:]).out
    assert "--forge" not in _init(shop).out


def test_a_zone_in_small_letters_is_written_in_capitals(shop: Any) -> None:
    """Named by the option or at the terminal; named again in any case, it is the zone that is there."""
    assert 'zone = "DE"' in _init(shop, "--zone", "de", "--dry-run").out
    assert run_in_terminal(["init"], shop.root, "us-va\nn\ny\ny\ny\n")[0] == 0
    assert 'zone = "US-VA"' in (shop.root / "carbon.toml").read_text(encoding="utf-8")
    assert _init(shop, "--zone", "Us-va").code == 0


@pytest.mark.parametrize(
    ("zone", "policy", "error"),
    [
        ("DEE", None, "no grid zone is called 'DEE' (from --zone)"),
        (" ", None, "--zone is empty"),
        ("FR", 'zone = "DE"\n', "carbon.toml has the zone 'DE' already"),
        ("FR", "[[", "carbon.toml is not valid TOML"),
    ],
)
def test_a_zone_is_never_guessed(shop: Any, zone: str, policy: str | None, error: str) -> None:
    """An unknown one is an error, and nothing is written; the variable of a job is not written down."""
    if policy:
        shop.policy(whole=policy)
        shop.commit()
    done = _init(shop, "--zone", zone)
    assert done.code == 2
    assert error in done.err
    assert _written(shop) == [""]


def test_the_zone_of_the_environment_is_not_the_policys(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be that of another machine."""
    monkeypatch.setenv("PYTEST_CARBON_ZONE", "FR")
    _init(shop)
    assert load_config(shop.root, environment={}).zone is None


def test_a_policy_above_is_named(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second policy below it would hide that its paths are seen from elsewhere."""
    shop.policy()
    (shop.root / "web").mkdir()
    (shop.root / "web/pyproject.toml").touch()
    monkeypatch.chdir(shop.root / "web")
    done = _init(shop)
    assert (done.code, "../carbon.toml is not read" in done.err) == (2, True)


def test_a_project_below_the_top(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy lies in the project, pre-commit's settings at the top; the next step has the paths from here."""
    (shop.root / "web/tests").mkdir(parents=True)
    (shop.root / "web/pyproject.toml").touch()
    (shop.root / "web/tests/test_a.py").touch()
    shop.commit()
    monkeypatch.chdir(shop.root / "web")
    done = _init(shop)
    assert "    git add carbon.toml ../.pre-commit-config.yaml\n" in done.out
    assert _written(shop) == [".pre-commit-config.yaml", "web/carbon.toml"]


def test_a_user_answers_at_a_terminal(shop: Any) -> None:
    """The zone is asked for until there is one, each file is offered, and what is declined is not written."""
    code, shown = run_in_terminal(["init"], shop.root, "DEE\nDE\nperhaps\nn\ny\n\nn\n")
    assert code == 0
    assert "no grid zone is called 'DEE'" in shown
    assert shown.count("Do pull requests come from forks, too? [y/N]") == 2
    assert _written(shop) == [".github/workflows/carbon.yml", "carbon.toml"]
    assert load_config(shop.root, environment={}).zone == "DE"


def test_a_user_who_ends_the_input_has_declined(shop: Any) -> None:
    """Nothing is written without an answer."""
    code, shown = run_in_terminal(["init"], shop.root, "\x04" * 6)
    assert code == 0
    assert "Write carbon.toml? [Y/n]" in shown
    assert _written(shop) == [""]


def test_a_proposal_that_is_paged_is_not_accepted(shop: Any) -> None:
    """A user at a terminal who sends the output elsewhere has answered nothing; ``--yes`` has."""
    for options, written in (((), [""]), (("--yes",), sorted(FILES))):
        own, terminal = os.openpty()
        done = subprocess.run(
            [sys.executable, "-m", "pytest_carbon.cli", "init", *options],
            cwd=shop.root, stdin=terminal, capture_output=True, check=True, text=True,
        )  # fmt: skip
        os.close(own)
        os.close(terminal)
        assert "[features." in done.stdout
        assert _written(shop) == written


def test_yes_asks_nothing_at_a_terminal(shop: Any) -> None:
    """All files are shown and written."""
    code, shown = run_in_terminal(["init", "--yes"], shop.root)
    assert (code, "[Y/n]" in shown, "zone (empty" in shown) == (0, False, False)
    assert _written(shop) == sorted(FILES)


@pytest.mark.attack("hostile-text")
def test_hostile_names_are_harmless(shop: Any, attack: Attack) -> None:
    """A folder, an owner or a branch that looks like a command is only shown, or left out."""
    name = "::error::x\x1b[2J"
    (shop.root / "tests" / name).mkdir()
    (shop.root / "tests" / name / "test_a.py").touch()
    (shop.root / "CODEOWNERS").write_text(f"* @a{name}\n", encoding="utf-8")
    (shop.root / "pyproject.toml").write_text('[project]\nname = "\\u001b[2J\\n::error::x"\n', encoding="utf-8")
    shop.commit()
    done = _init(shop)
    attack.harmless(done.out, done.err)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert not any(line.startswith("::") for line in done.out.splitlines())
    assert list(load_config(shop.root, environment={}).features) == ["checkout", "search"]
