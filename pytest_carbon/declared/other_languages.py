"""What projects of other families declare: Go, Rust, .NET, asdf's list of tools, and build files by their flags."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from pytest_carbon.declared import cpu_flags, wheels
from pytest_carbon.declared.statements import (
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
    """Read the rust-version of a package, or of a workspace."""
    whole: dict[str, Any] = tomllib.loads(text)
    for table in (whole.get("package"), (whole.get("workspace") or {}).get("package")):
        version = table.get("rust-version") if isinstance(table, dict) else None
        if isinstance(version, str):
            yield from declare_minimum(path, "rust-version", "rust", [version])


def read_rust_toolchain(path: str, text: str) -> Iterator[Declaration]:
    """Read the pinned channel of rust-toolchain or rust-toolchain.toml, where it is a version."""
    match = re.search(r"^(?:channel\s*=\s*)?[\"']?(\d+\.\d+)(?:\.\d+)?[\"']?\s*$", text, re.MULTILINE)
    yield from declare_lines(path, "the channel", "rust", [match[1]] if match else [], "used")


def read_dotnet(path: str, text: str) -> Iterator[Declaration]:
    """Read the target frameworks of a project; .NET Standard and the .NET Framework are not told apart."""
    words = [word.strip() for match in _FRAMEWORK.finditer(text) for word in match[1].split(";")]
    found = [match[1] for word in words if (match := _NET.fullmatch(word))]
    yield from declare(path, "TargetFramework", "dotnet", [f"=={version}.*" for version in found])


def read_tool_versions(path: str, text: str) -> Iterator[Declaration]:
    """Read asdf's list: a tool and its versions a line."""
    for line in strip_comments(text).splitlines():
        tool, *versions = line.split()[:10] or [""]
        family = _TOOLS.get(tool)
        numbers = [match for version in versions if (match := _NUMBERS.fullmatch(version))]
        found = [one[1] if family == "node" else f"{one[1]}.{one[2]}" for one in numbers if family == "node" or one[2]]
        if family:
            yield from declare_lines(path, tool, family, found, "used")


def read_build_file(path: str, text: str) -> Iterator[Declaration]:
    """Read a Makefile, CMakeLists.txt, Cargo's configuration or a script of CI by its flags."""
    plain = strip_comments(text)
    yield from cpu_flags.read_cpu_level(path, plain)
    yield from cpu_flags.read_macos_target(path, plain)
    yield from wheels.read_platform_tags(path, "the platform tags", plain)
