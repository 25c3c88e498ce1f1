"""What the tests of the page share: a site made once, and one real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pytest_carbon.reporters.site import pages as site
from pytest_carbon.reporters.site import write_folder
from tests.reporters.site import samples_site

ARGUMENTS = ("--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
             "--no-first-run")  # fmt: skip
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Built:
    """A site in a folder, and the paths of its pages."""

    folder: Path
    pages: list[str]

    def url(self, path: str) -> str:
        """Return where a page can be opened."""
        return (self.folder / path).as_uri()

    def text(self, path: str) -> str:
        """Return a file's text."""
        return (self.folder / path).read_text(encoding="utf-8")


@dataclass
class Window:
    """A browser's page that keeps what went wrong in it, and every address that it asked for."""

    page: Page
    faults: list[str]
    asked: list[str]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site of features in every state, and of hostile names."""
    folder = tmp_path_factory.mktemp("site") / "out"
    write_folder.write_folder(site.render_files(samples_site.site()), folder)
    return Built(folder, sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html")))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one headless Chromium; without a Chromium on this machine, skip the tests that look at a page with it."""
    with sync_playwright() as playwright:
        on_path = next(filter(None, map(shutil.which, CHROMIUM)), None)
        program = on_path or playwright.chromium.executable_path
        if not Path(program).exists():
            pytest.skip("this machine has no Chromium: install chromium, or run `playwright install chromium`")
        started = playwright.chromium.launch(args=ARGUMENTS.split(), executable_path=program)
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Window]:
    """A page of the browser, of 360 x 740 unless the test says otherwise."""
    options: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, **getattr(request, "param", {})}
    context = browser.new_context(**options)
    made = Window(context.new_page(), [], [])
    made.page.on("console", lambda message: made.faults.append(message.text))
    made.page.on("pageerror", lambda error: made.faults.append(str(error)))
    made.page.on("dialog", lambda dialog: made.faults.append(dialog.message))
    made.page.on("request", lambda asked: made.asked.append(asked.url))
    made.page.on("requestfailed", lambda asked: made.faults.append(f"failed: {asked.url}"))
    yield made
    context.close()


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """Return the samples."""
    return SimpleNamespace(**{name: value for name, value in vars(samples_site).items() if not name.startswith("_")})
