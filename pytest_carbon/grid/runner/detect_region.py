"""The region of the machine, as the metadata service of its cloud tells, within a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.grid.runner.clouds import CLOUDS, region_of
from pytest_carbon.grid.runner.metadata_service import LINK_LOCAL, MetadataError, MetadataService

LIMIT_S = 1.0
"""Seconds for all questions together."""
_VENDOR = Path("/sys/class/dmi/id/sys_vendor")
_VENDOR_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class RunnerRegion:
    """A region, the name of its cloud, and its grid zone; None for a region that the tables lack."""

    region: str
    cloud: str
    zone: str | None


def vendor_here() -> str:
    """Return the vendor that the machine's firmware names; empty if the kernel does not tell."""
    try:
        return read_bytes(_VENDOR, _VENDOR_BYTES).decode("ascii", errors="replace").strip()
    except OSError:
        return ""


def detect_region(address: tuple[str, int] = LINK_LOCAL, *, vendor: str | None = None) -> RunnerRegion:
    """Return the machine's region. Raises MetadataError, with the reason of each cloud, if no region is told.

    The cloud that the vendor names is asked alone; without such a vendor, one cloud after the other: their services
    have one address, so that a machine has at most one of them.
    """
    name = vendor_here() if vendor is None else vendor
    service = MetadataService(time.monotonic() + LIMIT_S, address)
    clouds_by_reason: dict[str, list[str]] = {}
    for cloud in [cloud for cloud in CLOUDS if cloud.vendor == name] or CLOUDS:
        try:
            region = region_of(cloud, service)
        except MetadataError as error:
            clouds_by_reason.setdefault(str(error), []).append(cloud.name)
        else:
            return RunnerRegion(region, cloud.name, cloud.zone_of(region))
    reasons = (f"the metadata service of {_all(names)} {why}" for why, names in clouds_by_reason.items())
    raise MetadataError("; ".join(reasons))


def _all(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
