"""Reads projects in Go, Rust and .NET, the tool list of asdf, and the flags of build files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_carbon.config.parse_toml import parse_toml
from pytest_carbon.declared import cpu_flags, wheels
from pytest_carbon.declared.make_statements import (
    Declaration,
    declare,
    declare_lines,
    declare_minimum,
    minimum_reader,
    strip_comments,
)

_FRAMEWORK = re.compile(r"<TargetFrameworks?>([^<]*)</TargetFrameworks?>")
_NET = re.compile(r"net(?:coreapp)?(\d+)\.\d+(?:-[\w.]+)?")
_TOOLS = {"python": "python", "nodejs": "node", "node": "node", "golang": "go", "go": "go", "rust": "rust"}
_NUMBERS = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.\d+)*")

read_go_mod = minimum_reader(re.compile(r"^go (?P<version>\d+\.\d+(?:\.\d+)?)\b", re.MULTILINE), "go", "go", mark="//")


def read_cargo(path: str, text: str) -> Iterator[Declaration]:
    """Read the rust-version of a package or workspace. Raises ValueError for broken TOML."""
    manifest = parse_toml(text)
    for table in (manifest.get("package"), (manifest.get("workspace") or {}).get("package")):
        version = table.get("rust-version") if isinstance(table, dict) else None
        if isinstance(version, str):
            yield from declare_minimum(path, "rust-version", "rust", [version])


def read_rust_toolchain(path: str, text: str) -> Iterator[Declaration]:
    """Read the pinned channel of rust-toolchain or rust-toolchain.toml; a channel without a version is skipped."""
    match = re.search(r"^(?:channel\s*=\s*)?[\"']?(\d+\.\d+)(?:\.\d+)?[\"']?\s*$", text, re.MULTILINE)
    yield from declare_lines(path, "the channel", "rust", [match[1]] if match else [], "used")


def read_dotnet(path: str, text: str) -> Iterator[Declaration]:
    """Read the target frameworks of a .NET project; .NET Standard and the .NET Framework are skipped."""
    frameworks = [word.strip() for match in _FRAMEWORK.finditer(text) for word in match[1].split(";")]
    versions = [match[1] for framework in frameworks if (match := _NET.fullmatch(framework))]
    yield from declare(path, "TargetFramework", "dotnet", [f"=={version}.*" for version in versions])


def read_tool_versions(path: str, text: str) -> Iterator[Declaration]:
    """Read .tool-versions of asdf: on each line a tool and at most nine of its versions."""
    for line in strip_comments(text).splitlines():
        tool, *versions = line.split()[:10] or [""]
        family = _TOOLS.get(tool)
        matches = [match for version in versions if (match := _NUMBERS.fullmatch(version))]
        if family == "node":
            yield from declare_lines(path, tool, family, [match[1] for match in matches], "used")
        elif family:
            lines = [f"{match[1]}.{match[2]}" for match in matches if match[2]]
            yield from declare_lines(path, tool, family, lines, "used")


def read_build_file(path: str, text: str) -> Iterator[Declaration]:
    """Read the flags and platform tags of a Makefile, CMakeLists.txt, Cargo configuration or CI script."""
    plain = strip_comments(text)
    yield from cpu_flags.read_cpu_level(path, plain)
    yield from cpu_flags.read_macos_target(path, plain)
    yield from wheels.read_platform_tags(path, "the platform tags", plain)
