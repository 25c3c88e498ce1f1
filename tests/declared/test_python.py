"""The readers of Python projects."""

from __future__ import annotations

import pytest

from pytest_carbon.core.devices.support_values import Dependency
from pytest_carbon.declared.read_project import read_declarations
from tests.declared.sample_files import PYTHON_FILES, SETUP_PY, Expected, check_sample, each


@each(PYTHON_FILES)
def test_files_of_python_projects(path: str, text: str, expected: Expected) -> None:
    """Minima, classifiers and pinned versions are read."""
    check_sample(path, text, expected)


def test_setup_py_is_never_run() -> None:
    """A setup.py is parsed and never run; a value that is computed is named as unreadable."""
    text = "import os\nos.abort()\nfrom setuptools import setup\nsetup(python_requires='>=' + os.environ['LEAST'])\n"
    declarations = read_declarations({"setup.py": text})
    assert declarations.statements == ()
    assert [file.why for file in declarations.unread] == [
        "python_requires is computed: only running the file would show its value"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "setup(classifiers=['{}', '{}'])",
        "setup(classifiers='{}\\n{}')",
        "A = 'x'\nsetup(classifiers=[A, '{}'] + ['{}'])",
        "A = '''{}\n{}\n'''\nB = [s for s in A.split() if s]\nsetuptools.setup(classifiers=B)",
        "args = dict(classifiers=['{}', '{}'])\nsetup(**args)",
        "args = {{'classifiers': ('{}', '{}')}}\nargs = args\nsetup(**args)",
    ],
)
def test_arguments_of_setup_may_be_assigned_before(text: str) -> None:
    """Lists, texts, names and tables are followed in all usual ways."""
    named = [f"Programming Language :: Python :: {version}" for version in ("3.8", "3.9")]
    (statement,) = read_declarations({"setup.py": text.format(*named)}).statements
    assert statement.values == ("==3.8.*", "==3.9.*")


def test_dependencies_are_read() -> None:
    """Requirements keep their specifier and marker; invalid requirements are skipped."""
    text = '[project]\ndependencies = ["numpy>=1.20", "not a requirement!", "tomli>=2; python_version<\'3.11\'"]\n'
    poetry = '[tool.poetry.dependencies]\npython = "*"\nattrs = "^23.1"\nlocal = { path = "x" }\n'
    assert read_declarations({"pyproject.toml": text}).dependencies == (
        Dependency("numpy", ">=1.20", "pyproject.toml"),
        Dependency("tomli", ">=2", "pyproject.toml", marker='python_version < "3.11"'),
    )
    assert read_declarations({"pyproject.toml": poetry}).dependencies == (
        Dependency("attrs", ">=23.1,<24", "pyproject.toml"),
    )
    assert {dependency.name for dependency in read_declarations({"setup.py": SETUP_PY}).dependencies} == {"numpy"}
    extra = '[project]\noptional-dependencies = { docs = ["sphinx>=8"] }\n'
    assert read_declarations({"pyproject.toml": extra}).dependencies == (
        Dependency("sphinx", ">=8", "pyproject.toml", extra="docs"),
    )
    some = '[tool.poetry.dependencies]\nnumpy = { version = "^2.1", python = ">=3.10", optional = true }\n'
    assert read_declarations({"pyproject.toml": some}).dependencies == (
        Dependency("numpy", ">=2.1,<3", "pyproject.toml", marker="python >=3.10", extra="an extra"),
    )


@pytest.mark.parametrize(
    ("classifier", "expected"),
    [
        ("Programming Language :: Python", set()),
        ("Programming Language :: Python :: 3", set()),
        ("Programming Language :: Python :: 3.8", {("python", ("==3.8.*",))}),
        ("Programming Language :: Python :: 3.8 :: Only", set()),
        ("Operating System :: OS Independent", {("os", ("linux", "macos", "windows"))}),
        ("Operating System :: MacOS :: MacOS X", {("os", ("macos",))}),
        ("Operating System :: Unix", {("os", ("linux", "macos"))}),
        ("Operating System :: BeOS", set()),
    ],
)
def test_classifiers(classifier: str, expected: set[tuple[str, tuple[str, ...]]]) -> None:
    """A classifier of a Python version or a known system claims support; any other classifier claims nothing."""
    statements = read_declarations({"setup.cfg": f"[metadata]\nclassifiers =\n  {classifier}\n"}).statements
    assert {(statement.family, statement.values) for statement in statements} == expected
    assert {statement.role for statement in statements} <= {"claimed"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[metadata]\nrequires-python = >=3.6\n", (">=3.6",)),
        ("[options]\npython-requires = >=3.7,\n", (">=3.7",)),
        ("[options]\npython_requires =\n", None),
        ("[other]\npython_requires = >=3.7\n", None),
    ],
)
def test_old_spellings_of_requires_python(text: str, values: tuple[str, ...] | None) -> None:
    """Spellings of pbr and flit count, a trailing comma is ignored, and an empty value declares nothing."""
    statements = read_declarations({"setup.cfg": text}).statements
    assert [statement.values for statement in statements] == ([values] if values else [])
