"""The pages in a real browser: self-contained, accessible, on a phone, in the dark and on paper."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
WIDER = "() => [...document.querySelectorAll('.scroll')].filter(node => node.scrollWidth > node.clientWidth)"


@pytest.mark.parametrize(
    "window",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"color_scheme": "dark", "contrast": "more"},
        {"viewport": {"width": 1280, "height": 800}},
    ],
    ids=["light", "dark", "more contrast", "wide"],
    indirect=True,
)
def test_every_page_can_be_read(built: Any, window: Any) -> None:
    """Contrast, width, headings, names and images pass the audit; the page requests nothing from outside."""
    for path in built.pages:
        window.page.goto(built.url(path))
        assert (path, window.page.evaluate(AUDIT)) == (path, [])
    assert window.faults == []
    assert [url for url in window.asked if not url.startswith((built.folder.as_uri(), "data:"))] == []
    assert any(url.endswith("/carbon.css") for url in window.asked)


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_nothing_needs_a_script(built: Any, window: Any) -> None:
    """Without JavaScript the sentence, the figures and the chart are there, and the days unfold."""
    window.page.goto(built.url("features/checkout.html"))
    shown = window.page.inner_text("main").replace("\xa0", " ")
    assert "checkout used 62 % of its November carbon budget" in shown
    assert "November 2026" in shown
    assert window.page.get_by_role("img", name="62 % used with 42 % of November left").is_visible()
    window.page.get_by_text("Figures of the chart").click()
    assert window.page.get_by_role("cell", name="760 g").first.is_visible()


def test_charts_have_titles_and_descriptions(built: Any, window: Any) -> None:
    """A screen reader reads a chart's title and description, and no single axis labels."""
    window.page.goto(built.url("repository.html"))
    snapshot = window.page.locator("main").aria_snapshot()
    assert '- img "71 % used with 42 % of November left"' in snapshot
    assert '- img "2.4 kg in November 2026"' in snapshot
    assert "0 %" not in [line.strip("- ").removeprefix("text: ") for line in snapshot.splitlines()]
    chart = window.page.get_by_role("img", name="71 % used with 42 % of November left")
    about = window.page.locator(f"#{chart.get_attribute('aria-describedby')}").text_content()
    assert about == "At the recent pace, November will use between 99 % and 135 % of the budget (80 % likely)."
    assert about in window.page.inner_text("figcaption >> nth=1").replace("\xa0", " ")


SMALL = """() => [...document.querySelectorAll('.chart text')].filter(text => {
  const scale = text.ownerSVGElement.getBoundingClientRect().width / 640;
  return getComputedStyle(text).display !== 'none' && parseFloat(getComputedStyle(text).fontSize) * scale < 11;
}).map(text => text.textContent)"""


@pytest.mark.parametrize(
    "window", [{}, {"viewport": {"width": 1280, "height": 800}}, {"viewport": {"width": 680, "height": 960}}],
    ids=["phone", "wide", "paper"], indirect=True,
)  # fmt: skip
def test_labels_of_charts_can_be_read(built: Any, window: Any, request: pytest.FixtureRequest) -> None:
    """A label is 11 pixels high or more, and at least every second one is shown."""
    if "paper" in request.node.name:
        window.page.emulate_media(media="print")
    for path in ("index.html", "features/checkout.html"):
        window.page.goto(built.url(path))
        assert window.page.evaluate(SMALL) == []
    shown = window.page.locator("figure:has(.scope-2) .chart .x text")
    visible = [text.is_visible() for text in shown.all()]
    assert all(any(pair) for pair in pairwise(visible))


def test_why_it_changed_is_words_and_steps(built: Any, window: Any) -> None:
    """The sentence comes first, then a list of steps that can be read without the bars."""
    window.page.goto(built.url("features/payment.html"))
    section = window.page.locator("p.why").inner_text().replace("\xa0", " ")
    assert section.startswith("So far in November 120 g less than in the same days of October: 46 fewer runs (-190 g)")
    steps = [step.inner_text().split("\n")[0] for step in window.page.locator(".bridge li").all()]
    assert "Each run costs more, caused in checkout by #412" in " ".join(steps)
    assert len(steps) == 6
    assert window.page.get_by_role("img", name="per run on 18 Nov").is_visible()


def test_states_are_words(built: Any, window: Any) -> None:
    """The table of features names each state in words, so that colour is not needed."""
    window.page.goto(built.url("index.html"))
    cells = window.page.locator("td.state").all_inner_texts()
    assert {"exhausted", "critical", "at risk", "watch", "ok", "no budget"} == {cell.strip() for cell in cells}


def test_dark_colours(built: Any, window: Any) -> None:
    """A dark colour scheme changes the background and the blue."""
    colours = {}
    for scheme in ("light", "dark"):
        window.page.emulate_media(color_scheme=scheme)
        window.page.goto(built.url("index.html"))
        colours[scheme] = window.page.evaluate(
            "() => [getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('.chart .left path')).stroke]"
        )
    assert colours == {
        "light": ["rgb(253, 253, 251)", "rgb(0, 114, 178)"],
        "dark": ["rgb(20, 24, 28)", "rgb(86, 180, 233)"],
    }


def test_a_keyboard_is_enough(built: Any, window: Any) -> None:
    """The first key skips to the content, focus is visible, and wide tables can be scrolled."""
    window.page.goto(built.url("index.html"))
    window.page.keyboard.press("Tab")
    focus = "() => { const at = document.activeElement; return [at.textContent, getComputedStyle(at).outlineStyle] }"
    assert window.page.evaluate(focus) == ["Skip to the content", "solid"]
    assert window.page.locator(".skip").bounding_box()["x"] >= 0
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("() => document.activeElement.id") == "main"
    wide = f"{WIDER}.filter(node => node.tabIndex !== 0).length"
    assert window.page.evaluate(wide) == 0


@pytest.mark.parametrize("window", [{"viewport": {"width": 680, "height": 960}, "color_scheme": "dark"}], indirect=True)
def test_print_shows_everything(built: Any, window: Any) -> None:
    """A print is black on white without the menu, with unbroken charts and rows and the days unfolded."""
    window.page.goto(built.url("features/search.html"))
    window.page.emulate_media(media="print")
    assert window.page.evaluate(AUDIT.replace('"nav"]', '"footer"]')) == []
    assert window.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not window.page.locator("nav ul").is_visible()
    assert window.page.locator("details table").first.bounding_box()["height"] > 100
    for part in ("figure", "tbody tr"):
        breaks = f"() => getComputedStyle(document.querySelector('{part}')).breakInside"
        assert window.page.evaluate(breaks) == "avoid"
    assert window.page.evaluate(f"{WIDER}.length") == 0


@pytest.mark.parametrize("window", [{"forced_colors": "active"}], indirect=True)
def test_forced_colours_are_used(built: Any, window: Any) -> None:
    """Charts use the colours that the system forces."""
    window.page.goto(built.url("repository.html"))
    paints = window.page.evaluate(
        "() => ['.chart text', '.chart .scope-3 rect'].map(what => getComputedStyle(document.querySelector(what)).fill)"
    )
    assert len(set(paints)) == 1
    assert window.faults == []
