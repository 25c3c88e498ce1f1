"""Reports, policies, options and names that cannot be used: each is refused in one line, or skipped with a note."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from pytest_carbon.core.report import to_json
from pytest_carbon.reporters.run import report_file
from tests.attack import Attack
from tests.samples import make_report

HOSTILE = "x\x1b[31m\n::error::no\r\x9b2J\u202e<b>|`@ann`##[error]##vso[task.complete]"
LIMIT = '\n[features.checkout.budget]\nlimit = "40 kJ"\n'
JUDGING = [("check",), ("explain",), ("ledger", "append"), ("confirm",), ("compare", "good.json")]


def _refused(done: Any, complaint: str) -> None:
    """Assert that a mistake is one line on standard error, and exit code 2."""
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pytest-carbon: ")
    assert complaint in done.err
    assert len(done.err.splitlines()) == 1
    assert len(done.err) < 600


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], str]:
    def change(data: dict[str, Any]) -> str:
        inner: Any = data
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value
        return json.dumps(data)

    return change


@pytest.mark.parametrize("verb", JUDGING, ids=lambda verb: " ".join(verb[:2]))
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(
            _set("schema", value="pytest-carbon/report/2"), "not a carbon report of this version", id="version"
        ),
        pytest.param(lambda data: json.dumps(data)[:-500], "is not complete JSON", id="truncated"),
        pytest.param(_set("totals", "energy_j", value=float("nan")), "it contains NaN", id="NaN"),
        pytest.param(_set("totals", "energy_j", value=-1.0), "is not a valid carbon report", id="negative"),
        pytest.param(_set("rows", 0, "reference_j", value=1e300), "is not a valid carbon report", id="absurd"),
        pytest.param(_set("pairs", value={"schema": "?"}), "is not a valid carbon report", id="pairs"),
        pytest.param(lambda _: "\x00\x1b[31m", "is not complete JSON", id="no text"),
        pytest.param(lambda _: "[]", "its schema is None", id="a list"),
    ],
)
def test_a_report_that_is_not_sound_is_refused(
    project: Any, lab: SimpleNamespace, verb: tuple[str, ...], change: Callable[[dict[str, Any]], str], complaint: str
) -> None:
    """Every verb that reads a report refuses one that is not sound, and says what to do."""
    project.write(lab.report(), "good.json")
    (project.root / "bad.json").write_text(change(to_json(lab.report())), encoding="utf-8")
    done = project.carbon(*verb, "bad.json")
    _refused(done, complaint)
    assert "bad.json" in done.err
    assert not (project.root / ".carbon").exists()


@pytest.mark.parametrize("verb", JUDGING[:-1], ids=" ".join)
@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("nowhere.json", "there is no carbon report at nowhere.json"),
        (".", ". cannot be read (it is a folder, not a regular file)"),
        ("-", "- cannot be read (standard input is not read; write its content to a file first)"),
    ],
)
def test_a_missing_report_is_refused(project: Any, verb: tuple[str, ...], path: str, complaint: str) -> None:
    """A path without a file, a folder, and the configured report before the first run are mistakes."""
    _refused(project.carbon(*verb, path), complaint)
    _refused(project.carbon(*verb), "/.carbon/report.json; if the path is right, make a new one with pytest --carbon")


def test_a_report_from_a_pipe_is_refused_with_the_way_out(project: Any) -> None:
    """As ``check <(...)`` and ``cat report.json | pytest-carbon check /dev/stdin`` give it."""
    reader, writer = os.pipe()
    try:
        for verb in ("check {}", "explain {}", "report {}", "ledger append {}", "ledger import {}", "compare {} HEAD"):
            done = project.carbon(*verb.format(f"/dev/fd/{reader}").split(), now=None)
            _refused(done, "(it is a pipe, not a regular file; write its content to a file first)")
    finally:
        os.close(reader)
        os.close(writer)


def test_one_bad_report_of_several_appends_no_run(project: Any) -> None:
    """All reports are read before any run is appended."""
    _refused(project.carbon("ledger", "append", project.report(), "nowhere.json"), "there is no carbon report")
    assert project.carbon("ledger", "list", "--json").json["entries"] == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"base": 7}, "data.pairs.base must be string", id="no text"),
        pytest.param({"schema": "pytest-carbon/pairs/2"}, "data.pairs.schema must be same as const", id="version"),
        pytest.param({"runs": 1}, "the paired runs are incomplete", id="an odd run"),
    ],
)
def test_paired_runs_that_are_not_sound_are_refused(
    project: Any, lab: SimpleNamespace, changes: dict[str, Any], complaint: str
) -> None:
    """The paired runs in a report are checked as the report is."""
    report = lab.report()
    pairs = lab.pairs(report, report)
    if "runs" in changes:
        changes = {"runs": pairs["runs"][: changes["runs"]]}
    path = project.write(lab.replace(report, pairs={**pairs, **changes}))
    _refused(project.carbon("check", path), complaint)


def test_a_run_of_the_future_is_refused(project: Any, lab: SimpleNamespace) -> None:
    """A run that ended after the time of judgement is refused; one of a fast clock, by minutes, counts now."""
    project.policy(LIMIT)
    report = project.report()
    for verb in (("check",), ("explain",)):
        done = project.carbon(*verb, report, now=lab.NOW - timedelta(days=2))
        _refused(done, "from 2026-06-15T11:00:00Z to 2026-06-15T11:01:00Z, but it is judged as of 2026-06-13T12")
    early = project.carbon("ledger", "append", report, now=lab.NOW - timedelta(days=2))
    _refused(early, "and this is done as of 2026-06-13; is --now right?")
    skewed = project.carbon("check", report, "--json", now=lab.NOW - timedelta(hours=1, minutes=5))
    assert skewed.code == 0
    assert skewed.json["judged"][0]["standing"]["consumed"] == 2000


def test_a_record_of_the_future_is_skipped(project: Any, lab: SimpleNamespace) -> None:
    """A record that another machine's clock put into the future is named and not counted.

    As of a time that --now chooses, it is only later: nobody's clock is blamed, and it is no fault.
    """
    project.policy(LIMIT)
    years = timedelta(days=800 * 365)
    project.carbon("ledger", "append", project.report(1, ago=-years), now=lab.NOW + years)
    for now in (lab.NOW, None):
        budget = project.carbon("budget", "--json", now=now).json
        assert budget["budgets"][0]["standing"]["runs"] == 0
        verified = project.carbon("ledger", "verify", now=now)
        assert verified.code == (1 if now is None else 0)
        assert ("which is in the future; a clock was wrong" in verified.out) == (now is None)


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        ('[features.a.budget]\nlimit = "0 g"', "limit is '0 g'; it must be more than zero"),
        ("[features.a.budget]\nlimit = 5", "limit is 5, which has no unit"),
        ('[features.a.budget]\nlimit = "-1 kJ"', "it must be more than zero"),
        ('[features.a.budget]\nlimit = "1e400 J"', "it must be more than zero and finite"),
        ('[features.a.budget]\nlimit = "1 J"\nwindow = "fortnight"', "which is not a window"),
        ('[features.a.budget]\nlimit = "1 J"\nwindow = "0d"', "it must be at least 1 day"),
        ('[features.a.budget]\nlimit = "1 J"\nwindow = "9999999d"', "at most 366"),
        ('[features.a.budget]\nlimit = "1 J"\ntimezone = "Mars/Base"', "no time zone is called 'Mars/Base'"),
        ('[features.a.budget]\ngrowth = "5"', "with a per cent sign"),
        ('[features.a]\nlabels = ["x"]\n[features.b]\nlabels = ["x"]', "both a and b claim the label 'x'"),
        ('[features.a]\npaths = ["t/**"]\n[features.b]\npaths = ["t/**"]', "both a and b claim the path 't/**'"),
        ('on-inconclusive = "perhaps"', "on-inconclusive"),
        ("budgets = 1", "budgets"),
        ('[ledger]\nfolder = "a"\nbranch = "b"', "has a folder and a branch; keep one of them"),
        ("[features.a\n", "is not valid TOML"),
        ('zone = "Atlantis"', "no grid zone is called 'Atlantis'"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(project: Any, policy: str, complaint: str) -> None:
    """The key is named in one line; the meaning of a policy is never guessed."""
    project.policy(whole=policy + "\n")
    _refused(project.carbon("check", project.report()), complaint)
    _refused(project.carbon("budget"), complaint)


def test_a_policy_in_two_places_is_refused(project: Any) -> None:
    """carbon.toml beside [tool.pytest-carbon] is refused."""
    (project.root / "pyproject.toml").write_text("[tool.pytest-carbon]\n", encoding="utf-8")
    _refused(project.carbon("budget"), "keep one of them")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("check", "{report}", "--policy-from", "nonsense"),
            "there is no such commit here; is it spelt right? If it is new, run: git fetch",
        ),
        (("check", "{report}", "--policy-from", "HEAD:x"), "there is no such commit here"),
        (("check", "{report}", "--branch", "b", "--folder", "f"), "--folder and --branch are given"),
        (("check", "{report}", "--branch", "a b"), "which git does not accept as a branch name"),
        (("check", "{report}", "--output", "no/such/folder"), "could not be written to no/such/folder (No such file"),
        (
            ("check", "{report}", "--output", "."),
            "could not be written to . (there is a folder or a device of this name)",
        ),
        (("check", "{report}", "--folder", "carbon.toml"), "cannot be used (Not a directory"),
        (("ledger", "append", "{report}", "--pr", "0"), "cannot be stored"),
        (("ledger", "append", "{report}", "--attempt", "0"), "cannot be stored"),
        (("ledger", "list", "--since", "monday"), "'monday' is not a day; write it as 2026-01-02"),
        (("ledger", "compact", "--before", "2026-02-30"), "'2026-02-30' is not a day"),
        (
            ("check", "{report}", "--policy-from", "mian"),
            'no such commit here; did you mean "main"? If it is new, run: ',
        ),
        (("compare", "mian", "HEAD"), 'nor a commit of this repository; did you mean "main"? If it is new, run: git'),
        (("compare", "mian", "HEAD", "--repeat", "1"), "no commit 'mian' in this repository; did you mean \"main\"?"),
        (("compare", "nothing", "HEAD"), "'nothing' is neither a carbon report nor a commit"),
        (("compare", ".", "HEAD"), "'.' is neither a carbon report nor a commit"),
        (("compare", "HEAD", "HEAD", "--repeat", "0"), "--repeat is 0; it must be at least 1"),
        (("compare", "HEAD", "HEAD", "--repeat", "1", "--cap", "nan"), "--cap is nan"),
        (("compare", "HEAD", "HEAD", "--repeat", "1", "--cap", "0"), "--cap is 0; it must be a number of seconds"),
        (("compare", "{report}", "HEAD", "--repeat", "1"), "there is no commit '{report}'"),
        (("selftest", "--repeat", "1"), "at least 2 pairs are needed"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(project: Any, arguments: tuple[str, ...], complaint: str) -> None:
    """The option is named in one line, and nothing is written."""
    report = project.report()
    project.repository()
    done = project.carbon(*(argument.format(report=report) for argument in arguments))
    _refused(done, complaint.format(report=report))
    assert not (project.root / ".carbon").exists()


@pytest.mark.parametrize(
    "arguments",
    [("check", "--", "pytest"), ("budget", "--", "x"), ("ledger", "list", "--", "x"), ("report", "--", "x"),
     ("check", "--pr", "seven"), ("check", "--format", "pdf"), ("ledger",), ("ledger", "burn"), ("compare", "a"),
     ("ledger", "override", "checkout")],
)  # fmt: skip
def test_wrong_usage_is_refused_with_the_usage(project: Any, arguments: tuple[str, ...]) -> None:
    """This includes a command after -- for a verb that runs no command."""
    done = project.carbon(*arguments, now=None)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: pytest-carbon")


def test_without_a_repository_only_the_folder_works(project: Any) -> None:
    """Without git a branch cannot hold the ledger, and commits cannot be compared."""
    report = project.report()
    for verb in (("ledger", "append"), ("check",)):
        _refused(project.carbon(*verb, report, "--branch", "carbon-ledger"), "there is no git repository at")
    _refused(project.carbon("compare", "HEAD~1", "HEAD"), "is neither a carbon report nor a commit")
    assert project.carbon("ledger", "append", report).code == 0
    _refused(project.carbon("selftest", "--", "pytest"), "is in no git repository, or git is not installed")


@pytest.mark.parametrize("verb", [("ledger", "append"), ("check",)], ids=lambda verb: verb[-1])
def test_a_remote_that_does_not_answer_is_an_error(project: Any, verb: tuple[str, ...]) -> None:
    """The error names the branch and the remote, never a password; nothing is written anywhere."""
    project.repository()
    project.git("remote", "add", "origin", "http://ann:secret@127.0.0.1:1/shop.git")
    done = project.carbon(*verb, project.report(), "--branch", "carbon-ledger")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pytest-carbon: branch carbon-ledger of origin: ")
    assert "secret" not in done.err
    assert all(line.startswith("  | ") for line in done.err.splitlines()[1:])
    assert not (project.root / ".carbon").exists()


def test_a_run_that_is_in_the_ledger_twice_counts_once(project: Any) -> None:
    """A forged second file of the same run is named, and the run counts once."""
    project.policy(LIMIT)
    project.carbon("ledger", "append", project.report())
    day = project.root / ".carbon" / "ledger" / "2026" / "06" / "15"
    forged = json.loads((day / "run-1.json").read_text(encoding="utf-8"))
    forged |= {"started": "2026-06-14T11:00:00+00:00", "energy_j": 3500.0}
    (day.with_name("14")).mkdir()
    (day.with_name("14") / "run-1.json").write_text(json.dumps(forged), encoding="utf-8")
    budget = project.carbon("budget", "--json").json
    assert budget["budgets"][0]["standing"]["runs"] == 1
    assert len(budget["notes"]) == 1
    assert "another record has its id, run-1" in budget["notes"][0]
    verified = project.carbon("ledger", "verify")
    assert (verified.code, "run-1 is there twice, with different content" in verified.out) == (1, True)


# -- hostile names -----------------------------------------------------------------------------------------


def _assert_harmless(text: str) -> None:
    """Assert that neither a terminal nor a CI log finds a command in the text."""
    assert all(char.isprintable() or char == "\n" for char in text)
    assert not re.search(r"(?m)^\s*::|##\[", text)


@pytest.fixture
def hostile(project: Any, lab: SimpleNamespace) -> str:
    """A run, like five of the default branch, whose tests, feature, branch, machine and gaps have hostile names."""
    names = {"labels": [HOSTILE, "::error::label"], "budget": {"limit": "1 kJ", "growth": "5 %"}}
    toml = f"[features.{json.dumps(HOSTILE)}]\nlabels = {json.dumps(names['labels'])}\n"
    toml += f'[features.{json.dumps(HOSTILE)}.budget]\nlimit = "1 kJ"\ngrowth = "5 %"\non-exceeded = "fail"\n'
    toml += '[features."::error::first".budget]\nlimit = "1 kJ"\n'
    project.policy(whole=toml)

    def report(number: int, cost: float, branch: str, days: int) -> str:
        plain = lab.report(number, cost={"checkout": cost}, branch=branch, ago=timedelta(days=days, hours=1))
        text = report_file.to_text(plain)
        for word, bad in (("checkout/test_checkout.py::", f"##vso[task.complete]{HOSTILE}/t.py::"),
                          ("checkout", HOSTILE), ("tests/search/test_search.py::", "::error::"),
                          ("search", "::error::first"), ("bench", HOSTILE)):  # fmt: skip
            text = text.replace(word, json.dumps(bad)[1:-1])
        data = json.loads(text)
        data["gaps"] = [HOSTILE, "::error::gap"]
        path = f"reports/hostile-{number}.json"
        (project.root / path).parent.mkdir(exist_ok=True)
        (project.root / path).write_text(json.dumps(data), encoding="utf-8")
        return path

    for number in range(5):
        done = project.carbon("ledger", "append", report(number, 1.0, "main", number + 1), "--job", HOSTILE)
        assert (done.code, done.err) == (0, "")
    return report(9, 1.5, HOSTILE, 0)


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize(
    "verb",
    [("check",), ("explain",), ("ledger", "append"), ("compare", "reports/hostile-0.json"), ("budget",),
     ("ledger", "list"), ("ledger", "verify"), ("ledger", "compact")],
    ids=" ".join,
)  # fmt: skip
def test_hostile_names_reach_no_terminal(project: Any, hostile: str, verb: tuple[str, ...], attack: Attack) -> None:
    """Control characters are shown as escapes, and no line begins with a command of a CI's log."""
    takes_report = verb[0] in ("check", "explain", "compare") or verb[-1] == "append"
    done = project.carbon(*verb, *([hostile] if takes_report else []))
    assert done.code in (0, 1)
    assert done.err == ""
    _assert_harmless(done.out)
    as_json = project.carbon(*verb, *([hostile] if takes_report else []), "--json")
    assert as_json.out.isascii()
    assert isinstance(as_json.json, dict)
    assert not re.search(r"(?m)^\s*::", as_json.out)
    attack.harmless(done.out)


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize("form", ["terminal", "markdown", "json", "junit", "sarif"])
def test_hostile_names_break_no_format(project: Any, hostile: str, form: str, attack: Attack) -> None:
    """Every format stays well formed, and shows the names as text."""
    done = project.carbon("check", hostile, "--format", form)
    assert (done.code, done.err) == (1, "")
    assert all(char.isprintable() or char == "\n" for char in done.out)
    assert not re.search(r"(?m)^\s*::error", done.out)
    if form == "json":
        assert json.loads(done.out)["judged"][0]["name"] == HOSTILE
    elif form == "sarif":
        assert len(json.loads(done.out)["runs"]) == 1
    elif form == "junit":
        names = {case.get("classname") for case in Xml.fromstring(done.out).iter("testcase")}  # noqa: S314 (our own)
        assert any("\\x1b[31m\\n::error::no" in str(name) for name in names)
    elif form == "markdown":
        assert "<b>" not in done.out
        assert "`@ann`" not in done.out
    attack.ended(done.code, done.out)


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize(
    "verb",
    [*(("check", "reports/hostile-9.json", "--format", form) for form in ("markdown", "json", "junit", "sarif")),
     *(("summary", "--format", form) for form in ("markdown", "json", "html")),
     ("explain", "reports/hostile-9.json", "--json"), ("compare", "reports/hostile-0.json", "reports/hostile-9.json",
     "--json"), ("budget", "--json"), ("ledger", "list", "--json"), ("ledger", "export", "-")],
    ids=lambda verb: " ".join(word for word in verb if "/" not in word),
)  # fmt: skip
def test_a_printed_format_commands_no_ci(project: Any, hostile: str, verb: tuple[str, ...], attack: Attack) -> None:
    """Azure Pipelines and TeamCity find commands anywhere in a line, also in JSON, XML, HTML and code of Markdown."""
    assert hostile
    done = project.carbon(*verb)
    assert done.code in (0, 1)
    assert not re.search(r"(?mi)^\s*::|##(\[|vso\[|teamcity\[)", done.out)
    assert all(char.isprintable() or char == "\n" for char in done.out)
    attack.harmless(done.out)


@pytest.mark.attack("hostile-text")
@pytest.mark.parametrize(
    "arguments",
    [("budget", HOSTILE), ("ledger", "correct", HOSTILE, "--label", HOSTILE, "--reason", "r"),
     ("compare", HOSTILE, "b"), ("check", HOSTILE), ("check", "r", "--branch", HOSTILE),
     ("compare", 99 * HOSTILE, "b"), ("ledger", "list", "--since", HOSTILE),
     ("ledger", "override", HOSTILE, "--reason", HOSTILE, "--author", "a", "--approver", "a", "--amount", "9 kJ"),
     ("ledger", "override", HOSTILE, "--reason", "r", "--author", "a", "--approver", "b", "--amount", HOSTILE),
     ("check", "reports/hostile-9.json", "--policy-from", HOSTILE)],
    ids=lambda arguments: " ".join(arguments)[:20].encode("ascii", "ignore").decode().split("\x1b")[0],
)  # fmt: skip
def test_hostile_arguments_do_nothing(project: Any, hostile: str, arguments: tuple[str, ...], attack: Attack) -> None:
    """A mistake with a hostile name is printed, and what follows a line end in the name is set apart."""
    assert hostile
    project.repository()
    done = project.carbon(*arguments)
    assert done.code == (0 if arguments[0] == "budget" else 2)
    _assert_harmless(done.out + done.err)
    assert all(line.startswith("  | ") for line in done.err.splitlines()[1:])
    attack.harmless(done.out + done.err)


def test_hostile_corrections_and_overrides_print_one_line(project: Any, hostile: str) -> None:
    """The confirmation is one harmless line."""
    assert hostile
    grant = ("--reason", HOSTILE, "--author", "a", "--approver", HOSTILE, "--amount", "100 J")
    run = project.carbon("ledger", "list", "--json").json["entries"][0]["id"]
    for arguments in (("correct", run, "--label", HOSTILE, "--reason", HOSTILE), ("override", HOSTILE, *grant)):
        done = project.carbon("ledger", *arguments)
        assert (done.code, done.err, len(done.out.splitlines())) == (0, "", 1)
        _assert_harmless(done.out)
    _assert_harmless(project.carbon("check", hostile).out)


@pytest.mark.parametrize("form", ["terminal", "markdown", "json", "junit", "sarif"])
def test_a_name_that_is_not_utf_8_can_be_printed(project: Any, lab: SimpleNamespace, form: str) -> None:
    """A lone surrogate in the name of a test never breaks the output."""
    tests = {"checkout": [f"t.py::test_{n}[\ud800]" for n in range(20)]}
    for number, cost in ((1, 1.0), (2, 2.0)):
        project.write(lab.report(number, tests=tests, cost={"checkout": cost}), f"{number}.json")
    done = project.carbon("check", "2.json", "--format", form)
    assert done.code == 0
    assert done.out.encode()
    arguments = ["--json"] if form == "json" else []
    assert "\\ud800" in project.carbon("compare", "1.json", "2.json", *arguments).out


# -- reports that are not believed -------------------------------------------------------------------------


@pytest.mark.attack("measured-clock")
@pytest.mark.parametrize("verb", [("check",), ("explain",), ("ledger", "append"), ("confirm",)], ids=" ".join)
@pytest.mark.parametrize("started", ["2020-02-02T12:00:00Z", "2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_run_dated_by_its_tests_is_refused(project: Any, verb: tuple[str, ...], started: str, attack: Attack) -> None:
    """Tests that moved their clock are in no window of today; the file was written just now."""
    project.policy('\n[features.checkout.budget]\nlimit = "1 J"\non-exceeded = "fail"\n')
    project.write(make_report(started=started))
    done = project.carbon(*verb, now=None)
    assert started[:10] in done.err
    attack.ended(done.code, done.out + done.err)
    assert not (project.root / ".carbon" / "ledger").exists()


def test_a_report_of_long_ago_is_used_as_of_then(project: Any) -> None:
    """Who names the time vouches for the report's."""
    project.policy(LIMIT)
    path = project.write(make_report(started="2020-02-02T12:00:00Z"), "old.json")
    refused = project.carbon("check", path, now=None)
    _refused(refused, "moved, copied or touched. For a report of before that, say as of when it is used: --now TIME")
    done = project.carbon("check", path, "--now", "2020-02-03T00:00:00Z", "--json", now=None)
    assert done.json["judged"][0]["standing"]["consumed"] == 2000


@pytest.mark.attack("measured-clock")
def test_a_known_id_of_another_run_is_refused(project: Any, attack: Attack) -> None:
    """Neither judged nor appended: the run of the ledger stays as it is."""
    project.policy(LIMIT)
    assert project.carbon("ledger", "append", project.report()).code == 0
    for facts in ({"cost": {"checkout": 0.5}}, {"commit": "b" * 40}, {"ago": timedelta(hours=2)}):
        again = project.report(**facts)
        for verb in (("check",), ("ledger", "append")):
            done = project.carbon(*verb, again)
            assert "run run-1 is in the ledger with" in done.err
            attack.ended(done.code, done.err)
    (entry,) = project.carbon("ledger", "list", "--json").json["entries"]
    assert entry["energy_j"] == 4000


@pytest.mark.attack("contradicting-report")
@pytest.mark.parametrize("verb", JUDGING, ids=lambda verb: " ".join(verb[:2]))
def test_a_report_that_does_not_add_up_is_refused(project: Any, verb: tuple[str, ...], attack: Attack) -> None:
    """Every reader refuses the report, with what contradicts what."""
    report = make_report()
    project.write(report, "good.json")
    path = project.write(
        replace(report, totals=replace(report.totals, energy_j=1.0, low_j=0.5, high_j=2.0)), "bad.json"
    )
    done = project.carbon(*verb, path)
    _refused(done, "bad.json does not add up: ")
    attack.ended(done.code, done.err)
