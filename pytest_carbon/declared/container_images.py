"""Reads the images of a Dockerfile: the releases of their distribution and of their runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

from pytest_carbon.core.devices.support_values import Role
from pytest_carbon.declared import cpu_flags, wheels
from pytest_carbon.declared.make_statements import Declaration, declare_lines, strip_comments

_CODENAMES = {
    **{"jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13"},
    **{"trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04"},
}
"""Releases of Debian and Ubuntu by code name: https://www.debian.org/releases/, https://wiki.ubuntu.com/Releases."""
_RHEL = frozenset({"rhel", "centos", "almalinux", "rockylinux", "oraclelinux", "stream"})
_DISTRIBUTIONS = {"debian": "debian", "ubuntu": "ubuntu", "alpine": "alpine", "amazonlinux": "amazonlinux"}
_RUNTIMES = {"python": "python", "node": "node", "golang": "go", "rust": "rust"}
_DOTNET = frozenset({"aspnet", "runtime", "sdk", "runtime-deps"})
_NUMBER = re.compile(r"(?:v|stream|centos|ol)?(\d+(?:\.\d+)*)")
_DISTRIBUTION_IN_TAG = re.compile(r"(alpine|ubuntu|debian|ubi|el)(\d+(?:\.\d+)?)")
_UBI = re.compile(r"(?:^|/)(?:ubi|rhel)(\d+)(?:[-/]|$)")
_LINE_NUMBERS = {"debian": 1, "rhel": 1, "node": 1, "dotnet": 1, "amazonlinux": 1}
"""How many numbers name a release line; two if the family is not here."""
_MOST_STAGES = 100
"""The most stages that build one upon the other."""


def read_dockerfile(path: str, text: str) -> Iterator[Declaration]:
    """Read the image of every stage, with arguments filled in, the compiler flags and the platform tags.

    The image of the last stage is shipped (role ``image``); the images of other stages only build it (``tested``).
    """
    from dockerfile_parse import DockerfileParser

    images = DockerfileParser(fileobj=StringIO(text), env_replace=True).parent_images
    stages = _stage_numbers(text)
    for number, name in enumerate(images):
        image, steps = name, 0
        while image.lower() in stages and steps < _MOST_STAGES:  # a stage may build upon a stage, even in a circle
            image, steps = images[stages[image.lower()]], steps + 1
        if number == len(images) - 1:
            yield from _declare_image(path, image, "image", path)
        else:
            yield from _declare_image(path, image, "tested", f"{path}, stage {number + 1}")
    plain = strip_comments(text)
    yield from cpu_flags.read_cpu_level(path, plain)
    yield from wheels.read_platform_tags(path, "the platform tags", plain)


def _stage_numbers(text: str) -> dict[str, int]:
    """Return the number of each named stage, from 0, by its name in lower case."""
    lines = [line.split() for line in text.splitlines() if line.lstrip()[:5].upper() == "FROM "]
    return {words[-1].lower(): number for number, words in enumerate(lines) if len(words) > 3 and _names_a_stage(words)}


def _names_a_stage(words: list[str]) -> bool:
    return words[-2].upper() == "AS"


def _declare_image(path: str, image: str, role: Role, part: str) -> Iterator[Declaration]:
    for family, release in releases_in_image_name(image):
        line = ".".join(release.split(".")[: _LINE_NUMBERS.get(family, 2)])
        yield from declare_lines(path, "FROM", family, [line], role, part)


def releases_in_image_name(image: str) -> Iterator[tuple[str, str]]:
    """Yield the families and releases in an image: python 3.11 and debian 12 of ``python:3.11-slim-bookworm``.

    Yield nothing for a tag that moves (``latest``, ``stable``) or an unknown name.
    """
    folder, _, last = image.partition("@")[0].lower().rpartition("/")  # first the folder: a registry may have a port
    base, _, tag = last.partition(":")
    words = tag.split("-")
    number = _NUMBER.fullmatch(words[0])
    ubi = _UBI.search(f"{folder}/{base}")
    if ubi:
        yield "rhel", ubi[1]
    elif base in _RHEL and number:
        yield "rhel", number[1].split(".")[0]
    elif base in _DISTRIBUTIONS and number:
        yield _DISTRIBUTIONS[base], number[1]
    elif "dotnet" in folder and base in _DOTNET and number:
        yield "dotnet", number[1]
    elif base in _RUNTIMES and number and (base == "node" or "." in number[1]):
        yield _RUNTIMES[base], number[1]
    yield from _distribution(words)


def _distribution(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the distribution that a tag names: ``slim-bookworm``, ``alpine3.18``, ``base-ubuntu22.04``."""
    for word in words:
        match = _DISTRIBUTION_IN_TAG.fullmatch(word)
        if word in _CODENAMES:
            yield "ubuntu" if "." in _CODENAMES[word] else "debian", _CODENAMES[word]
        elif match:
            yield {"ubi": "rhel", "el": "rhel"}.get(match[1], match[1]), match[2]
