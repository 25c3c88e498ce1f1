"""The images that a Dockerfile builds upon: which release of which distribution, and of which runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

from pytest_carbon.core.devices.values import Role
from pytest_carbon.declared import cpu_flags, wheels
from pytest_carbon.declared.statements import Declaration, declare_lines, strip_comments

_CODENAMES = {
    **{"jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13"},
    **{"trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04"},
}
"""Debian's and Ubuntu's, by https://www.debian.org/releases/ and https://wiki.ubuntu.com/Releases."""
_RHEL = frozenset({"rhel", "centos", "almalinux", "rockylinux", "oraclelinux", "stream"})
_DISTRIBUTIONS = {"debian": "debian", "ubuntu": "ubuntu", "alpine": "alpine", "amazonlinux": "amazonlinux"}
_RUNTIMES = {"python": "python", "node": "node", "golang": "go", "rust": "rust"}
_DOTNET = frozenset({"aspnet", "runtime", "sdk", "runtime-deps"})
_NUMBER = re.compile(r"(?:v|stream|centos|ol)?(\d+(?:\.\d+)*)")
_DISTRIBUTION_IN_TAG = re.compile(r"(alpine|ubuntu|debian|ubi|el)(\d+(?:\.\d+)?)")
_UBI = re.compile(r"(?:^|/)(?:ubi|rhel)(\d+)(?:[-/]|$)")
_LINE_NUMBERS = {"debian": 1, "rhel": 1, "node": 1, "dotnet": 1, "amazonlinux": 1}


def read_dockerfile(path: str, text: str) -> Iterator[Declaration]:
    """Read the image of every stage, with its arguments filled in, and the flags; nothing is built.

    The image of the last stage is what is shipped. The others only build it.
    """
    from dockerfile_parse import DockerfileParser

    images = DockerfileParser(fileobj=StringIO(text), env_replace=True).parent_images
    stages = _stage_numbers(text)
    for number, name in enumerate(images):
        image, seen = name, 0
        while image.lower() in stages and seen < len(images):  # a stage upon a stage
            image, seen = images[stages[image.lower()]], seen + 1
        last = number == len(images) - 1
        yield from _declare_image(
            path, image, "image" if last else "tested", path if last else f"{path}, stage {number + 1}"
        )
    plain = strip_comments(text)
    yield from cpu_flags.read_cpu_level(path, plain)
    yield from wheels.read_platform_tags(path, "the platform tags", plain)


def _stage_numbers(text: str) -> dict[str, int]:
    """Return the number of every named stage."""
    lines = [line.split() for line in text.splitlines() if line.lstrip()[:5].upper() == "FROM "]
    return {words[-1].lower(): number for number, words in enumerate(lines) if len(words) > 3 and _names_a_stage(words)}


def _names_a_stage(words: list[str]) -> bool:
    return words[-2].upper() == "AS"


def _declare_image(path: str, image: str, role: Role, part: str) -> Iterator[Declaration]:
    for family, release in releases_in_image_name(image):
        digits = _LINE_NUMBERS.get(family, 2)
        line = ".".join(release.split(".")[:digits])
        yield from declare_lines(path, "FROM", family, [line], role, part)


def releases_in_image_name(image: str) -> Iterator[tuple[str, str]]:
    """Yield the family and release of an image: debian 12 and python 3.11 of ``python:3.11-slim-bookworm``.

    Nothing is yielded for a tag that moves (``latest``, ``stable``) or a name that is not known.
    """
    folder, _, last = image.partition("@")[0].lower().rpartition("/")  # before the tag: a registry may have a port
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
        inside = _DISTRIBUTION_IN_TAG.fullmatch(word)
        if word in _CODENAMES:
            yield "ubuntu" if "." in _CODENAMES[word] else "debian", _CODENAMES[word]
        elif inside:
            yield {"ubi": "rhel", "el": "rhel"}.get(inside[1], inside[1]), inside[2]
