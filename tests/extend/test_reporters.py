"""Extensions offer reporters; whatever such a reporter raises is named."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.extend.reporters import ReporterError, extension_reporters
from pytest_carbon.hookspecs import hookimpl
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


HOOK = "carbon_verdict_reporters"


def _extensions(reporters: Any) -> Extensions:
    return Extensions([entry_point("package", Offering(reporters))])


@pytest.mark.parametrize("offer", [[Line("x")], (Line("x"),), Line("x")])
def test_reporters_of_an_extension(offer: Any) -> None:
    """A list, a tuple or one reporter may be offered."""
    (reporter,) = extension_reporters(HOOK, _extensions(offer))
    assert (reporter.name, reporter.file_name, reporter.render(1)) == ("line", "line.txt", "x 1")


@pytest.mark.parametrize("answer", [ValueError("on fire"), SystemExit(2), None, b"bytes"])
def test_a_reporter_that_fails_is_named(answer: Any) -> None:
    """What it raises, or returns instead of a text, becomes a ReporterError and a fault."""
    extensions = _extensions([Line(answer)])
    (reporter,) = extension_reporters(HOOK, extensions)
    with pytest.raises(ReporterError, match="the extension package failed when it was asked for the format line"):
        reporter.render(1)
    assert len(extensions.faults) == 1


@pytest.mark.parametrize("offer", [["markdown"], 5, [Line], [type("Nameless", (), {"render": print})()]])
def test_an_offer_that_is_no_reporter_is_a_fault(offer: Any) -> None:
    """A reporter has a name, a file name and a function; a class without ``render`` of its own is passed over too."""
    extensions = _extensions(offer)
    reporters = list(extension_reporters(HOOK, extensions))
    assert len(reporters) + len(extensions.faults) == 1
