"""Reads pytest's own settings in the files of a folder."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_carbon.config.parse_toml import parse_toml
from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes

_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


def pytest_setting(folder: Path, name: str) -> Iterator[list[str]]:
    """Yield the words of a setting in each file of a folder that has it, in the order in which pytest looks.

    Of settings that cannot be read, pytest tells.
    """
    for file in _FILES:
        with suppress(OSError, ValueError, AttributeError, configparser.Error):
            text = read_bytes(folder / file, POLICY_BYTES, folder).decode()
            if file.endswith(".toml"):
                settings = parse_toml(text)
                of_pytest = settings if "pytest" in settings else settings.get("tool", {})
                tables = of_pytest.get("pytest", {})
                found = [tables.get(name, ""), tables.get("ini_options", {}).get(name, "")]
            else:
                parser = configparser.ConfigParser(interpolation=None)
                parser.read_string(text)
                found = [parser.get(section, name, fallback="") for section in ("pytest", "tool:pytest")]
            yield from (_words(value) for value in found if value and isinstance(value, str | list))


def _words(value: str | list[Any]) -> list[str]:
    return value.split() if isinstance(value, str) else [str(word) for word in value]
