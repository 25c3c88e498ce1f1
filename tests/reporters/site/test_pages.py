"""The pages of the site: unique file names, harmless text, working links, equal bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.reporters.site import pages as site
from tests.core.accounts.decomposition.planted_ledgers import PLANTED, advised_accounts
from tests.reporters.site import samples_site

LAW = settings(max_examples=200, deadline=None)
HARD = st.text(min_size=1, max_size=60) | st.sampled_from(["con", "com1", "aux", "a" * 41, "..", "/", "a-0123456789"])
ROOT = Path(__file__).parents[3]


class _Links(HTMLParser):
    """The addresses and ids of a page, and everything in it that could run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.links += [value or ""] if name in ("href", "src") else []
            self.ids |= {value or ""} if name == "id" else set()
            self.acting += [name] if name.startswith("on") or name in ("style", "srcset") else []
        self.acting += [tag] if tag in ("script", "iframe", "object", "form", "base", "style") else []


def _links(text: str) -> _Links:
    links = _Links()
    links.feed(text)
    return links


@LAW
@given(st.lists(HARD, min_size=2, max_size=2, unique=True))
def test_file_names_never_clash(names: list[str]) -> None:
    """A file name is valid on every system, is no device name, and is unique whatever the case."""
    file_names = [site.file_name(name) for name in names]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,50}", name) for name in file_names)
    assert not {"con", "prn", "aux", "nul", "com1", "lpt1"} & set(file_names)
    assert file_names[0] != file_names[1]


def test_plain_names_stay() -> None:
    """The page of a plainly named feature has the feature's name, so a shared address stays."""
    assert [site.file_name(name) for name in ("checkout", "search-2", "a")] == ["checkout", "search-2", "a"]
    assert site.file_name("Checkout") == "checkout-99e71f48c4"


def test_every_link_leads_somewhere(built: Any) -> None:
    """Links are relative and lead to an existing file or part of a page."""
    pages = {path: _links(built.text(path)) for path in built.pages}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            assert not parts.netloc, link
            assert parts.scheme in ("", "data"), link
            if parts.scheme == "":
                target = (built.folder / path).parent / unquote(parts.path) if parts.path else built.folder / path
                assert target.resolve().is_relative_to(built.folder.resolve()), (path, link)
                assert target.is_file(), (path, link)
                linked_page = pages.get(target.resolve().relative_to(built.folder.resolve()).as_posix(), page)
                assert not parts.fragment or parts.fragment in linked_page.ids, (path, link)
    linked = {(built.folder / "index.html").parent / link for link in pages["index.html"].links}
    assert {built.folder / path for path in built.pages if "/" in path} <= linked


def test_no_page_can_run_anything(built: Any) -> None:
    """No page has a script, style, form or handler, whatever a feature is called; the content policy forbids them."""
    for path in built.pages:
        assert _links(built.text(path)).acting == [], path
        assert "default-src 'none'" in built.text(path)
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", built.text(path)), path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in built.text("index.html")


def test_pages_are_small(built: Any) -> None:
    """No page is larger than 300 KB, charts included."""
    assert max(len(built.text(path).encode()) for path in built.pages) < 300_000


def test_figures_and_badges_are_files(built: Any) -> None:
    """The figures are JSON, and every holder has a badge as SVG and as JSON."""
    figures = json.loads(built.text("data/summary.json"))
    assert figures["schema"] == "pytest-carbon/summary/1"
    assert json.loads(built.text("badges/features/checkout.json")) == {
        "schemaVersion": 1, "label": "carbon checkout", "message": "62 % of November", "color": "#005f9e",
    }  # fmt: skip
    assert json.loads(built.text("badges/repository.json"))["label"] == "carbon"
    badges = [path for path in (built.folder / "badges").rglob("*") if path.is_file()]
    assert len(badges) == 2 * len(figures["accounts"])


def test_the_same_input_gives_the_same_bytes() -> None:
    """Another process with another hash seed and time zone writes the same bytes."""
    code = (
        "import hashlib; from tests.reporters.site import samples_site; from pytest_carbon.reporters.site import pages;"
        "print(hashlib.sha256(repr(list(pages.render_files(samples_site.site()))).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed, "TZ": zone}, check=True,
            capture_output=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }  # fmt: skip
    assert len(digests) == 1


def test_a_page_says_what_to_do(built: Any) -> None:
    """The largest saving comes first, with its lines; a hostile name is text; a page without advice says nothing."""
    page = built.text("features/payment.html")
    assert page.index("Cancel the runs of job tests") < page.index("Halve the cost of &lt;script&gt;")
    text = page.replace("&nbsp;", " ")
    assert "It saves 196 g CO2e (151 g … 284 g) in a month. Effort: a line." in text
    assert "  cancel-in-progress: true" in page
    assert "promised 122 g CO2e (83 g … 210 g); it cost 23 g more in a month" in text
    assert "<script>" not in page
    assert "What to do" not in built.text("features/search.html")


def test_where_why_and_what_come_first() -> None:
    """Before the figures, a page says why the cost changed and what to do first; the overview for every feature."""
    accounts, pull = advised_accounts(PLANTED[4])
    files = dict(site.render_files(replace(samples_site.site(), accounts=accounts, teams={})))
    for path in ("index.html", "repository.html", "features/search.html"):
        text = files[path].replace("&nbsp;", " ")
        lead, why, what, figures = (
            text.index(part) for part in ('class="lead"', 'class="why"', "First action:", "<dl")
        )
        assert lead < why < what < figures
        assert f"since #{pull}" in text[why:what]
        assert f"Look again at #{pull}: since its merge the tests of search cost" in text[what:figures]
    link = '<a href="features/search.html#why">search</a>: So far in November'
    assert link in files["index.html"].replace("&nbsp;", " ")


def test_the_overview_names_whose_budget_is_used_up() -> None:
    """The sentence of the repository tells nothing of them; five are named, the others are counted."""
    accounts, _ = advised_accounts(PLANTED[4])
    whole = next(own for own in accounts.accounts if own.standing)
    assert whole.standing is not None
    over = replace(whole.standing, state="exhausted")
    ones = [replace(whole, name=f"f<{n}>", level="feature", standing=over) for n in range(7)]
    values = replace(accounts, accounts=(whole, *ones, replace(ones[0], name="fine", standing=whole.standing)))
    index = dict(site.render_files(replace(samples_site.site(), accounts=values, teams={})))["index.html"]
    line = next(line for line in index.splitlines() if "Exhausted:</strong>" in line)
    assert line.count("<a ") == 5
    assert line.endswith("f&lt;4&gt;</a> and 2 more.</p>")
    assert "fine" not in line
    assert (
        "Exhausted:</strong>"
        not in dict(
            site.render_files(replace(samples_site.site(), accounts=replace(accounts, accounts=(whole,)), teams={}))
        )["index.html"]
    )
