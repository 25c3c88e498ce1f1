"""A TOML table read key by key, and the readers of single values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.config.toml_table import (
    TomlTable,
    one_of,
    read_positive_number,
    read_text,
    read_texts,
    read_whole_number,
)
from pytest_carbon.core.errors import ConfigError

Reader = Callable[[Any, str], Any]


def test_taken_keys_have_their_value_or_the_default() -> None:
    """The reader gets the value and the key's full name; an absent key is not read."""
    table = TomlTable({"zone": "DE"}, "carbon.toml")
    assert table.take("zone", lambda value, where: (value, where), None) == ("DE", "carbon.toml: zone")
    assert table.take("top", read_whole_number, 10) == 10
    table.refuse_unknown_keys()


def test_key_that_nobody_took_is_unknown() -> None:
    """The error names the key, a similar known key and all known keys."""
    table = TomlTable({"zoen": "DE", "top": 3}, "carbon.toml")
    table.take("zone", read_text, None)
    table.take("top", read_whole_number, 10)
    with pytest.raises(ConfigError) as caught:
        table.refuse_unknown_keys()
    assert str(caught.value) == "carbon.toml: unknown key 'zoen'; did you mean \"zone\"? (known: zone, top)"


@pytest.mark.parametrize("value", [3, "DE", [], None])
def test_value_that_is_no_table_is_refused(value: Any) -> None:
    """The error names the place and the value."""
    with pytest.raises(ConfigError, match=r"carbon\.toml: budget is .*; it must be a table"):
        TomlTable(value, "carbon.toml: budget")


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (read_text, "DE", "DE"),
        (read_text, " a ", " a "),
        (read_texts, [], ()),
        (read_texts, ["a", "b"], ("a", "b")),
        (read_whole_number, 1, 1),
        (read_positive_number, 2, 2.0),
        (read_positive_number, 1e-9, 1e-9),
        (one_of("fail", "warn"), "warn", "warn"),
    ],
)
def test_reader_accepts(read: Reader, value: Any, expected: Any) -> None:
    """A right value is returned in the reader's type."""
    read_value = read(value, "key")
    assert (read_value, type(read_value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("read", "value", "complaint"),
    [
        (read_text, "", "key is ''; it must be a non-empty string"),
        (read_text, " \t", "it must be a non-empty string"),
        (read_text, 3, "key is 3; it must be"),
        (read_texts, "a", "key is 'a'; it must be a list of non-empty strings"),
        (read_texts, ["a", ""], "it must be a list of non-empty strings"),
        (read_texts, [1], "it must be a list of non-empty strings"),
        (read_whole_number, 0, "key is 0; it must be a whole number of at least 1"),
        (read_whole_number, 1.0, "it must be a whole number"),
        (read_whole_number, True, "it must be a whole number"),
        (read_positive_number, 0, "key is 0; it must be a number above zero and below 1e9"),
        (read_positive_number, 1e9, "below 1e9"),
        (read_positive_number, math.nan, "above zero"),
        (read_positive_number, True, "above zero"),
        (read_positive_number, "1", "above zero"),
        (one_of("fail", "warn"), "Fail", 'key is \'Fail\'; it must be "fail" or "warn"'),
        (one_of("fail", "warn"), [], "key is []; it must be"),
    ],
)
def test_reader_refuses(read: Reader, value: Any, complaint: str) -> None:
    """The error names the key, the wrong value and what is right."""
    with pytest.raises(ConfigError) as caught:
        read(value, "key")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('growth = "5 %"', "growth"),
        ('[features.a]\nlimit = "5 g"', "limit"),
        ('labels = ["x"]', "labels"),
        ('[budget]\nlimit = "5 g"\npaths = ["x"]', "paths"),
        ('folder = ".carbon/ledger"', "folder"),
        ("idle-w = 3", "idle-w"),
        ("cap-s = 3", "cap-s"),
        ('override-label = "x"', "override-label"),
        ('[budget]\nlimit = "5 g"\nzone = "DE"', "zone"),
        ('[tool.pytest-carbon]\nzone = "DE"', "tool"),
    ],
)
def test_a_key_of_another_table_is_sent_there(tmp_path: Path, text: str, key: str) -> None:
    """The error names the table that the key belongs in, and the table knows it."""
    (tmp_path / "carbon.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"unknown key '{key}'; it belongs in ") as caught:
        load_config(tmp_path)
    table = re.search(r"\[[a-z.]+\]", str(caught.value))
    (tmp_path / "carbon.toml").write_text(f"{table[0] if table else ''}\n{key} = []\n", encoding="utf-8")
    if key not in ("tool", "labels", "paths", "idle-w"):
        with pytest.raises(ConfigError, match=f"{key} is \\[\\]"):
            load_config(tmp_path)
