"""summary: every format, from a real ledger, and its mistakes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from pytest_carbon.core.accounts.values import account

BUDGETS = """
window = "month"
[budget]
limit = "100 kJ"
[features.checkout.budget]
limit = "40 kJ"
owners = ["@shop"]
[[objectives]]
name = "Less"
feature = "checkout"
target = "1 g"
by = "2026-12-31"
"""
HOSTILE = '<script>alert(1)</script> "&"'


def _policy(project: Any, lab: SimpleNamespace, more: str = "") -> None:
    top, _, tables = BUDGETS.partition("[budget]")
    project.policy(whole=top + lab.POLICY + f"[budget]{tables}" + more)


@pytest.fixture
def shop(project: Any, lab: SimpleNamespace) -> Any:
    """A project with budgets and seven runs of the default branch and of a pull request."""
    _policy(project, lab)
    project.baseline()
    for number in (1, 2):
        path = project.report(number, ago=timedelta(hours=30 * number))
        project.carbon("ledger", "append", path, "--label", "feature:checkout", "--pr", "7")
    return project


def test_markdown_goes_to_a_pipe(shop: Any) -> None:
    """Without a format and without a terminal it is Markdown: the index, then every account."""
    done = shop.carbon("summary")
    assert (done.code, done.err) == (0, "")
    assert done.out == shop.carbon("summary", "--format", "markdown").out
    headings = [line for line in done.out.splitlines() if line.startswith("#") and not line.startswith("###")]
    assert headings == ["# Carbon budgets", "## whole repository", "## checkout", "## search"]
    assert "**Checkout used 45 % of its June carbon budget: 18 of 40 kJ, on track.**" in done.out
    assert "| Less | checkout | per month | 1 g by 31 December |" in done.out


def test_one_account_in_a_file(shop: Any) -> None:
    """--feature selects one account, --output writes it and prints its sentence."""
    done = shop.carbon("summary", "--feature", "checkout", "--output", "checkout.md")
    assert (done.code, done.out) == (0, "Checkout used 45 % of its June carbon budget: 18 of 40 kJ, on track.\n")
    text = (shop.root / "checkout.md").read_text(encoding="utf-8")
    assert "\n## checkout\n" in text
    assert "search" not in text


def test_a_window_of_a_year_has_the_same_cause_as_in_budget(project: Any) -> None:
    """Both verbs read two windows back, however long, so that both name the same cause of a change."""
    project.policy('[budget]\nlimit = "100 kJ"\nwindow = "366d"\n')
    paths = [project.report(number, ago=timedelta(days=days)) for number, days in enumerate((10, 700, 710))]
    assert project.carbon("ledger", "append", *paths).code == 0
    (judged,) = project.carbon("budget", "--json").json["budgets"]
    (told,) = [one for one in project.carbon("summary", "--json").json["accounts"] if one["standing"]]
    assert judged["standing"] == told["standing"]
    assert told["standing"]["cause"] == "fewer runs (1 after 2)"


def test_json_conforms_to_its_schema(shop: Any) -> None:
    """--format json and --json print the same; the printed schema accepts it, also of an empty ledger."""
    done = shop.carbon("summary", "--json")
    assert done == shop.carbon("summary", "--format", "json")
    schema = shop.carbon("schema", "summary", now=None).json
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(done.json)
    assert done.json["schema"] == account.SCHEMA
    assert [one["name"] for one in done.json["accounts"]] == ["repository", "checkout", "search"]
    Path("empty").mkdir()
    empty = shop.carbon("summary", "--json", "--folder", "empty").json
    jsonschema.Draft7Validator(schema).validate(empty)
    assert empty["accounts"][1]["sentence"].startswith("No data for checkout yet")
    assert shop.carbon("schema", now=None).json["title"].startswith("Carbon report")


def test_budgets_have_the_same_status_as_in_budget(shop: Any) -> None:
    """The two verbs do not contradict each other."""
    budgets = {one["name"]: one["standing"] for one in shop.carbon("budget", "--json").json["budgets"]}
    accounts = shop.carbon("summary", "--json").json["accounts"]
    assert {one["name"]: one["standing"] for one in accounts if one["standing"]} == budgets


class _Page(HTMLParser):
    """The elements of a page, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]


def test_html_needs_nothing_beside_itself(shop: Any, lab: SimpleNamespace) -> None:
    """The page loads nothing and runs nothing, also if a feature is named like a script."""
    _policy(shop, lab, f"[features.'{HOSTILE}'.budget]\nlimit = '1 kJ'\nowners = ['{HOSTILE}']\n")
    done = shop.carbon("summary", "--format", "html")
    assert done.out == shop.carbon("summary", "--format", "html").out
    page = _Page(done.out)
    assert page.loads == ["data:,"]
    assert "script" not in page.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34;&amp;&#34;" in done.out
    assert "default-src &#39;none&#39;" in done.out or "default-src 'none'" in done.out
    assert not re.search(r"url\(\s*['\"]?(?!data:)|@import", done.out)


def test_a_terminal_shows_a_table(shop: Any) -> None:
    """All accounts are a table in colour; one account is shown in full."""
    shown = _in_a_terminal(shop.root, "summary", "--now", "2026-06-15T12:00:00Z")
    assert "The repository used 28 % of its June carbon budget" in shown
    assert re.search(r"checkout .*45 %: 18 of 40 kJ.* watch ", shown)
    assert "objective" in shown
    one = _in_a_terminal(shop.root, "summary", "--feature", "checkout", "--now", "2026-06-15T12:00:00Z")
    for word in ("remaining", "month", "June 2026, so far", "carbon intensity (sci)", "cost most", "#7"):
        assert word in one


def _in_a_terminal(where: Path, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    environment = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", "COLUMNS": "140"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest_carbon.cli", *arguments], cwd=where, stdout=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"\x1b[" in shown
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--feature", "chekout"), "no feature or team is called 'chekout'; did you mean \"checkout\"?"),
        (("--out", "nowhere/x.md"), "the summary could not be written to nowhere/x.md (No such file or directory)"),
        (("--format", "pdf"), "invalid choice: 'pdf'"),
    ],
)
def test_a_mistake_is_refused(shop: Any, arguments: tuple[str, ...], complaint: str) -> None:
    """An unknown name, a path that cannot be written and an unknown format end with 2."""
    done = shop.carbon("summary", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err


def test_a_corrupt_file_is_named_in_every_format(shop: Any) -> None:
    """A record that could not be read is a note."""
    day = shop.root / ".carbon" / "ledger" / "2026" / "06" / "12"
    (day / "run-103.json").write_text('{"schema": "pytest-carb', encoding="utf-8")
    for form in ("markdown", "html", "json"):
        assert "2026/06/12/run-103.json: it is not valid JSON" in shop.carbon("summary", "--format", form).out
