"""pytest's output on a stream that is not UTF-8 and in a pipe: lines stay lines, bars are ASCII, names are whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_carbon.pytest_edge.terminal_letters import failure_text, for_stream, usage_error
from tests.conftest import Run

CarbonRun = Callable[..., Run]
LONG = "n" * 150


@pytest.fixture
def plain_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the processes that are started ASCII streams, and pipes without a width."""
    for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
        monkeypatch.setenv(name, value)
    for name in ("PYTHONIOENCODING", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("plain_locale")
def test_a_stream_that_is_not_utf_8(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The table and a limit's failure have their lines, in ASCII; a name is whole in a pipe; the exit code stays."""
    pytester.makepyfile(
        "import pytest\nfrom work import burn\n"
        f"@pytest.mark.parametrize('name', ['\\u0436'])\ndef test_{LONG}(name): burn(0.05)\n"
        "@pytest.mark.carbon(limit='1 uJ')\ndef test_b(): burn(0.01)\n"
    )
    run = carbon_run()
    lines = run.text.splitlines()
    assert run.result.ret == 1
    assert run.text.isascii()
    assert [line for line in lines if f"::test_{LONG}[\\u0436] " in line and " % #" in line]
    assert [line for line in lines if line.startswith("The test took ") and line.endswith('J").')]
    assert [line for line in lines if line.startswith("note ") and line.endswith("or --carbon-zone")]
    assert "\\n" not in run.text


@pytest.mark.usefixtures("plain_locale")
def test_a_mistake_on_a_stream_that_is_not_utf_8(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The error is a line, and the exit code is that of wrong use."""
    pytester.path.joinpath("carbon.toml").write_text('zone = "Жук"\n', encoding="utf-8")
    run = carbon_run()
    assert run.result.ret == pytest.ExitCode.USAGE_ERROR
    run.result.stderr.fnmatch_lines(["ERROR: pytest-carbon: no grid zone is called '[\\]u0416[\\]u0443[\\]u043a' *"])
    assert "\\n" not in run.result.stderr.str()


def test_a_stream_without_an_encoding_takes_any_letter() -> None:
    """Such as the text in memory that another plugin puts in the stream's place."""
    assert for_stream(object(), "█ ж") == "█ ж"
    assert failure_text("a\n\x1b") == "a\n\\x1b"
    assert str(usage_error("a\nb")) == "a\n  | b"
