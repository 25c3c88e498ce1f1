"""A format is found by its name: built in, or of an extension, whose failures are named."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.hookspecs import hookimpl
from pytest_carbon.reporters.accounts.registry import ACCOUNT_REPORTERS
from pytest_carbon.reporters.reporter import ReporterError, find_reporter, reporters_of_extensions
from pytest_carbon.reporters.verdict.registry import HOOK, VERDICT_REPORTERS
from tests.extend.packages import entry_point


class Line:
    """A reporter of an extension that returns what it is told to."""

    name, file_name = "line", "line.txt"

    def __init__(self, text: Any) -> None:
        self.text = text

    def render(self, value: object) -> Any:
        """Return the text, or fail."""
        if isinstance(self.text, BaseException):
            raise self.text
        return f"{self.text} {value}" if isinstance(self.text, str) else self.text


class Offering:
    """A package that offers reporters of a verdict."""

    def __init__(self, reporters: Any) -> None:
        self.reporters = reporters

    @hookimpl
    def carbon_verdict_reporters(self) -> Any:
        """Offer them."""
        return self.reporters


def _extensions(reporters: Any) -> Extensions:
    return Extensions([entry_point("package", Offering(reporters))])


@pytest.mark.parametrize("registry", [VERDICT_REPORTERS, ACCOUNT_REPORTERS])
def test_names_and_file_names_stand_once(registry: Any) -> None:
    """Two formats with one name, or one file, would hide each other."""
    assert len({reporter.name for reporter in registry}) == len(registry)
    assert len({reporter.file_name for reporter in registry}) == len(registry)


@pytest.mark.parametrize("name", ["markdown", "json", "junit", "sarif"])
def test_a_built_in_format_is_found(name: str) -> None:
    """By its name."""
    assert find_reporter(name, VERDICT_REPORTERS, HOOK).name == name


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    """A misspelt name is corrected."""
    with pytest.raises(ConfigError) as caught:
        find_reporter("markdwn", VERDICT_REPORTERS, HOOK)
    assert str(caught.value) == (
        "no format is called 'markdwn'; did you mean \"markdown\"? (there are: json, junit, markdown, sarif, terminal)"
    )


@pytest.mark.parametrize("offer", [[Line("x")], (Line("x"),), Line("x")])
def test_reporters_of_an_extension(offer: Any) -> None:
    """A list, a tuple or one reporter may be offered."""
    (reporter,) = reporters_of_extensions(HOOK, _extensions(offer))
    assert (reporter.name, reporter.file_name, reporter.render(1)) == ("line", "line.txt", "x 1")


@pytest.mark.parametrize("answer", [ValueError("on fire"), SystemExit(2), None, b"bytes"])
def test_a_reporter_that_fails_is_named(answer: Any) -> None:
    """What it raises, or returns instead of a text, becomes a ReporterError and a fault."""
    extensions = _extensions([Line(answer)])
    (reporter,) = reporters_of_extensions(HOOK, extensions)
    with pytest.raises(ReporterError, match="the extension package failed when it was asked for the format line"):
        reporter.render(1)
    assert len(extensions.faults) == 1


@pytest.mark.parametrize("offer", [["markdown"], 5, [Line], [type("Nameless", (), {"render": print})()]])
def test_an_offer_that_is_no_reporter_is_a_fault(offer: Any) -> None:
    """A reporter has a name, a file name and a function; a class without ``render`` of its own is passed over too."""
    extensions = _extensions(offer)
    reporters = list(reporters_of_extensions(HOOK, extensions))
    assert len(reporters) + len(extensions.faults) == 1
