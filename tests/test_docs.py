"""README, docs and the sample say what is true: their commands run, their examples work, their links lead somewhere."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon import __version__
from pytest_carbon.cli.main import main
from pytest_carbon.config.load import load_config
from pytest_carbon.grid.grid_provider import GridProvider
from tests import command_page

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
Measured = tuple[Path, subprocess.CompletedProcess[str]]
ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100", "PYTEST_ADDOPTS": "",
}  # fmt: skip
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(language: str) -> list[tuple[str, str]]:
    return [
        (page.name, text)
        for page in PAGES
        if page.name != "CONTRIBUTING.md"  # its commands are those of this test run
        for result, text in FENCE.findall(page.read_text(encoding="utf-8"))
        if result == language
    ]


def _copy_sample(folder: Path) -> Path:
    copy = shutil.copytree(ROOT / "examples" / "shop", folder / "shop", ignore=shutil.ignore_patterns(".*"))
    (copy / ".gitignore").write_text(".carbon\n__pycache__\n", encoding="ascii")
    for command in ("init -q -b main", "add .", "-c user.name=n -c user.email=n@example.org commit -q -m sample"):
        subprocess.run(["git", *command.split()], cwd=copy, check=True)
    return Path(copy)


@pytest.fixture(scope="module")
def measured_shop(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """A copy of the sample that was measured once, and what the run printed."""
    copy = _copy_sample(tmp_path_factory.mktemp("measured"))
    return copy, _run("pytest --carbon --carbon-top 3", copy)


def _run(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euc", command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **ENVIRONMENT},
    )


@pytest.mark.long
def test_commands_of_the_docs_run_in_the_sample(
    measured_shop: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every shell block of README and docs, in order, works in the sample; a command that was there before is left out.

    The sample is measured already, and installing is left out. The commands of docs/scale.md have a test of their own,
    in an empty folder.
    """
    shop = Path(shutil.copytree(measured_shop[0], tmp_path / "shop"))
    report = shop / ".carbon" / "report.json"
    monkeypatch.chdir(shop)
    only_ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_carbon.plugin"}  # starts sooner
    for name, value in {**ENVIRONMENT, **only_ours}.items():
        monkeypatch.setenv(name, value)
    ran: set[str] = set()
    for page, block in _blocks("sh"):
        for command in block.splitlines():
            if page == "scale.md" or command in ran or command.startswith("pip install"):
                continue
            if command == "pytest --carbon":  # again the measured run, after another command was measured
                shutil.copy2(measured_shop[0] / ".carbon" / "report.json", report)
                continue
            ran.add(command)
            if re.match(r"pytest-carbon (?!run )[^>]*$", command):  # without the start of a Python
                fewer = command.replace("HEAD HEAD --repeat 2", "HEAD HEAD --repeat 1")
                fine = {0, 3} if "selftest" in fewer else {0}  # a busy machine may show nothing
                assert main(shlex.split(fewer)[1:]) in fine, (page, command, capsys.readouterr())
            else:
                smaller = " tests/checkout" if command.startswith("pytest ") else ""
                done = _run(f"{command}{smaller}", shop)
                assert done.returncode == 0, (page, command, done.stdout[-2000:], done.stderr[-2000:])
    assert len(ran) >= 20


def test_configuration_examples_are_understood(tmp_path: Path) -> None:
    """Every TOML block of README and docs is a configuration that loads."""
    blocks = _blocks("toml")
    assert len(blocks) >= 3
    for _, block in blocks:
        (tmp_path / "carbon.toml").write_text(block, encoding="utf-8")
        load_config(tmp_path, environment={})


def test_python_example_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    """The marker and the fixture work as README shows them."""
    (block,) = [text for page, text in _blocks("python") if page == "README.md"]
    pytester.makepyfile(block)
    pytester.runpytest_subprocess("--carbon", "-p", "no:randomly").assert_outcomes(passed=2)


def test_the_readmes_table_is_what_the_sample_prints(measured_shop: Measured) -> None:
    """Heading, labels, features and words of the table in README are those of a real run; figures may differ.

    So the costliest tests may be others of the sample, and a run may be without idle time or other processes. README
    shows the table of a terminal, where long names are shortened and long lines wrapped; a pipe has them whole.
    """
    shown = next(text for page, text in _blocks("text") if page == "README.md")
    shop, done = measured_shop
    rows = json.loads((shop / ".carbon" / "report.json").read_text())["rows"]
    printed = done.stdout + "".join(f"\n{row['nodeid']}" for row in rows if row["kind"] == "test")
    depends = ("machine", "speed", "CodeCarbon", "idle", "which does not count", "other processes")
    is_of_machine = False
    for line in shown.splitlines():
        label = re.split(r"\s{2,}| \d", line.strip())[0]
        is_of_machine = label.startswith(depends) or (is_of_machine and line.startswith(" "))  # or its wrapped rest
        if label and not label[0].isdigit() and not is_of_machine:
            assert re.search(re.escape(label).replace("…", ".*"), printed), label


def test_the_sample_wastes_where_it_says(measured_shop: Measured) -> None:
    """The wasteful test is the costliest row, its feature is over its budget, and the run passes with a warning."""
    shop, done = measured_shop
    assert done.returncode == 0
    report = json.loads((shop / ".carbon" / "report.json").read_text())
    tests = [row for row in report["rows"] if row["kind"] == "test"]
    assert max(tests, key=lambda row: row["energy_j"])["nodeid"].endswith("::test_order_of_words_does_not_matter")
    assert {b["feature"]: b["state"] for b in report["budgets"]} == {None: "pass", "search": "warn", "checkout": "pass"}


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file, and its anchor a heading of that file."""
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            file = page.parent / target if target else page
            assert file.exists(), target
            assert not anchor or anchor in _anchors(file), f"{target}#{anchor}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_the_index_leads_to_each_page_and_back(page: Path) -> None:
    """Nobody is lost: the index has every page, and every page a link to it."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    other = page.name != "index.md"
    assert f"]({page.name})" in index or not other
    assert "[All pages](index.md)" in page.read_text(encoding="utf-8").split("\n## ")[0] or not other


def test_the_page_of_the_command_line_is_made_from_the_code() -> None:
    """Every verb, option, default and exit code is that of --help; python -m tests.command_page writes the page."""
    written = command_page.PAGE.read_text(encoding="utf-8")
    assert written == command_page.page(), "the command line has changed: run python -m tests.command_page"


def test_messages_of_the_troubleshooting_page_are_ours() -> None:
    """Every message of the page, between its placeholders, is of the code, or of pytest, GitHub and its runner."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    messages = re.findall(r"^\| `([^`]+)` \| .+ \| .+ \|$", page, re.MULTILINE)
    texts = "\n".join(
        node.value
        for house in ("pytest_carbon", "github_action")
        for path in (ROOT / house).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    texts += (ROOT / "action.yml").read_text(encoding="utf-8")
    parts = {part.strip() for message in messages for part in message.split("…") if part.strip()}
    assert len(messages) >= 30
    of_others = {"unrecognized arguments: --carbon", 'exec: "bash": executable file not found', "The nested job '",
                 "' is requesting '", "', but is only allowed '"}  # fmt: skip
    assert {part for part in parts if part not in texts} == of_others


def test_who_installed_the_package_finds_the_pages() -> None:
    """The metadata has addresses, of files that are here."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    files = [url.partition("/blob/main/")[2] for url in urls.values()]
    assert all((ROOT / file).exists() for file in files)
    assert {"docs/index.md", "docs/troubleshooting.md"} <= set(files)


def test_architecture_names_every_room() -> None:
    """The page names each room, and no file, folder or module that is not there."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    houses = (ROOT / "pytest_carbon", ROOT / "github_action")
    rooms = {path.parent for house in houses for path in house.rglob("__init__.py")} - {houses[0]}
    names = {room.relative_to(houses[0] if houses[0] in room.parents else ROOT).as_posix() + "/" for room in rooms}
    named = set(re.findall(r"`([\w/.-]+/(?:[\w*]+\.py)?)`", text)) | set(re.findall(r"`(\w+\.py)`", text))
    assert names - named == set()
    assert {path for path in named if not any(list(home.glob(path)) for home in (ROOT, *houses))} == set()


def test_the_glossary_explains_each_word_once() -> None:
    """Every word has one meaning, and the words of each table are in no other table."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!word |---)(.+?) \| (.+?) \|$", text, re.MULTILINE)
    words = [word for names, _ in rows for word in names.split(", ")]
    assert len(words) > 80
    assert sorted(words) == sorted(set(words))
    assert all(meaning.endswith(".") for _, meaning in rows)


def test_examples_of_contributing_work() -> None:
    """The provider and the reporter of the walkthroughs do what the page says."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^   ```python\n(.*?)^   ```$", text, re.MULTILINE | re.DOTALL)
    provider: dict[str, Any] = {}
    reporter: dict[str, Any] = {}
    for names, block in zip((provider, reporter), blocks, strict=True):
        exec(compile(dedent(block), "CONTRIBUTING.md", "exec"), names)  # noqa: S102
    office: GridProvider = provider["Office"]()
    factor = office.factor("office")
    assert factor is not None
    assert (factor.g_per_kwh.central, office.factor("DE"), office.zones()) == (100.0, None, ["office"])
    assert reporter["render"](SimpleNamespace(run="run-1", sentence="Fine.\a")) == "run-1: Fine.\\x07\n"


def test_files_that_contributing_names_are_there() -> None:
    """Each file, folder and name of a walkthrough exists, but for the ones that it adds."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    homes = (ROOT, ROOT / "pytest_carbon")
    named = set(re.findall(r"`([\w/.-]+/[\w.-]*)`", text)) - {
        "github_action/", "carbon/budget", "pytest_carbon/grid/office.py", "tests/grid/test_office.py",
        "pytest_carbon/reporters/verdict/one_line.py", "tests/reporters/verdict/test_one_line.py",
        "pytest_carbon/ledgers/transfer/yaml_lines.py", "tests/ledgers/transfer/test_yaml_lines.py",
        "pytest_carbon/ledgers/NAME/", "pre-commit-hooks/carbon_NAME.py", "tests/pre_commit_hooks/test_carbon_NAME.py",
            "pytest_carbon/core/advice/kinds/NAME.py", "tests/core/advice/kinds/test_NAME.py",
    }  # fmt: skip
    assert {path for path in named if not any((home / path).exists() for home in homes)} == set()


def test_changelog_and_metadata_agree() -> None:
    """The changelog has an open section, and every dependency says why it is there."""
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tomllib.loads(text)
    dependencies = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert dependencies is not None
    assert all("#" in line for line in dependencies.group(1).splitlines())
