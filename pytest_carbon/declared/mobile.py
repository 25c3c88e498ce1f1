"""Reads Android and Apple projects: minSdk, deployment targets, and the platforms of pods and Swift packages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from pytest_carbon.declared.make_statements import Declaration, declare_minimum, strip_comments

_MIN_SDK = re.compile(
    r"\b(?:minSdk|minSdkVersion|min_sdk|minimumSdk)\b[\s\"'(=:]{1,9}(?P<version>\d{1,3})\b", re.IGNORECASE
)
_CATALOG = re.compile(
    r"^[ \t]*[\"']?[\w.-]*?min[_-]?sdk(?:[_-]?version)?[\"']?\s*=\s*[\"']?(?P<version>\d{1,3})[\"']?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_TARGET = re.compile(
    r"\b(IPHONEOS|MACOSX|TVOS|WATCHOS|XROS)_DEPLOYMENT_TARGET(?:\[[^\]]{0,200}\])?[\"']?\s*=\s*[\"']?(\d+(?:\.\d+)*)"
)
_CONFIGURATION_OBJECT = re.compile(r"\s*([0-9A-F]{24})\b.*=\s*\{\s*")
_SYSTEMS = {"IPHONEOS": "ios", "MACOSX": "macos", "TVOS": "tvos", "WATCHOS": "watchos", "XROS": "visionos"}
_POD = re.compile(
    r"(?:\bplatform\s{0,20}\(?\s{0,20}:|\.platform\s*=\s*:|\.)(ios|osx|macos|tvos|watchos|visionos)"
    r"(?:\s*,\s*|\.deployment_target\s*=\s*)[\"'](\d+(?:\.\d+)*)[\"']"
)
_SWIFT = re.compile(r"\.(iOS|macOS|tvOS|watchOS|visionOS)\(\s*(?:\.v(\d+(?:_\d+)*)|\"(\d+(?:\.\d+)*)\")\s*\)")


def read_gradle(path: str, text: str) -> Iterator[Declaration]:
    """Read the minimum API level of a Gradle build file or an Android manifest; of several flavours the lowest."""
    levels = [match["version"] for match in _MIN_SDK.finditer(strip_comments(text, "//"))]
    yield from declare_minimum(path, "minSdk", "android", levels)


def read_gradle_catalog(path: str, text: str) -> Iterator[Declaration]:
    """Read the minimum API level of Gradle's libs.versions.toml or gradle.properties."""
    levels = [match["version"] for match in _CATALOG.finditer(strip_comments(text))]
    yield from declare_minimum(path, "minSdk", "android", levels)


def read_xcode(path: str, text: str) -> Iterator[Declaration]:
    """Read the deployment targets of an Xcode project or xcconfig file; each build configuration is a part."""
    configuration = ""
    targets: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for line in strip_comments(text, "//").splitlines():
        opened, target = _CONFIGURATION_OBJECT.fullmatch(line), _TARGET.search(line)
        configuration = opened[1] if opened else configuration
        if target:
            targets[_SYSTEMS[target[1]], configuration].append(target[2])
    for (family, part), versions in targets.items():
        yield from declare_minimum(path, "the deployment target", family, versions, part=part)


def read_pods(path: str, text: str) -> Iterator[Declaration]:
    """Read the platforms of a Podfile or podspec."""
    platforms: defaultdict[str, list[str]] = defaultdict(list)
    for match in _POD.finditer(strip_comments(text)):
        platforms["macos" if match[1] == "osx" else match[1]].append(match[2])
    for family, versions in platforms.items():
        yield from declare_minimum(path, "platform", family, versions)


def read_swift(path: str, text: str) -> Iterator[Declaration]:
    """Read the platforms of a Swift package."""
    for match in _SWIFT.finditer(strip_comments(text, "//")):
        yield from declare_minimum(path, "platforms", match[1].lower(), [match[3] or match[2].replace("_", ".")])
