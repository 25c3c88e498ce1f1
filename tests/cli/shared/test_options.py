"""What the shared options stand for, and what they refuse."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.cli.shared import options
from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ConfigError


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_REPOSITORY", "PYTEST_CARBON_SQL"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--sql", "sqlite:///a.db", "--folder", "x"),
            "--folder and --sql are given; a ledger is in one place: keep one of these options",
        ),
        (("--sql", "sqlite:///a.db", "--branch", "x", "--folder", "y"), "--folder and --branch and --sql are given"),
        (("--sql", "env"), "the variable PYTEST_CARBON_SQL is not set; set it to the URL of the ledger's database"),
        (("--sql", "sqlite:///a.db"), "the project's name in the database is not known: the project has no remote"),
        (("--sql", "sqlite:///a.db", "--repository", "o/n"), "there is no such file, or it may not be read; to make"),
        (("--sql", "oracle://a", "--repository", "o/n"), "a ledger cannot be stored in 'oracle' with such a URL"),
    ],
)
def test_a_ledger_that_cannot_be_opened_is_refused(project: Any, arguments: tuple[str, ...], message: str) -> None:
    """The message is printed with exit code 2, and no database is made."""
    done = project.carbon("ledger", "list", *arguments)
    assert done.code == 2
    assert message in done.err
    assert not list(project.root.glob("*.db"))


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        ("yesterday", "'yesterday' is not a time such as 2026-01-02T03:04:05Z"),
        ("2026-06-15T12:00:00", "has no time zone"),
        ("0001-01-01T00:00:00Z", "is not in the years from 1970 to 2999"),
        ("9999-12-31T23:59:59Z", "is not in the years from 1970 to 2999"),
        ("0001-01-01T00:00:00+14:00", "is not a time such as"),
    ],
)
def test_now_needs_a_time_zone_and_a_year_of_this_age(project: Any, now: str, complaint: str) -> None:
    """--now is a time with its zone, in a year from 2000 to 2999."""
    for verb in (("budget",), ("check", project.report()), ("ledger", "list")):
        done = project.carbon(*verb, "--now", now, now=None)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("pytest-carbon: ")
        assert complaint in done.err
        assert len(done.err.splitlines()) == 1
        assert len(done.err) < 600


def test_now_in_another_time_zone_is_the_same_moment(project: Any) -> None:
    """The time zone of --now does not change the answer."""
    project.policy('\n[features.checkout.budget]\nlimit = "40 kJ"\n')
    project.baseline()
    elsewhere = datetime(2026, 6, 15, 12, tzinfo=UTC).astimezone(tz=None)
    assert project.carbon("budget", "--json", now=elsewhere) == project.carbon("budget", "--json")


def test_the_source_of_a_run_is_as_the_options_say(tmp_path: Path) -> None:
    """Without options, a run has no branch of its own, no pull request, and is the first attempt."""
    parser = argparse.ArgumentParser()
    options.add_judging_options(parser)
    source = options.read_run_source(parser.parse_args([]), Config(tmp_path))
    assert (source.branch, source.pr, source.labels, source.attempt, source.job) == (None, None, (), 1, "")
    words = ["--on", "main", "--pr", "7", "--label", "a", "--label", "b, c,", "--attempt", "2", "--job", "unit"]
    source = options.read_run_source(parser.parse_args(words), Config(tmp_path))
    assert (source.branch, source.pr, source.labels, source.attempt, source.job) == (
        "main",
        7,
        ("a", "b", "c"),
        2,
        "unit",
    )


@pytest.mark.parametrize("verb", [("check",), ("explain",), ("confirm",), ("ledger", "append")], ids=" ".join)
def test_a_run_of_a_branch_that_nobody_has_is_refused(project: Any, verb: tuple[str, ...]) -> None:
    """The nearest branch is named. A branch of a remote is accepted, and any name with a detached head, as in a CI."""
    project.repository()
    project.git("branch", "topic")
    project.git("update-ref", "refs/remotes/fork/work/a", "HEAD")
    report = project.report(commit=project.git("rev-parse", "HEAD"))
    done = project.carbon(*verb, report, "--on", "topci")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "pytest-carbon: --on is 'topci', and this clone has no such branch; did you mean \"topic\"? "
        "If it is new at the remote, run: git fetch\n"
    )
    assert "no such branch; is it spelt right? If" in project.carbon(*verb, report, "--on", "zzz").err
    assert project.carbon(*verb, report, "--on", "work/a").code == 0
    project.git("checkout", "-q", "--detach")
    assert project.carbon(*verb, report, "--on", "zzz").code == 0


def test_the_current_time_is_the_default_of_now() -> None:
    """Without --now, the time is the current one."""
    before = datetime.now(UTC)
    now = options.read_now(argparse.Namespace(now=None))
    assert before <= now <= datetime.now(UTC)


def _known(name: str) -> str:
    if name != "line":
        raise ConfigError(f"no format is called {name!r}")
    return name


@pytest.mark.parametrize("name", ["json", "line"])
def test_a_format_is_built_in_or_of_an_extension(name: str) -> None:
    """Extensions are asked only for a name that is not built in."""
    assert options.format_type(["json"], _known)(name) == name


def test_an_unknown_format_is_an_invalid_choice() -> None:
    """argparse prints the message with the usage of the verb."""
    with pytest.raises(argparse.ArgumentTypeError, match="invalid choice: 'pdf': no format is called 'pdf'"):
        options.format_type(["json"], _known)("pdf")


@pytest.mark.parametrize(
    ("words", "url"),
    [
        ([], "sqlite:///configured.db"),
        (["--sql", "sqlite:///a.db"], "sqlite:///a.db"),
        (["--folder", "runs"], None),
        (["--branch", "carbon-ledger"], None),
        (["--ledger", "shelf:1"], None),
    ],
)
def test_the_database_is_the_named_or_the_configured_one(project: Any, words: list[str], url: str | None) -> None:
    """An option that names another place hides the configured database."""
    project.policy('[ledger]\nsql = "sqlite:///configured.db"\n')
    parser = argparse.ArgumentParser()
    options.add_ledger_options(parser)
    assert options.chosen_database(parser.parse_args(words), options.load_project_config()) == url


def test_for_one_repository_ends_the_scope_of_an_organisation(project: Any) -> None:
    """The other settings of the ledger stay."""
    project.policy('[ledger]\nsql = "sqlite:///a.db"\nscope = "organisation"\n')
    config = options.load_project_config()
    alone = options.for_one_repository(config)
    assert (config.ledger.organisation, alone.ledger.organisation) == (True, False)
    assert alone.ledger.sql == config.ledger.sql
