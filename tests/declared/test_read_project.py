"""What files declare to run on: one table for every family of files, and files that are broken or hostile."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.devices.values import Dependency
from pytest_carbon.declared import read_project

Stated = set[tuple[str, tuple[str, ...], str]]

PYPROJECT = """
[project]
requires-python = ">=3.8"
classifiers = [
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3.8",
    "Programming Language :: Python :: 3.9",
    "Operating System :: Microsoft :: Windows :: Windows 10",
    "Operating System :: POSIX :: Linux",
]
"""
POETRY = """
[tool.poetry.dependencies]
python = "^3.9"
[tool.maturin]
compatibility = "manylinux2014"
"""
SETUP_CFG = """
[metadata]
classifiers =
    Programming Language :: Python :: 3.7
    Operating System :: OS Independent
[options]
python_requires = >=3.7, !=3.7.2
[bdist_wheel]
plat-name = manylinux1_x86_64
"""
SETUP_PY = """
import os
from setuptools import setup
REQUIRES = ">=3.6"
setup(name=os.environ["NAME"], python_requires=REQUIRES,
      classifiers=["Programming Language :: Python :: 3.6", VERSION],
      install_requires=["numpy>=1.20; python_version >= '3.7'", "not a requirement!"])
"""
CIBUILDWHEEL = """
[tool.cibuildwheel]
build = "cp3{10,11}-*"
skip = ["*-win32", "*musllinux*"]
manylinux-x86_64-image = "quay.io/pypa/manylinux_2_28_x86_64:2024.01.01"
[tool.cibuildwheel.linux]
archs = ["x86_64"]
manylinux-i686-image = "manylinux2014"
[tool.cibuildwheel.macos]
archs = "x86_64 arm64"
environment = { MACOSX_DEPLOYMENT_TARGET = "10.13" }
"""
WORKFLOW = """
on: push
env:
  MACOSX_DEPLOYMENT_TARGET: "10.9"   # manylinux1 in a comment is not read
  # manylinux1
jobs:
  tests:
    strategy:
      matrix:
        python-version: [3.8, 3.10, "pypy3.9", "3.14-dev", "${{ inputs.python }}"]
        os: [ubuntu-22.04, windows-latest]
        include:
          - node-version: 16.x
    runs-on: ${{ matrix.os }}
    steps: [{run: pytest}]
  wheels:
    steps:
      - uses: pypa/cibuildwheel@v2
        env:
          CIBW_SKIP: "pp* *-manylinux_i686"
          CIBW_ARCHS_WINDOWS: AMD64
          CIBW_ARCHS_MACOS: ${{ matrix.arch }}
          CIBW_MANYLINUX_AARCH64_IMAGE: manylinux2014
"""
DOCKERFILE = """
ARG PYTHON=3.11
FROM --platform=linux/amd64 python:${PYTHON}-slim-bookworm AS base
RUN CFLAGS="-O2 -march=x86-64-v2" make
FROM golang:1.21-alpine3.18 AS build
FROM base
"""
PBXPROJ = """
		13B07F941A680F5B00A75B9A /* Debug */ = {
			isa = XCBuildConfiguration;
			buildSettings = {
				IPHONEOS_DEPLOYMENT_TARGET = 12.0;
			};
		};
		13B07F951A680F5B00A75B9A /* Release */ = {
				"MACOSX_DEPLOYMENT_TARGET[sdk=macosx*]" = 10.15;
"""
SWIFT = """
// .iOS(.v12) in a comment
let package = Package(name: "x", platforms: [.iOS(.v15), .macOS("12.3"), .tvOS(.v15_1), .macCatalyst(.v15)])
"""
FILES: list[tuple[str, str, Stated]] = [
    ("pyproject.toml", PYPROJECT, {
        ("python", (">=3.8",), "declared"), ("python", ("==3.8.*", "==3.9.*"), "claimed"),
        ("os", ("windows", "linux"), "claimed"),
    }),
    ("pyproject.toml", POETRY, {("python", (">=3.9,<4",), "declared"), ("glibc", (">=2.17",), "declared")}),
    ("setup.cfg", SETUP_CFG, {
        ("python", (">=3.7, !=3.7.2",), "declared"), ("python", ("==3.7.*",), "claimed"),
        ("os", ("linux", "macos", "windows"), "claimed"), ("glibc", (">=2.5",), "declared"),
    }),
    ("setup.py", SETUP_PY, {("python", (">=3.6",), "declared"), ("python", ("==3.6.*",), "claimed")}),
    ("pyproject.toml", CIBUILDWHEEL, {
        ("wheels", ("linux-x86_64", "macos-arm64", "macos-x86_64", "win-amd64", "win-arm64?"), "declared"),
        ("python", ("==3.10.*", "==3.11.*"), "tested"), ("macos", (">=10.13",), "declared"),
        ("glibc", (">=2.28",), "declared"), ("glibc", (">=2.17",), "declared"),
    }),
    (".github/workflows/ci.yml", WORKFLOW, {
        ("python", ("==3.8.*",), "tested"), ("python", ("==3.10.*",), "tested"), ("python", ("==3.14.*",), "tested"),
        ("node", ("==16.*",), "tested"), ("os", ("linux",), "tested"), ("os", ("windows",), "tested"),
        ("wheels", ("linux-aarch64?", "linux-armv7l?", "linux-ppc64le?", "linux-s390x?", "linux-x86_64", "macos-arm64",
                    "macos-x86_64", "musllinux", "win-amd64"), "declared"),
        ("python", tuple(f"=={v}.*" for v in (
            "2.7", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")), "tested"),
        ("glibc", (">=2.17",), "declared"), ("macos", (">=10.9",), "declared"), ("x86-64", (">=1",), "declared"),
    }),
    ("docker/Dockerfile.web", DOCKERFILE, {
        ("python", ("==3.11.*",), "tested"), ("debian", ("==12.*",), "tested"),
        ("go", ("==1.21.*",), "tested"), ("alpine", ("==3.18.*",), "tested"),
        ("python", ("==3.11.*",), "image"), ("debian", ("==12.*",), "image"), ("x86-64", (">=2",), "declared"),
    }),
    ("Makefile", "CFLAGS += -march=haswell # fast\nslow: CFLAGS += -march=core2\n", {("x86-64", (">=1",), "declared")}),
    ("CMakeLists.txt", 'set(CMAKE_OSX_DEPLOYMENT_TARGET "10.14")\nset(CMAKE_CXX_FLAGS "-mavx2")\n',
     {("macos", (">=10.14",), "declared"), ("x86-64", (">=3",), "declared")}),
    ("CMakeLists.txt", 'check_c_compiler_flag(-mavx2 HAS_AVX2)\nset_source_files_properties(fast.c PROPERTIES '
     'COMPILE_FLAGS -mavx512f)\n', {("x86-64", (">=1",), "declared")}),
    ("Makefile", "CFLAGS = -O2\nfast_avx2.o: CFLAGS += -mavx2\n", {("x86-64", (">=1",), "declared")}),
    ("CMakeLists.txt", "add_compile_options(-mavx2)\n", {("x86-64", (">=3",), "declared")}),
    ("buildSrc/src/main/kotlin/Config.kt", "object Config {\n    const val minSdk = 21\n}\n",
     {("android", (">=21",), "declared")}),
    (".cargo/config.toml", '[build]\nrustflags = ["-C", "target-cpu=x86-64-v3"]\n',
     {("x86-64", (">=3",), "declared")}),
    ("ci/build.sh", "auditwheel repair --plat manylinux_2_17_x86_64 *.whl\n",
     {("glibc", (">=2.17",), "declared"), ("x86-64", (">=1",), "declared")}),
    (".python-version", "3.11.4\npypy3.9\n3.8\n", {("python", ("==3.11.*", "==3.8.*"), "used")}),
    (".nvmrc", "v18.12.0\n", {("node", ("==18.*",), "used")}),
    (".nvmrc", "lts/hydrogen\n", set()),
    (".tool-versions", "python 3.9.1 2.7.18\nnodejs 16.1.0\n# go 1.1\ngolang 1.20\n", {
        ("python", ("==3.9.*", "==2.7.*"), "used"), ("node", ("==16.*",), "used"), ("go", ("==1.20.*",), "used"),
    }),
    ("package.json", '{"engines": {"node": "^14.13 || >=16"}, "browserslist": {"production": "> 0.5%, not IE 11"}}', {
        ("node", (">=14.13,<15", ">=16"), "declared"), ("browsers", ("> 0.5%", "not ie 11"), "declared"),
    }),
    (".browserslistrc", "[production]\nlast 2 versions # two\n\nFirefox ESR\n[modern]\nlast 1 chrome version\n",
     {("browsers", ("last 2 versions", "firefox esr"), "declared")}),
    ("app/build.gradle", "// minSdkVersion 14\ndefaultConfig {\n  minSdkVersion 21\n  targetSdkVersion 34\n}\n",
     {("android", (">=21",), "declared")}),
    ("app/build.gradle.kts", "minSdk = 24\n", {("android", (">=24",), "declared")}),
    ("app/build.gradle", "minSdkVersion flutter.minSdkVersion\n", set()),
    ("gradle/libs.versions.toml", '[versions]\nandroid-minSdk = "23"\nminimal = "2"\n',
     {("android", (">=23",), "declared")}),
    ("gradle.properties", "propMinSdkVersion=15\n", {("android", (">=15",), "declared")}),
    ("AndroidManifest.xml", '<uses-sdk android:minSdkVersion="19" />', {("android", (">=19",), "declared")}),
    ("App.xcodeproj/project.pbxproj", PBXPROJ, {("ios", (">=12.0",), "declared"), ("macos", (">=10.15",), "declared")}),
    ("ios/Podfile", "platform :ios, '13.0'\n# platform :ios, '9.0'\n", {("ios", (">=13.0",), "declared")}),
    ("x.podspec", 's.ios.deployment_target = "11.0"\ns.osx.deployment_target = "10.13"\n',
     {("ios", (">=11.0",), "declared"), ("macos", (">=10.13",), "declared")}),
    ("Package.swift", SWIFT, {
        ("ios", (">=15",), "declared"), ("macos", (">=12.3",), "declared"), ("tvos", (">=15.1",), "declared"),
    }),
    ("go.mod", "module x\n\ngo 1.21.3\n\nrequire y v1.0.0\n", {("go", (">=1.21.3",), "declared")}),
    ("Cargo.toml", '[package]\nrust-version = "1.70"\n', {("rust", (">=1.70",), "declared")}),
    ("rust-toolchain.toml", '[toolchain]\nchannel = "1.75.0"\n', {("rust", ("==1.75.*",), "used")}),
    ("src/App.csproj", "<TargetFrameworks>net6.0;net8.0-windows;netstandard2.0</TargetFrameworks>",
     {("dotnet", ("==6.*", "==8.*"), "declared")}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "stated"), FILES, ids=[f"{n} {path}" for n, (path, *_) in enumerate(FILES)])
def test_what_a_file_declares(path: str, text: str, stated: Stated) -> None:
    """Each family of files is read, also with Windows' line ends, as text or bytes, with a mark of UTF-8."""
    found = read_project.read_declarations({path: text})
    assert {(one.family, one.values, one.role) for one in found.statements} == stated
    assert found.unread == ()
    assert read_project.may_declare(path)
    as_windows = read_project.read_declarations({path: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()})
    assert as_windows == found


def test_nothing_is_run() -> None:
    """A setup.py is read, not run, and what only running would tell is said to be unknown."""
    text = "import os\nos.abort()\nfrom setuptools import setup\nsetup(python_requires='>=' + os.environ['LEAST'])\n"
    found = read_project.read_declarations({"setup.py": text})
    assert found.statements == ()
    assert [one.why for one in found.unread] == ["python_requires is computed, so only running the file would tell it"]


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
def test_arguments_of_setup_may_be_gathered_before(text: str) -> None:
    """Lists, texts, names and tables in any of the usual ways are followed; nothing is run."""
    named = [f"Programming Language :: Python :: {version}" for version in ("3.8", "3.9")]
    (found,) = read_project.read_declarations({"setup.py": text.format(*named)}).statements
    assert found.values == ("==3.8.*", "==3.9.*")


def test_dependencies_are_read() -> None:
    """Requirements keep their specifier and marker; what is none is passed over."""
    text = '[project]\ndependencies = ["numpy>=1.20", "not a requirement!", "tomli>=2; python_version<\'3.11\'"]\n'
    poetry = '[tool.poetry.dependencies]\npython = "*"\nattrs = "^23.1"\nlocal = { path = "x" }\n'
    assert read_project.read_declarations({"pyproject.toml": text}).dependencies == (
        Dependency("numpy", ">=1.20", "pyproject.toml"),
        Dependency("tomli", ">=2", "pyproject.toml", marker='python_version < "3.11"'),
    )
    assert read_project.read_declarations({"pyproject.toml": poetry}).dependencies == (
        Dependency("attrs", ">=23.1,<24", "pyproject.toml"),
    )
    assert {one.name for one in read_project.read_declarations({"setup.py": SETUP_PY}).dependencies} == {"numpy"}
    extra = '[project]\noptional-dependencies = { docs = ["sphinx>=8"] }\n'
    assert read_project.read_declarations({"pyproject.toml": extra}).dependencies == (
        Dependency("sphinx", ">=8", "pyproject.toml", extra="docs"),
    )
    some = '[tool.poetry.dependencies]\nnumpy = { version = "^2.1", python = ">=3.10", optional = true }\n'
    assert read_project.read_declarations({"pyproject.toml": some}).dependencies == (
        Dependency("numpy", ">=2.1,<3", "pyproject.toml", marker="python >=3.10", extra="an extra"),
    )


def test_a_file_belongs_to_the_nearest_project() -> None:
    """In a repository of several projects each file speaks for the folder above it that has a manifest."""
    found = read_project.read_declarations(
        {
            "pyproject.toml": PYPROJECT,
            "web/package.json": '{"engines": {"node": ">=18"}}',
            "web/app/src/.nvmrc": "18",
            "docs/.python-version": "3.12",
            "node_modules/x/package.json": '{"engines": {"node": ">=4"}}',
        }
    )
    places = {(one.path, one.project) for one in found.statements}
    rooted, web = {"pyproject.toml", "docs/.python-version"}, {"web/package.json", "web/app/src/.nvmrc"}
    assert places == {(path, "") for path in rooted} | {(path, "web") for path in web}


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("pyproject.toml", "[project", "TOMLDecodeError"),
        ("pyproject.toml", '[project]\nrequires-python = "three"', "requires-python is 'three', which is no range"),
        ("package.json", "{", "JSONDecodeError"),
        ("package.json", '{"engines": {"node": "new"}}', "engines.node is 'new', which is no range of versions"),
        ("package.json", "[" * 100_000, "RecursionError"),
        ("setup.py", "def", "SyntaxError"),
        ("setup.cfg", "no section", "MissingSectionHeaderError"),
        (".github/workflows/x.yml", "a: [", "ParserError"),
        (".github/workflows/x.yml", "a: " + "[" * 200_000, "ValueError: it is nested more than 50 levels deep"),
        (".github/workflows/x.yml", "- " * 200_000, "ValueError: it is nested more than 50 levels deep"),
        (
            ".github/workflows/x.yml",
            "a: &a [*a]",
            "ValueError: the alias 'a' has no anchor before it, or refers to a value that contains it",
        ),
        (
            ".github/workflows/x.yml",
            "jobs: {t: {strategy: {matrix: {python: [" + ", ".join(f"3.{n}" for n in range(6000)) + "]}}}}",
            "it says more than 5,000 things",
        ),
        ("package.json", '{"engines": {"node": "' + "1" * 100_000 + '"}}', "engines.node is '111"),
        (
            "package.json",
            '{"browserslist": [' + ", ".join(f'"ie {n}"' for n in range(1001)) + "]}",
            "browserslist names more than 1,000 versions",
        ),
        ("Dockerfile", b"\xff\xfe", "UnicodeDecodeError"),
        ("Cargo.toml", "#" * (read_project.MAX_TOML_BYTES + 1), "it has more than 100,000 bytes"),
        (".nvmrc", b"1" * (read_project.MAX_FILE_BYTES + 1), "it has more than 2,000,000 bytes"),
    ],
)
def test_what_cannot_be_read_is_told(path: str, content: str | bytes, why: str) -> None:
    """A broken file stops nothing: it is named with the reason, in one short line."""
    found = read_project.read_declarations({path: content, ".python-version": "3.9"})
    (unread,) = found.unread
    assert (unread.path, unread.why[: len(why)]) == (path, why)
    assert len(unread.why) < 300
    assert "\n" not in unread.why
    assert [one.family for one in found.statements] == ["python"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\njobs: *b\n",
        "jobs: {x: {strategy: {matrix: [1]}, steps: 3, env: 4}}",
        "jobs: {x: 1, y: null, z: {strategy: {matrix: {include: 3, python-version: 3.9}}}}",
        "!!python/object/apply:os.abort []\n",
        "- a\n",
        "",
    ],
)
def test_odd_workflows_are_read_as_texts(text: str) -> None:
    """Anchors, wrong shapes and tags of YAML make neither objects nor errors."""
    found = read_project.read_declarations({".github/workflows/x.yml": text})
    assert {one.family for one in found.statements} <= {"python", "x86-64"}


PATHS = [path for path, *_ in FILES]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PATHS), st.one_of(st.binary(max_size=200), st.text(max_size=200)))
@example("setup.py", "setup(python_requires=" + "(" * 300)
@example("Dockerfile", "FROM\nFROM a AS\nFROM $X AS b\nFROM b AS b\n")
@example("Dockerfile", "FROM b AS a\nFROM a AS b\nFROM a\n")
@example("pyproject.toml", "[project]\nrequires-python = '>=" + "9" * 5000 + "'")
@example("go.mod", "go " + "9" * 5000 + ".1\n")
@example("pyproject.toml", "[tool.cibuildwheel]\nskip = '" + "{a,b}" * 40 + "'")
def test_nothing_is_ever_raised(path: str, content: str | bytes) -> None:
    """Whatever strangers write into a file, reading returns values."""
    found = read_project.read_declarations({path: content})
    assert all(one.path == path for one in (*found.statements, *found.unread))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_a_damaged_file_is_no_harm(file: tuple[str, str, Stated], data: st.DataObject) -> None:
    """A real file cut or overwritten anywhere is read or told."""
    path, text, _ = file
    at = data.draw(st.integers(0, len(text)))
    damage = data.draw(st.text(max_size=5))
    read_project.read_declarations({path: text[:at] + damage + text[data.draw(st.integers(at, len(text))) :]})


def test_statements_do_not_depend_on_the_order_of_files() -> None:
    """The same files in another order say the same."""
    files = {path: text for path, text, _ in reversed(FILES)}
    assert read_project.read_declarations(files) == read_project.read_declarations(dict(sorted(files.items())))
