"""TOML of strangers is parsed within limits, which no text, escape or comment hides, and which stop nobody else."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.config.parse_toml import MOST_DOTS, parse_toml
from tests.attack import Attack

ROOT = Path(__file__).parents[2]
SHIPPED_TABLES = {"lifecycles.py", "machine_table.py"}
DOTS = ".a" * (MOST_DOTS + 1)


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    "text",
    [
        f"a{DOTS} = 1",
        f"[a{DOTS}]",
        f"[[a{DOTS}]]",
        f"x = {{a{DOTS} = 1}}",
        "".join('"a".' * 202) + "a = 1",
        f'"\\""{DOTS} = 1',
        f'"\\"".\'"\'{DOTS} = 1',
        f"a = '''x'''\nb{DOTS} = 1",
        f"x = {{a = '''x'''', b{DOTS} = 'c'}}",
        f'x = {{a = """x"""", b{DOTS} = "c"}}',
        f'a = """\\"""" # """\nb{DOTS} = 1',
        f"# '''\nb{DOTS} = 1 # '''",
        f'a = \'x\' # """\nb{DOTS} = 1',
        "1.1." * 101 + "1 = 1",
        f"\ufeffa{DOTS} = 1".encode(),
    ],
)
def test_key_of_many_parts_is_refused(attack: Attack, text: str | bytes) -> None:
    """Wherever the key stands, and whatever stands before it."""
    with pytest.raises(ValueError, match="more than 200 dots") as caught:
        parse_toml(text)
    attack.ended("refused", str(caught.value))


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(
    "text",
    [
        '"""\n' + '\\"""\n' * 40_000,
        '"' + '\\"' * 100_000,
        "'''\n" + "'" * 200_000,
        '"\n' * 100_000,
        '"' * 200_000,
        "[" * 200_000,
        "a = " + "[" * 100_000,
        "a = " + "1" * 200_000,
        ("a." * 190 + "b{} = 1\n") * 500,
        ("[" + "a." * 190 + "b{}]\n") * 500,
    ],
    ids=lambda text: text[:12],
)
def test_whatever_is_no_toml_ends_soon(attack: Attack, text: str) -> None:
    """Neither the limit nor the parser takes long for a file of 200 kB."""
    start_s = time.process_time()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - of many kinds
        parse_toml("".join(line.replace("{}", str(n // 2)) for n, line in enumerate(text.splitlines(keepends=True))))
    assert time.process_time() - start_s < 5
    attack.ended("refused", str(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        f"# {DOTS}\na = 1",
        f'a = "{DOTS}"',
        f"a = '''\n{DOTS}\n'''",
        f'a = """\n\\"{DOTS}\n"" {DOTS}"""',
        "a = [" + "1.5, " * 300 + "]",
        f"a = [{', '.join(['{b.c = 1.5}'] * 300)}]",
        "a = \"\"\"x\"\"\"\"\"\nb = '''''x'''",
        ".".join("a" * MOST_DOTS) + " = 1",
    ],
    ids=lambda text: text[:12],
)
def test_dots_that_are_no_key_do_no_harm(text: str) -> None:
    """Comments, texts and numbers may have as many as they like."""
    assert parse_toml(text) == parse_toml(text.encode()) == tomllib.loads(text)


def test_mark_of_windows_is_no_text() -> None:
    """An editor of Windows writes a mark at the beginning of the file, and other ends of lines."""
    assert parse_toml(b"\xef\xbb\xbfa = 1\r\nb = '''\r\n'''\r\n") == {"a": 1, "b": ""}


@given(
    st.lists(st.sampled_from(["'", '"', "\\", "#", "\n", ".", "a", " = 1", "=", ",", "{", "}", "[", "]"]), max_size=40)
)
def test_limit_changes_no_result(parts: list[str]) -> None:
    """A text of few dots is what the parser says."""
    text = "".join(parts)
    try:
        expected = tomllib.loads(text)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - the message is tomllib's
            parse_toml(text)
    else:
        assert parse_toml(text) == expected


def test_there_is_no_other_way() -> None:
    """Only tables that come with the package, and a policy that was read before, are read without the limit."""
    rooms = ("pytest_carbon", "github_action", "pre-commit-hooks")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    users = {path.name for path in sources if "import tomllib" in path.read_text(encoding="utf-8")}
    assert users == {"parse_toml.py", "machine_table_text.py", "change_policy.py", *SHIPPED_TABLES}
