"""The readers of Android and Apple projects."""

from __future__ import annotations

from pytest_carbon.declared.read_project import read_declarations
from tests.declared.sample_files import MOBILE_FILES, Expected, check_sample, each


@each(MOBILE_FILES)
def test_files_of_mobile_projects(path: str, text: str, expected: Expected) -> None:
    """Minimum API levels and deployment targets are read; comments and computed values are not."""
    check_sample(path, text, expected)


def test_the_lowest_of_several_flavours_counts() -> None:
    """A Gradle file with several minima supports the lowest one."""
    (statement,) = read_declarations({"a.gradle": "minSdk 26\nminSdkVersion(21)\nminSdk = 24"}).statements
    assert statement.values == (">=26", ">=21", ">=24")


def test_each_build_configuration_is_a_part() -> None:
    """Targets of one build configuration of an Xcode project are one statement, those of another are another one."""
    debug, release = "13B07F941A680F5B00A75B9A /* Debug */ = {", "13B07F951A680F5B00A75B9A /* Release */ = {"
    ios_12, ios_13 = "IPHONEOS_DEPLOYMENT_TARGET = 12.0;", "IPHONEOS_DEPLOYMENT_TARGET = 13.0;"
    text = "\n".join([debug, ios_12, ios_13, release, ios_13])
    statements = read_declarations({"x.xcodeproj/project.pbxproj": text}).statements
    assert [(statement.part[:8], statement.values) for statement in statements] == [
        ("13B07F94", (">=12.0", ">=13.0")),
        ("13B07F95", (">=13.0",)),
    ]


def test_platforms_of_a_swift_package_may_have_minor_versions() -> None:
    """``.v10_15`` is 10.15, and a text is a version as it is written."""
    text = 'platforms: [.macOS(.v10_15), .watchOS("7.1"), .visionOS(.v1)]'
    statements = read_declarations({"Package.swift": text}).statements
    assert [(statement.family, statement.values) for statement in statements] == [
        ("macos", (">=10.15",)),
        ("watchos", (">=7.1",)),
        ("visionos", (">=1",)),
    ]
