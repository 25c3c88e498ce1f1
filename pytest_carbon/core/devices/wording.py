"""Names of releases, ages of devices and ends of support, as parts of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pytest_carbon.core.devices.support_values import FAMILIES_OF_NAMES, DeviceGroup, Release, SettingLocation

_LABELS = {
    "python": "Python",
    "node": "Node.js",
    "go": "Go",
    "rust": "Rust",
    "dotnet": ".NET",
    "debian": "Debian",
    "ubuntu": "Ubuntu",
    "alpine": "Alpine Linux",
    "rhel": "RHEL",
    "amazonlinux": "Amazon Linux",
    "ios": "iOS",
    "macos": "macOS",
    "tvos": "tvOS",
    "watchos": "watchOS",
    "visionos": "visionOS",
    "android": "Android API",
    "browsers": "browsers:",
    "windows": "Windows",
    "os": "",
    "wheels": "wheels for",
}
_SYSTEMS = {"windows": "Windows", "macos": "macOS", "linux": "Linux"}


def short_name(family: str, release: str) -> str:
    """Return the name of a dropped release: ``python 3.8``, ``glibc < 2.28``, ``x86-64-v1``, ``win32``."""
    if family in ("glibc", "musl"):
        return f"{family} < {release}"
    if family == "x86-64":
        return f"x86-64-v{release}"
    if family == "wheels":
        return release
    return f"{'android api' if family == 'android' else family} {release}"


def release_label(family: str, release: str) -> str:
    """Return a dropped release for a sentence: ``Python 3.8``, ``glibc before 2.28``, ``x86-64-v1``."""
    if family in ("glibc", "musl"):
        return f"{family} before {release}"
    if family == "x86-64":
        return f"x86-64-v{release}"
    if family == "os":
        return _SYSTEMS.get(release, release)
    return f"{_LABELS.get(family, family)} {release}"


def releases_label(family: str, releases: Sequence[str]) -> str:
    """Return dropped releases of one family for a sentence: ``Python 3.7 and 3.8``, ``Android API 21 to 24``."""
    if family in ("x86-64", "os"):
        return join_words([release_label(family, release) for release in releases])
    first = release_label(family, releases[0])
    if len(releases) > 3 and family not in FAMILIES_OF_NAMES:
        return f"{first} to {releases[-1]}"
    return join_some([first, *releases[1:]])


def minimum_label(family: str, release: str) -> str:
    """Return a new minimum for a sentence: as ``release_label``, but ``glibc 2.28``."""
    return f"{family} {release}" if family in ("glibc", "musl") else release_label(family, release)


def join_words(texts: Sequence[str]) -> str:
    """Join texts for a sentence: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def join_some(texts: Sequence[str], most: int = 5) -> str:
    """Join at most ``most`` texts for a sentence, and count the others: ``a, b and 3 more``."""
    return join_words(texts) if len(texts) <= most else f"{', '.join(texts[:most])} and {len(texts) - most} more"


def location_text(location: SettingLocation) -> str:
    """Return where a setting is: ``requires-python of pyproject.toml``."""
    return f"{location.setting} of {location.path}"


def years_between(day: date, today: date) -> int:
    """Return the whole years from a day to today."""
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def age_text(group: DeviceGroup, today: date) -> str:
    """Return the age of the newest device of a group: ``the newest of these devices was sold until
    2016-10-31 and is 10 years old``."""
    if group.newest is None:
        return "the age of the newest device is unknown"
    years = years_between(group.newest, today)
    age = "less than a year old" if years < 1 else f"{years} year{'s' if years > 1 else ''} old"
    day = f"{group.newest}" if group.how.endswith("until") else f"on {group.newest}"
    return f"the newest of these devices was {group.how} {day} and is {age}"


def patched_text(family: str, release: Release, today: date) -> str:
    """Return a clause that says whether the maker still patches a release, and until when."""
    label, until = release_label(family, release.name), release.until
    if until is None:
        return f"it is unknown whether the maker still patches {label}"
    if until == date.max:
        return f"the maker still patches {label} and has announced no end"
    if until >= today:
        return f"the maker patches {label} until {until}"
    ended = (
        f"the maker no longer patches {label}"
        if until == date.min
        else f"the maker stopped patching {label} after {until}"
    )
    longer = (
        f" (some vendors or volunteers patch it until {release.extended})" if _is_patched_longer(release, today) else ""
    )
    return f"{ended}{longer}"


def _is_patched_longer(release: Release, today: date) -> bool:
    return release.extended is not None and today <= release.extended < date.max
