"""The reader of Dockerfiles, and the releases that the name of an image means."""

from __future__ import annotations

import pytest

from pytest_carbon.declared.container_images import releases_in_image_name
from pytest_carbon.declared.read_project import read_declarations
from tests.declared.sample_files import IMAGE_FILES, Expected, check_sample, each


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.11-slim-bookworm", [("python", "3.11"), ("debian", "12")]),
        ("node:18-alpine3.17", [("node", "18"), ("alpine", "3.17")]),
        ("golang:1.21", [("go", "1.21")]),
        ("rust:1-bookworm", [("debian", "12")]),
        ("mcr.microsoft.com/dotnet/aspnet:6.0-bullseye-slim", [("dotnet", "6.0"), ("debian", "11")]),
        ("reg:5000/debian:12.5-slim", [("debian", "12.5")]),
        ("Ubuntu:Jammy", [("ubuntu", "22.04")]),
        ("nvidia/cuda:11.8.0-base-ubuntu22.04", [("ubuntu", "22.04")]),
        ("nvidia/cuda:12.1.0-devel-ubi8", [("rhel", "8")]),
        ("registry.access.redhat.com/ubi8/python-39:1-2", [("rhel", "8")]),
        ("redhat/ubi9-minimal", [("rhel", "9")]),
        ("quay.io/centos/centos:stream9", [("rhel", "9")]),
        ("centos:centos7", [("rhel", "7")]),
        ("rockylinux/rockylinux:9.3", [("rhel", "9")]),
        ("amazonlinux:2023", [("amazonlinux", "2023")]),
        ("debian@sha256:aa", []),
        ("debian:12@sha256:aa", [("debian", "12")]),
        ("debian:stable", []),
        ("node:lts", []),
        ("python", []),
        ("python:3", []),
        ("scratch", []),
        ("", []),
    ],
)
def test_releases_in_the_name_of_an_image(image: str, expected: list[tuple[str, str]]) -> None:
    """Tags with a version or a code name are understood; a tag that moves means no release."""
    assert list(releases_in_image_name(image)) == expected


@each(IMAGE_FILES)
def test_dockerfiles(path: str, text: str, expected: Expected) -> None:
    """The images of all stages and the flags are read."""
    check_sample(path, text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("RUN make\n", []),
        ("FROM debian:12\n", [("==12.*", "image")]),
        ("FROM debian:11 AS build\nFROM debian:12\n", [("==11.*", "tested"), ("==12.*", "image")]),
        ("FROM debian:11 AS base\nFROM base AS more\nFROM MORE\n",
         [("==11.*", "tested"), ("==11.*", "tested"), ("==11.*", "image")]),
        ("ARG RELEASE=12\nFROM debian:${RELEASE}\n", [("==12.*", "image")]),
    ],
)  # fmt: skip
def test_only_the_last_stage_is_shipped(text: str, expected: list[tuple[str, str]]) -> None:
    """A stage that builds upon another stage has its image; all stages but the last only build."""
    statements = [s for s in read_declarations({"Dockerfile": text}).statements if s.family == "debian"]
    assert [(statement.values[0], statement.role) for statement in statements] == expected
