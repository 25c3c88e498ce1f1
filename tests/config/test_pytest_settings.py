"""pytest's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.pytest_settings import pytest_setting


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['a', 'b']", [["a", "b"]]),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = 'a b'", [["a", "b"]]),
        ("pyproject.toml", "[tool.pytest]\ntestpaths = ['a']", [["a"]]),
        ("pytest.toml", "[pytest]\ntestpaths = ['a']", [["a"]]),
        ("pytest.ini", "[pytest]\ntestpaths =\n  a\n  b", [["a", "b"]]),
        ("setup.cfg", "[tool:pytest]\ntestpaths = a%s", [["a%s"]]),
        ("tox.ini", "[pytest]\naddopts = -q", []),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = 3", []),
        ("pyproject.toml", "tool = 3", []),
        ("pytest.ini", "testpaths = a", []),
        ("pyproject.toml", "[[", []),
    ],
)
def test_words_of_a_setting(tmp_path: Path, file: str, text: str, words: list[list[str]]) -> None:
    """Each file has its own form; what cannot be read has none."""
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert list(pytest_setting(tmp_path, "testpaths")) == words


def test_files_are_read_in_the_order_of_pytest(tmp_path: Path) -> None:
    """pytest takes the first."""
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\ntestpaths = last", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = first", encoding="utf-8")
    assert list(pytest_setting(tmp_path, "testpaths")) == [["first"], ["last"]]
