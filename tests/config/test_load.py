"""The configuration of a project, and the errors for wrong values."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.config.load import Config, Feature, find_root, load_config
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.quantities import Quantity

LAW = settings(max_examples=150, deadline=None)
WHOLE = """
zone = "DE"
top = 25
report = "out/carbon.json"

[budget]
per-run = "500 J"
on-exceeded = "fail"

[features.checkout]
labels = ["feature:checkout"]
paths = ["tests/checkout/**"]
budget = { per-run = "2 g" }

[features.search]
paths = ["tests/search"]

[machine]
idle-w = 20
full-w = 65
"""


def _load(root: Path, text: str | bytes | None = None, name: str = "carbon.toml", **options: Any) -> Config:
    if text is not None:
        (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(root, environment=options.pop("environment", {}), **options)


def test_every_setting_is_read(tmp_path: Path) -> None:
    """The budget of the repository comes before those of features."""
    config = _load(tmp_path, WHOLE)
    assert (config.root, config.source) == (tmp_path, "carbon.toml")
    assert (config.zone, config.zone_from, config.top) == ("DE", "carbon.toml", 25)
    assert config.report == tmp_path / "out" / "carbon.json"
    assert config.features == {
        "checkout": Feature("checkout", ("feature:checkout",), ("tests/checkout/**",)),
        "search": Feature("search", (), ("tests/search",)),
    }
    assert config.feature_paths == {"checkout": ("tests/checkout/**",), "search": ("tests/search",)}
    assert config.budgets == (
        Budget(None, Quantity(500.0, "energy", "500 J"), "fail"),
        Budget("checkout", Quantity(2.0, "mass", "2 g"), "warn"),
    )
    assert config.machine is not None
    assert config.machine.why == "set in carbon.toml: machine"


def test_defaults_without_a_file(tmp_path: Path) -> None:
    """Without a file every setting has its default, and the zone is not guessed."""
    config = _load(tmp_path)
    assert config == Config(tmp_path, report=tmp_path / ".carbon" / "report.json")
    assert (config.source, config.zone, config.top) == ("no configuration file", None, 10)


def test_pyproject_means_the_same(tmp_path: Path) -> None:
    """The table of pyproject.toml is read like carbon.toml; tables of other tools are ignored."""
    config = _load(tmp_path, '[tool.pytest-carbon]\nzone = "FR"\n[tool.other]\nzone = 3\n', "pyproject.toml")
    assert (config.zone, config.source) == ("FR", "[tool.pytest-carbon] of pyproject.toml")


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\n", "[tool]\n"])
def test_pyproject_without_our_table_is_no_configuration(tmp_path: Path, text: str) -> None:
    """A pyproject.toml of other tools counts as no configuration file."""
    assert _load(tmp_path, text, "pyproject.toml").source == "no configuration file"


def test_two_files_are_an_error(tmp_path: Path) -> None:
    """Nobody has to guess which of two files counts."""
    (tmp_path / "carbon.toml").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="keep one of them, so that it is clear which file counts"):
        _load(tmp_path, "[tool.pytest-carbon]\n", "pyproject.toml")


@pytest.mark.parametrize(
    ("option", "file", "variable", "expected"),
    [
        ("FR", 'zone = "DE"', "SE", ("FR", "--carbon-zone")),
        (None, 'zone = "DE"', "SE", ("SE", "the variable PYTEST_CARBON_ZONE")),
        (None, 'zone = "DE"', " ", ("DE", "carbon.toml")),
        ("fr", 'zone = "DE"', None, ("FR", "--carbon-zone")),
        (None, 'zone = "DE"', "se3", ("SE3", "the variable PYTEST_CARBON_ZONE")),
        (None, 'zone = "us-va"', None, ("US-VA", "carbon.toml")),
        (None, "", "SE", ("SE", "the variable PYTEST_CARBON_ZONE")),
        (None, "", "", (None, "")),
        ("", "", None, (None, "")),
    ],
)
def test_kind_15_zone_comes_from_option_variable_file(
    tmp_path: Path, option: str | None, file: str, variable: str | None, expected: tuple[str | None, str]
) -> None:
    """The option wins over the variable, the variable over the file, and ``zone_from`` names the winner."""
    environment = {} if variable is None else {"PYTEST_CARBON_ZONE": variable}
    config = _load(tmp_path, file, zone=option, environment=environment)
    assert (config.zone, config.zone_from) == expected


def test_kind_15_the_variable_of_a_database_wins_over_the_file(tmp_path: Path) -> None:
    """It is the whole URL of a ledger that the file keeps in a database; it makes no other ledger one."""
    variable = {"PYTEST_CARBON_SQL": "postgresql://me:secret@db.example/carbon"}
    policy = '[ledger]\nsql = "postgresql://db.example/old"'
    assert _load(tmp_path, policy, environment=variable).ledger.sql == "env"
    assert _load(tmp_path, policy).ledger.sql == "postgresql://db.example/old"
    assert _load(tmp_path, '[ledger]\nbranch = "runs"', environment=variable).ledger.sql is None
    assert _load(tmp_path, "", environment=variable).ledger.sql is None


def test_options_win_over_the_file(tmp_path: Path) -> None:
    """An option's path is relative to the working directory, the file's path to the project."""
    config = _load(tmp_path, WHOLE, top=3, report="here.json")
    assert (config.top, config.report) == (3, Path.cwd() / "here.json")
    assert _load(tmp_path, report=str(tmp_path / "abs.json")).report == tmp_path / "abs.json"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("zoen = 'DE'", "carbon.toml: unknown key 'zoen'; did you mean \"zone\"? (known: top, report, zone,"),
        ("zone = 3", "carbon.toml: zone is 3; it must be a non-empty string"),
        ("zone = ' '", "carbon.toml: zone is ' '; it must be a non-empty string"),
        ("top = 0", "carbon.toml: top is 0; it must be a whole number of at least 1"),
        ("top = true", "carbon.toml: top is True; it must be a whole number"),
        ("top = 2.5", "carbon.toml: top is 2.5; it must be a whole number"),
        ("report = ''", "carbon.toml: report is ''; it must be a non-empty string"),
        ("budget = '5 J'", "carbon.toml: budget is '5 J'; it must be a table"),
        ("[budget]", 'carbon.toml: budget has no limit; write per-run = "500 J", limit = "120 g" or growth = "5 %"'),
        ("[budget]\nper-run = 5", "carbon.toml: budget: per-run is 5, which has no unit"),
        ("[budget]\nper-run = '5 J'\non-exceeded = 'explode'", "on-exceeded is 'explode'; it must be \"fail\" or"),
        ("[budget]\nper-run = '5 J'\non-exceeded = []", "on-exceeded is []; it must be"),
        ("[budget]\nperrun = '5 J'", "carbon.toml: budget: unknown key 'perrun'; did you mean \"per-run\"?"),
        ("features = ['a']", "carbon.toml: features is ['a']; write a table for each feature"),
        ("[features]\ncheckout = 3", "carbon.toml: features.checkout is 3; it must be a table"),
        ("[features.a]\npaths = 'x'", "carbon.toml: features.a: paths is 'x'; it must be a list of non-empty strings"),
        ("[features.a]\npaths = ['']", "features.a: paths is ['']; it must be a list of non-empty strings"),
        ("[features.a]\npath = ['x']", "features.a: unknown key 'path'; did you mean \"paths\"?"),
        (
            "[features.unattributed]\nlabels = ['x']",
            "features.unattributed: unknown key 'labels'; it belongs in a feature, such as",
        ),
        (
            "[features.default]\npaths = ['x']",
            "features.default: unknown key 'paths'; it belongs in a feature, such as",
        ),
        ('[features.""]', "features"),
        ("[features.a]\npaths=['x']\n[features.b]\npaths=['x']", "both a and b claim the path 'x'; give it to one"),
        ("[features.a]\nlabels=['x']\n[features.b]\nlabels=['x']", "both a and b claim the label 'x'"),
        ("[machine]\nidle-w = 5", "carbon.toml: machine: full-w is missing"),
        (f"[machine]\nidle-w = 1\nfull-w = 1{'0' * 400}", "full-w is 1000"),
        ("machine = 3", "carbon.toml: machine is 3; it must be a table"),
        ("zone = ", "carbon.toml is not valid TOML: "),
        ("top = " + "1" * 5000, "carbon.toml is not valid TOML"),
        ("top = " + "[" * 50_000, "carbon.toml is not valid TOML"),
        (b"zone = '\xff'", "carbon.toml is not UTF-8 text (byte 8); save it as UTF-8"),
    ],
    ids=lambda value: repr(value)[1:40],
)
def test_wrong_value_is_an_error(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    """The error names the file, the key, the wrong value and a right one."""
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("text", ["tool = 1", "[[tool]]", "[tool]\npytest-carbon = 3", "[[tool.pytest-carbon]]"])
def test_pyproject_of_a_strange_shape_is_an_error(tmp_path: Path, text: str) -> None:
    """A pyproject.toml whose tool table is no table is a ConfigError."""
    with pytest.raises(ConfigError, match=r"pyproject\.toml"):
        _load(tmp_path, text, "pyproject.toml")


def test_option_below_one_is_refused(tmp_path: Path) -> None:
    """``--carbon-top`` must show at least one test."""
    with pytest.raises(ConfigError, match="--carbon-top is 0; it must be at least 1"):
        _load(tmp_path, top=0)


def test_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    """The error names the path that cannot be read."""
    (tmp_path / "carbon.toml").mkdir()
    with pytest.raises(
        ConfigError, match=r"carbon\.toml cannot be read \(it is a folder, not a regular file\); check what it is"
    ):
        _load(tmp_path)


@pytest.mark.parametrize("name", ["carbon.toml", "pyproject.toml"])
def test_root_is_the_nearest_folder_with_a_file(tmp_path: Path, name: str) -> None:
    """The root is found upwards from any folder of the project."""
    deep = tmp_path / "src" / "pkg"
    deep.mkdir(parents=True)
    (tmp_path / name).write_text("", encoding="utf-8")
    assert find_root(deep) == tmp_path
    (deep / name).write_text("", encoding="utf-8")
    assert find_root(deep) == deep


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value) if isinstance(value, str) else str(value)


WORDS = st.sampled_from(["DE", "5 J", "2 g", "", "fail", "warn", "tests/**", "1 horse", "a", "\0"])
VALUES = st.recursive(
    st.one_of(WORDS, st.booleans(), st.integers(-3, 120), st.floats(), st.just(10**400)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


def _tables(*keys: str, **special: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    optional = dict.fromkeys(keys, VALUES) | {key.replace("_", "-"): value for key, value in special.items()}
    return st.one_of(VALUES, st.fixed_dictionaries({}, optional=optional))


NUMBERS = st.one_of(st.integers(0, 90), st.floats(0, 90), st.just(math.inf))
BUDGETS = _tables(per_run=WORDS, on_exceeded=WORDS)
TABLES = st.fixed_dictionaries({}, optional={
    "zone": VALUES, "top": VALUES, "report": VALUES, "other": VALUES, "budget": BUDGETS,
    "features": st.one_of(VALUES, st.dictionaries(WORDS, _tables("labels", "paths", budget=BUDGETS), max_size=3)),
    "machine": _tables("watts", "spread", "pue", "embodied-g-per-h", "name", idle_w=NUMBERS, full_w=NUMBERS),
})  # fmt: skip


@LAW
@given(TABLES, st.booleans())
def test_any_table_is_a_configuration_or_an_error(table: dict[str, Any], in_pyproject: bool) -> None:
    """Any TOML gives a Config or a ConfigError, and no other exception."""
    name = "pyproject.toml" if in_pyproject else "carbon.toml"
    inner = {"tool": {"pytest-carbon": table}} if in_pyproject else table
    text = "\n".join(f"{json.dumps(key)} = {_toml(value)}" for key, value in inner.items())
    with tempfile.TemporaryDirectory() as folder:
        try:
            config = _load(Path(folder), text, name)
        except ConfigError:
            return
    assert config.top >= 1
    assert all(budget.per_run.value > 0 for budget in config.budgets if budget.per_run)


@LAW
@given(st.one_of(st.text(), st.binary()))
def test_any_file_is_a_configuration_or_an_error(content: str | bytes) -> None:
    """Any file gives a Config or a ConfigError, and no other exception."""
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    with tempfile.TemporaryDirectory() as folder:
        try:
            config = _load(Path(folder), raw)
        except ConfigError:
            return
    assert config.source == "carbon.toml"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('sql = "postgresql://me:secret@host/db"', "[ledger]: sql holds a password, which everybody with the code can"),
        ('sql = "postgresql://host/db?password=secret"', "sql holds a password"),
        ('sql = "postgresql://[::1/db"', 'sql is no URL; write "postgresql://host/database" or "sqlite:///file"'),
        ('sql = "sqlite:///a.db"\nfolder = "x"', "has a folder and a sql; keep one of them"),
        ('sql = "sqlite:///a.db"\nscope = "all"', 'scope is \'all\'; it must be "repository" or "organisation"'),
        ('sql = ""', "sql is no URL"),
    ],
)
def test_a_setting_of_the_ledger_that_cannot_be_used_is_refused(tmp_path: Path, setting: str, message: str) -> None:
    """The message never repeats the password."""
    (tmp_path / "carbon.toml").write_text(f"[ledger]\n{setting}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environment={})
    assert message.replace("[ledger]: ", "") in str(caught.value)
    assert "secret" not in str(caught.value)


def test_mark_of_an_editor_of_windows_is_no_text(tmp_path: Path) -> None:
    """A file that begins with the mark of UTF-8 is read like any other."""
    assert _load(tmp_path, b'\xef\xbb\xbfzone = "DE"\r\n').zone == "DE"
