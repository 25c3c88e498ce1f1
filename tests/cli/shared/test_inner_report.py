"""``run -- pytest --carbon``: the report of the inner pytest is held against what was counted from outside."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pytest_carbon.cli.shared.inner_report import InnerReport
from pytest_carbon.processes.watch import CountedOutside
from pytest_carbon.reporters.run import report_file
from tests.attack import Attack
from tests.cli.process import read_report, run_cli
from tests.samples import make_report

PYTEST = ("pytest", "--carbon")
COUNTED = CountedOutside(1.0, 5.0, 0.0, (), ())
FORGE = """
def pytest_sessionstart(session):
    recorder = session.config.pluginmanager.get_plugin("carbon-hooks").recorder
    until_now = recorder._cpu()
    recorder._cpu = lambda: until_now
"""
NO_PLUGIN = "def pytest_configure(config):\n    config.option.carbon = False\n"
TEST = "import os\n\ndef test_work():\n    while sum(os.times()[:2]) < 1.8: pass\n"


@pytest.mark.attack("forged-report")
@pytest.mark.parametrize(
    ("conftest", "why"),
    [
        (FORGE, r"s of CPU time in its session, but the report tells only of 0\.[0-4]"),
        (NO_PLUGIN, "wrote no report to"),
    ],
    ids=["recorder", "no report"],
)
@pytest.mark.parametrize("option", ["--carbon", "addopts"])
def test_run_refuses_what_its_command_forged(
    tmp_path: Path, attack: Attack, conftest: str, why: str, option: str
) -> None:
    """The exit code is 1 although the tests pass, and the report of run has the true CPU time and the sentence."""
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    (tmp_path / "test_work.py").write_text(TEST, encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-p", "pytest_carbon.plugin", "-q"]
    if option == "addopts":
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --carbon\n", encoding="utf-8")
    else:
        words.append(option)
    done = run_cli("run", "--", *words, cwd=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 1
    assert re.search(why, done.stderr.replace("\n", " "))
    report = read_report(tmp_path)
    assert sum(row["cpu_s"] for row in report["rows"] if row["kind"] == "command") > 1.7
    assert any(re.search(why, gap) for gap in report["gaps"])
    attack.ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("command", "place", "refused"),
    [
        (PYTEST, "report.json", True),
        ((*PYTEST, "--carbon-report", "other.json"), "other.json", True),
        ((*PYTEST, "--carbon-report=other.json"), "other.json", True),
        ((*PYTEST, "--carbon-report=other.json"), "report.json", True),
        (("make", "test"), "report.json", False),
    ],
)
def test_report_of_the_command_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], place: str, refused: bool
) -> None:
    """It is where the command's option says, or at the configured place; only of pytest alone is much expected."""
    monkeypatch.chdir(tmp_path)
    inner = InnerReport(command, Path("report.json"), tmp_path)
    report_file.write(make_report(tests={}, duration_s=0.5), Path(place))
    assert (inner.refusal(0, COUNTED) is not None) is refused


@pytest.mark.parametrize(
    "words", [("tests",), ("tests/test_a.py::test_a",), ("-c", "tests/pytest.ini"), ("--rootdir=tests",)]
)
def test_report_of_another_root_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Settings of pytest beside the tests make their folder its root, where it looks for the place of the report."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").write_text("def test_a(): pass\n", encoding="utf-8")
    (tmp_path / "tests/pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = run_cli("run", "--", sys.executable, "-m", "pytest", "-p", "no:randomly", "--carbon", *words, cwd=tmp_path)
    assert (done.returncode, "wrote no report" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "tests/.carbon/report.json").exists()


@pytest.mark.parametrize("setting", ["", 'report = "out/carbon.json"\n'], ids=["usual place", "named"])
@pytest.mark.parametrize("words", [(), ("tests",), ("--rootdir=..",)], ids=" ".join)
def test_report_of_a_root_folder_above_is_found(tmp_path: Path, setting: str, words: tuple[str, ...]) -> None:
    """The settings of pytest at the top of a repository make it the root folder of each of its projects."""
    project = tmp_path / "packages/shop"
    (project / "tests").mkdir(parents=True)
    (project / "tests/test_a.py").write_text("def test_a(): pass\n", encoding="utf-8")
    (project / "carbon.toml").write_text('[budget]\nper-run = "1 uJ"\non-exceeded = "fail"\n', encoding="utf-8")
    top = project.parent if words == ("--rootdir=..",) else tmp_path
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    if setting:
        (top / "carbon.toml").write_text(setting, encoding="utf-8")
    done = run_cli("run", "--", sys.executable, "-m", "pytest", "-p", "no:randomly", "--carbon", *words, cwd=project)
    assert "wrote no report" not in done.stderr
    assert (top / ("out/carbon.json" if setting else ".carbon/report.json")).exists()
    ignored = f"{project.relative_to(top).as_posix()}/carbon.toml is not read, and none of its limits is judged"
    assert ignored in " ".join(done.stdout.split())
    assert "run pytest --carbon --rootdir ." in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("command", "code", "refused"), [(PYTEST, 0, True), (PYTEST, 4, False), (("pytest",), 0, False)]
)
def test_missing_report(tmp_path: Path, command: tuple[str, ...], code: int, refused: bool) -> None:
    """A report of before is none of this command; pytest that could not run, or was not asked, owes none."""
    report_file.write(make_report(), tmp_path / "report.json")
    inner = InnerReport(command, tmp_path / "report.json", tmp_path, {})
    sentence = inner.refusal(code, COUNTED)
    assert (sentence is not None) is refused
    if sentence:
        assert "after 1.0 s and 5.0 s of CPU time" in sentence


@pytest.mark.parametrize(
    ("command", "file", "text", "variable", "expected"),
    [
        (("pytest",), "pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-q --carbon'", "", True),
        (("pytest",), "pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['-q', '--carbon']", "", True),
        (("pytest",), "pytest.toml", "[pytest]\naddopts = ['--carbon']", "", True),
        (("uv", "run", "pytest"), "tox.ini", "[pytest]\naddopts =\n  -q\n  --carbon", "", True),
        (("pytest",), "setup.cfg", "[tool:pytest]\naddopts = --carbon %s", "", True),
        (("pytest",), "pytest.ini", "[pytest]", "-q --carbon", True),
        (("pytest",), "pytest.ini", "[pytest]\naddopts = --carbon-top=3", "", False),
        (("pytest", "-o", "addopts="), "pytest.ini", "[pytest]\naddopts = --carbon", "", False),
        (("pytest", "--help"), "pytest.ini", "[pytest]\naddopts = --carbon", "", False),
        (("make",), "pytest.ini", "[pytest]\naddopts = --carbon", "--carbon", False),
        (("pytest",), "pyproject.toml", "tool = 3", "", False),
        (("pytest",), "pytest.ini", "no section", "", False),
    ],
)
def test_report_is_expected_where_settings_ask_for_it(
    tmp_path: Path, command: tuple[str, ...], file: str, text: str, variable: str, expected: bool
) -> None:
    """The option is looked for where pytest takes it from, before the command can change that."""
    (tmp_path / file).write_text(text, encoding="utf-8")
    inner = InnerReport(command, tmp_path / "report.json", tmp_path, {"PYTEST_ADDOPTS": variable})
    assert inner.expected is expected
