"""What build files ask of the machine by flags: the CPU's level and the least macOS.

Levels of x86-64: https://gitlab.com/x86-psABIs/x86-64-ABI; which CPUs GCC's names mean:
https://gcc.gnu.org/onlinedocs/gcc/x86-Options.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_carbon.declared.statements import Declaration, declare_minimum

_CPU = re.compile(r"(?:-march[= ]|target-cpu=)[\"']?(?P<cpu>[a-z0-9][\w.-]*)|(?P<flag>-m(?:avx512f|avx2|sse4\.2))\b")
_CHECK_OR_ONE_FILE = re.compile(
    r"(?i:check_\w*flag|compiler_flag|set_source_files_properties)|\bCOMPILE_(?:FLAGS|OPTIONS)\b|^[^\s:=]*\.o\b[^:=]*:(?!=)"
)
"""A line that asks the compiler what it knows, or speaks of one file: such code is chosen when it runs."""
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
    r"(?:[\"']?\s*[:=]+\s*|[:\w]*=|\s+)[\"']*(?P<version>\d+(?:\.\d+)*)"
)


def read_cpu_level(path: str, text: str) -> Iterator[Declaration]:
    """Read the least level of x86-64 that a build file asks for; one that asks for nothing of all takes every CPU."""
    lines = [(line, match["cpu"] or match["flag"]) for line in text.splitlines() for match in _CPU.finditer(line)]
    known = [(line, _LEVELS[name]) for line, name in lines if name in _LEVELS]
    of_all = any(not _CHECK_OR_ONE_FILE.search(line) for line, _ in known)
    least = min(level for _, level in known) if of_all else 1
    yield from declare_minimum(path, "the compiler's flags", "x86-64", [str(least)], part=path)


def read_macos_target(path: str, text: str) -> Iterator[Declaration]:
    """Read the least macOS that a text builds for; of several the least."""
    found = [match["version"] for match in _MACOS_TARGET.finditer(text)]
    yield from declare_minimum(path, "the deployment target", "macos", found)
