"""The file that holds a policy: its name in another case, two files, and its encoding."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.load import find_root, load_config
from pytest_carbon.config.policy_above import ignored_policy
from pytest_carbon.config.policy_files import NO_FILE, holds_policy, name_in_other_case
from pytest_carbon.core.errors import ConfigError
from tests.git.small_repository import commit, new_repository

TABLE = '[tool.pytest-carbon]\nzone = "DE"\n'


def _write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.mark.parametrize("name", ["CARBON.TOML", "Carbon.toml", "carbon.TOML"])
@pytest.mark.parametrize("beside", [{}, {"pyproject.toml": "[project]\n"}, {"pyproject.toml": TABLE}])
def test_policy_in_another_case_is_seen_and_said(tmp_path: Path, name: str, beside: dict[str, str | bytes]) -> None:
    """On a disk that tells capital letters from small ones nothing would read it: the error names the next step."""
    _write(tmp_path, {name: 'zone = "DE"', **beside})
    with pytest.raises(ConfigError, match=f"{name} is not read, .* rename it: git mv {name} carbon.toml"):
        load_config(tmp_path, environment={})


def test_policy_in_another_case_at_a_commit(tmp_path: Path) -> None:
    """A policy that is read from a commit is held to the same rule, also in a folder of the repository."""
    top = new_repository(tmp_path / "top")
    commit(top, {"Carbon.toml": "", "a/Carbon.toml": ""})
    for folder in (top, top / "a"):
        (folder / "Carbon.toml").rename(folder / "carbon.toml")
        assert load_config(folder, environment={}).source == "carbon.toml"
        with pytest.raises(ConfigError, match=r"Carbon\.toml at HEAD is not read"):
            load_config(folder, policy_from="HEAD", environment={})


def test_other_name_beside_the_policy_is_fine(tmp_path: Path) -> None:
    """Where ``carbon.toml`` is there, it counts, and another file is nobody's concern."""
    assert name_in_other_case(["CARBON.TOML", "carbon.toml"]) is None
    assert name_in_other_case(["carbon.toml.orig", "my-CARBON.TOML", "PYPROJECT.TOML"]) is None
    _write(tmp_path, {"carbon.toml": 'zone = "FR"', "CARBON.TOML.bak": ""})
    assert load_config(tmp_path, environment={}).zone == "FR"


@pytest.mark.parametrize("text", ["", "# later\n", 'zone = "FR"\n', "[features.a]\npaths = ['a/*']\n"])
@pytest.mark.parametrize("name", ["Carbon.toml", "CARBON.TOML"])
def test_policy_in_another_case_beside_one_without_a_budget(tmp_path: Path, text: str, name: str) -> None:
    """The policy may be in the other file: nothing would be judged by it, here and at a commit."""
    top = new_repository(tmp_path / "top")
    first = commit(top, {"carbon.toml": text, name: "[budget]\nper-run = '1 J'\n"})
    for policy_from in (None, first):
        with pytest.raises(ConfigError, match=rf"carbon\.toml has no budget, and .*{name}.* is not read, .*; keep one"):
            load_config(top, policy_from=policy_from, environment={})
    commit(top, {"carbon.toml": "[budget]\nper-run = '1 J'\n"})
    assert load_config(top, environment={}).source == "carbon.toml"


def test_policy_in_another_case_makes_its_folder_the_project(tmp_path: Path) -> None:
    """It is neither passed over for a file further above, nor is a folder below judged without it."""
    _write(tmp_path, {"pyproject.toml": "[project]\n", "a/CARBON.TOML": "", "a/b/pyproject.toml": "[project]\n"})
    (tmp_path / "a/tests").mkdir()
    assert find_root(tmp_path / "a/tests") == tmp_path / "a"
    below = load_config(tmp_path / "a/b", environment={})
    assert "../CARBON.TOML is not read" in ignored_policy(below)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "carbon.toml is empty, so remove it"), ("# later\n", "is empty"), ('zone = "DE"', "keep one of them")],
)
def test_empty_policy_beside_a_table_is_seen_and_said(tmp_path: Path, text: str, said: str) -> None:
    """Neither counts until one is gone; the error says which one to remove."""
    with pytest.raises(ConfigError, match=r"both carbon\.toml and \[tool\.pytest-carbon\]") as caught:
        load_config(_write(tmp_path, {"carbon.toml": text, "pyproject.toml": TABLE}), environment={})
    assert said in str(caught.value)
    assert ("is empty" in str(caught.value)) == (said != "keep one of them")


def test_empty_policy_alone_is_a_policy(tmp_path: Path) -> None:
    """Whoever writes an empty file says that no rule is meant."""
    _write(tmp_path, {"carbon.toml": "", "pyproject.toml": "[project]\n"})
    assert load_config(tmp_path, environment={}).source == "carbon.toml"


@pytest.mark.parametrize("name", ["carbon.toml", "pyproject.toml"])
def test_byte_order_mark_is_accepted(tmp_path: Path, name: str) -> None:
    """Some editors begin UTF-8 with one; with CRLF, too."""
    text = 'zone = "DE"' if name == "carbon.toml" else TABLE
    _write(tmp_path, {name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()})
    assert load_config(tmp_path, environment={}).zone == "DE"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encoding_is_said(tmp_path: Path, encoding: str) -> None:
    """What a shell of Windows writes is named, with and without its mark; the next step is to save it as UTF-8."""
    _write(tmp_path, {"carbon.toml": 'zone = "DE"\n'.encode(encoding)})
    with pytest.raises(ConfigError, match=r"carbon\.toml is not UTF-8 text \(it looks like UTF-16\); save it as UTF-8"):
        load_config(tmp_path, environment={})


@pytest.mark.parametrize(
    ("name", "content", "holds"),
    [
        ("carbon.toml", "", True),
        ("pyproject.toml", TABLE, True),
        ("pyproject.toml", "[tool]\npytest-carbon.zone = 'DE'\n", True),
        ("pyproject.toml", "\ufeff" + TABLE, True),
        ("pyproject.toml", "# no [tool.pytest-carbon] here\n", False),
        ("pyproject.toml", "tool = 1\n", False),
        ("pyproject.toml", TABLE + "zone = [", True),
        ("pyproject.toml", "zone = [", False),
    ],
)
def test_file_holds_a_policy(name: str, content: str, holds: bool) -> None:
    """One rule says so for the command line, the plugin, the hooks and the Action."""
    assert holds_policy(name, content.encode()) is holds


def test_folder_that_cannot_be_listed_has_no_policy(tmp_path: Path) -> None:
    """A folder that is not there is no error here."""
    assert load_config(tmp_path / "none", environment={}).source == NO_FILE
