"""Commands in the log of a job: one line each, and none from the output of strangers."""

from __future__ import annotations

import re

import pytest

from github_action.event import log_commands


@pytest.mark.parametrize("name", ["notice", "warning", "error"])
def test_command_is_one_line(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Line ends, per cent signs and, in a title, colons and commas are escaped."""
    command = getattr(log_commands, name)
    command("a\n::error::b %0A", "t:i,t\nle::x")
    command("plain")
    assert capsys.readouterr().out == (f"::{name} title=t%3Ai%2Ct%0Ale%3A%3Ax::a%0A::error::b %250A\n::{name}::plain\n")


def _fail(text: str, printed: str | None = None) -> None:
    print(text if printed is None else printed, end="")
    raise ValueError(text)


def test_group(capsys: pytest.CaptureFixture[str]) -> None:
    """A group is closed even after an error, and its title is one line."""
    with pytest.raises(ValueError, match="inside"), log_commands.group("a\nb"):
        _fail("inside\n")
    assert capsys.readouterr().out == "::group::a\\nb\ninside\n::endgroup::\n"


def test_output_of_strangers_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The runner reads no command until a random token ends the block, even after an error."""
    with pytest.raises(ValueError, match="stranger"), log_commands.stop_commands():
        _fail("::error::from a stranger")
    with log_commands.stop_commands():
        pass
    out = capsys.readouterr().out
    tokens = re.findall(r"^::stop-commands::(carbon-\w{32})$", out, re.MULTILINE)
    assert len(set(tokens)) == 2
    for token in tokens:
        assert re.search(rf"^::{token}::$", out, re.MULTILINE)


def test_traceback_gives_no_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback may quote a stranger's text; the runner reads no command from it."""
    try:
        _fail("\n::error::from a stranger", printed="")
    except ValueError:
        log_commands.print_traceback()
    captured = capsys.readouterr()
    (token,) = re.findall(r"^::stop-commands::(carbon-\w{32})$", captured.out, re.MULTILINE)
    assert captured.out.rstrip().endswith(f"::{token}::")
    assert "ValueError: \n  | ::error::from a stranger" in captured.out
