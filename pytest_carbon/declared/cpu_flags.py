"""Reads what the flags in build files require: a level of x86-64 and a minimum macOS.

Levels of x86-64: https://gitlab.com/x86-psABIs/x86-64-ABI. CPUs by their names in GCC:
https://gcc.gnu.org/onlinedocs/gcc/x86-Options.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_carbon.declared.make_statements import Declaration, declare_minimum

_CPU = re.compile(r"(?:-march[= ]|target-cpu=)[\"']?(?P<cpu>[a-z0-9][\w.-]*)|(?P<flag>-m(?:avx512f|avx2|sse4\.2))\b")
_CHECK_OR_ONE_FILE = re.compile(
    r"(?i:check_\w*flag|compiler_flag|set_source_files_properties)|\bCOMPILE_(?:FLAGS|OPTIONS)\b|^(?=[^\s:=]*\.o\b)[^:=]*+:(?!=)"
)
"""Matches a line that tests the compiler or sets flags of one file: such code is chosen at run time."""
_LEVELS = {
    "x86-64": 1,
    "x86-64-v2": 2,
    "x86-64-v3": 3,
    "x86-64-v4": 4,
    **dict.fromkeys(("k8", "core2", "nocona", "amdfam10", "barcelona", "bonnell", "btver1", "athlon64"), 1),
    **dict.fromkeys(("nehalem", "corei7", "westmere", "sandybridge", "corei7-avx", "ivybridge", "silvermont"), 2),
    **dict.fromkeys(("goldmont", "tremont", "bdver1", "bdver2", "bdver3", "btver2"), 2),
    **dict.fromkeys(("haswell", "broadwell", "skylake", "gracemont", "alderlake", "bdver4"), 3),
    **dict.fromkeys(("znver1", "znver2", "znver3"), 3),
    **dict.fromkeys(("skylake-avx512", "cascadelake", "icelake-client", "icelake-server", "znver4", "znver5"), 4),
    "-msse4.2": 2,
    "-mavx2": 3,
    "-mavx512f": 4,
}
_MACOS_TARGET = re.compile(
    r"(?:(?:MACOSX|CMAKE_OSX)_DEPLOYMENT_TARGET|-mmacosx-version-min)"
    r"(?:[\"']?\s*[:=]+\s*|[:\w]{0,40}=|\s+)[\"']*(?P<version>\d+(?:\.\d+)*)"
)


def read_cpu_level(path: str, text: str) -> Iterator[Declaration]:
    """Read the lowest level of x86-64 in the flags of a build file; level 1 if no flag is for the whole build."""
    flags = [(line, match["cpu"] or match["flag"]) for line in text.splitlines() for match in _CPU.finditer(line)]
    levels = [(line, _LEVELS[name]) for line, name in flags if name in _LEVELS]
    for_whole_build = any(not _CHECK_OR_ONE_FILE.search(line) for line in dict(levels))
    lowest = min(level for _, level in levels) if for_whole_build else 1
    yield from declare_minimum(path, "the compiler's flags", "x86-64", [str(lowest)], part=path)


def read_macos_target(path: str, text: str) -> Iterator[Declaration]:
    """Read the lowest macOS deployment target in a text."""
    versions = [match["version"] for match in _MACOS_TARGET.finditer(text)]
    yield from declare_minimum(path, "the deployment target", "macos", versions)
