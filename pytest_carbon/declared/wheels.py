"""Reads which wheels a project builds: from the settings of cibuildwheel and maturin, and from platform tags.

Settings: https://cibuildwheel.pypa.io/en/stable/options/. Tags: PEP 513, 571, 599, 600 and 656.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from pytest_carbon.core.devices.support_values import UNCERTAIN
from pytest_carbon.declared import cpu_flags
from pytest_carbon.declared.make_statements import (
    COMPUTED_AT_RUN_TIME,
    Declaration,
    declare,
    declare_lines,
    declare_minimum,
)

_ARCH = r"(?:_(?P<arch>x86_64|i686|aarch64|armv7l|ppc64le|s390x))?"
_GLIBC_TAG = re.compile(rf"(?<![A-Za-z0-9])manylinux(?P<version>_\d+_\d+|1|2010|2014){_ARCH}")
_MUSL_TAG = re.compile(rf"(?<![A-Za-z0-9])musllinux_(?P<version>\d+_\d+){_ARCH}")
_IMAGE_SETTING = re.compile(
    r"(?:many|musl)linux[-_](x86_64|i686|aarch64|armv7l|ppc64le|s390x)[-_]image(?:-linux)?[\"']?\s*[:=]\s*[\"']?([\w./-]+)",
    re.I,
)
_GLIBC_OF_TAG = {"1": "2.5", "2010": "2.12", "2014": "2.17"}
_BRACES = re.compile(r"\{([^{}]*)\}")
_PYTHONS = [f"cp{version}" for version in ("27", "35", "36", "37", "38", "39", *(f"3{n}" for n in range(10, 15)))]
_SYSTEMS = ("linux", "windows", "macos")
_ARCHS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "auto": {"linux": ("x86_64", "i686"), "windows": ("AMD64", "x86"), "macos": ("x86_64", "arm64")},
    "auto64": {"linux": ("x86_64",), "windows": ("AMD64",), "macos": ("x86_64", "arm64")},
    "auto32": {"linux": ("i686",), "windows": ("x86",), "macos": ()},
    "native": {"linux": ("x86_64",), "windows": ("AMD64",), "macos": ("x86_64", "arm64")},
    "all": {
        "linux": ("x86_64", "i686", "aarch64", "ppc64le", "s390x", "armv7l"),
        "windows": ("AMD64", "x86", "ARM64"),
        "macos": ("x86_64", "arm64", "universal2"),
    },
}
"""What the words of ``archs`` mean on the runners of GitHub."""
_WINDOWS = {"AMD64": "win_amd64", "x86": "win32", "ARM64": "win_arm64"}
_MAX_GLOBS, _MAX_GLOB_CHARS = 400, 500
"""Braces are written out up to this many globs; the other globs of an option are ignored. A longer glob is refused."""
_MAX_ARCHS, _MAX_RUNS = 50, 100
"""The most architectures of an option, and the most steps that run cibuildwheel in one workflow."""


def read_platform_tags(path: str, setting: str, text: str) -> Iterator[Declaration]:
    """Read the platform tags in a text: the lowest glibc and musl of each architecture."""
    text = _IMAGE_SETTING.sub(lambda match: f"{match[2]}_{match[1].lower()}", text)
    minima: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for match in _GLIBC_TAG.finditer(text):
        version = _GLIBC_OF_TAG.get(match["version"]) or match["version"].strip("_").replace("_", ".")
        minima["glibc", match["arch"] or "x86_64"].append(version)
    for match in _MUSL_TAG.finditer(text):
        minima["musl", match["arch"] or "x86_64"].append(match["version"].replace("_", "."))
    for (family, arch), versions in minima.items():
        yield from declare_minimum(path, setting, family, versions, part=arch)


def read_tool_tables(path: str, tool: Mapping[str, Any]) -> Iterator[Declaration]:
    """Read [tool.cibuildwheel] and [tool.maturin] of a pyproject.toml."""
    cibuildwheel, setting = tool.get("cibuildwheel"), "[tool.cibuildwheel]"
    if isinstance(cibuildwheel, dict):
        options = {key: _option_text(value) for key, value in cibuildwheel.items()}
        for system in _SYSTEMS:
            of_system = cibuildwheel.get(system)
            if isinstance(of_system, dict):
                options |= {f"{key}-{system}": _option_text(value) for key, value in of_system.items()}
        yield from _declare_wheels(path, setting, [options])
        yield from read_platform_tags(path, setting, "\n".join(f"{key}={value}" for key, value in options.items()))
        yield from cpu_flags.read_macos_target(path, " ".join(options.values()))
    maturin = tool.get("maturin")
    if isinstance(maturin, dict):
        yield from read_platform_tags(path, "[tool.maturin]", _option_text(maturin.get("compatibility")))


def read_cibuildwheel_variables(path: str, environments: Iterable[Mapping[str, Any]]) -> Iterator[Declaration]:
    """Read the CIBW_* variables of a workflow; ``environments`` has one entry per step that runs cibuildwheel."""
    options = [
        {_option_name(key): _option_text(value) for key, value in environment.items() if key.startswith("CIBW_")}
        for environment in environments
    ]
    if options:
        yield from _declare_wheels(path, "CIBW_* variables", options)


def _option_name(variable: str) -> str:
    """Return the option that a variable sets: ``archs-linux`` of CIBW_ARCHS_LINUX."""
    return variable.removeprefix("CIBW_").lower().replace("_", "-")


def _option_text(value: Any) -> str:
    """Return an option as one text; cibuildwheel also accepts lists and tables instead of texts."""
    if isinstance(value, dict):
        return " ".join(f"{key}={text}" for key, text in value.items() if isinstance(text, str))
    if isinstance(value, list):
        return " ".join(text for text in value if isinstance(text, str))
    return str(value) if isinstance(value, str | int) else ""


def _declare_wheels(path: str, setting: str, runs: Iterable[Mapping[str, str]]) -> Iterator[Declaration]:
    """Declare all wheels that runs of cibuildwheel build; ``runs`` has the options of each run."""
    names: dict[str, None] = {}
    pythons: dict[str, None] = {}
    for number, options in enumerate(runs):
        if number == _MAX_RUNS:
            raise ValueError(f"more than {_MAX_RUNS} steps run cibuildwheel")
        for system in _SYSTEMS:
            for name, python in _selected_wheels(system, options):
                names[name], pythons[f"{python[2]}.{python[3:]}"] = None, None
    wheels = [name for name in names if not name.endswith(UNCERTAIN) or name.removesuffix(UNCERTAIN) not in names]
    yield from declare(path, setting, "wheels", sorted(wheels))
    yield from declare_lines(path, setting, "python", pythons, "tested")


def _selected_wheels(system: str, options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the Python (``cp310``) of every wheel that is built for a system."""
    build = _expand_globs(options.get(f"build-{system}") or options.get("build") or "*", "*")
    skip = _expand_globs(options.get(f"skip-{system}") or options.get("skip") or "", "")
    for name, platform in _platforms(system, options.get(f"archs-{system}") or options.get("archs") or ""):
        for python in _PYTHONS:
            identifier = f"{python}-{platform}"
            built = any(fnmatchcase(identifier, glob) for glob in build)
            if built and not any(fnmatchcase(identifier, glob) for glob in skip):
                yield name, python


def _expand_globs(text: str, if_computed: str) -> list[str]:
    """Return the globs of an option with their braces written out; ``if_computed`` if it is computed at run time."""
    if COMPUTED_AT_RUN_TIME.search(text):
        return [if_computed]
    pending, globs = text.split(), list[str]()
    if any(len(glob) > _MAX_GLOB_CHARS for glob in pending):
        raise ValueError(f"a glob has more than {_MAX_GLOB_CHARS} characters")
    while pending and len(globs) + len(pending) < _MAX_GLOBS:
        glob = pending.pop()
        match = _BRACES.search(glob)
        if match:
            pending += [f"{glob[: match.start()]}{part}{glob[match.end() :]}" for part in match[1].split(",")]
        else:
            globs.append(glob)
    return globs


def _platforms(system: str, archs: str) -> Iterator[tuple[str, str]]:
    """Yield the names and platforms of the wheels of a system: ``linux-i686`` and ``manylinux_i686``.

    If ``archs`` is empty or computed, the runner decides: all but the usual architectures are then marked as uncertain.
    """
    undecided = not archs or COMPUTED_AT_RUN_TIME.search(archs)
    words = ["all"] if undecided else archs.replace(",", " ").split()
    if len(words) > _MAX_ARCHS:
        raise ValueError(f"more than {_MAX_ARCHS} architectures are built")
    usual = _ARCHS["auto"][system]
    for arch in sorted({arch for word in words for arch in _ARCHS.get(word, {}).get(system, (word,))}):
        suffix = UNCERTAIN if undecided and arch not in usual else ""
        if system == "linux":
            yield f"linux-{arch}{suffix}", f"manylinux_{arch}"
            yield f"musllinux{suffix}", f"musllinux_{arch}"
        elif system == "windows" and arch in _WINDOWS:
            yield f"{_WINDOWS[arch].replace('_', '-')}{suffix}", _WINDOWS[arch]
        elif system == "macos" and arch in _ARCHS["all"]["macos"]:
            for cpu in ("x86_64", "arm64") if arch == "universal2" else (arch,):  # one wheel for both
                yield f"macos-{cpu}{suffix}", f"macosx_{arch}"
