"""All files of a project together: their readers, their projects, and files that are broken or hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.declared.read_project import MAX_BYTES_BY_HAND, MAX_FILE_BYTES, may_declare, read_declarations
from tests.attack import Attack
from tests.declared.sample_files import ALL_FILES, PYPROJECT, Expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", False),
        ("README.md", False),
        ("a/b/pyproject.toml", True),
        ("pubspec.yaml", True),
        ("vendor/x/go.mod", False),
        ("a/node_modules/x/package.json", False),
        ("tests/fixtures/Dockerfile", False),
        (".github/workflows/ci.yaml", True),
        ("workflows/ci.yaml", False),
        ("Dockerfile.web", True),
        ("web.Dockerfile", True),
        ("MyDockerfile", False),
        ("scripts/build.sh", True),
        ("build.sh", False),
        ("buildSrc/src/Config.kt", True),
        ("src/Config.kt", False),
    ],
)
def test_paths_that_may_declare_something(path: str, expected: bool) -> None:
    """Known names and manifests count, also in folders; files of others that are kept in the repository do not."""
    assert may_declare(path) is expected


def test_a_file_belongs_to_the_nearest_project() -> None:
    """In a repository of several projects, the nearest folder above a file that has a manifest is its project."""
    declarations = read_declarations(
        {
            "pyproject.toml": PYPROJECT,
            "web/package.json": '{"engines": {"node": ">=18"}}',
            "web/app/src/.nvmrc": "18",
            "docs/.python-version": "3.12",
            "node_modules/x/package.json": '{"engines": {"node": ">=4"}}',
        }
    )
    places = {(statement.path, statement.project) for statement in declarations.statements}
    rooted, web = {"pyproject.toml", "docs/.python-version"}, {"web/package.json", "web/app/src/.nvmrc"}
    assert places == {(path, "") for path in rooted} | {(path, "web") for path in web}


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("pyproject.toml", "[project", "TOMLDecodeError"),
        (
            "pyproject.toml",
            '[project]\nrequires-python = "three"',
            "requires-python is 'three', which is not a version range",
        ),
        ("package.json", "{", "JSONDecodeError"),
        ("package.json", '{"engines": {"node": "new"}}', "engines.node is 'new', which is not a version range"),
        ("package.json", "[" * 90_000, "RecursionError"),
        ("setup.py", "def", "SyntaxError"),
        ("setup.cfg", "no section", "MissingSectionHeaderError"),
        (".github/workflows/x.yml", "a: [", "ParserError"),
        (".github/workflows/x.yml", "a: " + "[" * 90_000, ""),
        (".github/workflows/x.yml", "- " * 49_000, "ValueError: "),
        (
            ".github/workflows/x.yml",
            "a: &a [*a]",
            "ValueError: the alias 'a' ",
        ),
        (
            ".github/workflows/x.yml",
            "jobs: {t: {strategy: {matrix: {python: [" + ", ".join(f"3.{n}" for n in range(6000)) + "]}}}}",
            "the file makes more than 5,000 declarations",
        ),
        ("package.json", '{"engines": {"node": "' + "1" * 90_000 + '"}}', "engines.node is '111"),
        (
            "package.json",
            '{"browserslist": [' + ", ".join(f'"ie {n}"' for n in range(1001)) + "]}",
            "browserslist names more than 1,000 versions",
        ),
        ("Dockerfile", b"\xff\xfe", "UnicodeDecodeError"),
        ("Cargo.toml", "#" * (MAX_BYTES_BY_HAND + 1), "the file has more than 100,000 bytes"),
        (".nvmrc", b"1" * (MAX_BYTES_BY_HAND + 1), "the file has more than 100,000 bytes"),
        ("a.xcodeproj/project.pbxproj", b"1" * (MAX_FILE_BYTES + 1), "the file has more than 2,000,000 bytes"),
    ],
)
def test_an_unreadable_file_is_named_with_a_reason(path: str, content: str | bytes, reason: str) -> None:
    """A broken file stops nothing. Its reason is one short line; the parsers word their own reasons."""
    declarations = read_declarations({path: content, ".python-version": "3.9"})
    (unread,) = declarations.unread
    assert (unread.path, unread.why[: len(reason)]) == (path, reason)
    assert 0 < len(unread.why) < 300
    assert "\n" not in unread.why
    assert [statement.family for statement in declarations.statements] == ["python"]


PATHS = [path for path, *_ in ALL_FILES]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PATHS), st.one_of(st.binary(max_size=200), st.text(max_size=200)))
@example("setup.py", "setup(python_requires=" + "(" * 300)
@example("Dockerfile", "FROM\nFROM a AS\nFROM $X AS b\nFROM b AS b\n")
@example("Dockerfile", "FROM b AS a\nFROM a AS b\nFROM a\n")
@example("pyproject.toml", "[project]\nrequires-python = '>=" + "9" * 5000 + "'")
@example("go.mod", "go " + "9" * 5000 + ".1\n")
@example("pyproject.toml", "[tool.cibuildwheel]\nskip = '" + "{a,b}" * 40 + "'")
def test_nothing_is_ever_raised(path: str, content: str | bytes) -> None:
    """Whatever strangers write into a file, reading it returns declarations."""
    declarations = read_declarations({path: content})
    assert all(item.path == path for item in (*declarations.statements, *declarations.unread))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ALL_FILES), st.data())
def test_a_damaged_file_raises_nothing(file: tuple[str, str, Expected], data: st.DataObject) -> None:
    """A sample file that is cut or overwritten anywhere is read, or named as unreadable."""
    path, text, _ = file
    at = data.draw(st.integers(0, len(text)))
    damage = data.draw(st.text(max_size=5))
    read_declarations({path: text[:at] + damage + text[data.draw(st.integers(at, len(text))) :]})


def test_statements_do_not_depend_on_the_order_of_files() -> None:
    """The same files in another order make the same declarations."""
    files = {path: text for path, text, _ in reversed(ALL_FILES)}
    assert read_declarations(files) == read_declarations(dict(sorted(files.items())))


CIBUILDWHEEL = "jobs:\n a:\n  steps:\n"
STEP = '  - uses: pypa/cibuildwheel\n    env:\n      CIBW_{}: "{}"\n'
BOMBS = [
    ("Podfile", "platform" + " " * 99_000, True),
    ("Makefile", "MACOSX_DEPLOYMENT_TARGET" * 4_100, True),
    ("Makefile", ".o-" * 33_000 + " -mavx2", True),
    ("Makefile", "x.o " + "-mavx2 " * 14_000, True),
    ("Dockerfile", "FROM b AS a\nFROM a AS b\n" * 4_100, True),
    (".github/workflows/a.yml", CIBUILDWHEEL + STEP.format("BUILD", "[" * 99_000), False),
    (".github/workflows/a.yml", CIBUILDWHEEL + STEP.format("BUILD", "{" + "," * 49_000 + "}" + "x" * 49_000), False),
    (".github/workflows/a.yml", CIBUILDWHEEL + STEP.format("BUILD", "{" + "," * 400 + "} " * 90), True),
    (".github/workflows/a.yml", CIBUILDWHEEL + STEP.format("ARCHS", "a b " * 20_000), False),
    (".github/workflows/a.yml", CIBUILDWHEEL + "".join(STEP.format("SKIP", n) for n in range(1_400)), False),
    ("setup.cfg", "[options]\na" + " " * 90_000 + "b", False),
    (".browserslistrc", "[" + "production " * 4_000 + "]\n" + "x\n" * 20_000, True),
    ("a.xcodeproj/project.pbxproj", "MACOSX_DEPLOYMENT_TARGET[" * 79_000, True),
    ("a.csproj", "<TargetFramework>" * 110_000, True),
    ("pyproject.toml", '"\\"".' + "a." * 40_000 + "a = 1", False),
    ("Cargo.toml", '"\\"".' + "a." * 40_000 + "a = 1", False),
]


@pytest.mark.attack("bombs")
@pytest.mark.parametrize(("path", "text", "readable"), BOMBS, ids=[f"{path}-{text[-9:]}" for path, text, _ in BOMBS])
def test_largest_files_are_read_soon(attack: Attack, path: str, text: str, readable: bool) -> None:
    """Whatever stands in a file below the limits, it is read or refused within seconds."""
    start_s = time.process_time()
    declarations = read_declarations({path: text})
    assert time.process_time() - start_s < 5
    assert (not declarations.unread) == readable, declarations.unread
    attack.ended("read", *(file.why for file in declarations.unread))
