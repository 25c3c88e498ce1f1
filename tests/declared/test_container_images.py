"""Which release of which distribution and runtime the name of an image means."""

from __future__ import annotations

import pytest

from pytest_carbon.declared.container_images import releases_in_image_name


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
def test_what_an_image_is(image: str, expected: list[tuple[str, str]]) -> None:
    """Tags with a version or code name are understood; those that move say nothing."""
    assert list(releases_in_image_name(image)) == expected
