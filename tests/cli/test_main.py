"""The command line as a whole: help, mistakes, a closed pipe."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import run_cli

VERBS = [
    (), ("run",), ("report",), ("doctor",), ("schema",), ("check",), ("explain",), ("budget",), ("compare",),
    ("confirm",), ("selftest",), ("devices",), ("hook",), ("site",), ("summary",), ("ledger",), ("init",), ("advise",),
    ("calibrate",),
    *(("ledger", verb) for verb in ("append", "list", "verify", "sync", "export", "import", "migrate", "compact",
                                    "correct", "override")),
]  # fmt: skip


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_help_of_every_verb_has_an_example_and_the_exit_codes(project: Any, verb: tuple[str, ...]) -> None:
    """A help text says what the verb does, shows a command to try, and says what each exit code means."""
    done = project.carbon(*verb, "--help", now=None)
    assert (done.code, done.err) == (0, "")
    assert "\nexample:\n  pytest" in done.out
    if verb != ("ledger",):
        assert "\nexit codes:\n  0: " in done.out
        assert "\n  2: wrong use, or input that cannot be read\n" in done.out


@pytest.mark.parametrize("verb", [(), ("ledger",), ("grid",)], ids=["all", "ledger", "grid"])
def test_each_verb_of_a_list_is_one_line(project: Any, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]) -> None:
    """On a terminal of 80 columns: a name, and what the verb is for."""
    monkeypatch.setenv("COLUMNS", "80")
    listed = project.carbon(*verb, "--help", now=None).out.partition("  VERB\n")[2].partition("\n\n")[0].splitlines()
    assert len(listed) >= 4
    assert all(re.fullmatch(r"    [a-z]+ +[A-Za-z].*", line) for line in listed)


def test_help_names_only_what_exists(project: Any) -> None:
    """Every verb and every option that a help text names is one that can be used."""
    texts = {verb: project.carbon(*verb, "--help", now=None).out for verb in VERBS}
    listed = re.compile(r"^ +(?:-V, )?(--[a-z0-9-]+)", re.MULTILINE)
    options = {option for text in texts.values() for option in listed.findall(text)}
    options |= {"--carbon", "--help", "--", "--watts"}  # the last one is of a meter's command, in an example
    verbs = {verb[0] for verb in VERBS if verb} | {"VERB"}
    for verb, text in texts.items():
        assert set(re.findall(r"pytest-carbon (\w+)", text)) <= verbs, verb
        assert set(re.findall(r"(?<![\w-])--[a-z0-9-]*", text)) <= options, verb


@pytest.mark.parametrize(
    ("arguments", "verb"),
    [(("selftest", "--repeat", "2", "pytest"), "selftest"), (("confirm", "pytest", "-x"), "confirm")],
)
def test_a_command_without_dashes_is_told_where_it_belongs(project: Any, arguments: tuple[str, ...], verb: str) -> None:
    """The usage is that of the verb, and the error says that the command stands after --."""
    done = project.carbon(*arguments, now=None)
    assert done.code == 2
    assert done.err.startswith(f"usage: pytest-carbon {verb} [-h]")
    assert done.err.endswith("write the command that it runs after --\n")
    assert "after --" not in project.carbon("check", "report.json", "more", now=None).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "pytest-carbon: error: no verb is given; --help lists them\n"),
        (("ledger",), "pytest-carbon ledger: error: no verb is given; --help lists them\n"),
        (("hook",), "the following arguments are required: NAME\n"),
    ],
)
def test_what_is_missing_is_named(project: Any, words: tuple[str, ...], said: str) -> None:
    """A verb is not an argument for a user who does not know the word."""
    done = project.carbon(*words, now=None)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chek",), "argument VERB: invalid choice: 'chek'; did you mean \"check\"? (there are: init, run, "),
        (("ledger", "apend"), "argument VERB: invalid choice: 'apend'; did you mean \"append\"? (there are: append, "),
        (("hook", "carbon-polcy"), "invalid choice: 'carbon-polcy'; did you mean \"carbon-policy\"?"),
        (("init", "--forge", "gitub"), "argument --forge: invalid choice: 'gitub'; did you mean \"github\"?"),
        (("check", "--lable", "a"), 'unrecognized arguments: --lable; did you mean "--label"?'),
        (("init", "--zne=DE"), 'unrecognized arguments: --zne=DE; did you mean "--zone"?'),
        (("check", "report.json", "labels"), "unrecognized arguments: labels\n"),
        (("summary", "checkout"), "unrecognized arguments: checkout; a feature or team is named by --feature\n"),
        (("zzz",), "argument VERB: invalid choice: 'zzz' (there are: init, run, "),
    ],
)
def test_a_misspelt_word_has_the_nearest_one(project: Any, words: tuple[str, ...], said: str) -> None:
    """Of the verbs, the options, and the choices of an option."""
    done = project.carbon(*words, now=None)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run",), "no command is given"),
        (("run", "--zone", "Atlantis", "--", "true"), "no grid zone is called 'Atlantis' (from --zone)"),
        (("report", "--top", "0"), "--top is 0; it must be at least 1"),
        (("report",), "there is no carbon report at"),
        (("report", "broken.json"), "is not complete JSON"),
        (("report", "other.json"), "is not a carbon report of this version"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """A mistake of the user is one line without a traceback, and exit code 2."""
    (tmp_path / "broken.json").write_text('{"schema": "pytest-')
    (tmp_path / "other.json").write_text('{"schema": "something else"}')
    done = run_cli(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_output_into_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """pytest-carbon schema | head -1 ends without a traceback."""
    command = f"{sys.executable} -m pytest_carbon.cli schema | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr
