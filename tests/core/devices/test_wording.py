"""Names of releases, ages of devices and ends of support in sentences."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_carbon.core.devices.support_values import DeviceGroup, Release
from pytest_carbon.core.devices.wording import (
    age_text,
    join_some,
    join_words,
    minimum_label,
    patched_text,
    release_label,
    releases_label,
    short_name,
    years_between,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("family", "releases", "text"),
    [
        ("python", ["3.8"], "Python 3.8"),
        ("python", ["3.7", "3.8"], "Python 3.7 and 3.8"),
        ("android", ["21", "22", "23", "24"], "Android API 21 to 24"),
        ("x86-64", ["1", "2"], "x86-64-v1 and x86-64-v2"),
        ("glibc", ["2.28"], "glibc before 2.28"),
        ("os", ["windows", "macos"], "Windows and macOS"),
        ("wheels", ["linux-i686", "win32"], "wheels for linux-i686 and win32"),
        ("browsers", ["a", "b", "c", "d", "e", "f"], "browsers: a, b, c, d, e and 1 more"),
    ],
)
def test_releases_of_a_family_are_joined(family: str, releases: list[str], text: str) -> None:
    """Versions are joined or spanned, names are listed."""
    assert releases_label(family, releases) == text


@pytest.mark.parametrize(
    ("family", "release", "name", "dropped", "minimum"),
    [
        ("python", "3.8", "python 3.8", "Python 3.8", "Python 3.8"),
        ("glibc", "2.28", "glibc < 2.28", "glibc before 2.28", "glibc 2.28"),
        ("musl", "1.2", "musl < 1.2", "musl before 1.2", "musl 1.2"),
        ("x86-64", "1", "x86-64-v1", "x86-64-v1", "x86-64-v1"),
        ("wheels", "win32", "win32", "wheels for win32", "wheels for win32"),
        ("android", "26", "android api 26", "Android API 26", "Android API 26"),
        ("os", "windows", "os windows", "Windows", "Windows"),
        ("os", "plan9", "os plan9", "plan9", "plan9"),
        ("odd", "1", "odd 1", "odd 1", "odd 1"),
    ],
)
def test_a_release_is_named_as_dropped_and_as_minimum(
    family: str, release: str, name: str, dropped: str, minimum: str
) -> None:
    """A raised minimum of a C library drops everything before it, and is itself the release that devices must run."""
    assert (short_name(family, release), release_label(family, release)) == (name, dropped)
    assert minimum_label(family, release) == minimum


@pytest.mark.parametrize(
    ("texts", "all_of_them", "two_of_them"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a and b"),
        (["a", "b", "c"], "a, b and c", "a, b and 1 more"),
    ],
)
def test_texts_are_joined_for_a_sentence(texts: list[str], all_of_them: str, two_of_them: str) -> None:
    """All texts are named, or the first ones with the number of the others."""
    assert (join_words(texts), join_some(texts, 2)) == (all_of_them, two_of_them)


@pytest.mark.parametrize(
    ("day", "years"),
    [(date(2026, 11, 22), 0), (date(2016, 11, 23), 9), (date(2016, 11, 22), 10), (date(2016, 2, 29), 10)],
)
def test_years_are_whole(day: date, years: int) -> None:
    """A year counts from its last day on."""
    assert years_between(day, TODAY) == years


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (DeviceGroup("a", "1"), "the age of the newest device is unknown"),
        (
            DeviceGroup("a", "1", date(2026, 1, 1)),
            "the newest of these devices was sold until 2026-01-01 and is less than a year old",
        ),
        (
            DeviceGroup("a", "1", date(2025, 1, 1), "introduced"),
            "the newest of these devices was introduced on 2025-01-01 and is 1 year old",
        ),
        (
            DeviceGroup("a", "1", date(2016, 10, 31)),
            "the newest of these devices was sold until 2016-10-31 and is 10 years old",
        ),
    ],
)
def test_the_age_of_the_newest_device(group: DeviceGroup, text: str) -> None:
    """The day, what happened on it, and the whole years since."""
    assert age_text(group, TODAY) == text


@pytest.mark.parametrize(
    ("until", "extended", "text"),
    [
        (None, None, "it is unknown whether the maker still patches Debian 11"),
        (date.max, None, "the maker still patches Debian 11 and has announced no end"),
        (date(2026, 11, 22), None, "the maker patches Debian 11 until 2026-11-22"),
        (date(2026, 11, 21), None, "the maker stopped patching Debian 11 after 2026-11-21"),
        (date.min, None, "the maker no longer patches Debian 11"),
        (date(2024, 8, 14), date(2026, 11, 21), "the maker stopped patching Debian 11 after 2024-08-14"),
        (date(2024, 8, 14), date.max, "the maker stopped patching Debian 11 after 2024-08-14"),
        (date.min, date(2031, 6, 30),
         "the maker no longer patches Debian 11 (some vendors or volunteers patch it until 2031-06-30)"),
    ],
)  # fmt: skip
def test_whether_the_maker_still_patches_a_release(until: date | None, extended: date | None, text: str) -> None:
    """The last day counts as patched; longer support by others is named while it lasts."""
    assert patched_text("debian", Release("11", None, until, extended), TODAY) == text
