"""Sample files for the tests of the readers, with the statements that each file makes; and how a sample is checked."""

from __future__ import annotations

import pytest

from pytest_carbon.declared.read_project import may_declare, read_declarations

Expected = set[tuple[str, tuple[str, ...], str]]
"""The family, the values and the role of each statement."""
Sample = tuple[str, str, Expected]
"""A path, a text, and the statements of the file."""

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
PYTHON_FILES: list[Sample] = [
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
    (".python-version", "3.11.4\npypy3.9\n3.8\n", {("python", ("==3.11.*", "==3.8.*"), "used")}),
]  # fmt: skip
WHEEL_FILES: list[Sample] = [
    ("pyproject.toml", CIBUILDWHEEL, {
        ("wheels", ("linux-x86_64", "macos-arm64", "macos-x86_64", "win-amd64", "win-arm64?"), "declared"),
        ("python", ("==3.10.*", "==3.11.*"), "tested"), ("macos", (">=10.13",), "declared"),
        ("glibc", (">=2.28",), "declared"), ("glibc", (">=2.17",), "declared"),
    }),
    ("ci/build.sh", "auditwheel repair --plat manylinux_2_17_x86_64 *.whl\n",
     {("glibc", (">=2.17",), "declared"), ("x86-64", (">=1",), "declared")}),
]  # fmt: skip
WORKFLOW_FILES: list[Sample] = [
    (".github/workflows/ci.yml", WORKFLOW, {
        ("python", ("==3.8.*",), "tested"), ("python", ("==3.10.*",), "tested"), ("python", ("==3.14.*",), "tested"),
        ("node", ("==16.*",), "tested"), ("os", ("linux",), "tested"), ("os", ("windows",), "tested"),
        ("wheels", ("linux-aarch64?", "linux-armv7l?", "linux-ppc64le?", "linux-s390x?", "linux-x86_64", "macos-arm64",
                    "macos-x86_64", "musllinux", "win-amd64"), "declared"),
        ("python", tuple(f"=={v}.*" for v in (
            "2.7", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")), "tested"),
        ("glibc", (">=2.17",), "declared"), ("macos", (">=10.9",), "declared"), ("x86-64", (">=1",), "declared"),
    }),
]  # fmt: skip
IMAGE_FILES: list[Sample] = [
    ("docker/Dockerfile.web", DOCKERFILE, {
        ("python", ("==3.11.*",), "tested"), ("debian", ("==12.*",), "tested"),
        ("go", ("==1.21.*",), "tested"), ("alpine", ("==3.18.*",), "tested"),
        ("python", ("==3.11.*",), "image"), ("debian", ("==12.*",), "image"), ("x86-64", (">=2",), "declared"),
    }),
]  # fmt: skip
FLAG_FILES: list[Sample] = [
    ("Makefile", "CFLAGS += -march=haswell # fast\nslow: CFLAGS += -march=core2\n", {("x86-64", (">=1",), "declared")}),
    ("CMakeLists.txt", 'set(CMAKE_OSX_DEPLOYMENT_TARGET "10.14")\nset(CMAKE_CXX_FLAGS "-mavx2")\n',
     {("macos", (">=10.14",), "declared"), ("x86-64", (">=3",), "declared")}),
    ("CMakeLists.txt", 'check_c_compiler_flag(-mavx2 HAS_AVX2)\nset_source_files_properties(fast.c PROPERTIES '
     'COMPILE_FLAGS -mavx512f)\n', {("x86-64", (">=1",), "declared")}),
    ("Makefile", "CFLAGS = -O2\nfast_avx2.o: CFLAGS += -mavx2\n", {("x86-64", (">=1",), "declared")}),
    ("CMakeLists.txt", "add_compile_options(-mavx2)\n", {("x86-64", (">=3",), "declared")}),
    (".cargo/config.toml", '[build]\nrustflags = ["-C", "target-cpu=x86-64-v3"]\n',
     {("x86-64", (">=3",), "declared")}),
]  # fmt: skip
NODE_FILES: list[Sample] = [
    (".nvmrc", "v18.12.0\n", {("node", ("==18.*",), "used")}),
    (".nvmrc", "lts/hydrogen\n", set()),
    ("package.json", '{"engines": {"node": "^14.13 || >=16"}, "browserslist": {"production": "> 0.5%, not IE 11"}}', {
        ("node", (">=14.13,<15", ">=16"), "declared"), ("browsers", ("> 0.5%", "not ie 11"), "declared"),
    }),
    (".browserslistrc", "[production]\nlast 2 versions # two\n\nFirefox ESR\n[modern]\nlast 1 chrome version\n",
     {("browsers", ("last 2 versions", "firefox esr"), "declared")}),
]  # fmt: skip
MOBILE_FILES: list[Sample] = [
    ("buildSrc/src/main/kotlin/Config.kt", "object Config {\n    const val minSdk = 21\n}\n",
     {("android", (">=21",), "declared")}),
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
]  # fmt: skip
OTHER_FILES: list[Sample] = [
    (".tool-versions", "python 3.9.1 2.7.18\nnodejs 16.1.0\n# go 1.1\ngolang 1.20\n", {
        ("python", ("==3.9.*", "==2.7.*"), "used"), ("node", ("==16.*",), "used"), ("go", ("==1.20.*",), "used"),
    }),
    ("go.mod", "module x\n\ngo 1.21.3\n\nrequire y v1.0.0\n", {("go", (">=1.21.3",), "declared")}),
    ("Cargo.toml", '[package]\nrust-version = "1.70"\n', {("rust", (">=1.70",), "declared")}),
    ("rust-toolchain.toml", '[toolchain]\nchannel = "1.75.0"\n', {("rust", ("==1.75.*",), "used")}),
    ("src/App.csproj", "<TargetFrameworks>net6.0;net8.0-windows;netstandard2.0</TargetFrameworks>",
     {("dotnet", ("==6.*", "==8.*"), "declared")}),
]  # fmt: skip
ALL_FILES = [
    *PYTHON_FILES, *WHEEL_FILES, *WORKFLOW_FILES, *IMAGE_FILES, *FLAG_FILES, *NODE_FILES, *MOBILE_FILES, *OTHER_FILES,
]  # fmt: skip


def each(samples: list[Sample]) -> pytest.MarkDecorator:
    """Return the mark that runs a test once for each sample, with ``path``, ``text`` and ``expected``."""
    names = [f"{number} {path}" for number, (path, *_) in enumerate(samples)]
    return pytest.mark.parametrize(("path", "text", "expected"), samples, ids=names)


def check_sample(path: str, text: str, expected: Expected) -> None:
    """Check the statements of a file, read as text, and as bytes with Windows' line ends and a byte order mark."""
    declarations = read_declarations({path: text})
    assert {(statement.family, statement.values, statement.role) for statement in declarations.statements} == expected
    assert declarations.unread == ()
    assert may_declare(path)
    assert read_declarations({path: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()}) == declarations
